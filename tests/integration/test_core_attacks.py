"""What went wrong, or could have, when somebody tried to break the core. Each test failed before its mend."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_one
from db.models.cases import Case, Fingerprint, KnownLink
from db.models.notices import Escalation, Notice
from db.models.sightings import Sighting
from db.models.sources import Alert, Consent, Inspection, Source
from db.queries.actors import PersonActor
from db.queries.cases import find_case
from monitor.actions.erase import ask_erasure, cancel_erasure
from monitor.actions.withdraw_consent import withdraw_consent
from monitor.cases.consents import give_consent
from monitor.cases.fingerprints import add_fingerprint
from monitor.cases.intake import fill_intake
from monitor.cases.links import enter_link
from monitor.cases.opening import vouch
from monitor.core.errors import AccountStopped, DecoderUnavailable, InDoubt, NotSent, PlatformFault, RateLimited
from monitor.delivery.base import Outgoing, Receipt
from monitor.delivery.leased import LeasedDelivery
from monitor.demo.world.pictures import registered
from monitor.evidence.entry_kinds import EntryKind
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.fingerprints.image import hash_picture
from monitor.jobs.crawl import Crawler
from monitor.jobs.escalate import Escalator
from monitor.jobs.read_link import LinkReader
from monitor.jobs.send import Sender
from monitor.model.facts import AgeGroup, PictureKind
from monitor.model.notice_states import NoticeState
from monitor.model.states import Purpose
from monitor.notices.writing import settle
from monitor.platforms.base import Media, MediaKind, Page, PlatformName, Post, SourceRef
from monitor.sightings.record import Unmatched, write_sighting
from monitor.sources.media_reader import MediaReader
from tests.support.databases import on_sqlite
from tests.support.domain_world import (
    INSPECTION,
    START,
    DomainWorld,
    FakeDelivery,
    domain_world,
    follow_up,
    make_advocate,
    make_case,
    make_sighting,
    notice_tasks,
    run_backfills,
)
from tests.support.leaving import write_and_send
from tests.support.notice_builders import make_intake
from tests.support.waiting import until_held_up, until_wanted

PDQ = "0f" * 32


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


@pytest.fixture
async def postgres_world(prepared_postgres_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_postgres_url, tmp_path) as made:
        yield made


def crawler(world: DomainWorld, decoders: DecoderPool) -> Crawler:
    return Crawler(
        world.database,
        world.context,
        world.accounts,
        decoders,
        first_look=timedelta(days=7),
        max_media_bytes=20_000_000,
    )


def link_reader(world: DomainWorld, decoders: DecoderPool) -> LinkReader:
    return LinkReader(world.database, world.context, world.accounts, MediaReader(decoders, 20_000_000))


def post(number: int, *pictures: bytes) -> Post:
    media = tuple(Media(f"photo:{number}{i}", MediaKind.PHOTO, token=data) for i, data in enumerate(pictures))
    return Post(str(number), f"https://t.me/channel/{number}", START - timedelta(hours=1), media)


async def watching(world: DomainWorld, *, vouched: bool = True) -> tuple[str, str, str]:
    """A case that watches one channel for one picture: ids of case, source and consent."""
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session) if vouched else None)
        await add_fingerprint(session, world.context, case, pdq=PDQ, quality=90, kind=PictureKind.INTIMATE)
        (consent,) = await give_consent(
            session, world.context, case, platform=PlatformName.TELEGRAM, source="channel", purposes=[Purpose.WATCH]
        )
    return case.id, consent.source_id, consent.id


class Reads:
    """The media that were read, with faults of a test's choice. A fake is changed, nothing of ours."""

    def __init__(self, world: DomainWorld, *, limit: int | None = None) -> None:
        self.done: list[str] = []
        self.errors: list[Exception] = []
        self.errors_of: dict[str, list[Exception]] = {}
        self.after_each: Callable[[], Awaitable[None]] | None = None
        self._limit, self._allowed = limit, limit
        read = world.platform.read

        async def counted(media: Media, *, max_bytes: int) -> bytes:
            errors = self.errors_of.get(media.id, self.errors)
            if errors:
                raise errors.pop(0)
            if self._allowed == 0:
                self._allowed = self._limit
                raise RateLimited(60, "read")
            if self._allowed is not None:
                self._allowed -= 1
            self.done.append(media.id)
            data = await read(media, max_bytes=max_bytes)
            if self.after_each is not None:
                await self.after_each()
            return data

        world.platform.read = counted  # type: ignore[method-assign]


async def queued(world: DomainWorld, route: str = "us_tida") -> Notice:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate)
        sighting = await make_sighting(session, world.context, case, confirmed_by=advocate)
        (notice,), _ = await write_and_send(session, world.context, sighting, routes=(route,), by=advocate.id)
    return notice


async def sent(world: DomainWorld) -> Notice:
    notice = await queued(world)
    await Sender(world.database, world.context, {"smtp": FakeDelivery()}).send(notice.id, 1)
    return notice


async def withdraw_all(world: DomainWorld, case_id: str) -> None:
    async with world.database.begin() as session:
        case = await lock_one(session, Case, case_id)
        for consent_id in await session.scalars(select(Consent.id).where(Consent.case_id == case_id)):
            await withdraw_consent(session, world.context, case, consent_id)


async def reread(world: DomainWorld, notice: Notice) -> Notice:
    async with world.database.read() as session:
        return await session.get_one(Notice, notice.id)


async def alerts(world: DomainWorld) -> set[str]:
    async with world.database.read() as session:
        return set(await session.scalars(select(Alert.kind).where(Alert.resolved_at.is_(None))))


@pytest.mark.parametrize("step", ["fingerprint", "consent", "vouch"])
async def test_person_and_crawl_never_wait_for_each_other(
    postgres_world: DomainWorld, decoders: DecoderPool, step: str
) -> None:
    world = postgres_world
    case_id, source_id, _ = await watching(world, vouched=step != "vouch")

    async def as_the_api_does() -> None:
        async with world.database.begin() as session:
            case = await find_case(session, PersonActor(case_id), case_id, lock=True)
            assert case is not None
            if step == "fingerprint":
                await add_fingerprint(
                    session, world.context, case, pdq="3c" * 32, quality=90, kind=PictureKind.INTIMATE
                )
            elif step == "consent":
                await give_consent(
                    session,
                    world.context,
                    case,
                    platform=PlatformName.TELEGRAM,
                    source="channel",
                    purposes=[Purpose.WATCH, Purpose.FOLLOW],
                )
            else:
                await vouch(session, world.context, case, (await make_advocate(session, "Another")).id)

    people: list[asyncio.Task[None]] = []

    async def then(session: AsyncSession, _source: Source) -> None:
        """The crawl holds its source."""
        people.append(asyncio.create_task(as_the_api_does()))
        await until_held_up(world.database, or_done=people[0])
        seen = post(9, b"x")
        match = Unmatched(case_id, "intimate")
        await write_sighting(session, world.context, source_id, seen, seen.media[0], INSPECTION, match)
        await world.context.record(session, case_id, EntryKind.LOOKED)

    await crawler(world, decoders)._comparer.write(source_id, [], then)
    await people[0]
    async with world.database.read() as session:
        assert (await session.get_one(Case, case_id)).state == "vouched"


async def test_further_notice_and_check_never_wait_for_each_other(postgres_world: DomainWorld) -> None:
    world = postgres_world
    notice = await sent(world)
    follow = follow_up(world)
    async with world.database.begin() as session:
        sighting = await lock_one(session, Sighting, notice.sighting_id)
        check = asyncio.create_task(follow.verify(notice.id, 1))
        await until_held_up(world.database, or_done=check)
        written, _ = await write_and_send(
            session, world.context, sighting, routes=("telegram_report", "us_tida"), by=notice.created_by
        )
    await check
    assert [one.route for one in written] == ["telegram_report"]
    assert (await reread(world, notice)).look == 1


@on_sqlite
async def test_deadline_is_told_although_a_rule_forbids_the_next_step_by_now(world: DomainWorld) -> None:
    notice = await sent(world)
    async with world.database.begin() as session:
        case = await lock_one(session, Case, notice.case_id)
        await fill_intake(session, world.context, case, make_intake(age_group=AgeGroup.UNSURE))
    world.clock.move(hours=49)
    await Escalator(world.database, world.context).escalate(notice.id)
    assert (await reread(world, notice)).state == NoticeState.LAPSED
    async with world.database.read() as session:
        alert = (await session.scalars(select(Alert))).one()
        assert (alert.kind, alert.reason) == ("deadline-lapsed", "minor-or-unsure")
        assert (await session.scalars(select(Escalation))).all() == []


async def test_next_step_that_could_not_be_prepared_is_asked_for_by_the_next_check(world: DomainWorld) -> None:
    notice = await sent(world)
    follow = follow_up(world)
    for number, hours in ((1, 49), (2, 24)):
        world.clock.move(hours=hours)
        await follow.verify(notice.id, number)  # and the escalation that it asks for is lost both times
    asked = [task.id for task in world.tasks if task.workflow == "escalate"]
    assert len(set(asked)) == 2


async def test_nothing_is_prepared_for_a_case_that_is_being_erased(world: DomainWorld) -> None:
    notice = await sent(world)
    async with world.database.begin() as session:
        await ask_erasure(
            session, world.context, await lock_one(session, Case, notice.case_id), PersonActor(notice.case_id)
        )
    world.clock.move(hours=49)
    await Escalator(world.database, world.context).escalate(notice.id)
    async with world.database.read() as session:
        assert (await session.scalars(select(Escalation))).all() == []


async def test_called_off_erasure_lets_checking_go_on(world: DomainWorld) -> None:
    notice = await sent(world)
    follow = follow_up(world)
    async with world.database.begin() as session:
        await ask_erasure(
            session, world.context, await lock_one(session, Case, notice.case_id), PersonActor(notice.case_id)
        )
    world.clock.move(hours=1)
    await follow.verify(notice.id, 1)
    assert world.platform.calls == []
    async with world.database.begin() as session:
        await cancel_erasure(
            session, world.context, await lock_one(session, Case, notice.case_id), PersonActor(notice.case_id)
        )
    task = notice_tasks(world.tasks)[-1]
    assert task.workflow == "verify"
    assert task.id != f"verify-{notice.id}-1"  # spent
    await follow.verify(notice.id, int(task.arguments[1]))
    assert world.platform.calls == ["post_status"]


async def test_consent_withdrawn_while_others_have_the_account_stops_the_check(world: DomainWorld) -> None:
    notice, accounts = await sent(world), world.accounts
    async with accounts.use("telegram"):
        check = asyncio.create_task(follow_up(world, accounts=accounts).verify(notice.id, 1))
        await until_wanted(accounts)
        await withdraw_all(world, notice.case_id)
    await check
    assert world.platform.calls == []


@on_sqlite
async def test_deadline_that_nobody_may_check_is_told(world: DomainWorld) -> None:
    notice = await sent(world)
    await withdraw_all(world, notice.case_id)
    follow = follow_up(world)
    world.clock.move(hours=1)
    await follow.verify(notice.id, 1)
    assert await alerts(world) == set()
    world.clock.move(hours=48)
    await follow.verify(notice.id, 2)
    assert await alerts(world) == {"cannot-verify"}


class SlowDelivery(FakeDelivery):
    """Lets a test act while the notice is on its way."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way, self.go_on = asyncio.Event(), asyncio.Event()

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See Delivery."""
        self.under_way.set()
        await self.go_on.wait()
        return await super().send(outgoing)


@pytest.mark.parametrize("error", [None, NotSent("no-connection"), InDoubt("no-reply")])
async def test_late_result_of_a_worker_that_seemed_dead_sends_nothing_twice(
    world: DomainWorld, error: Exception | None
) -> None:
    notice, slow, second = await queued(world), SlowDelivery(), FakeDelivery()
    slow.errors = [error] if error else []
    late = asyncio.create_task(Sender(world.database, world.context, {"smtp": slow}).send(notice.id, 1))
    await slow.under_way.wait()
    peer = Sender(world.database, world.context, {"smtp": second})
    await peer.send(notice.id, 1)  # adopted: in doubt
    async with world.database.begin() as session:
        await settle(session, world.context, await lock_one(session, Notice, notice.id), arrived=False, by="someone")
    if error is not None:
        await peer.send(notice.id, 2)
    slow.go_on.set()
    await late
    await peer.send(notice.id, 2)
    await peer.send(notice.id, 3)
    assert len(slow.sent) + len(second.sent) == 1
    assert (await reread(world, notice)).state == NoticeState.SENT
    assert await alerts(world) == set()


async def test_notice_that_waits_for_the_account_is_still_stopped_and_never_in_doubt(world: DomainWorld) -> None:
    notice, accounts, delivery = await queued(world, "telegram_report"), world.accounts, FakeDelivery()
    ways = {"telegram_report": LeasedDelivery(accounts, world.platform, delivery)}
    async with accounts.use("telegram"):
        sending = asyncio.create_task(Sender(world.database, world.context, ways).send(notice.id, 1))
        await until_wanted(accounts)
        assert (await reread(world, notice)).state == NoticeState.QUEUED
        await withdraw_all(world, notice.case_id)
    await sending
    assert delivery.sent == []
    assert (await reread(world, notice)).state == NoticeState.WITHDRAWN


@on_sqlite
async def test_page_of_many_pictures_is_read_in_stretches(world: DomainWorld, decoders: DecoderPool) -> None:
    _, source_id, _ = await watching(world)
    world.platform.posts["1"] = post(1, b"a", b"b", b"c")
    reads = Reads(world, limit=1)
    for _ in range(4):
        await crawler(world, decoders).crawl(source_id)
    assert reads.done == ["photo:10", "photo:11", "photo:12"]
    async with world.database.read() as session:
        assert (await session.get_one(Source, source_id)).cursor == "1"


async def test_consent_withdrawn_within_a_page_stops_the_next_medium(world: DomainWorld, decoders: DecoderPool) -> None:
    case_id, source_id, _ = await watching(world)
    world.platform.posts["1"] = post(1, b"a", b"b", b"c")
    reads = Reads(world)
    reads.after_each = lambda: withdraw_all(world, case_id)
    await crawler(world, decoders).crawl(source_id)
    assert reads.done == ["photo:10"]


async def test_consent_withdrawn_while_others_have_the_account_stops_the_crawl(
    world: DomainWorld, decoders: DecoderPool
) -> None:
    case_id, source_id, _ = await watching(world)
    works, accounts = crawler(world, decoders), world.accounts
    works._accounts = accounts
    async with accounts.use("telegram"):
        crawl = asyncio.create_task(works.crawl(source_id))
        await until_wanted(accounts)
        await withdraw_all(world, case_id)
    await crawl
    assert world.platform.calls == []


@on_sqlite
async def test_medium_that_could_not_be_read_holds_the_cursor_although_more_follows(
    world: DomainWorld, decoders: DecoderPool
) -> None:
    _, source_id, _ = await watching(world)
    world.platform.posts["1"], world.platform.posts["2"] = post(1, b"a"), post(2, b"b")
    pages, page = [], world.platform.page

    async def one_post_a_page(ref: SourceRef, cursor: str | None, *, since: datetime, limit: int = 100) -> Page:
        whole = await page(ref, cursor, since=since, limit=limit)
        pages.append(cursor)
        first = whole.posts[:1]
        return Page(first, first[0].id if first else cursor, more=len(whole.posts) > 1)

    world.platform.page = one_post_a_page  # type: ignore[method-assign,assignment]  # a fake is changed, nothing of ours
    reads = Reads(world)
    reads.errors = [PlatformFault("timeout")]
    await crawler(world, decoders).crawl(source_id)
    await crawler(world, decoders).crawl(source_id)
    assert pages == [None, None, "1"]
    assert reads.done == ["photo:10", "photo:20"]


async def test_reading_again_holds_up_nothing_new_and_ends_only_when_all_was_seen(
    world: DomainWorld, decoders: DecoderPool
) -> None:
    case_id, source_id, _ = await watching(world)
    world.platform.posts["1"] = post(1, b"a")
    await crawler(world, decoders).crawl(source_id)
    world.clock.move(hours=1)
    async with world.database.begin() as session:
        case = await lock_one(session, Case, case_id)
        await add_fingerprint(session, world.context, case, pdq="3c" * 32, quality=90, kind=PictureKind.INTIMATE)
    async with world.database.begin() as session:  # as if it had been inspected well, so that it is inspected again
        (await session.scalars(select(Inspection))).one().outcome = "inspected"
    await run_backfills(world)
    world.platform.posts["2"] = post(2, b"b")
    world.clock.move(hours=1)
    reads = Reads(world)
    reads.errors_of = {"photo:10": [PlatformFault("timeout")]}
    await crawler(world, decoders).crawl(source_id)
    # Asked for once more, it tells that the fault is the other medium's own and not of their host.
    assert reads.done == ["photo:20", "photo:20"]
    async with world.database.read() as session:
        assert (await session.get_one(Source, source_id)).look_back_at is not None
    await crawler(world, decoders).crawl(source_id)
    assert reads.done == ["photo:20", "photo:20", "photo:10"]
    async with world.database.read() as session:
        assert (await session.get_one(Source, source_id)).look_back_at is None


@pytest.mark.parametrize("error", [PlatformFault("http-503"), DecoderUnavailable("closed"), AccountStopped("revoked")])
@on_sqlite
async def test_known_link_outlives_a_passing_fault(world: DomainWorld, decoders: DecoderPool, error: Exception) -> None:
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session))
        link = await enter_link(session, world.context, case, url="https://t.me/channel/5", kind=PictureKind.FAKED)
    world.platform.posts["5"] = post(5, registered(1)[1])
    world.platform.errors = [error]
    await link_reader(world, decoders).read_link(link.id)
    await link_reader(world, decoders).read_link(link.id)
    async with world.database.read() as session:
        assert (await session.get_one(KnownLink, link.id)).state == "read"


async def test_picture_behind_a_link_is_compared_with_what_sources_showed_before(
    world: DomainWorld, decoders: DecoderPool
) -> None:
    case_id, source_id, _ = await watching(world)
    copy = registered(1)[1]
    world.platform.posts["1"] = post(1, copy)
    await crawler(world, decoders).crawl(source_id)
    world.clock.move(hours=1)
    async with world.database.begin() as session:
        case = await lock_one(session, Case, case_id)
        link = await enter_link(session, world.context, case, url="https://t.me/other/5", kind=PictureKind.FAKED)
    world.platform.posts["5"] = post(5, copy)
    await link_reader(world, decoders).read_link(link.id)
    del world.platform.posts["5"]
    await run_backfills(world)
    async with world.database.read() as session:
        found = (await session.scalars(select(Sighting.post_id).where(Sighting.source_id == source_id))).all()
    assert found == ["1"]


async def test_link_of_a_case_that_is_erased_meanwhile_leaves_nothing(
    world: DomainWorld, decoders: DecoderPool
) -> None:
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session))
        link = await enter_link(session, world.context, case, url="https://t.me/channel/5", kind=PictureKind.FAKED)
    world.platform.posts["5"] = post(5, registered(1)[1])

    async def erase() -> None:
        async with world.database.begin() as session:
            await ask_erasure(session, world.context, await lock_one(session, Case, case.id), PersonActor(case.id))

    Reads(world).after_each = erase
    await link_reader(world, decoders).read_link(link.id)
    async with world.database.read() as session:
        assert (await session.scalars(select(Sighting))).all() == []
        assert (await session.scalars(select(Fingerprint))).all() == []


@on_sqlite
async def test_one_damaged_fingerprint_ends_nobody_elses_watch(world: DomainWorld, decoders: DecoderPool) -> None:
    _, source_id, _ = await watching(world)
    other = hash_picture(registered(1)[0]).whole
    async with world.database.begin() as session:
        (await session.scalars(select(Fingerprint))).one().payload = b"\x01" + bytes(60)
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session, "Another"))
        await add_fingerprint(session, world.context, case, pdq=other.hex, quality=90, kind=PictureKind.INTIMATE)
        await give_consent(
            session, world.context, case, platform=PlatformName.TELEGRAM, source="channel", purposes=[Purpose.WATCH]
        )
    world.platform.posts["1"] = post(1, registered(1)[0])
    await crawler(world, decoders).crawl(source_id)
    async with world.database.read() as session:
        assert (await session.scalars(select(Sighting.case_id))).all() == [case.id]
    assert await alerts(world) == {"fingerprint-unreadable"}
