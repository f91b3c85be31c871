"""Gone needs two checks apart; an error is never gone; a lapsed deadline prepares the next step."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from db.locking import lock_one
from db.models.cases import Case
from db.models.notices import Escalation, Notice, RemovalReceipt
from db.models.sightings import Sighting
from db.models.sources import Alert
from monitor.actions.withdraw_consent import withdraw_consent
from monitor.cases.intake import read_intake
from monitor.core.errors import PlatformFault, SourceUnavailable
from monitor.jobs.escalate import Escalator
from monitor.jobs.send import Sender
from monitor.model.notice_states import NoticeState
from monitor.model.records.receipts import RemovalRecord
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


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


async def sent(world: DomainWorld) -> Notice:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate)
        sighting = await make_sighting(session, world.context, case, confirmed_by=advocate)
        (notice,), _ = await write_and_send(session, world.context, sighting, routes=("us_tida",), by=advocate.id)
    await Sender(world.database, world.context, {"smtp": FakeDelivery()}).send(notice.id, 1)
    return notice


async def post_status(world: DomainWorld, notice: Notice, presence: Presence, number: int, *, hours: float) -> Notice:
    world.clock.move(hours=hours)
    world.platform.presence = presence
    await follow_up(world).verify(notice.id, number)
    async with world.database.read() as session:
        return await session.get_one(Notice, notice.id)


@on_sqlite
async def test_gone_twice_an_hour_apart_is_removed_with_a_receipt(world: DomainWorld) -> None:
    notice = await sent(world)
    assert (await post_status(world, notice, Presence.DELETED, 1, hours=1)).state == NoticeState.SENT
    assert (await post_status(world, notice, Presence.DELETED, 2, hours=0.9)).state == NoticeState.SENT
    assert (await post_status(world, notice, Presence.DELETED, 3, hours=0.2)).state == NoticeState.REMOVED
    async with world.database.read() as session:
        receipt = (await session.scalars(select(RemovalReceipt))).one()
        record = world.context.open_record(RemovalRecord, notice.case_id, receipt.sighting_id, receipt.content)
        assert set(record.content()) == set(record.texts) == {"ko", "en"}
        assert (await session.get_one(Sighting, notice.sighting_id)).removed_at is not None


@pytest.mark.parametrize("error", [PlatformFault("http-503"), SourceUnavailable("private")])
@on_sqlite
async def test_errors_are_never_taken_for_removed(world: DomainWorld, error: Exception) -> None:
    notice = await sent(world)
    for number in range(1, 6):
        world.platform.errors = [error]
        row = await post_status(world, notice, Presence.DELETED, number, hours=2)
        assert row.state == NoticeState.SENT
    async with world.database.read() as session:
        assert (await session.get_one(Sighting, notice.sighting_id)).presence == Presence.UNKNOWN


async def test_lapsed_deadline_prepares_the_next_step_once_and_checking_goes_on(world: DomainWorld) -> None:
    notice = await sent(world)
    row = await post_status(world, notice, Presence.LIVE, 1, hours=48.1)
    assert [task.workflow for task in world.tasks][-2:] == ["escalate", "verify"]
    escalator = Escalator(world.database, world.context)
    await escalator.escalate(notice.id)
    await escalator.escalate(notice.id)
    async with world.database.read() as session:
        steps = (await session.scalars(select(Escalation.step))).all()
        assert sorted(steps) == ["ftc_complaint", "kr_commission", "kr_d4u", "kr_police"]
    row = await post_status(world, notice, Presence.DELETED, 2, hours=10)
    assert row.state == NoticeState.LAPSED
    assert (await post_status(world, notice, Presence.DELETED, 3, hours=1.1)).state == NoticeState.REMOVED


async def test_what_was_told_of_every_notice_ends_when_their_copy_is_gone(world: DomainWorld) -> None:
    first = await sent(world)
    async with world.database.begin() as session:
        sighting = await lock_one(session, Sighting, first.sighting_id)
        by = str(sighting.decided_by)
        (other,), _ = await write_and_send(session, world.context, sighting, routes=("telegram_report",), by=by)
    await Sender(world.database, world.context, {"telegram_report": FakeDelivery()}).send(other.id, 1)
    world.clock.move(days=30)
    for one in (first, other):
        await follow_up(world).verify(one.id, 1)
        await Escalator(world.database, world.context).escalate(one.id)
    assert await told(world) == ["deadline-lapsed", "deadline-lapsed"]
    for one in (first, other):
        await post_status(world, one, Presence.LOGIN, 2, hours=1)
    assert (await told(world)).count("cannot-verify") == 2
    # One of them sees it gone, twice: the other's alerts end as well.
    for number in (3, 4):
        await post_status(world, first, Presence.DELETED, number, hours=2)
    assert await told(world) == []
    async with world.database.read() as session:
        assert {one.state for one in await session.scalars(select(Notice))} == {NoticeState.REMOVED}


@on_sqlite
async def test_copy_that_can_be_seen_again_needs_nobody_to_look(world: DomainWorld) -> None:
    notice = await sent(world)
    await post_status(world, notice, Presence.LOGIN, 1, hours=2)
    assert await told(world) == ["cannot-verify"]
    await post_status(world, notice, Presence.UNKNOWN, 2, hours=2)
    assert await told(world) == ["cannot-verify"]
    await post_status(world, notice, Presence.LIVE, 3, hours=2)
    assert await told(world) == []


async def told(world: DomainWorld) -> list[str]:
    """What is open of notices, and for whom nobody has done anything."""
    async with world.database.read() as session:
        return sorted((await session.scalars(select(Alert.kind).where(Alert.resolved_at.is_(None)))).all())


@on_sqlite
async def test_first_gone_check_at_the_deadline_waits_for_the_second(world: DomainWorld) -> None:
    notice = await sent(world)
    await post_status(world, notice, Presence.DELETED, 1, hours=48.1)
    assert "escalate" not in [task.workflow for task in world.tasks]


async def test_same_check_again_counts_once(world: DomainWorld) -> None:
    notice = await sent(world)
    await post_status(world, notice, Presence.DELETED, 1, hours=1)
    row = await post_status(world, notice, Presence.DELETED, 1, hours=5)
    assert (row.state, row.look) == (NoticeState.SENT, 1)


@on_sqlite
async def test_without_consent_to_follow_nothing_is_checked(world: DomainWorld) -> None:
    notice = await sent(world)
    async with world.database.begin() as session:
        consent_id = await session.scalar(text("select id from consents where purpose = 'follow'"))
        case = await lock_one(session, Case, notice.case_id)
        assert read_intake(world.context, case).country == "KR"
        assert await withdraw_consent(session, world.context, case, str(consent_id)) == 0
    row = await post_status(world, notice, Presence.DELETED, 1, hours=1)
    assert (row.reason, world.platform.calls) == ("no-consent-to-follow", [])
