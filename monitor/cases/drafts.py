"""What somebody enters before they open a case: kept at once, sealed, for one browser and for a day.

Each is sealed with a key of which this server keeps one half, destroyed with its hour, and the browser's cookie is the
other: neither the database nor its copies open it, nor does whoever has the key store too while the browser is away.
Times here are real: a draft is about people at screens, not about the domain's clock.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.drafts import Draft, DraftItem
from db.session import Database
from db.types import new_id
from monitor.cases.consents import MOST_SOURCES
from monitor.cases.fingerprints import MOST_FINGERPRINTS, SET_NAMES, check_medium
from monitor.cases.links import MOST_LINKS, link_text, read_link_text
from monitor.context.context import SharedContext
from monitor.core.errors import KeyDestroyed, NotFound, Overloaded, RuleBroken
from monitor.core.refusals import Refusal
from monitor.fingerprints.hashes.values import FRAMES_SET
from monitor.keys.envelope import Key
from monitor.model.facts import AgeGroup
from monitor.model.guardians import Guardian, Missing, may_keep
from monitor.model.records.draft import (
    AgreementPart,
    DraftLinkRecord,
    DraftPictureRecord,
    DraftPlaceRecord,
    DraftRecord,
    ItemKind,
)
from monitor.model.records.record import Record
from monitor.platforms.links import names_in, source_handle

KEPT_FOR = timedelta(hours=24)
"""After the first answer; once a case was opened, after that."""
MOST_DRAFTS = 20_000
"""At a time: beyond it strangers wait."""
MOST_BYTES = 8 * 2**20
"""Of one draft: 200 photos with all of their parts fit, and half as much again."""
_MOST_OF_ALL = 2 * 2**30
_COME_BACK = 60
_KEYS = "drafts:"
_AT_A_TIME = 200
"""That end in one transaction."""
_LIMITS = {
    ItemKind.PICTURE: (MOST_FINGERPRINTS, Refusal.TOO_MANY_FINGERPRINTS),
    ItemKind.PLACE: (MOST_SOURCES, Refusal.TOO_MANY_SOURCES),
    ItemKind.LINK: (MOST_LINKS, Refusal.TOO_MANY_LINKS),
}
_RECORDS: Mapping[ItemKind, type[Record]] = {
    ItemKind.PICTURE: DraftPictureRecord,
    ItemKind.PLACE: DraftPlaceRecord,
    ItemKind.LINK: DraftLinkRecord,
}


@dataclass(frozen=True, slots=True)
class HeldDraft:
    """A draft in front of the browser that it belongs to."""

    row: Draft
    record: DraftRecord = field(repr=False)
    key: Key = field(repr=False)

    @property
    def opening_key(self) -> str:
        """Names this draft as it stands: what is opened with it is what was reviewed, once."""
        return f"{self.row.id}.{self.row.revision}"

    def age_of(self, picture: DraftPictureRecord) -> AgeGroup:
        """How old the person was in a picture, as far as it was told; unsure counts as minor."""
        return picture.age_group or self.record.age_group or AgeGroup.UNSURE


@dataclass(frozen=True, slots=True)
class HeldItem:
    """A picture, place or link of a draft."""

    id: str
    kind: ItemKind
    record: Record = field(repr=False)
    replaced: str = ""
    """The id of the same picture, place or link, in whose place it stands."""


def any_grown(items: Sequence[HeldItem]) -> bool:
    """Whether the person said of some picture that they were an adult in it."""
    pictures = (one.record for one in items if isinstance(one.record, DraftPictureRecord))
    return any(picture.age_group is AgeGroup.ADULT for picture in pictures)


def check_agreement(agreement: AgreementPart) -> None:
    """Raise RuleBroken(AGREE_FIRST, GUARDIAN_FIRST) where nothing may be kept."""
    missing = may_keep(agreement.version, under_age=agreement.under_age, guardian=agreement.guardian)
    if missing is Missing.AGREEMENT:
        raise RuleBroken(Refusal.AGREE_FIRST)
    if missing is Missing.GUARDIAN:
        raise RuleBroken(Refusal.GUARDIAN_FIRST)


async def draft_behind(
    session: AsyncSession, context: SharedContext, token: str, now: datetime, *, lock: bool = False
) -> HeldDraft | None:
    """The draft of whoever holds this cookie; None: it is over, or there is none."""
    query = select(Draft).where(Draft.token_hash == _hash(token), Draft.expires_at > now)
    row = next(iter(await lock_rows(session, query) if lock else await session.scalars(query)), None)
    if row is None:
        return None
    try:
        key = _key(context, row.key_name, token)
    except KeyDestroyed:
        return None
    return HeldDraft(row, DraftRecord.opened(key.open(row.content, DraftRecord.place(row.id))), key)


def waits_for_guardian(agreement: AgreementPart) -> bool:
    """Whether somebody corrected their age after something was kept: it stands, and nothing more is kept meanwhile."""
    return agreement.under_age and agreement.guardian is Guardian.NOT_NEEDED


async def draft_to_change(
    session: AsyncSession, context: SharedContext, token: str, now: datetime, *, correcting: bool = False
) -> HeldDraft:
    """The same, locked. Raises RuleBroken: DRAFT_GONE, DRAFT_OPENED, GUARDIAN_FIRST.

    `correcting`: nothing is added, so no guardian is waited for.
    """
    held = await draft_behind(session, context, token, now, lock=True)
    if held is None:
        raise RuleBroken(Refusal.DRAFT_GONE)
    if held.record.outcome is not None:
        raise RuleBroken(Refusal.DRAFT_OPENED)
    if not correcting and waits_for_guardian(held.record.agreement):
        raise RuleBroken(Refusal.GUARDIAN_FIRST)
    return held


async def begin_draft(
    session: AsyncSession, context: SharedContext, token: str, record: DraftRecord, now: datetime
) -> HeldDraft:
    """Keep the first answers. Raises RuleBroken(AGREE_FIRST, GUARDIAN_FIRST), Overloaded where too many are there."""
    check_agreement(record.agreement)
    record = record.asked_of(grown=False)
    there = select(func.count(), func.coalesce(func.sum(Draft.size), 0)).select_from(Draft)
    number, size = (await session.execute(there)).one()
    if number >= MOST_DRAFTS or size >= _MOST_OF_ALL:
        raise Overloaded(_COME_BACK)
    name = _key_name(now)
    context.keys.create(name)
    key = _key(context, name, token)
    row = Draft(id=new_id(), token_hash=_hash(token), key_name=name, content=b"", revision=1, size=0)
    row.expires_at = now + KEPT_FOR
    row.content = key.seal_json(record.as_json(), DraftRecord.place(row.id))
    session.add(row)
    await session.flush()
    return HeldDraft(row, record, key)


async def keep_answers(session: AsyncSession, held: HeldDraft, record: DraftRecord) -> HeldDraft:
    """Replace the answers. Raises RuleBroken(AGREE_FIRST, GUARDIAN_FIRST)."""
    # What was agreed to in a version that stood then stays agreed to.
    if waits_for_guardian(record.agreement):
        held_to = {name: getattr(held.record, name) for name in ("agreement", "language", "step")}
        if record.model_copy(update=held_to) != held.record:
            raise RuleBroken(Refusal.GUARDIAN_FIRST)  # the age was corrected: that alone is kept
    elif record.agreement != held.record.agreement:
        check_agreement(record.agreement)
    if record != record.asked_of(grown=False):
        items = await asyncio.to_thread(opened_items, held, await rows_of(session, held))
        record = record.asked_of(grown=any_grown(items))
    held.row.content = held.key.seal_json(record.as_json(), DraftRecord.place(held.row.id))
    held.row.revision += 1
    await session.flush()
    return replace(held, record=record)


async def reseal(
    session: AsyncSession, context: SharedContext, held: HeldDraft, token: str, record: DraftRecord, now: datetime
) -> None:
    """Nothing but `record` is left of it, for another day: its items are gone."""
    name = _key_name(now)
    context.keys.create(name)
    held.row.content = _key(context, name, token).seal_json(record.as_json(), DraftRecord.place(held.row.id))
    held.row.key_name, held.row.size, held.row.expires_at = name, 0, now + KEPT_FOR
    await session.execute(delete(DraftItem).where(DraftItem.draft_id == held.row.id))
    await session.flush()


async def rows_of(session: AsyncSession, held: HeldDraft) -> Sequence[DraftItem]:
    """The items as they lie in the database, in the order in which they came."""
    query = select(DraftItem).where(DraftItem.draft_id == held.row.id)
    return (await session.scalars(query.order_by(DraftItem.number, DraftItem.id))).all()


def opened_items(held: HeldDraft, rows: Sequence[DraftItem]) -> list[HeldItem]:
    """The items as they were entered. Takes a while for many photos: best in a thread."""
    return [_item(held, row) for row in rows]


async def keep_picture(
    session: AsyncSession, context: SharedContext, held: HeldDraft, item_id: str, picture: DraftPictureRecord
) -> HeldItem:
    """Keep the fingerprints of a picture or video. Returns what is there now: the same picture twice is one.

    Raises RuleBroken as `add_fingerprint` does, and for a box around a face that may not be kept.
    """
    regions = None if picture.regions is None else picture.regions.read()
    check_medium(picture.version, picture.quality, picture.set_name, regions, picture.frames)
    video = picture.set_name == FRAMES_SET
    codes = [str(video), picture.pdq, *(code for _, code in picture.frames)]
    mark = held.key.tag(" ".join(codes), ItemKind.PICTURE)
    other = await _other(session, held, mark, item_id)
    known = None if other is None else _item(held, other)
    merged = picture
    if known is not None:
        assert isinstance(known.record, DraftPictureRecord)  # noqa: S101  # by its mark
        merged = _merged(picture, known.record)
    if picture.cut_out is not None:
        if not context.cut_outs:
            raise RuleBroken(Refusal.CUT_OUTS_OFF)
        if held.age_of(merged).counts_as_minor:
            raise RuleBroken(Refusal.GUARDIAN_NEEDED)
    if known is not None and merged == known.record:
        return known
    return await _replace(session, held, item_id, ItemKind.PICTURE, mark, merged)


def _merged(picture: DraftPictureRecord, known: DraftPictureRecord) -> DraftPictureRecord:
    """The same picture, chosen again: what is told now counts, the rest stays, and so do the richer codes."""
    kept: dict[str, object] = {"label": picture.label or known.label}
    if picture.age_group is None:
        kept["age_group"] = known.age_group
    if picture.cut_out is None:
        kept["cut_out"] = known.cut_out
    if SET_NAMES.index(known.set_name) >= SET_NAMES.index(picture.set_name):
        kept |= {name: getattr(known, name) for name in ("version", "quality", "set_name", "regions", "clip")}
    return picture.model_copy(update=kept)


async def change_picture(
    session: AsyncSession, held: HeldDraft, item_id: str, changes: Mapping[str, object]
) -> HeldItem:
    """Correct what was told of a picture. Raises NotFound."""
    row = await _row(session, held, item_id)
    item = _item(held, row)
    if not isinstance(item.record, DraftPictureRecord):
        raise NotFound
    record = item.record.model_copy(update=dict(changes))
    return await _keep(session, held, item_id, ItemKind.PICTURE, row.mark, record)


async def keep_place(session: AsyncSession, held: HeldDraft, item_id: str, place: DraftPlaceRecord) -> HeldItem:
    """Keep a public channel or account. RuleBroken(SOURCE_UNREADABLE, ONE_AT_A_TIME).

    What was said yes to there before, by another spelling, stays a yes: one place is one item.
    """
    handle = source_handle(place.platform, place.source)
    if handle is None and len(names_in(place.source)) > 1:
        raise RuleBroken(Refusal.ONE_AT_A_TIME)
    if handle is None:
        raise RuleBroken(Refusal.SOURCE_UNREADABLE, "name a public channel or account, such as @name or its link")
    mark = held.key.tag(f"{place.platform} {handle.lower()}", ItemKind.PLACE)
    other = await _other(session, held, mark, item_id)
    if other is not None:
        known = _item(held, other).record
        assert isinstance(known, DraftPlaceRecord)  # noqa: S101  # by its mark
        both = tuple(dict.fromkeys((*known.purposes, *place.purposes)))
        place = place.model_copy(update={"purposes": both})
    return await _replace(session, held, item_id, ItemKind.PLACE, mark, place)


async def keep_link(
    session: AsyncSession, held: HeldDraft, item_id: str, link: DraftLinkRecord, *, room: bool = False
) -> HeldItem:
    """Keep a link; one that names the same post is replaced. RuleBroken(LINK_TO_COMMENT, LINK_UNREADABLE,
    ONE_AT_A_TIME).

    `room`: it may be the title of a closed room.
    """
    named = read_link_text(link.url, room=room)
    link = link.model_copy(update={"url": link_text(link.url)})
    post = named is not None and named.post_id
    what = f"{named.platform} {named.handle.lower()} {named.post_id}" if named and post else link.url
    return await _replace(session, held, item_id, ItemKind.LINK, held.key.tag(what, ItemKind.LINK), link)


async def remove_item(session: AsyncSession, held: HeldDraft, item_id: str) -> None:
    """Take it out. Again is no error: the answer to the first time may have been lost."""
    row = await session.get(DraftItem, (held.row.id, item_id))
    if row is not None:
        await _drop(session, held, row)


async def forget_draft(session: AsyncSession, held: HeldDraft) -> None:
    """Nothing of it is left; the browser's half of its key goes with the cookie."""
    await session.execute(delete(DraftItem).where(DraftItem.draft_id == held.row.id))
    await session.execute(delete(Draft).where(Draft.id == held.row.id))


async def end_drafts(database: Database, context: SharedContext, now: datetime) -> None:
    """Forget the drafts whose day is over, and destroy the keys of those hours first."""
    last = _key_name(now - KEPT_FOR)
    over = [name for name in await asyncio.to_thread(context.keys.names, _KEYS) if name < last]
    if over:
        await asyncio.to_thread(context.keys.destroy_all, over)
    while True:
        async with database.begin() as session:
            due = select(Draft).where(Draft.expires_at <= now).limit(_AT_A_TIME)
            ids = [row.id for row in await lock_rows(session, due)]
            await session.execute(delete(DraftItem).where(DraftItem.draft_id.in_(ids)))
            await session.execute(delete(Draft).where(Draft.id.in_(ids)))
        if len(ids) < _AT_A_TIME:
            return


async def _replace(
    session: AsyncSession, held: HeldDraft, item_id: str, kind: ItemKind, mark: str, record: Record
) -> HeldItem:
    other = await _other(session, held, mark, item_id)
    if other is not None:
        await _drop(session, held, other)
    kept = await _keep(session, held, item_id, kind, mark, record)
    return kept if other is None else replace(kept, replaced=other.id)


async def _keep(
    session: AsyncSession, held: HeldDraft, item_id: str, kind: ItemKind, mark: str, record: Record
) -> HeldItem:
    sealed = held.key.seal_json(record.as_json(), _place(held, record, item_id))
    row = await session.get(DraftItem, (held.row.id, item_id))
    if row is not None and row.kind != kind:
        raise NotFound
    if row is None:
        mine = select(func.count()).select_from(DraftItem).where(DraftItem.draft_id == held.row.id)
        most, refusal = _LIMITS[kind]
        if (await session.scalar(mine.where(DraftItem.kind == kind)) or 0) >= most:
            raise RuleBroken(refusal, f"a case holds at most {most}")
        row = DraftItem(draft_id=held.row.id, id=item_id, kind=kind, number=held.row.revision, mark=mark, content=b"")
        session.add(row)
    if held.row.size + len(sealed) - len(row.content) > MOST_BYTES:
        raise RuleBroken(Refusal.DRAFT_FULL)
    held.row.size += len(sealed) - len(row.content)
    held.row.revision += 1
    row.mark, row.content = mark, sealed
    await session.flush()
    return HeldItem(item_id, kind, record)


async def _drop(session: AsyncSession, held: HeldDraft, row: DraftItem) -> None:
    held.row.size -= len(row.content)
    held.row.revision += 1
    await session.delete(row)
    await session.flush()


async def _other(session: AsyncSession, held: HeldDraft, mark: str, item_id: str) -> DraftItem | None:
    """The same picture, place or link under another id."""
    mine = (DraftItem.draft_id == held.row.id, DraftItem.mark == mark, DraftItem.id != item_id)
    return (await session.scalars(select(DraftItem).where(*mine))).first()


async def _row(session: AsyncSession, held: HeldDraft, item_id: str) -> DraftItem:
    row = await session.get(DraftItem, (held.row.id, item_id))
    if row is None:
        raise NotFound
    return row


def _item(held: HeldDraft, row: DraftItem) -> HeldItem:
    kind = ItemKind(row.kind)
    record = _RECORDS[kind]
    return HeldItem(row.id, kind, record.opened(held.key.open(row.content, _place(held, record, row.id))))


def _place(held: HeldDraft, record: Record | type[Record], item_id: str) -> str:
    return f"{record.place(item_id)}|{held.row.id}"


def _key_name(now: datetime) -> str:
    return f"{_KEYS}{now:%Y-%m-%dT%H}"


def _key(context: SharedContext, name: str, token: str) -> Key:
    """Raises KeyDestroyed when its hour's half is gone."""
    return Key(bytes.fromhex(context.keys.get(name).tag(token, "draft")))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
