"""While work is stopped nothing leaves and nothing is read, over real connections; afterwards nothing was lost."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from db.locking import lock_one
from db.models.cases import Case, KnownLink
from db.models.notices import Notice
from db.models.people import Advocate
from db.models.sightings import Sighting
from db.models.sources import Alert, Source
from db.models.stops import Stop
from monitor.actions.confirm import confirm
from monitor.actions.go_on import catch_up
from monitor.cases.consents import give_consent
from monitor.cases.fingerprints import add_fingerprint
from monitor.cases.links import enter_link
from monitor.cases.stops import EVERYTHING, Scope, Target, resume
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.delivery.smtp import SmtpDelivery
from monitor.delivery.smtp_session import SmtpServer
from monitor.demo.mail.catcher import MailCatcher
from monitor.demo.world.pictures import registered
from monitor.evidence.by import By, Door
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.fingerprints.image import hash_picture
from monitor.jobs.send import Sender
from monitor.jobs.sweeps import Ticks
from monitor.model.facts import Basis, PictureKind
from monitor.model.notice_states import NoticeState
from monitor.model.states import Purpose
from monitor.platforms.base import PlatformName
from monitor.sources.sources import locked
from monitor.work.tasks import Task
from tests.support.databases import on_sqlite
from tests.support.domain_world import (
    START,
    DomainWorld,
    FakeDelivery,
    domain_world,
    make_advocate,
    make_case,
    make_sighting,
)
from tests.support.leaving import write_and_send
from tests.support.stops_world import FIRST, SECOND, Outside, colleague, halt, let_go_on, outside, rows

PICTURE = registered(1)[0]


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


@dataclass
class Watched:
    """A vouched case with something for every job to do."""

    advocate: Advocate
    case_id: str
    telegram: str
    x: str
    channel: Any
    tasks: list[tuple[str, tuple[Any, ...]]]


async def watch(world: DomainWorld, case: Case, *sources: tuple[PlatformName, str]) -> list[str]:
    """Register the picture and consent to the sources; their ids."""
    ids = []
    for platform, name in sources:
        async with world.database.begin() as session:
            found = await lock_one(session, Case, case.id)
            consent, _ = await give_consent(
                session, world.context, found, platform=platform, source=name, purposes=(Purpose.WATCH, Purpose.FOLLOW)
            )
            ids.append(consent.source_id)
    async with world.database.begin() as session:
        found = await lock_one(session, Case, case.id)
        hashed = hash_picture(PICTURE).whole
        await add_fingerprint(
            session, world.context, found, pdq=hashed.hex, quality=hashed.quality, kind=PictureKind.INTIMATE
        )
    return ids


async def decided(
    world: DomainWorld, case: Case, by: Advocate, *routes: str, writer: Advocate | None = None, **at: Any
) -> list[str]:
    """Notices about a copy that this advocate confirmed, written by the same one or by `writer`; their ids."""
    async with world.database.begin() as session:
        sighting = await make_sighting(session, world.context, await lock_one(session, Case, case.id), **at)
    async with world.database.begin() as session:
        row = await lock_one(session, Sighting, sighting.id)
        await confirm(session, world.context, row, by=by.id, basis=Basis.PERSON_VIEWED)
    async with world.database.begin() as session:
        row = await lock_one(session, Sighting, sighting.id)
        written, skipped = await write_and_send(session, world.context, row, routes=routes, by=(writer or by).id)
        assert skipped == []
    return [notice.id for notice in written]


async def watched(world: DomainWorld, out: Outside) -> Watched:
    """A channel and an account with a copy each, a known link, and notices: one by mail, one by report, one sent."""
    channel = out.stage.world.channel("Some_Channel")
    copy = out.stage.world.post(channel, media=out.stage.picture(PICTURE), at=START - timedelta(hours=2))
    known = out.stage.world.post(channel, media=out.stage.picture(registered(1)[1]), at=START - timedelta(days=60))
    account = out.x_world.account("some_account")
    out.x_world.post(account, "a copy", [PICTURE], at=START - timedelta(hours=1))
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate)
        link = await enter_link(
            session, world.context, case, url=f"https://t.me/Some_Channel/{known.id}", kind=PictureKind.INTIMATE
        )
    telegram, x = await watch(world, case, (PlatformName.TELEGRAM, "Some_Channel"), (PlatformName.X, "some_account"))

    async def settled() -> None:
        async with world.database.begin() as session:
            row = await locked(session, telegram)
            row.remote_id, row.access, row.account = str(channel.id), str(channel.access_hash), out.telegram.account

    mail, report = await decided(
        world, case, advocate, "us_tida", "telegram_report", source="Some_Channel", post_id=str(copy.id)
    )
    (sent,) = await decided(world, case, advocate, "us_tida", source="Some_Channel", post_id="4711")
    await settled()
    async with world.database.begin() as session:
        row = await lock_one(session, Notice, sent)
        row.state, row.sent_at, row.due_at = NoticeState.SENT, START - timedelta(days=1), START
        row.deadline_at = START + timedelta(hours=1)
    notices = {"mail": mail, "report": report, "sent": sent}
    tasks: list[tuple[str, tuple[Any, ...]]] = [
        ("read_link", (link.id,)),
        ("crawl", (telegram,)),
        ("crawl", (telegram, case.id)),
        ("crawl", (x,)),
        ("recheck", (telegram,)),
        ("send", (notices["mail"], 1)),
        ("send", (notices["report"], 1)),
        ("verify", (notices["sent"], 1)),
    ]
    return Watched(advocate, case.id, telegram, x, channel, tasks)


def ticks(world: DomainWorld, tmp_path: Path) -> Ticks:
    """The sweeper beside a worker that has no work left."""

    class Idle:
        async def live(self, ids: Any) -> set[str]:
            return set()

        async def enqueue(self, task: Task) -> None:
            world.tasks.append(task)

    idle: Any = Idle()
    return Ticks(
        world.database,
        world.context,
        idle,
        heads_file=tmp_path / "heads",
        interval=timedelta(minutes=1),
        seen_for=timedelta(days=30),
    )


TARGETS = ("all", "organisation")


def target_of(name: str, seen: Watched) -> Target:
    return EVERYTHING if name == "all" else Target(Scope.ORGANISATION, seen.advocate.organisation_id)


@pytest.mark.parametrize("name", TARGETS)
async def test_nothing_leaves_and_nothing_is_read_until_two_people_resume(
    world: DomainWorld, decoders: DecoderPool, tmp_path: Path, name: str
) -> None:
    async with outside(world, decoders) as out:
        seen = await watched(world, out)
        target = target_of(name, seen)
        assert await halt(world, target) == 0
        world.tasks.clear()
        for _ in range(2):
            await out.run(seen.tasks)
            world.clock.move(hours=2)
            await ticks(world, tmp_path).sweep()
            await ticks(world, tmp_path).crawl()
        assert out.requests == 0
        assert world.tasks == []
        states = {notice.state: notice.reason for notice in await rows(world, Notice)}
        assert states == {NoticeState.QUEUED: Refusal.WORK_STOPPED, NoticeState.SENT: Refusal.WORK_STOPPED}
        sent = next(one for one in await rows(world, Notice) if one.state == NoticeState.SENT)
        assert sent.deadline_at == START + timedelta(hours=1)
        assert {source.cursor for source in await rows(world, Source)} == {None}
        async with world.database.read() as session:
            kinds = set(await session.scalars(select(Alert.kind).where(Alert.resolved_at.is_(None))))
        stopped = {"work-stopped"} if name == "all" else {"part-stopped", "organisation-stopped"}
        assert stopped <= kinds and "work-stranded" not in kinds

        context = world.context.acting(By.operator("resume"))
        async with world.database.begin() as session:
            assert not (await resume(session, context, target, name=FIRST)).done
        await out.run(seen.tasks)
        assert out.requests == 0
        async with world.database.begin() as session:
            assert (await resume(session, context, target, name=SECOND)).done
        await ticks(world, tmp_path).sweep()
        wanted = {task.workflow for task in world.tasks}
        assert wanted >= {"look_back", "read_link", "send", "verify"}
        again = [task for task in world.tasks if task.workflow in ("read_link", "send", "verify")]
        # Reports in Telegram's menu need one that the double was given; that it was asked is enough here.
        await out.run([(task.workflow, task.arguments) for task in again])
        await out.run([("crawl", (seen.telegram,)), ("crawl", (seen.x,))])
        assert [len(caught.rcpt) for caught in out.mail.messages] == [1]
        assert {call.method for call in out.stage.world.calls} >= {"messages.getHistory", "messages.report"}
        assert out.x_world.calls
        found = await rows(world, Sighting)
        assert seen.x in {one.source_id for one in found}
        async with world.database.read() as session:
            assert not list(
                await session.scalars(select(Alert).where(Alert.resolved_at.is_(None), Alert.kind.contains("stopped")))
            )


async def test_stop_in_the_middle_of_a_crawl_ends_it_before_its_next_request(
    world: DomainWorld, decoders: DecoderPool
) -> None:
    async with outside(world, decoders) as out:
        channel = out.stage.world.channel("Some_Channel")
        for number in range(4):
            out.stage.world.post(
                channel, media=out.stage.picture(PICTURE + bytes(number)), at=START - timedelta(hours=2)
            )
        async with world.database.begin() as session:
            case = await make_case(session, world.context, await make_advocate(session))
        (source,) = await watch(world, case, (PlatformName.TELEGRAM, "Some_Channel"))

        async def stop_at_the_second_file(method: str) -> None:
            if method == "upload.getFile" and out.stage.world.count("upload.getFile") == 1:
                out.cooldowns.then = None
                await halt(world)

        out.cooldowns.then = stop_at_the_second_file
        await out.run([("crawl", (source,))])
        asked = out.stage.world.count()
        assert out.stage.world.count("upload.getFile") == 1
        (row,) = await rows(world, Source)
        assert (row.cursor, row.unavailable) == (None, None)
        assert await rows(world, Sighting) == []
        await out.run([("crawl", (source,))])
        assert out.stage.world.count() == asked

        world.clock.move(minutes=1)
        await let_go_on(world)
        world.tasks.clear()
        await catch_up(world.database, world.context)
        await out.run([(task.workflow, task.arguments) for task in world.tasks])
        for _ in range(2):
            await out.run([("crawl", (source,))])
        assert len(await rows(world, Sighting)) == 4


class StoppingCatcher(MailCatcher):
    """A mail server at which work is stopped while a notice is being handed over."""

    def __init__(self, world: DomainWorld) -> None:
        super().__init__()
        self._world = world

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take the recipient, and stop everything."""
        envelope.rcpt_tos.append(address)
        await halt(self._world)
        return "250 OK"


async def test_stop_while_a_notice_is_handed_over_keeps_it_here(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate)
    (notice,) = await decided(world, case, advocate, "us_tida")
    async with StoppingCatcher(world) as mail:
        server = SmtpServer(host=mail.host, port=mail.port, starttls=False, timeout=5.0)
        delivery = SmtpDelivery(server, sender="notices@ngo.invalid", bcc=None, reply_timeout=5.0)
        await Sender(world.database, world.context, {"smtp": delivery}).send(notice, 1)
        assert mail.messages == []
    (row,) = await rows(world, Notice)
    assert (row.state, row.reason, row.attempt) == (NoticeState.QUEUED, Refusal.WORK_STOPPED, 1)


async def test_shared_source_is_read_on_for_whoever_is_not_stopped(world: DomainWorld, decoders: DecoderPool) -> None:
    async with outside(world, decoders) as out:
        channel = out.stage.world.channel("Some_Channel")
        cases = []
        for name in ("Centre A", "Centre B"):
            async with world.database.begin() as session:
                case = await make_case(session, world.context, await make_advocate(session, name))
                case.organisation_id = (await session.get_one(Advocate, case.vouched_by)).organisation_id
            (source,) = await watch(world, case, (PlatformName.TELEGRAM, "Some_Channel"))
            cases.append(case)
        stopped, other = cases
        assert stopped.organisation_id is not None
        target = Target(Scope.ORGANISATION, stopped.organisation_id)
        await halt(world, target)
        out.stage.world.post(channel, media=out.stage.picture(PICTURE), at=START - timedelta(hours=2))
        await out.run([("crawl", (source,)), ("crawl", (source, stopped.id))])
        assert [one.case_id for one in await rows(world, Sighting)] == [other.id]
        assert out.stage.world.count("upload.getFile") == 1
        asked = out.stage.world.count()
        await out.run([("crawl", (source, stopped.id))])
        assert out.stage.world.count() == asked, "nothing is read on behalf of the stopped case"

        await let_go_on(world, target)
        world.tasks.clear()
        await catch_up(world.database, world.context)
        backfills = [task for task in world.tasks if task.workflow == "look_back"]
        assert {task.arguments[1] for task in backfills} == {stopped.id}
        await out.run([(task.workflow, task.arguments) for task in backfills])
        assert {one.case_id for one in await rows(world, Sighting)} == {stopped.id, other.id}


async def test_what_a_stopped_advocate_decided_does_not_leave_and_the_rest_does(world: DomainWorld) -> None:
    ids = {}
    async with world.database.begin() as session:
        first = await make_advocate(session)
    second = await colleague(world, first)
    async with world.database.begin() as session:
        case = await make_case(session, world.context, first)
    for post_id, decider, writer in (("1", first, second), ("2", second, first), ("3", second, second)):
        (ids[post_id],) = await decided(world, case, decider, "us_tida", writer=writer, post_id=post_id)
    await halt(world, Target(Scope.ADVOCATE, first.id))
    mail = FakeDelivery()
    for notice_id in ids.values():
        await Sender(world.database, world.context, {"smtp": mail}).send(notice_id, 1)
    assert [one.notice_id for one in mail.sent] == [ids["3"]]
    held = {one.id: one.reason for one in await rows(world, Notice) if one.state == NoticeState.QUEUED}
    assert held == {ids["1"]: Refusal.ADVOCATE_STOPPED, ids["2"]: Refusal.ADVOCATE_STOPPED}


async def said(world: DomainWorld, by: By, target: Target, name: str = "") -> bool | Refusal:
    """What comes of one person's word that it may go on."""
    try:
        async with world.database.begin() as session:
            return (await resume(session, world.context.acting(by), target, name=name)).done
    except RuleBroken as refused:
        return refused.reason


async def test_it_takes_two_people(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        lead = await make_advocate(session)
    second = await colleague(world, lead)
    target = Target(Scope.ORGANISATION, lead.organisation_id)
    operator, page = By.operator("resume"), Door.PAGE
    assert await said(world, operator, target, FIRST) is Refusal.NOT_STOPPED
    await halt(world, target)
    assert await said(world, operator, target, FIRST) is False
    for same in (FIRST, FIRST.upper(), f"  {FIRST}\u3000"):
        assert await said(world, operator, target, same) is Refusal.SAME_PERSON
    await halt(world, target)
    assert await said(world, operator, target, SECOND) is False, "stopped again, both must say so anew"
    assert await said(world, By.advocate(lead.id, page), target) is True
    await halt(world, target)
    assert await said(world, By.advocate(lead.id, page), target) is False
    assert await said(world, By.advocate(second.id, page), target) is Refusal.OPERATOR_NEEDED
    world.clock.move(days=2)
    assert await said(world, operator, target, FIRST) is False, "a word of the day before yesterday counts no more"
    assert await said(world, operator, target, SECOND) is True
    async with world.database.read() as session:
        told = [
            (entry.row.kind, entry.facts and entry.facts.get("by_whom"))
            for entry in await world.context.ledger.told(session, "installation")
        ]
    assert (told[0][0], told[0][1]) == ("work-stopped", f"operator:{FIRST}")
    assert ("work-resumed", f"advocate:{lead.id}") in told


@on_sqlite
async def test_a_stop_of_an_organisation_is_kept_as_long_as_another_holds(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate)
    (notice,) = await decided(world, case, advocate, "us_tida")
    theirs, mail = Target(Scope.ORGANISATION, advocate.organisation_id), FakeDelivery()
    for target in (EVERYTHING, theirs):
        await halt(world, target)
    await let_go_on(world)
    await catch_up(world.database, world.context)
    await Sender(world.database, world.context, {"smtp": mail}).send(notice, 1)
    assert mail.sent == []
    await let_go_on(world, theirs)
    await catch_up(world.database, world.context)
    await Sender(world.database, world.context, {"smtp": mail}).send(notice, 1)
    assert len(mail.sent) == 1
    async with world.database.read() as session:
        assert {one.caught_up for one in await session.scalars(select(Stop))} == {True}
        assert (await session.scalars(select(KnownLink))).all() == []
