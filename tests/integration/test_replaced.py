"""A reported picture is replaced, changed or taken out of its post: what is gone is said, and nothing else.

Against the Telegram double over real TCP, with real pictures and a real decoder.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageOps
from sqlalchemy import select
from telethon.tl import types as t

from db.locking import lock_one
from db.models.cases import Case, Fingerprint
from db.models.notices import Escalation, Notice, PastReceipt, RemovalReceipt
from db.models.sightings import Sighting
from db.models.sources import Alert, Consent, Source
from monitor.actions.confirm import confirm
from monitor.actions.withdraw_consent import withdraw_consent
from monitor.cases.consents import give_consent
from monitor.cases.fingerprints import add_fingerprint, remove_fingerprint
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.fingerprints.image import hash_picture
from monitor.jobs.crawl import Crawler
from monitor.jobs.escalate import Escalator
from monitor.jobs.post_check import PostCheck
from monitor.jobs.send import Sender
from monitor.model.facts import Basis, PictureKind
from monitor.model.notice_states import NoticeState
from monitor.model.records.escalation import EscalationRecord
from monitor.model.records.receipts import RemovalRecord
from monitor.model.states import Dismissal, Purpose, SightingState
from monitor.platforms.base import PlatformName, Presence
from monitor.sightings.review import dismiss
from monitor.sources.accounts import Accounts
from tests.support.databases import on_sqlite
from tests.support.domain_world import (
    DomainWorld,
    FakeDelivery,
    domain_world,
    follow_up,
    make_advocate,
    make_case,
)
from tests.support.leaving import write_and_send
from tests.support.slow_while_writing import slow_while_writing
from tests.support.telegram_adapter import Stage, stage
from tests.support.waves import encoded, photo

PICTURE, ANOTHER = photo(1), photo(2)
SAME_AGAIN = encoded(PICTURE, "JPEG", quality=60)
CHANGED = encoded(ImageOps.expand(PICTURE, border=60, fill=(250, 250, 250)), "JPEG", quality=85)
"""In a border: the same picture for people, and not the same by both hashes."""


@dataclass
class Scene:
    """A confirmed copy in a channel of the double, and the notice that was sent about it."""

    world: DomainWorld
    play: Stage
    decoders: DecoderPool
    accounts: Accounts
    channel: Any
    message: Any
    advocate: str
    source_id: str = ""
    notice_id: str = ""
    looks: int = 0

    async def crawl(self) -> None:
        world = self.world
        made = Crawler(
            world.database,
            world.context,
            self.accounts,
            self.decoders,
            first_look=timedelta(days=7),
            max_media_bytes=20_000_000,
        )
        await made.crawl(self.source_id)

    async def look(self, hours: float = 1.0) -> Notice:
        """The next look, some hours later."""
        self.world.clock.move(hours=hours)
        self.looks += 1
        job = follow_up(self.world, accounts=self.accounts, decoders=self.decoders)
        await job.verify(self.notice_id, self.looks)
        async with self.world.database.read() as session:
            return await session.get_one(Notice, self.notice_id)

    async def replace(self, data: bytes) -> str:
        """Another file stands in the post; returns its media id."""
        self.play.world.edit(self.message, media=self.play.world.photo({"y": (480, 360, data)}))
        return f"photo:{self.message.media.photo.id}"

    async def sightings(self) -> list[Sighting]:
        async with self.world.database.read() as session:
            return list(await session.scalars(select(Sighting).order_by(Sighting.found_at, Sighting.id)))

    async def copy(self) -> Sighting:
        """The confirmed one."""
        return next(row for row in await self.sightings() if row.state == SightingState.CONFIRMED)

    async def receipts(self) -> list[Mapping[str, Any]]:
        async with self.world.database.read() as session:
            rows = (await session.scalars(select(RemovalReceipt))).all()
            return [
                self.world.context.open_record(RemovalRecord, row.case_id, row.sighting_id, row.content).content()
                for row in rows
            ]

    async def told(self, kind: str) -> list[Mapping[str, Any]]:
        """The case's ledger entries of a kind."""
        async with self.world.database.read() as session:
            case_id = (await session.scalars(select(Case.id))).one()
            entries = await self.world.context.ledger.read(session, case_id)
            return [facts or {} for row, facts in entries if row.kind == kind]


async def make_scene(world: DomainWorld, play: Stage, decoders: DecoderPool, route: str = "us_tida") -> Scene:
    accounts = Accounts({PlatformName.TELEGRAM: play.telegram()}, world.database.url)
    channel = play.world.channel("source_one")
    message = play.world.post(channel, "a text", play.world.photo({"y": (480, 360, encoded(PICTURE, "JPEG"))}))
    whole = hash_picture(encoded(PICTURE)).whole
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate)
        kind = PictureKind.INTIMATE
        await add_fingerprint(session, world.context, case, pdq=whole.hex, quality=whole.quality, kind=kind)
        both = [Purpose.WATCH, Purpose.FOLLOW]
        given = await give_consent(
            session, world.context, case, platform=PlatformName.TELEGRAM, source="source_one", purposes=both
        )
    scene = Scene(world, play, decoders, accounts, channel, message, advocate.id, given[0].source_id)
    await scene.crawl()
    async with world.database.begin() as session:
        sighting = await lock_one(session, Sighting, (await scene.sightings())[0].id)
        await confirm(session, world.context, sighting, by=advocate.id, basis=Basis.PERSON_VIEWED)
        (notice,), _ = await write_and_send(session, world.context, sighting, routes=(route,), by=advocate.id)
    ways = {"smtp": FakeDelivery(), "telegram_report": FakeDelivery()}
    await Sender(world.database, world.context, ways).send(notice.id, 1)
    scene.notice_id = notice.id
    return scene


@pytest.fixture
async def scene(prepared_url: str, tmp_path: Path, decoders: DecoderPool) -> AsyncIterator[Scene]:
    async with domain_world(prepared_url, tmp_path) as world, stage() as play:
        yield await make_scene(world, play, decoders)


async def test_same_picture_put_there_anew_keeps_the_notice_open_as_the_same_item(scene: Scene) -> None:
    new_id = await scene.replace(SAME_AGAIN)
    for hours in (1, 24, 2):
        notice = await scene.look(hours)
        assert notice.state == NoticeState.SENT
    (copy,) = await scene.sightings()
    assert (copy.media_id, copy.presence, copy.gone_since) == (new_id, Presence.EDITED, None)
    assert await scene.receipts() == []
    (entry,) = await scene.told("copy-replaced")
    assert entry["media_before"] != new_id and entry["evidence"]["media_id"] == new_id
    # And when the post goes, that is a removal as ever.
    scene.play.world.remove(scene.channel.id, scene.message.id)
    await scene.look()
    assert (await scene.look()).state == NoticeState.REMOVED
    assert "This post is gone" in (await scene.receipts())[0]["en"]["body"]


async def test_crawl_that_sees_the_replacement_first_makes_no_second_item(scene: Scene) -> None:
    new_id = await scene.replace(SAME_AGAIN)
    scene.play.world.post(scene.channel, "later", None)
    await scene.crawl()
    (copy,) = await scene.sightings()
    assert (copy.media_id, copy.presence, copy.state) == (new_id, Presence.EDITED, SightingState.CONFIRMED)
    assert len(await scene.told("copy-replaced")) == 1
    assert (await scene.look()).state == NoticeState.SENT
    assert (await scene.look(24)).state == NoticeState.SENT and await scene.receipts() == []


@on_sqlite
async def test_replacement_between_two_gone_looks_starts_over(scene: Scene) -> None:
    scene.play.world.take_media(scene.message)
    assert (await scene.look()).reason == "gone-once"
    await scene.replace(SAME_AGAIN)
    await scene.look()
    assert (await scene.copy()).gone_since is None
    scene.play.world.take_media(scene.message)
    assert (await scene.look()).reason == "gone-once"


async def test_picture_that_comes_back_after_its_receipt_reopens_its_item_when_a_crawl_sees_it(scene: Scene) -> None:
    media = scene.message.media
    scene.play.world.take_media(scene.message)
    await scene.look()
    assert (await scene.look()).state == NoticeState.REMOVED
    scene.play.world.edit(scene.message, media=media)  # under the very same media id
    await scene.crawl()
    (again,) = await scene.sightings()
    assert (again.state, again.removed_at, again.presence) == ("confirmed", None, Presence.LIVE)
    assert again.media_id == f"photo:{media.photo.id}" and again.came_back_at == scene.world.clock.now()
    async with scene.world.database.read() as session:
        notice = await session.get_one(Notice, scene.notice_id)
        (past,) = (await session.scalars(select(PastReceipt))).all()
        alert = (await session.scalars(select(Alert).where(Alert.kind == "copy-back"))).one()
    assert (notice.state, notice.reason) == (NoticeState.SENT, "came-back") and await scene.receipts() == []
    assert (past.sighting_id, past.came_back_at) == (again.id, again.came_back_at)
    assert (alert.subject, alert.advocate_id, alert.resolved_at) == (again.id, scene.advocate, None)
    (entry,) = await scene.told("copy-came-back")
    assert (entry["sighting"], entry["notices"]) == (again.id, [notice.id])


async def test_another_picture_in_its_place_is_replaced_and_no_receipt_says_that_the_post_is_gone(
    scene: Scene,
) -> None:
    await scene.replace(encoded(ANOTHER, "JPEG"))
    await scene.look()
    assert (await scene.look()).state == NoticeState.REMOVED
    copy = await scene.copy()
    assert (copy.presence, len(await scene.sightings())) == (Presence.REPLACED, 1)
    (receipt,) = await scene.receipts()
    assert "This post is gone" not in receipt["en"]["body"] and "The post itself still stands" in receipt["en"]["body"]
    assert "Still there: the post, with another picture" in receipt["en"]["body"]
    assert "게시물은 삭제" not in receipt["ko"]["body"] and "게시물 자체는 남아" in receipt["ko"]["body"]
    (entry,) = await scene.told("removal-verified")
    assert (entry["gone"], entry["presence"]) == ("picture", "replaced")


@on_sqlite
async def test_picture_that_was_taken_out_is_gone_and_its_post_is_not(scene: Scene) -> None:
    scene.play.world.take_media(scene.message)
    await scene.look()
    assert (await scene.look()).state == NoticeState.REMOVED
    assert (await scene.copy()).presence == Presence.TAKEN_OUT
    (receipt,) = await scene.receipts()
    assert "This post is gone" not in receipt["en"]["body"]
    assert "Still there: the post with its text" in receipt["en"]["body"]
    assert "the picture of post" in receipt["en"]["subject"] and "의 사진" in receipt["ko"]["subject"]


async def test_changed_picture_waits_for_an_advocate_and_there_is_no_receipt_meanwhile(scene: Scene) -> None:
    new_id = await scene.replace(CHANGED)
    for hours in (1, 2, 24, 25):
        notice = await scene.look(hours)
        assert (notice.state, await scene.receipts()) == (NoticeState.SENT, [])
    assert notice.reason == "undecided"
    found = [row for row in await scene.sightings() if row.state == SightingState.OPEN]
    assert [(row.post_id, row.media_id) for row in found] == [(str(scene.message.id), new_id)]
    async with scene.world.database.read() as session:
        kinds = set(await session.scalars(select(Alert.kind).where(Alert.subject == notice.id)))
    assert "cannot-verify" in kinds and "deadline-lapsed" not in kinds


async def test_check_compares_and_asks_for_keys_before_it_writes(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    await scene.replace(CHANGED)
    with slow_while_writing(scene.world.context.keys, monkeypatch) as watcher:
        await scene.look()
    assert watcher.found == []
    assert watcher.compared and watcher.keys_asked
    assert [row.state for row in await scene.sightings()].count(SightingState.OPEN) == 1


async def test_fingerprint_removed_while_a_check_compares_tells_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.replace(CHANGED)
    compare, world = PostCheck._compare, scene.world

    async def compared(self: PostCheck, *arguments: Any) -> Any:
        told = await compare(self, *arguments)
        async with world.database.read() as session:
            ids = (await session.scalars(select(Fingerprint.id))).all()
        for row_id in ids:
            async with world.database.begin() as session:
                case = await lock_one(session, Case, (await session.scalars(select(Case.id))).one())
                await remove_fingerprint(session, world.context, case, row_id)
        return told

    monkeypatch.setattr(PostCheck, "_compare", compared)
    notice = await scene.look()
    assert (notice.state, notice.look, (await scene.copy()).gone_since) == (NoticeState.SENT, 1, None)
    assert len(await scene.sightings()) == 1
    async with world.database.read() as session:
        assert (await session.get_one(Sighting, notice.sighting_id)).presence == Presence.UNKNOWN


@pytest.mark.parametrize(
    ("reason", "state"), [(Dismissal.NOT_THE_PICTURE, "removed"), (Dismissal.PERSON_DECLINED, "sent")]
)
@on_sqlite
async def test_what_an_advocate_says_of_the_changed_picture_decides(
    scene: Scene, reason: Dismissal, state: str
) -> None:
    await scene.replace(CHANGED)
    await scene.look()
    (waiting,) = [row for row in await scene.sightings() if row.state == SightingState.OPEN]
    async with scene.world.database.begin() as session:
        row = await lock_one(session, Sighting, waiting.id)
        await dismiss(session, scene.world.context, row, by=scene.advocate, reason=reason)
    await scene.look()
    assert (await scene.look()).state == state
    assert len(await scene.receipts()) == (state == "removed")


@on_sqlite
async def test_changed_picture_that_is_confirmed_is_the_same_picture_still_there(scene: Scene) -> None:
    await scene.replace(CHANGED)
    await scene.look()
    (waiting,) = [row for row in await scene.sightings() if row.state == SightingState.OPEN]
    async with scene.world.database.begin() as session:
        row = await lock_one(session, Sighting, waiting.id)
        await confirm(session, scene.world.context, row, by=scene.advocate, basis=Basis.PERSON_VIEWED)
    for hours in (1, 2):
        assert (await scene.look(hours)).state == NoticeState.SENT
    assert await scene.receipts() == []
    assert {row.presence for row in await scene.sightings() if row.id != waiting.id} == {Presence.EDITED}


@pytest.mark.parametrize("paid", [False, True])
@on_sqlite
async def test_what_cannot_be_looked_at_is_never_gone(scene: Scene, paid: bool) -> None:
    if paid:
        scene.play.world.edit(scene.message, media=t.MessageMediaPaidMedia(5, [t.MessageExtendedMediaPreview()]))
    else:
        await scene.replace(b"no picture at all")
    for hours in (1, 2, 24):
        assert (await scene.look(hours)).state == NoticeState.SENT
    copy = await scene.copy()
    assert (copy.presence, copy.gone_since, await scene.receipts()) == (Presence.UNKNOWN, None, [])


@on_sqlite
async def test_fault_while_the_replacement_is_read_is_never_gone(scene: Scene) -> None:
    await scene.replace(encoded(ANOTHER, "JPEG"))
    for _ in range(3):
        scene.play.world.fault("upload.getFile", "INTERNAL", 500, times=9)
        assert (await scene.look(2)).state == NoticeState.SENT
    assert await scene.receipts() == []


async def test_no_receipt_beside_an_open_sighting_of_an_older_database(scene: Scene) -> None:
    # As the program before left it: the copy that was put there anew was found as a new one.
    new_id = await scene.replace(encoded(ANOTHER, "JPEG"))
    async with scene.world.database.begin() as session:
        confirmed = await scene.copy()
        columns = {column.key: getattr(confirmed, column.key) for column in Sighting.__table__.columns}
        columns |= {"id": "o" * 26, "media_id": new_id, "state": "open", "decided_at": None, "decided_by": None}
        session.add(Sighting(**columns))
    for hours in (1, 2, 24):
        assert (await scene.look(hours)).state == NoticeState.SENT
    assert await scene.receipts() == []


@on_sqlite
async def test_consent_to_check_alone_is_enough_to_know_the_same_picture_again(scene: Scene) -> None:
    async with scene.world.database.begin() as session:
        consent = (await session.scalars(select(Consent).where(Consent.purpose == Purpose.WATCH))).one()
        case = await lock_one(session, Case, consent.case_id)
        await withdraw_consent(session, scene.world.context, case, consent.id)
    await scene.replace(SAME_AGAIN)
    await scene.look()
    assert (await scene.look()).state == NoticeState.SENT
    assert (await scene.copy()).presence == Presence.EDITED and len(await scene.sightings()) == 1


async def next_step(scene: Scene, step: str) -> EscalationRecord:
    """The text that is prepared when the deadline has passed."""
    await scene.look(48.1)
    await Escalator(scene.world.database, scene.world.context).escalate(scene.notice_id)
    async with scene.world.database.read() as session:
        row = (await session.scalars(select(Escalation).where(Escalation.step == step))).one()
        return scene.world.context.open_record(EscalationRecord, row.case_id, row.id, row.content)


@on_sqlite
async def test_follow_up_text_names_the_address_that_works_now_and_the_numbers(scene: Scene) -> None:
    scene.play.world.rename(scene.channel, "moved_here")
    text = await next_step(scene, "ftc_complaint")
    assert f"https://t.me/moved_here/{scene.message.id}" in text.body and "source_one" not in text.body
    assert str(scene.channel.id) in text.body and str(scene.channel.id) in text.fields["ids"]
    assert "Still there when last looked at" in text.body


@pytest.mark.parametrize(("platform", "said"), [("all", "withheld from all viewers"), ("ios", "withheld from some")])
@on_sqlite
async def test_follow_up_text_says_restricted_where_it_is_restricted(scene: Scene, platform: str, said: str) -> None:
    scene.play.world.restrict(scene.channel, scene.message.id, platform=platform)
    text = await next_step(scene, "ftc_complaint")
    assert "Restricted, not removed, when last looked at" in text.body and said in text.body
    assert "Still there" not in text.body


@pytest.mark.parametrize("step", ["telegram_abuse", "telegram_dsa", "kr_commission"])
@on_sqlite
async def test_every_text_after_a_report_does_the_same(
    prepared_url: str, tmp_path: Path, decoders: DecoderPool, step: str
) -> None:
    async with domain_world(prepared_url, tmp_path) as world, stage() as play:
        scene = await make_scene(world, play, decoders, "telegram_report")
        play.world.rename(scene.channel, "moved_here")
        play.world.restrict(scene.channel, scene.message.id)
        text = await next_step(scene, step)
        assert f"https://t.me/moved_here/{scene.message.id}" in text.body and "source_one" not in text.body
        assert "till there" not in text.body and ("withheld from all" in text.body or "제한되었을 뿐" in text.body)
        if "ids" in text.fields or step == "telegram_dsa":
            assert str(scene.channel.id) in text.body


@on_sqlite
async def test_source_keeps_the_name_that_people_consented_to(scene: Scene) -> None:
    scene.play.world.rename(scene.channel, "moved_here")
    await scene.look()
    async with scene.world.database.read() as session:
        assert (await session.scalars(select(Source.handle))).one() == "source_one"
