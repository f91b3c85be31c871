"""Every confirmed copy is followed, with a notice or without; after its receipt too, and one that is back reopens."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from db.locking import lock_one, lock_rows
from db.models.cases import Case
from db.models.copies import CopyClosing
from db.models.notices import Notice, PastReceipt, RemovalReceipt
from db.models.people import Advocate
from db.models.platform_side import PlatformCall
from db.models.sightings import Sighting
from db.models.sources import Alert
from db.queries.actors import AdvocateActor
from monitor.actions.confirm import confirm
from monitor.actions.copies import copy_of
from monitor.actions.freeze import freeze
from monitor.actions.withdraw_consent import withdraw_consent
from monitor.core.errors import DeliveryRefused, PlatformFault
from monitor.evidence.by import By
from monitor.jobs.follow_copy import CopyFollowUp
from monitor.jobs.send import Sender
from monitor.jobs.sweeps import Ticks
from monitor.model.facts import AgeGroup, Basis
from monitor.model.notice_states import NoticeState
from monitor.model.records.receipts import RemovalRecord
from monitor.model.states import SightingState
from monitor.notices.copy_state import CopyState
from monitor.notices.platform_tokens import make_token
from monitor.notices.stopping import withdraw_notice
from monitor.platforms.base import Presence
from monitor.sources.media_reader import MediaReader
from monitor.work.tasks import Task
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


class Followed:
    """One confirmed copy and its own looks, made when they are due."""

    def __init__(self, world: DomainWorld, sighting_id: str, case_id: str, advocate: Advocate) -> None:
        self.world, self.id, self.case_id, self.advocate = world, sighting_id, case_id, advocate
        reader = MediaReader(None, 1)  # type: ignore[arg-type]  # nothing stands in the picture's place here
        self.job = CopyFollowUp(world.database, world.context, world.accounts, reader)

    async def row(self) -> Sighting:
        async with self.world.database.read() as session:
            return await session.get_one(Sighting, self.id)

    def due(self) -> Task:
        return [task for task in self.world.tasks if task.workflow == "follow"][-1]

    async def look(self, presence: Presence = Presence.LIVE) -> Sighting:
        """The next look, when it is due."""
        row = await self.row()
        assert row.follow_due_at is not None
        self.world.clock.time = max(self.world.clock.time, row.follow_due_at)
        self.world.platform.presence = presence
        _, number = self.due().arguments
        await self.job.follow(self.id, int(number))
        return await self.row()

    async def told(self, kind: str) -> Sequence[Mapping[str, Any]]:
        async with self.world.database.read() as session:
            entries = await self.world.context.ledger.read(session, self.case_id)
        return [facts or {} for entry, facts in entries if entry.kind == kind]

    async def notice(self) -> Notice:
        async with self.world.database.read() as session:
            return (await session.scalars(select(Notice))).one()

    async def alerts(self) -> list[str]:
        async with self.world.database.read() as session:
            return sorted((await session.scalars(select(Alert.kind).where(Alert.resolved_at.is_(None)))).all())

    async def send(self) -> Notice:
        async with self.world.database.begin() as session:
            sighting = await lock_one(session, Sighting, self.id)
            (notice,), _ = await write_and_send(
                session, self.world.context, sighting, routes=("us_tida",), by=self.advocate.id
            )
        await Sender(self.world.database, self.world.context, {"smtp": FakeDelivery()}).send(notice.id, notice.attempt)
        return await self.notice()


async def followed(world: DomainWorld, **intake: Any) -> Followed:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate, **intake)
        sighting = await make_sighting(session, world.context, case, confirmed_by=advocate)
    return Followed(world, sighting.id, case.id, advocate)


@on_sqlite
@pytest.mark.parametrize("intake", [{"age_group": AgeGroup.MINOR}, {"permission_to_send_at": None}])
async def test_copy_without_a_notice_of_ours_is_followed_to_a_receipt(world: DomainWorld, intake: Any) -> None:
    copy = await followed(world, **intake)
    began = world.clock.time
    hours = []
    for _ in range(6):
        await copy.look()
        hours.append((world.clock.time - began) / timedelta(hours=1))
    assert hours == [1, 6, 24, 48, 72, 96]
    assert (await copy.look(Presence.DELETED)).removed_at is None
    gone = await copy.look(Presence.DELETED)
    assert gone.removed_at == world.clock.time
    async with world.database.read() as session:
        receipt = (await session.scalars(select(RemovalReceipt))).one()
        record = world.context.open_record(RemovalRecord, copy.case_id, copy.id, receipt.content)
    assert "no notice was sent" in record.en.body and "보낸 신고 없음" in record.ko.body
    (entry,) = await copy.told("removal-verified")
    assert (entry["notice"], entry["sighting"]) == (None, copy.id)


@on_sqlite
async def test_copy_is_followed_for_a_year_as_often_as_a_notice_would(world: DomainWorld) -> None:
    copy = await followed(world, permission_to_send_at=None)
    days, began = [], world.clock.time
    while (await copy.row()).follow_due_at is not None:
        await copy.look()
        days.append((world.clock.time - began) / timedelta(days=1))
    assert [day for day in days if 2 <= day <= 30] == list(range(2, 31))
    assert days[-1] > 357 and {later - earlier for earlier, later in pairwise(days[33:])} == {7}


@on_sqlite
async def test_notice_that_follows_the_copy_is_left_to_it_and_nothing_is_asked_twice(world: DomainWorld) -> None:
    copy = await followed(world)
    notice = await copy.send()
    await copy.look()
    assert world.platform.calls == []
    world.platform.presence = Presence.DELETED
    await follow_up(world).verify(notice.id, 1)
    world.clock.move(hours=1.1)
    await follow_up(world).verify(notice.id, 2)
    assert (await copy.notice()).state == NoticeState.REMOVED
    row = await copy.row()
    assert row.follow_due_at == row.removed_at + timedelta(days=1)  # type: ignore[operator]  # it was removed


@on_sqlite
async def test_copy_goes_on_by_itself_when_its_notice_came_to_nothing(world: DomainWorld) -> None:
    copy = await followed(world)
    async with world.database.begin() as session:
        sighting = await lock_one(session, Sighting, copy.id)
        (notice,), _ = await write_and_send(session, world.context, sighting, routes=("us_tida",), by=copy.advocate.id)
        await withdraw_notice(session, world.context, notice, by=copy.advocate.id)
    assert (await copy.look()).presence == Presence.LIVE
    assert len(world.platform.calls) == 1


async def test_same_look_again_counts_once_and_an_error_is_never_gone(world: DomainWorld) -> None:
    copy = await followed(world, permission_to_send_at=None)
    await copy.look(Presence.DELETED)
    world.clock.move(hours=5)
    await copy.job.follow(copy.id, 1)
    assert ((await copy.row()).removed_at, (await copy.row()).follow_look) == (None, 1)
    world.platform.errors = [PlatformFault("http-503")]
    assert (await copy.look(Presence.DELETED)).removed_at is None


@on_sqlite
async def test_without_consent_nothing_is_read_and_the_question_comes_back(world: DomainWorld) -> None:
    copy = await followed(world, permission_to_send_at=None)
    async with world.database.begin() as session:
        consent_id = await session.scalar(text("select id from consents where purpose = 'follow'"))
        case = await lock_one(session, Case, copy.case_id)
        await withdraw_consent(session, world.context, case, str(consent_id))
    row = await copy.look()
    assert world.platform.calls == [] and row.follow_due_at is not None and row.follow_look == 1


@on_sqlite
async def test_looks_after_the_receipt_come_on_days_1_3_7_14_and_30_and_then_end(world: DomainWorld) -> None:
    copy = await followed(world, permission_to_send_at=None)
    await copy.look(Presence.DELETED)
    removed_at = (await copy.look(Presence.DELETED)).removed_at
    assert removed_at is not None
    days = []
    for presence in (Presence.DELETED, Presence.UNKNOWN, Presence.LOGIN, Presence.DELETED, Presence.DELETED):
        row = await copy.look(presence)
        days.append((world.clock.time - removed_at) / timedelta(days=1))
        assert row.removed_at == removed_at
    assert days == [1, 3, 7, 14, 30]
    assert (await copy.row()).follow_due_at is None


@on_sqlite
@pytest.mark.parametrize("presence", [Presence.LIVE, Presence.EDITED, Presence.RESTRICTED, Presence.BLOCKED])
async def test_copy_that_is_back_reopens_its_notice_keeps_the_receipt_and_tells_the_advocate(
    world: DomainWorld, presence: Presence
) -> None:
    copy = await followed(world)
    notice = await copy.send()
    world.platform.presence = Presence.DELETED
    for number in (1, 2):
        world.clock.move(hours=1.1)
        await follow_up(world).verify(notice.id, number)
    removed_at = (await copy.row()).removed_at
    back = await copy.look(presence)
    assert (back.removed_at, back.gone_since, back.came_back_at) == (None, None, world.clock.time)
    reopened = await copy.notice()
    assert (reopened.state, reopened.reason, reopened.due_at) == (NoticeState.SENT, "came-back", world.clock.time)
    async with world.database.read() as session:
        assert (await session.scalars(select(RemovalReceipt))).all() == []
        past = (await session.scalars(select(PastReceipt))).one()
        alert = (await session.scalars(select(Alert).where(Alert.kind == "copy-back"))).one()
    assert (past.written_at, past.came_back_at) == (removed_at, world.clock.time)
    assert world.context.open_record(RemovalRecord, copy.case_id, copy.id, past.content).en.body
    assert (alert.subject, alert.advocate_id, alert.resolved_at) == (copy.id, copy.advocate.id, None)
    # Its check tells what its clock says now; and when it goes again, that is a second removal with its own receipt.
    task = [task for task in world.tasks if task.workflow == "verify"][-1]
    world.clock.move(hours=1)
    world.platform.presence = Presence.DELETED
    number = int(task.arguments[1])
    await follow_up(world).verify(notice.id, number)
    world.clock.move(hours=1.1)
    await follow_up(world).verify(notice.id, number + 1)
    assert ((await copy.notice()).state, (await copy.row()).removed_at) == (NoticeState.REMOVED, world.clock.time)
    async with world.database.read() as session:
        assert (await session.scalars(select(RemovalReceipt))).one().written_at == world.clock.time
        assert (await session.get_one(Alert, alert.id)).resolved_at == world.clock.time


async def test_notice_that_was_stopped_because_the_copy_was_gone_is_written_anew_when_it_is_back(
    world: DomainWorld,
) -> None:
    copy = await followed(world)
    async with world.database.begin() as session:
        row = await lock_one(session, Sighting, copy.id)
        (first,), _ = await write_and_send(session, world.context, row, routes=("us_tida",), by=copy.advocate.id)
    for _ in range(2):
        await copy.look(Presence.DELETED)
    delivery = FakeDelivery()
    await Sender(world.database, world.context, {"smtp": delivery}).send(first.id, first.attempt)
    stopped = await copy.notice()
    assert (stopped.state, stopped.reason, delivery.sent) == (NoticeState.WITHDRAWN, "copy-gone", [])
    assert (await copy.look()).removed_at is None
    async with world.database.read() as session:
        shown = await copy_of(session, world.context, copy.advocate.organisation_id, copy.id)
    assert shown is not None
    assert (shown.status.state, "us_tida" in {one.route for one in shown.offers}) == (CopyState.READY, True)
    again = await copy.send()
    assert (again.id, again.state, again.attempt) == (first.id, NoticeState.SENT, first.attempt + 1)


@on_sqlite
async def test_nobody_is_asked_to_mend_a_notice_whose_copy_is_gone(world: DomainWorld) -> None:
    copy = await followed(world)
    async with world.database.begin() as session:
        row = await lock_one(session, Sighting, copy.id)
        (notice,), _ = await write_and_send(session, world.context, row, routes=("us_tida",), by=copy.advocate.id)
    delivery = FakeDelivery()
    delivery.errors = [DeliveryRefused("recipient-refused-550")]
    await Sender(world.database, world.context, {"smtp": delivery}).send(notice.id, notice.attempt)
    assert await copy.alerts() == ["notice-failed"]
    for _ in range(2):
        await copy.look(Presence.DELETED)
    assert (await copy.alerts(), (await copy.notice()).state) == ([], NoticeState.FAILED)


@on_sqlite
async def test_platforms_program_is_told_that_a_copy_is_gone_and_that_it_is_back(world: DomainWorld) -> None:
    world.context = replace(world.context, webhooks=True, links_at="https://jikimi.example.org")
    async with world.database.begin() as session:
        told: dict[str, Any] = {"name": "Desk", "address": "abuse@telegram.org", "platform": None}
        hook, by = "https://reports.example.org/", By.operator("platform add")
        await make_token(session, world.context.keys, **told, webhook=hook, by=by, now=world.clock.now())
    copy = await followed(world)
    notice = await copy.send()
    world.platform.presence = Presence.DELETED
    for number in (1, 2):
        world.clock.move(hours=1.1)
        await follow_up(world).verify(notice.id, number)
    await copy.look(Presence.LIVE)
    task = [task for task in world.tasks if task.workflow == "verify"][-1]
    async with world.database.begin() as session:
        await session.execute(update(PlatformCall).values(due_at=None))  # both were taken
    await follow_up(world).verify(notice.id, int(task.arguments[1]))
    async with world.database.read() as session:
        calls = await session.execute(select(PlatformCall.event, PlatformCall.due_at.is_not(None)))
        assert sorted((event, waits) for event, waits in calls) == [("notice.over", False), ("notice.sent", True)]


@on_sqlite
async def test_copy_that_was_confirmed_by_mistake_is_not_looked_at(world: DomainWorld) -> None:
    copy = await followed(world, permission_to_send_at=None)
    async with world.database.begin() as session:
        row = CopyClosing(
            sighting_id=copy.id,
            case_id=copy.case_id,
            reason="confirmed-by-mistake",
            closed_at=world.clock.time,
            closed_by=copy.advocate.id,
        )
        session.add(row)
    assert (await copy.look()).follow_due_at is not None and world.platform.calls == []
    async with world.database.begin() as session:
        await session.delete(await session.get_one(CopyClosing, copy.id))
    assert (await copy.look()).presence == Presence.LIVE


@on_sqlite
async def test_copy_whose_decision_was_taken_back_has_no_turn_left(world: DomainWorld) -> None:
    copy = await followed(world, permission_to_send_at=None)
    async with world.database.begin() as session:
        (await lock_one(session, Sighting, copy.id)).state = SightingState.OPEN
    row = await copy.look()
    assert (row.follow_due_at, world.platform.calls) == (None, [])


@on_sqlite
async def test_frozen_case_is_not_looked_at_and_keeps_its_turn(world: DomainWorld) -> None:
    copy = await followed(world, permission_to_send_at=None)
    due = (await copy.row()).follow_due_at
    async with world.database.begin() as session:
        actor = AdvocateActor(copy.advocate.id, copy.advocate.organisation_id, copy.advocate.name, lead=True)
        case = await lock_one(session, Case, copy.case_id)
        await freeze(session, world.context, case, actor, reason="a doubt", speak_to="the lead")
    row = await copy.look()
    assert (world.platform.calls, row.follow_due_at, row.follow_look) == ([], due, 0)


@on_sqlite
async def test_sweeper_asks_for_a_look_that_was_lost(world: DomainWorld) -> None:
    copy = await followed(world, permission_to_send_at=None)
    worker = NoWork()
    ticks = Ticks(
        world.database,
        world.context,
        worker,  # type: ignore[arg-type]  # what the sweeper asks of it
        heads_file=Path("unused"),
        interval=timedelta(minutes=15),
        seen_for=timedelta(days=30),
    )
    world.tasks.clear()
    await ticks.sweep()
    assert [task for task in world.tasks if task.workflow == "follow"] == []
    world.clock.move(hours=2)
    await ticks.sweep()
    (task,) = [task for task in world.tasks if task.workflow == "follow"]
    assert task.arguments == (copy.id, 2)
    worker.waiting = {task.id}
    world.clock.move(hours=2)
    await ticks.sweep()
    assert len([task for task in world.tasks if task.workflow == "follow"]) == 1


@on_sqlite
async def test_work_that_was_picked_up_is_told_until_it_goes_on(world: DomainWorld) -> None:
    copy = await followed(world)
    ticks = Ticks(
        world.database,
        world.context,
        NoWork(),  # type: ignore[arg-type]  # what the sweeper asks of it
        heads_file=Path("unused"),
        interval=timedelta(minutes=15),
        seen_for=timedelta(days=30),
    )
    async with world.database.begin() as session:
        row = await lock_one(session, Sighting, copy.id)
        (notice,), _ = await write_and_send(session, world.context, row, routes=("us_tida",), by=copy.advocate.id)
    sender = Sender(world.database, world.context, {"smtp": FakeDelivery()})
    world.clock.move(hours=2)
    await ticks.sweep()
    assert await copy.alerts() == ["work-stranded"]
    await sender.send(notice.id, notice.attempt + 1)
    assert ((await copy.notice()).state, await copy.alerts()) == (NoticeState.SENT, [])
    world.clock.move(hours=8)
    await ticks.sweep()
    assert await copy.alerts() == ["work-stranded"]
    await follow_up(world).verify(notice.id, (await copy.notice()).look + 1)
    assert await copy.alerts() == []


class NoWork:
    """An engine in which only `waiting` waits."""

    def __init__(self) -> None:
        self.waiting: set[str] = set()

    async def live(self, task_ids: Sequence[str]) -> set[str]:
        return self.waiting & set(task_ids)


@on_sqlite
async def test_confirmed_copies_of_one_picture_are_one_item(world: DomainWorld) -> None:
    copy = await followed(world)
    async with world.database.begin() as session:
        case = await session.get_one(Case, copy.case_id)
        again = await make_sighting(session, world.context, case, post_id="18", confirmed_by=copy.advocate)
    async with world.database.read() as session:
        first, second = [await session.get_one(Sighting, each) for each in (copy.id, again.id)]
    assert (first.item_id, second.item_id) == (copy.id, copy.id)
    (entry,) = await copy.told("reupload-found")
    assert (entry["sighting"], entry["item"], entry["first_notice"]) == (again.id, copy.id, None)


@on_sqlite
async def test_locks_for_a_decision_hold_with_many_items(world: DomainWorld) -> None:
    copy = await followed(world)
    async with world.database.begin() as session:
        case = await session.get_one(Case, copy.case_id)
        other = await make_sighting(session, world.context, case, post_id="19")
        await lock_rows(session, select(Sighting).where(Sighting.id == other.id))
        await confirm(session, world.context, other, by=copy.advocate.id, basis=Basis.PERSON_VIEWED)
        assert other.item_id == copy.id
