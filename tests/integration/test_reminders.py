"""Before a clock of a notice ends, whoever is in charge is told; once a day the organisation's desk gets a mail."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from db.locking import lock_one
from db.models.copies import Filing
from db.models.desk import CaseDesk
from db.models.notices import Notice, NoticeClock
from db.models.people import Advocate, Organisation
from db.models.sources import Alert
from db.queries.actors import AdvocateActor
from db.types import new_id
from monitor.actions.items import clocks_of_organisation
from monitor.core.errors import NotSent
from monitor.jobs.reminders import ClockDigest, remind
from monitor.jobs.send import Sender
from monitor.notices.returned import record_return
from monitor.notices.writing import retry
from monitor.platforms.base import Presence
from tests.support.databases import on_sqlite
from tests.support.domain_world import (
    DomainWorld,
    FakeDelivery,
    domain_world,
    follow_up,
    make_advocate,
    make_case,
    make_sighting,
)
from tests.support.leaving import write_and_send
from tests.support.statements import statements_of


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


async def sent(world: DomainWorld) -> tuple[Notice, Advocate]:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate)
        sighting = await make_sighting(session, world.context, case, confirmed_by=advocate)
        (notice,), _ = await write_and_send(session, world.context, sighting, routes=("us_tida",), by=advocate.id)
    await Sender(world.database, world.context, {"smtp": FakeDelivery()}).send(notice.id, notice.attempt)
    async with world.database.read() as session:
        return await session.get_one(Notice, notice.id), advocate


async def told(world: DomainWorld, kind: str = "deadline-near", *, open_only: bool = True) -> Sequence[Alert]:
    async with world.database.read() as session:
        query = select(Alert).where(Alert.kind == kind)
        rows = (await session.scalars(query)).all()
    return [row for row in rows if row.resolved_at is None] if open_only else rows


async def test_who_sent_is_told_twelve_hours_before_the_48_are_over_and_only_once(world: DomainWorld) -> None:
    notice, advocate = await sent(world)
    async with world.database.read() as session:
        clock = (await session.scalars(select(NoticeClock))).one()
    assert (clock.kind, clock.ends_at, clock.advocate_id) == ("answer", notice.deadline_at, advocate.id)
    world.clock.move(hours=35.9)
    await remind(world.database, world.context)
    assert await told(world) == []
    world.clock.move(hours=0.2)
    await remind(world.database, world.context)
    await remind(world.database, world.context)
    (alert,) = await told(world)
    assert (alert.subject, alert.reason, alert.advocate_id) == (notice.id, "answer", advocate.id)
    assert alert.organisation_id == advocate.organisation_id
    world.clock.move(hours=12)
    await remind(world.database, world.context)
    assert await told(world) == [] and len(await told(world, open_only=False)) == 1


@on_sqlite
async def test_whoever_the_case_was_handed_to_is_told_and_not_who_sent(world: DomainWorld) -> None:
    notice, advocate = await sent(world)
    colleague = new_id()
    async with world.database.begin() as session:
        session.add(CaseDesk(case_id=notice.case_id, organisation_id=advocate.organisation_id, in_charge=colleague))
    world.clock.move(hours=36.1)
    await remind(world.database, world.context)
    assert [one.advocate_id for one in await told(world)] == [colleague]


@on_sqlite
async def test_of_a_step_that_was_filed_again_the_last_clock_counts(world: DomainWorld) -> None:
    notice, advocate = await sent(world)
    start = world.clock.time
    async with world.database.begin() as session:
        for number, at in ((1, start), (2, start + timedelta(hours=19))):
            told_to = {"case_id": notice.case_id, "sighting_id": notice.sighting_id, "filed_by": advocate.id}
            ends = {"filed_at": at, "deadline_at": at + timedelta(hours=24)}
            session.add(Filing(id=new_id(), step="kr_commission", number=number, content=b"", **told_to, **ends))
    world.clock.move(hours=23)
    await remind(world.database, world.context)
    assert await told(world, "filing-near") == []
    world.clock.move(hours=19)
    await remind(world.database, world.context)
    assert [one.subject for one in await told(world, "filing-near")] == [notice.sighting_id]


@on_sqlite
async def test_nobody_is_told_of_a_copy_that_is_gone(world: DomainWorld) -> None:
    notice, _ = await sent(world)
    world.platform.presence = Presence.DELETED
    for number in (1, 2):
        world.clock.move(hours=1.1)
        await follow_up(world).verify(notice.id, number)
    world.clock.move(hours=40)
    await remind(world.database, world.context)
    assert await told(world) == []


@on_sqlite
async def test_notice_that_came_back_has_no_clock_until_it_is_sent_again(world: DomainWorld) -> None:
    notice, advocate = await sent(world)
    world.clock.move(hours=37)
    await remind(world.database, world.context)
    async with world.database.begin() as session:
        row = await lock_one(session, Notice, notice.id)
        await record_return(session, world.context, row, by=advocate.id)
    await remind(world.database, world.context)
    assert await told(world) == []
    async with world.database.begin() as session:
        row = await lock_one(session, Notice, notice.id)
        await retry(session, world.context, row, by=advocate.id)
    await Sender(world.database, world.context, {"smtp": FakeDelivery()}).send(notice.id, row.attempt)
    async with world.database.read() as session:
        clock = (await session.scalars(select(NoticeClock))).one()
    assert (clock.ends_at, clock.reminded_at) == (world.clock.time + timedelta(hours=48), None)


class Desk:
    """A mailbox that keeps what came, or refuses it once."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str]] = []
        self.errors: list[Exception] = []

    async def send(self, subject: str, body: str) -> None:
        if self.errors:
            raise self.errors.pop()
        self.mails.append((subject, body))


@on_sqlite
async def test_desk_gets_one_mail_a_day_with_times_and_who_is_in_charge_and_nothing_of_a_case(
    world: DomainWorld,
) -> None:
    notice, advocate = await sent(world)
    async with world.database.read() as session:
        name = (await session.get_one(Organisation, advocate.organisation_id)).name
    desk = Desk()
    digest = ClockDigest(world.database, world.context, {name: desk}, "https://centre.example")
    await digest.tick()
    await digest.tick()
    ((subject, body),) = desk.mails
    assert "1 deadlines" in subject and "기한 1건" in subject
    assert f"{notice.deadline_at:%Y-%m-%d %H:%M} UTC" in body and advocate.name in body
    assert "https://centre.example/advocate/clocks" in body
    assert all(secret not in body for secret in (notice.id, notice.case_id, "examplechannel"))
    world.clock.move(hours=24)
    desk.errors = [NotSent("no-reply")]
    await digest.tick()
    await digest.tick()
    assert len(desk.mails) == 1
    world.clock.move(minutes=6)
    await digest.tick()
    assert len(desk.mails) == 2
    world.clock.move(hours=48)
    await digest.tick()
    assert len(desk.mails) == 2


@on_sqlite
@pytest.mark.parametrize(
    ("step", "hours", "kind"), [("kr_commission", 19, "answer"), ("x_preservation", 24 * 83 + 1, "preservation")]
)
async def test_who_filed_a_step_is_told_before_its_clock_ends(
    world: DomainWorld, step: str, hours: float, kind: str
) -> None:
    notice, advocate = await sent(world)
    at = world.clock.time
    async with world.database.begin() as session:
        ends = at + timedelta(hours=24) if step == "kr_commission" else None
        session.add(
            Filing(
                id=new_id(),
                case_id=notice.case_id,
                sighting_id=notice.sighting_id,
                step=step,
                number=1,
                filed_at=at,
                filed_by=advocate.id,
                deadline_at=ends,
                content=b"",
            )
        )
    world.clock.move(hours=hours - 2)
    await remind(world.database, world.context)
    assert await told(world, "filing-near") == []
    world.clock.move(hours=2)
    for _ in range(2):
        await remind(world.database, world.context)
    # It stands in the day's mail, where it ends within two days, and among the deadlines.
    desk, actor = Desk(), AdvocateActor(advocate.id, advocate.organisation_id, advocate.name)
    async with world.database.read() as session:
        name = (await session.get_one(Organisation, advocate.organisation_id)).name
        running = await clocks_of_organisation(session, world.context, actor)
    await ClockDigest(world.database, world.context, {name: desk}, "https://centre.example").tick()
    assert [(one.kind, one.route) for one in running if one.notice_id is None] == [(kind, step)]
    # Beside the notice's own answer, which ends a day after it; what is preserved ends in a week.
    counts = [body.count(f"UTC  {kind}  {advocate.name}") for _, body in desk.mails]
    assert counts == ([2] if step == "kr_commission" else [])
    (alert,) = await told(world, "filing-near")
    assert (alert.subject, alert.reason, alert.advocate_id) == (notice.sighting_id, kind, advocate.id)
    world.clock.move(days=8)
    await remind(world.database, world.context)
    assert await told(world, "filing-near") == []


@on_sqlite
async def test_round_of_reminders_asks_as_much_for_ten_as_for_one_and_reads_nothing_sealed(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate)

    async def one_more(post_id: str) -> None:
        async with world.database.begin() as session:
            sighting = await make_sighting(session, world.context, case, post_id=post_id, confirmed_by=advocate)
            (notice,), _ = await write_and_send(session, world.context, sighting, routes=("us_tida",), by=advocate.id)
            filing = {"step": "kr_commission", "number": 1, "filed_at": world.clock.time, "filed_by": advocate.id}
            ends = world.clock.time + timedelta(hours=48)
            session.add(
                Filing(id=new_id(), case_id=case.id, sighting_id=sighting.id, deadline_at=ends, content=b"x", **filing)
            )
        await Sender(world.database, world.context, {"smtp": FakeDelivery()}).send(notice.id, notice.attempt)

    async def asked() -> list[str]:
        world.clock.move(hours=37)
        await remind(world.database, world.context)
        with statements_of(world.database) as statements:
            await remind(world.database, world.context)
        return list(statements)

    await one_more("1")
    few = await asked()
    assert len(await told(world)) == len(await told(world, "filing-near")) == 1
    world.clock.move(days=30)
    for number in range(10):
        await one_more(str(number + 2))
    await remind(world.database, world.context)  # what was told of the first is over
    many = await asked()
    assert len(await told(world)) == len(await told(world, "filing-near")) == 10
    assert len(many) == len(few)
    assert not any("content" in statement for statement in many)
