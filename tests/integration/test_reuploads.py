"""The very same picture, posted again: under the same item, with the first notice named, and sent where both allow it.

Against the Telegram double over real TCP, with real pictures and a real decoder.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageOps
from sqlalchemy import select

from db.locking import lock_one
from db.models.cases import Case
from db.models.notices import Notice
from db.models.people import Advocate
from db.models.sightings import Sighting
from db.queries.actors import AdvocateActor, PersonActor
from monitor.actions.change_intake import change_intake
from monitor.actions.confirm import confirm
from monitor.actions.resend import switch_resending
from monitor.cases.consents import give_consent
from monitor.cases.fingerprints import add_fingerprint
from monitor.cases.intake import read_intake
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.fingerprints.image import hash_picture
from monitor.jobs.crawl import Crawler
from monitor.jobs.resend import Resender
from monitor.jobs.send import Sender
from monitor.model.facts import AgeGroup, Basis, PictureKind
from monitor.model.notice_states import NoticeState
from monitor.model.records.notice import NoticeRecord
from monitor.model.states import Purpose, SightingState
from monitor.notices import resending
from monitor.notices.corresponding import retract
from monitor.notices.letters import RetractReason
from monitor.notices.returned import record_return
from monitor.notices.writing import queue_notices
from monitor.platforms.base import PlatformName
from monitor.sources.accounts import Accounts
from tests.support.databases import on_sqlite
from tests.support.domain_world import DomainWorld, FakeDelivery, domain_world, make_advocate, make_case
from tests.support.leaving import write_and_send
from tests.support.telegram_adapter import Stage, stage
from tests.support.waves import encoded, photo

pytestmark = on_sqlite

PICTURE = photo(1)
AGAIN = encoded(PICTURE, "JPEG", quality=60)
CHANGED = encoded(ImageOps.expand(PICTURE, border=60, fill=(250, 250, 250)), "JPEG", quality=85)
"""In a border: the same picture for people, and not the same by both hashes."""


@dataclass
class Scene:
    """A confirmed copy in a channel of the double, reported; and a second channel that the person consents to."""

    world: DomainWorld
    play: Stage
    decoders: DecoderPool
    accounts: Accounts
    channels: Sequence[Any]
    sources: Sequence[str]
    advocate: AdvocateActor
    case_id: str
    notice_id: str = ""

    async def crawl(self, which: int) -> None:
        made = Crawler(
            self.world.database,
            self.world.context,
            self.accounts,
            self.decoders,
            first_look=timedelta(days=7),
            max_media_bytes=20_000_000,
        )
        await made.crawl(self.sources[which])

    async def post(self, data: bytes, which: int = 1) -> Sighting:
        """Posted now, found by a crawl."""
        before = {row.id for row in await self.sightings()}
        self.play.world.post(self.channels[which], "again", self.play.world.photo({"y": (480, 360, data)}))
        await self.crawl(which)
        (new,) = [row for row in await self.sightings() if row.id not in before]
        return new

    async def sightings(self) -> Sequence[Sighting]:
        async with self.world.database.read() as session:
            return (await session.scalars(select(Sighting).order_by(Sighting.found_at, Sighting.id))).all()

    async def notices(self) -> Sequence[Notice]:
        async with self.world.database.read() as session:
            return (await session.scalars(select(Notice).order_by(Notice.created_at, Notice.id))).all()

    async def switch(self, *, person: bool | None = None, advocate: bool | None = None) -> None:
        for actor, on in ((PersonActor(self.case_id), person), (self.advocate, advocate)):
            if on is not None:
                async with self.world.database.begin() as session:
                    case = await lock_one(session, Case, self.case_id)
                    await switch_resending(session, self.world.context, case, actor, on=on)

    async def told(self, kind: str) -> Sequence[Mapping[str, Any]]:
        async with self.world.database.read() as session:
            entries = await self.world.context.ledger.read(session, self.case_id)
        return [facts or {} for row, facts in entries if row.kind == kind]

    async def resend_all(self) -> int:
        """Run the resend jobs that were asked for; how many."""
        asked = [task for task in self.world.tasks if task.workflow == "resend"]
        self.world.tasks[:] = [task for task in self.world.tasks if task.workflow != "resend"]
        for task in asked:
            await Resender(self.world.database, self.world.context).resend(str(task.arguments[0]))
        return len(asked)


@pytest.fixture
async def scene(prepared_url: str, tmp_path: Path, decoders: DecoderPool) -> AsyncIterator[Scene]:
    async with domain_world(prepared_url, tmp_path) as world, stage() as play:
        accounts = Accounts({PlatformName.TELEGRAM: play.telegram()}, world.database.url)
        channels = [play.world.channel("source_one"), play.world.channel("source_two")]
        play.world.post(channels[0], "a text", play.world.photo({"y": (480, 360, encoded(PICTURE, "JPEG"))}))
        whole = hash_picture(encoded(PICTURE)).whole
        sources = []
        async with world.database.begin() as session:
            advocate = await make_advocate(session)
            case = await make_case(session, world.context, advocate)
            kind = PictureKind.INTIMATE
            await add_fingerprint(session, world.context, case, pdq=whole.hex, quality=whole.quality, kind=kind)
            for source in ("source_one", "source_two"):
                given = await give_consent(
                    session,
                    world.context,
                    case,
                    platform=PlatformName.TELEGRAM,
                    source=source,
                    purposes=[Purpose.WATCH, Purpose.FOLLOW],
                )
                sources.append(given[0].source_id)
        actor = AdvocateActor(advocate.id, advocate.organisation_id, advocate.name)
        made = Scene(world, play, decoders, accounts, channels, sources, actor, case.id)
        await made.crawl(0)
        async with world.database.begin() as session:
            sighting = await lock_one(session, Sighting, (await made.sightings())[0].id)
            await confirm(session, world.context, sighting, by=advocate.id, basis=Basis.PERSON_VIEWED)
            (notice,), _ = await write_and_send(session, world.context, sighting, routes=("us_tida",), by=advocate.id)
        await Sender(world.database, world.context, {"smtp": FakeDelivery()}).send(notice.id, notice.attempt)
        made.notice_id = notice.id
        yield made


async def test_reupload_opens_under_the_same_item_and_names_the_first_notice(scene: Scene) -> None:
    first = (await scene.sightings())[0]
    again = await scene.post(AGAIN)
    assert first.item_id == first.id
    assert (again.state, again.identical, again.item_id) == (SightingState.OPEN, True, first.id)
    (entry,) = await scene.told("reupload-found")
    assert (entry["sighting"], entry["item"], entry["first_notice"]) == (again.id, first.id, scene.notice_id)
    assert entry["first_sent_at"] == scene.world.clock.now().isoformat()
    assert await scene.resend_all() == 0, "nobody switched it on"


async def test_changed_copy_is_no_reupload_of_the_item(scene: Scene) -> None:
    await scene.switch(person=True, advocate=True)
    changed = await scene.post(CHANGED)
    assert (changed.identical, changed.item_id) == (False, None)
    assert (await scene.told("reupload-found"), await scene.resend_all()) == ([], 0)


async def test_reupload_leaves_by_itself_when_person_and_advocate_both_switched_it_on(scene: Scene) -> None:
    await scene.switch(person=True, advocate=True)
    again = await scene.post(AGAIN)
    assert await scene.resend_all() == 1
    sent = next(row for row in await scene.sightings() if row.id == again.id)
    first = next(row for row in await scene.sightings() if row.id != again.id)
    assert (sent.state, sent.by_itself_at) == (SightingState.CONFIRMED, scene.world.clock.now())
    assert (sent.decided_by, sent.basis, sent.item_id) == (scene.advocate.id, "identical-copy", first.id)
    new = next(row for row in await scene.notices() if row.sighting_id == again.id)
    assert (new.route, new.created_by) == ("us_tida", scene.advocate.id)
    assert [task.arguments[0] for task in scene.world.tasks if task.workflow == "send"][-1] == new.id
    record = scene.world.context.open_record(NoticeRecord, scene.case_id, new.id, new.content)
    (cited,) = [row for row in await scene.notices() if row.id == scene.notice_id]
    assert record.cites == (cited.message_id,) and cited.message_id in record.attachments[0].text
    assert cited.sent_at is not None
    # Nobody looked at this post, and the notice says no such thing.
    assert "identical, by two fingerprints of the picture, to a copy that has been confirmed" in record.body
    assert "viewed the post" not in record.body and "(of another post with the identical picture)" in record.body
    assert f"the same picture as our notice {cited.id} of {cited.sent_at:%Y-%m-%d %H:%M} UTC" in record.body
    assert new.state == NoticeState.QUEUED
    switched = await scene.told("resending-switched")
    assert [(one["whose"], one["on"]) for one in switched] == [("person", True), ("advocate", True)]
    # The job again, as after a death: nothing is done twice.
    await Resender(scene.world.database, scene.world.context).resend(again.id)
    assert len([row for row in await scene.notices() if row.sighting_id == again.id]) == 1


@pytest.mark.parametrize("gone", [NoticeState.FAILED, NoticeState.WITHDRAWN, NoticeState.IN_DOUBT])
async def test_notice_that_nobody_has_is_not_cited(scene: Scene, gone: NoticeState) -> None:
    again = await scene.post(AGAIN)
    async with scene.world.database.begin() as session:
        sighting = await lock_one(session, Sighting, again.id)
        first = await lock_one(session, Notice, scene.notice_id)
        first.state = gone  # it came back, was taken back, or nobody knows
        await confirm(session, scene.world.context, sighting, by=scene.advocate.id, basis=Basis.PERSON_VIEWED)
        (notice,), _ = await queue_notices(
            session, scene.world.context, sighting, routes=("us_tida",), by=scene.advocate.id
        )
    record = scene.world.context.open_record(NoticeRecord, scene.case_id, notice.id, notice.content)
    assert (record.cites, scene.notice_id in record.body) == ((), False)


@pytest.mark.parametrize("half", [{"person": True}, {"advocate": True}])
async def test_one_switch_alone_sends_nothing(scene: Scene, half: dict[str, bool]) -> None:
    await scene.switch(**half)
    again = await scene.post(AGAIN)
    assert (await scene.resend_all(), again.state) == (0, SightingState.OPEN)


async def test_switch_that_is_taken_back_before_the_job_runs_counts(scene: Scene) -> None:
    await scene.switch(person=True, advocate=True)
    again = await scene.post(AGAIN)
    await scene.switch(person=False)
    assert await scene.resend_all() == 1
    assert next(row for row in await scene.sightings() if row.id == again.id).state == SightingState.OPEN
    assert len(await scene.notices()) == 1


async def test_person_who_turns_out_a_minor_has_nothing_sent_by_itself(scene: Scene) -> None:
    await scene.switch(person=True, advocate=True)
    again = await scene.post(AGAIN)
    async with scene.world.database.begin() as session:
        case = await lock_one(session, Case, scene.case_id)
        intake = replace(read_intake(scene.world.context, case), age_group=AgeGroup.UNSURE)
        await change_intake(session, scene.world.context, case, PersonActor(case.id), intake, permitted=True)
    await scene.resend_all()
    assert next(row for row in await scene.sightings() if row.id == again.id).state == SightingState.OPEN


@pytest.mark.parametrize("why", ["taken back", "came back", "locked out"])
async def test_nothing_leaves_by_itself_where_nobody_stands_by_it(scene: Scene, why: str) -> None:
    await scene.switch(person=True, advocate=True)
    again = await scene.post(AGAIN)
    async with scene.world.database.begin() as session:
        notice = await lock_one(session, Notice, scene.notice_id)
        if why == "taken back":
            await retract(session, scene.world.context, notice, RetractReason.WRONG_COPY, by=scene.advocate.id)
        elif why == "came back":
            await record_return(session, scene.world.context, notice, by=scene.advocate.id)
        else:
            (await session.get_one(Advocate, scene.advocate.id)).disabled_at = scene.world.clock.now()
    assert await scene.resend_all() == 1
    assert next(row for row in await scene.sightings() if row.id == again.id).state == SightingState.OPEN
    assert [row.id for row in await scene.notices()] == [scene.notice_id]


async def test_a_notice_that_was_taken_back_is_cited_by_none(scene: Scene) -> None:
    again = await scene.post(AGAIN)
    async with scene.world.database.begin() as session:
        notice = await lock_one(session, Notice, scene.notice_id)
        await retract(session, scene.world.context, notice, RetractReason.WRONG_COPY, by=scene.advocate.id)
    async with scene.world.database.begin() as session:
        sighting = await lock_one(session, Sighting, again.id)
        await confirm(session, scene.world.context, sighting, by=scene.advocate.id, basis=Basis.PERSON_VIEWED)
        (new,), _ = await write_and_send(
            session, scene.world.context, sighting, routes=("us_tida",), by=scene.advocate.id
        )
        record = scene.world.context.open_record(NoticeRecord, scene.case_id, new.id, new.content)
    assert record.cites == () and notice.message_id not in record.attachments[0].text


async def test_daily_cap_leaves_the_rest_for_a_decision(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resending.why_not_by_itself, "__defaults__", (1,))
    await scene.switch(person=True, advocate=True)
    made = [await scene.post(AGAIN), await scene.post(encoded(PICTURE, "JPEG", quality=70))]
    assert await scene.resend_all() == 2
    states = {row.id: row.state for row in await scene.sightings()}
    assert [states[row.id] for row in made] == [SightingState.CONFIRMED, SightingState.OPEN]
    scene.world.clock.move(hours=25)
    late = await scene.post(encoded(PICTURE, "JPEG", quality=80))
    await scene.resend_all()
    assert next(row for row in await scene.sightings() if row.id == late.id).state == SightingState.CONFIRMED
