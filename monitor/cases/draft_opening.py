"""From a draft to a case: whole, in one transaction, once; and the keys until they were typed back."""

import asyncio
import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.drafts import DraftItem
from monitor.cases.consents import give_consent
from monitor.cases.drafts import (
    HeldDraft,
    HeldItem,
    any_grown,
    draft_behind,
    forget_draft,
    opened_items,
    reseal,
    waits_for_guardian,
)
from monitor.cases.fingerprints import NewFingerprint, add_new, new_fingerprint
from monitor.cases.intake import fill_intake
from monitor.cases.links import enter_link
from monitor.cases.opening import NewPassphrase, open_case, vouch_by_code
from monitor.cases.passphrase import normalise, readings
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.facts import AgeGroup, Intake
from monitor.model.guardians import Guardian
from monitor.model.records.draft import (
    AgreementPart,
    DraftLinkRecord,
    DraftPictureRecord,
    DraftPlaceRecord,
    DraftRecord,
    ItemKind,
    OpenedPart,
)
from monitor.model.records.record import Record
from monitor.platforms.links import source_handle

CUT_OUT = "cut-out"
"""In the place of an item's kind: the picture was kept, and the box around a face in it was not."""
_BOX_REFUSED = (Refusal.GUARDIAN_NEEDED, Refusal.CUT_OUTS_OFF)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What the person looked at before they said yes, read before the transaction that opens the case."""

    opening_key: str
    items: Sequence[HeldItem] = field(repr=False)
    pictures: Mapping[str, NewFingerprint | RuleBroken] = field(repr=False)
    """By the item's id, as the case keeps it; or why it cannot."""

    @property
    def grown(self) -> bool:
        """Whether the person said of some picture that they were an adult in it."""
        return any_grown(self.items)

    @classmethod
    def of(cls, opening_key: str, held: HeldDraft, rows: Sequence[DraftItem]) -> Self:
        """What lies in the database, opened. Takes a second for hundreds of photos: in a thread, in no transaction."""
        items = opened_items(held, rows)
        pictures = {one.id: _ready(one.record) for one in items if isinstance(one.record, DraftPictureRecord)}
        return cls(opening_key, items, pictures)


def check_ready(held: HeldDraft, items: int, *, empty: bool) -> None:
    """Raise RuleBroken(AGE_UNTOLD, GUARDIAN_FIRST, DRAFT_EMPTY) where this draft opens no case yet.

    `empty`: the person said that a case without a picture, place or link is meant.
    """
    if held.record.age_group is None:
        raise RuleBroken(Refusal.AGE_UNTOLD)
    agreement = held.record.agreement
    if waits_for_guardian(agreement) or (agreement.guardian is Guardian.CENTRE and not held.record.code):
        raise RuleBroken(Refusal.GUARDIAN_FIRST)
    if not items and not empty:
        raise RuleBroken(Refusal.DRAFT_EMPTY)


async def open_draft(
    session: AsyncSession,
    context: DomainContext,
    token: str,
    reviewed: Reviewed,
    passphrase: NewPassphrase,
    *,
    origin: str,
    now: datetime,
) -> OpenedPart:
    """Open the case with everything that was reviewed. Said again it gives the same answer, and opens nothing.

    Raises RuleBroken: DRAFT_GONE, DRAFT_CHANGED, CODE_INVALID. What a case cannot keep is left out and named.
    """
    held = await draft_behind(session, context, token, now, lock=True)
    if held is None:
        raise RuleBroken(Refusal.DRAFT_GONE)
    if held.record.outcome is not None:
        return held.record.outcome
    if held.opening_key != reviewed.opening_key:
        raise RuleBroken(Refusal.DRAFT_CHANGED)
    told = held.record
    case, words = await open_case(
        session,
        context,
        language=told.language,
        origin="" if told.code else origin,
        any_centre=told.any_centre and not told.code,
        passphrase=passphrase,
    )
    # Its key once, not for each of hundreds of things that are sealed with it while everybody else waits to write.
    context = await asyncio.to_thread(context.holding, [case.id])
    await _record_agreement(session, context, case, told.agreement)
    await fill_intake(session, context, case, intake_of(told, grown=reviewed.grown, now=context.now()))
    together = context.collecting()
    left_out = await _put_in(session, together, case, reviewed)
    await together.write_collected(session)
    if told.code:
        await vouch_by_code(session, context, case, told.code)
    opened = OpenedPart(case_id=case.id, passphrase=words, state=case.state, left_out=tuple(left_out))
    # Of the answers nothing is left here: they are the case's now.
    rest = DraftRecord(agreement=told.agreement, language=told.language, outcome=opened)
    await reseal(session, context, held, token, rest, now)
    return opened


async def type_back(session: AsyncSession, context: DomainContext, token: str, typed: str, *, now: datetime) -> str:
    """The person has the keys: they are shown no more. Returns the case's id.

    Raises RuleBroken: DRAFT_GONE, PASSPHRASE_DIFFERS.
    """
    held = await draft_behind(session, context, token, now, lock=True)
    if held is None or held.record.outcome is None:
        raise RuleBroken(Refusal.DRAFT_GONE)
    opened = held.record.outcome
    ours = normalise(opened.passphrase).encode()
    if not any(hmac.compare_digest(one.encode(), ours) for one in (normalise(typed), *readings(typed))):
        raise RuleBroken(Refusal.PASSPHRASE_DIFFERS)
    await forget_draft(session, held)
    return opened.case_id


def intake_of(told: DraftRecord, *, grown: bool, now: datetime) -> Intake:
    """What was answered, as a case keeps it. Of a child, or of who may be one, no signature, address or permission,
    unless they were an adult in some picture (`grown`)."""
    age = told.age_group or AgeGroup.UNSURE
    if age.counts_as_minor and not grown:
        return Intake(age_group=age, country=told.country, language=told.language)
    return Intake(
        age_group=age,
        country=told.country,
        language=told.language,
        sender_role=told.sender_role,
        signature=told.signature,
        mandate_reference=told.mandate_reference,
        good_faith_facts=told.good_faith_facts,
        content_identification=told.content_identification,
        contact=told.contact,
        permission_to_send_at=now if told.permission_to_send else None,
        timing=told.timing,
        police_until=told.police_until,
    )


async def _record_agreement(
    session: AsyncSession, context: DomainContext, case: Case, agreement: AgreementPart
) -> None:
    await context.record(
        session,
        case.id,
        EntryKind.PRIVACY_AGREED,
        version=agreement.version,
        language=agreement.language,
        agreed_at=agreement.at.isoformat(),
        under_age=agreement.under_age,
        guardian=agreement.guardian,
    )


async def _put_in(
    session: AsyncSession, context: DomainContext, case: Case, reviewed: Reviewed
) -> list[tuple[str, int, str]]:
    """Everything. Returns what could not be kept: its kind, its number among those, the refusal."""
    left_out: list[tuple[str, int, str]] = []
    for item, number in _in_order(reviewed.items):
        try:
            boxless = await _keep(session, context, case, item, reviewed)
        except RuleBroken as refused:  # each says no before it writes anything
            left_out.append((item.kind, number, refused.reason))
        else:
            if boxless is not None:
                left_out.append((CUT_OUT, number, boxless))
    return left_out


def _in_order(items: Sequence[HeldItem]) -> list[tuple[HeldItem, int]]:
    """Each with its number among those of its kind. Places first, always by name: two who name the same new ones in
    another order would wait for each other."""
    numbered: Counter[ItemKind] = Counter()
    found = []
    for item in items:
        numbered[item.kind] += 1
        found.append((item, numbered[item.kind]))
    return sorted(found, key=lambda one: _place_name(one[0].record))


def _place_name(record: Record) -> tuple[bool, str, str]:
    if not isinstance(record, DraftPlaceRecord):
        return True, "", ""
    return False, record.platform, (source_handle(record.platform, record.source) or "").lower()


async def _keep(
    session: AsyncSession, context: DomainContext, case: Case, item: HeldItem, reviewed: Reviewed
) -> Refusal | None:
    """One item. Returns why the box around a face was left out of a picture, if it was. Raises RuleBroken."""
    record = item.record
    if isinstance(record, DraftPlaceRecord):
        await give_consent(
            session,
            context,
            case,
            platform=record.platform,
            source=record.source,
            purposes=record.purposes,
            days=record.days,
        )
    elif isinstance(record, DraftLinkRecord):
        await enter_link(session, context, case, url=record.url, kind=record.kind, room=True, first=True)
    elif isinstance(record, DraftPictureRecord):
        try:
            await add_new(session, context, case, _kept(reviewed.pictures[item.id]))
        except RuleBroken as refused:
            if record.cut_out is None or refused.reason not in _BOX_REFUSED:
                raise
            # The photo is not lost because its box may not be kept.
            await add_new(session, context, case, _kept(_ready(record.model_copy(update={"cut_out": None}))))
            return refused.reason
    return None


def _kept(ready: NewFingerprint | RuleBroken) -> NewFingerprint:
    if isinstance(ready, RuleBroken):
        raise ready
    return ready


def _ready(record: DraftPictureRecord) -> NewFingerprint | RuleBroken:
    try:
        return new_fingerprint(
            pdq=record.pdq,
            quality=record.quality,
            kind=record.kind,
            version=record.version,
            set_name=record.set_name,
            regions=None if record.regions is None else record.regions.read(),
            frames=record.frames,
            clip=None if record.clip is None else record.clip.read(),
            cut_out=None if record.cut_out is None else record.cut_out.read(),
            label=record.label,
            age=record.age_group,
        )
    except RuleBroken as refused:
        return refused
