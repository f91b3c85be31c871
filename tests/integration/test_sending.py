"""A notice is sent once: whatever happens around the moment of sending."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from db.locking import lock_one
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.types import new_id
from monitor.actions.alerts import operator_alerts
from monitor.cases.intake import fill_intake
from monitor.context.alerts import AlertKind
from monitor.core.errors import Deferred, DeliveryRefused, InDoubt, NotSent, RateLimited, RuleBroken, WrongSettings
from monitor.core.refusals import Refusal
from monitor.delivery.base import Delivery
from monitor.delivery.smtp import SmtpDelivery
from monitor.delivery.smtp_envelope import email_message
from monitor.delivery.smtp_session import SmtpServer
from monitor.jobs.send import Sender
from monitor.jobs.setbacks import MAIL, MOST_ATTEMPTS, TELL_AFTER, TELL_OPERATOR_AFTER
from monitor.model.facts import AgeGroup, PictureKind, Timing
from monitor.model.notice_states import NoticeState
from monitor.notices.writing import record_submission, retry, settle
from tests.support.databases import on_sqlite
from tests.support.domain_world import (
    START,
    DomainWorld,
    FakeDelivery,
    domain_world,
    make_advocate,
    make_case,
    make_sighting,
    notice_tasks,
)
from tests.support.leaving import write_and_send
from tests.support.mail_troubles import RcptFault, TroubledMailCatcher
from tests.support.notice_builders import make_intake


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


async def queued(world: DomainWorld, route: str = "us_tida") -> Notice:
    async with world.database.begin() as session:
        advocate = await make_advocate(session, f"Centre {new_id()}")
        case = await make_case(session, world.context, advocate)
        sighting = await make_sighting(session, world.context, case, confirmed_by=advocate)
        (notice,), skipped = await write_and_send(session, world.context, sighting, routes=(route,), by=advocate.id)
        assert skipped == []
    return notice


async def reread(world: DomainWorld, notice: Notice) -> Notice:
    async with world.database.read() as session:
        return await session.get_one(Notice, notice.id)


async def is_open(world: DomainWorld, kind: AlertKind, subject: str) -> bool:
    async with world.database.read() as session:
        return await world.context.raised_at(session, kind, subject) is not None


def sender(world: DomainWorld, delivery: Delivery) -> Sender:
    return Sender(world.database, world.context, {"smtp": delivery, "telegram_report": delivery})


async def test_sent_notice_starts_its_clock_and_is_followed(world: DomainWorld) -> None:
    notice, delivery = await queued(world), FakeDelivery()
    await sender(world, delivery).send(notice.id, 1)
    row = await reread(world, notice)
    assert (row.state, row.sent_at) == (NoticeState.SENT, START)
    assert row.deadline_at is not None
    assert (row.deadline_at - START).total_seconds() == 48 * 3600
    assert [task.workflow for task in notice_tasks(world.tasks)] == ["send", "verify"]
    assert world.tasks[-1].delay == 3600
    (outgoing,) = delivery.sent
    assert outgoing.message_id == f"<notice.{notice.id}@example.org>"


async def test_same_send_again_sends_nothing(world: DomainWorld) -> None:
    notice, delivery = await queued(world), FakeDelivery()
    for _ in range(3):
        await sender(world, delivery).send(notice.id, 1)
    assert len(delivery.sent) == 1


async def test_send_that_was_cut_off_is_in_doubt_and_never_repeated(world: DomainWorld) -> None:
    notice, delivery = await queued(world), FakeDelivery()
    assert await sender(world, delivery)._intend(notice.id, 1) is not None  # the process dies here
    await sender(world, delivery).send(notice.id, 1)
    row = await reread(world, notice)
    assert (row.state, row.reason, delivery.sent) == (NoticeState.IN_DOUBT, "cut-off-while-sending", [])


@pytest.mark.parametrize("arrived", [True, False])
async def test_doubt_is_settled_by_a_person(world: DomainWorld, arrived: bool) -> None:
    notice, delivery = await queued(world), FakeDelivery()
    delivery.errors = [InDoubt("no-reply")]
    await sender(world, delivery).send(notice.id, 1)
    async with world.database.begin() as session:
        row = await lock_one(session, Notice, notice.id)
        assert row.state == NoticeState.IN_DOUBT
        await settle(session, world.context, row, arrived=arrived, by="someone")
    await sender(world, delivery).send(notice.id, 2)
    assert (await reread(world, notice)).state == NoticeState.SENT
    assert len(delivery.sent) == (0 if arrived else 1)


@on_sqlite
async def test_settled_doubt_was_sent_when_its_mail_left_not_when_somebody_found_out(world: DomainWorld) -> None:
    notice, delivery = await queued(world), FakeDelivery()
    world.clock.move(hours=5)
    left_at = world.clock.now()
    assert await sender(world, delivery)._intend(notice.id, 1) is not None  # the process dies here
    world.clock.move(hours=2)
    await sender(world, delivery).send(notice.id, 1)
    world.clock.move(hours=41)
    async with world.database.begin() as session:
        row = await lock_one(session, Notice, notice.id)
        await settle(session, world.context, row, arrived=True, by="someone")
    row = await reread(world, notice)
    assert row.sent_at == left_at and row.deadline_at == left_at + timedelta(hours=48)
    # The look that was due meanwhile is taken at once, and the deadline is looked at in time.
    assert row.due_at == world.clock.now()
    assert [task.delay for task in world.tasks if task.workflow == "verify"] == [0.0]


@on_sqlite
async def test_mail_is_dated_with_the_time_that_counts_as_sent_after_a_doubt(world: DomainWorld) -> None:
    notice, delivery = await queued(world), FakeDelivery()
    outgoing = await sender(world, delivery)._intend(notice.id, 1)
    assert outgoing is not None and outgoing.dated == (await reread(world, notice)).dated_at == world.clock.now()
    written = email_message(replace(outgoing, recipient="a@example.org"), sender="b@example.org")
    assert f"Date: {format_datetime(world.clock.now())}".encode() in written


@on_sqlite
async def test_doubt_of_an_older_database_counts_from_when_it_was_raised(world: DomainWorld) -> None:
    notice, delivery = await queued(world), FakeDelivery()
    delivery.errors = [InDoubt("no-reply")]
    await sender(world, delivery).send(notice.id, 1)
    raised_at = world.clock.now()
    world.clock.move(hours=43)
    async with world.database.begin() as session:
        row = await lock_one(session, Notice, notice.id)
        row.dated_at = None
        await settle(session, world.context, row, arrived=True, by="someone")
    assert (await reread(world, notice)).sent_at == raised_at


async def test_what_did_not_leave_is_tried_again_later_and_given_up_in_the_end(world: DomainWorld) -> None:
    notice, delivery = await queued(world), FakeDelivery()
    delivery.errors = [NotSent("no-connection")] * 20
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert (await reread(world, notice)).state == NoticeState.QUEUED
        await sender(world, delivery).send(notice.id, attempt)
        # Whose server it is learns of it long before the notice is given up.
        assert await is_open(world, AlertKind.MAIL_SETTINGS, MAIL) == (attempt >= TELL_OPERATOR_AFTER)
    row = await reread(world, notice)
    assert (row.state, row.reason, row.attempt) == (NoticeState.FAILED, "no-connection", MOST_ATTEMPTS)
    delays = [task.delay for task in world.tasks if task.workflow == "send"][1:]
    assert delays == sorted(delays)
    assert delays[0] == 300 and sum(delays[: TELL_OPERATOR_AFTER - 1]) < 2 * 3600 and sum(delays) > 24 * 3600
    delivery.errors = []
    async with world.database.begin() as session:
        await retry(session, world.context, await lock_one(session, Notice, notice.id), by="someone")
    await sender(world, delivery).send(notice.id, MOST_ATTEMPTS + 1)
    assert len(delivery.sent) == 1 and not await is_open(world, AlertKind.MAIL_SETTINGS, MAIL)


async def test_greylisting_is_borne_for_days_and_told_but_never_final(world: DomainWorld) -> None:
    notice, delivery = await queued(world), FakeDelivery()
    delivery.errors = [Deferred("recipient-deferred-451")] * 20
    for attempt in range(1, 21):
        await sender(world, delivery).send(notice.id, attempt)
        told = await is_open(world, AlertKind.NOTICE_WAITS, notice.id)
        assert told == (attempt >= TELL_AFTER)
    row = await reread(world, notice)
    assert (row.state, row.reason, row.attempt) == (NoticeState.QUEUED, "recipient-deferred-451", 21)
    delays = [task.delay for task in world.tasks if task.workflow == "send"][1:]
    assert delays == sorted(delays) and delays[0] == 300 and sum(delays) > 3 * 24 * 3600
    assert not await is_open(world, AlertKind.NOTICE_FAILED, notice.id)
    await sender(world, delivery).send(notice.id, 21)
    assert len(delivery.sent) == 1 and not await is_open(world, AlertKind.NOTICE_WAITS, notice.id)


async def test_wrong_settings_keep_the_notice_waiting_and_are_the_operators(world: DomainWorld) -> None:
    notice, delivery = await queued(world), FakeDelivery()
    delivery.errors = [WrongSettings("recipient-settings-530")] * 30
    for attempt in range(1, 31):
        await sender(world, delivery).send(notice.id, attempt)
    row = await reread(world, notice)
    assert (row.state, row.reason) == (NoticeState.QUEUED, "recipient-settings-530")
    assert row.due_at == world.clock.now() + timedelta(minutes=10)
    assert not await is_open(world, AlertKind.NOTICE_FAILED, notice.id)
    async with world.database.read() as session:
        told = [(one.kind, one.reason) for one in await operator_alerts(session)]
    assert told == [("mail-settings", "recipient-settings-530")]
    # Mended: the next try leaves, and the alert ends.
    await sender(world, delivery).send(notice.id, 31)
    assert (await reread(world, notice)).state == NoticeState.SENT
    assert not await is_open(world, AlertKind.MAIL_SETTINGS, "smtp")


async def test_full_mailbox_of_the_operator_holds_no_notice_back(world: DomainWorld) -> None:
    async with TroubledMailCatcher() as catcher:
        server = SmtpServer(catcher.host, catcher.port, starttls=False)
        way = SmtpDelivery(server, sender="notices@ngo.invalid", bcc="copies@ngo.invalid")
        catcher.replies["copies@ngo.invalid"] = "452 4.2.2 mailbox full"
        notice = await queued(world)
        for attempt in range(1, 4):
            await sender(world, way).send(notice.id, attempt)
            row = await reread(world, notice)
            assert (row.state, row.reason, catcher.messages) == (NoticeState.QUEUED, "bcc-deferred-452", [])
        await sender(world, way).send(notice.id, 4)
        assert (await reread(world, notice)).state == NoticeState.SENT and len(catcher.messages) == 1
        assert not await is_open(world, AlertKind.NOTICE_WAITS, notice.id)
        async with world.database.read() as session:
            told = [(one.kind, one.reason) for one in await operator_alerts(session)]
        assert told == [("mail-copy-refused", "copy-refused")]
        # The next one waits anew, since the mailbox may take it; and when it does, the alert ends.
        other = await queued(world)
        await sender(world, way).send(other.id, 1)
        assert (await reread(world, other)).state == NoticeState.QUEUED
        catcher.replies.clear()
        await sender(world, way).send(other.id, 2)
    assert (await reread(world, other)).state == NoticeState.SENT
    assert not await is_open(world, AlertKind.MAIL_COPY_REFUSED, "bcc")


@pytest.mark.parametrize("broken", [RcptFault.HANG, RcptFault.DROP])
async def test_mailbox_of_the_operator_that_breaks_the_line_holds_no_notice_back(
    world: DomainWorld, broken: RcptFault
) -> None:
    async with TroubledMailCatcher() as catcher:
        server = SmtpServer(catcher.host, catcher.port, starttls=False, timeout=0.5)
        way = SmtpDelivery(server, sender="notices@ngo.invalid", bcc="copies@ngo.invalid")
        catcher.broken["copies@ngo.invalid"] = broken
        notice = await queued(world)
        for attempt in range(1, 4):
            await sender(world, way).send(notice.id, attempt)
            row = await reread(world, notice)
            assert row.state == NoticeState.QUEUED and (row.reason or "").startswith("bcc-") and catcher.messages == []
        await sender(world, way).send(notice.id, 4)
        assert len(catcher.messages) == 1
    row = await reread(world, notice)
    # The recipient's server and ours are well: nothing of this counts as a fault of sending.
    assert (row.state, row.faults) == (NoticeState.SENT, 0)
    async with world.database.read() as session:
        assert [one.kind for one in await operator_alerts(session)] == ["mail-copy-refused"]


async def test_only_faults_of_ours_in_a_row_count_towards_giving_up(world: DomainWorld) -> None:
    notice, delivery = await queued(world), FakeDelivery()
    later, ours = Deferred("recipient-deferred-451"), NotSent("no-connection")
    delivery.errors = [*[later] * 30, ours, later, *[ours] * (MOST_ATTEMPTS - 1)]
    for attempt in range(1, len(delivery.errors) + 1):
        assert (await reread(world, notice)).state == NoticeState.QUEUED
        await sender(world, delivery).send(notice.id, attempt)
    # One that follows days of greylisting is tried again soon.
    assert [task.delay for task in world.tasks if task.workflow == "send"][31] == 300
    row = await reread(world, notice)
    assert (row.state, row.faults) == (NoticeState.QUEUED, MOST_ATTEMPTS - 1)
    delivery.errors = [ours]
    await sender(world, delivery).send(notice.id, row.attempt)
    assert (await reread(world, notice)).state == NoticeState.FAILED
    # Whoever sends it again gives it as many tries anew.
    async with world.database.begin() as session:
        await retry(session, world.context, await lock_one(session, Notice, notice.id), by="someone")
    row = await reread(world, notice)
    delivery.errors = [ours]
    await sender(world, delivery).send(notice.id, row.attempt)
    assert (await reread(world, notice)).state == NoticeState.QUEUED


async def test_who_sends_again_what_failed_stands_in_the_ledger(world: DomainWorld) -> None:
    notice, delivery = await queued(world), FakeDelivery()
    delivery.errors = [DeliveryRefused("recipient-refused-550")]
    await sender(world, delivery).send(notice.id, 1)
    async with world.database.begin() as session:
        await retry(session, world.context, await lock_one(session, Notice, notice.id), by="someone")
    await sender(world, delivery).send(notice.id, 2)
    async with world.database.read() as session:
        *_, failed, again, sent = await world.context.ledger.read(session, notice.case_id)
    assert [row.kind for row, _ in (failed, again, sent)] == ["notice-failed", "notice-queued", "notice-sent"]
    told = {"notice": notice.id, "sighting": notice.sighting_id, "route": "us_tida"}
    assert again[1] == {**told, "state": "queued", "attempt": 2, "by": "someone"}


@on_sqlite
async def test_rate_limit_waits_as_long_as_it_says(world: DomainWorld) -> None:
    notice, delivery = await queued(world), FakeDelivery()
    delivery.errors = [RateLimited(900, "messages.report")]
    await sender(world, delivery).send(notice.id, 1)
    assert (world.tasks[-1].id, world.tasks[-1].delay) == (f"send-{notice.id}-2", 900)


@on_sqlite
async def test_refusal_for_good_needs_a_person(world: DomainWorld) -> None:
    notice, delivery = await queued(world), FakeDelivery()
    delivery.errors = [DeliveryRefused("recipient-refused-550")]
    await sender(world, delivery).send(notice.id, 1)
    assert (await reread(world, notice)).state == NoticeState.FAILED


async def test_police_wait_given_after_queueing_holds_the_notice(world: DomainWorld) -> None:
    notice, delivery = await queued(world), FakeDelivery()
    async with world.database.begin() as session:
        from db.models.cases import Case

        case = await lock_one(session, Case, notice.case_id)
        await fill_intake(session, world.context, case, make_intake(timing=Timing.WAIT_FOR_POLICE))
    await sender(world, delivery).send(notice.id, 1)
    assert (await reread(world, notice)).state == NoticeState.HELD
    assert delivery.sent == []


@on_sqlite
async def test_minor_is_refused_the_adult_routes(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate, age_group=AgeGroup.UNSURE)
        sighting = await make_sighting(session, world.context, case, confirmed_by=advocate)
        written, skipped = await write_and_send(session, world.context, sighting, routes=None, by=advocate.id)
    assert written == []
    assert {one.reason for one in skipped if one.route in ("us_tida", "telegram_report")} == {"minor-or-unsure"}


@on_sqlite
async def test_ordinary_photo_alone_makes_no_notice(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate)
        sighting = await make_sighting(session, world.context, case, kind=PictureKind.ORDINARY, confirmed_by=advocate)
        written, skipped = await write_and_send(session, world.context, sighting, routes=("us_tida",), by=advocate.id)
    assert (written, [one.reason for one in skipped]) == ([], ["ordinary-photo-alone"])


@on_sqlite
async def test_unfinished_intake_names_what_is_missing(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate, signature=" ")
        sighting = await make_sighting(session, world.context, case, confirmed_by=advocate)
        written, skipped = await write_and_send(session, world.context, sighting, routes=("us_tida",), by=advocate.id)
    assert written == []
    assert (skipped[0].reason, "sign" in skipped[0].detail.lower()) == ("missing-fields", True)


@on_sqlite
async def test_open_sighting_makes_no_notice(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        sighting = await make_sighting(session, world.context, await make_case(session, world.context, advocate))
        with pytest.raises(RuleBroken, match="not-confirmed"):
            await write_and_send(session, world.context, sighting, routes=None, by=advocate.id)


@on_sqlite
async def test_only_a_prepared_form_can_be_recorded_as_submitted(world: DomainWorld) -> None:
    notice = await queued(world)
    async with world.database.begin() as session:
        with pytest.raises(RuleBroken, match="notice-state"):
            await record_submission(
                session, world.context, await lock_one(session, Notice, notice.id), reference="A-12345", by="x"
            )


@on_sqlite
async def test_nothing_is_sent_about_a_copy_that_was_seen_gone_twice(world: DomainWorld) -> None:
    """By another notice, say, or while this one had failed or come back."""
    notice, delivery = await queued(world), FakeDelivery()
    async with world.database.begin() as session:
        (await session.get_one(Sighting, notice.sighting_id)).removed_at = world.clock.now()
    await sender(world, delivery).send(notice.id, 1)
    row = await reread(world, notice)
    assert (row.state, row.reason, delivery.sent) == (NoticeState.WITHDRAWN, Refusal.COPY_GONE, [])


@on_sqlite
async def test_copy_that_is_gone_is_reported_no_more_by_hand(world: DomainWorld) -> None:
    notice, other, delivery = await queued(world), await queued(world), FakeDelivery()
    delivery.errors = [DeliveryRefused("recipient-refused-550"), InDoubt("no-reply")]
    for one in (notice, other):
        await sender(world, delivery).send(one.id, 1)
    async with world.database.begin() as session:
        for one in (notice, other):
            (await session.get_one(Sighting, one.sighting_id)).removed_at = world.clock.now()
    async with world.database.begin() as session:
        sighting = await session.get_one(Sighting, notice.sighting_id)
        with pytest.raises(RuleBroken, match="gone"):
            await retry(session, world.context, await lock_one(session, Notice, notice.id), by="someone")
        with pytest.raises(RuleBroken, match="gone"):
            await write_and_send(session, world.context, sighting, routes=("telegram_report",), by="someone")
    async with world.database.begin() as session:
        doubtful = await lock_one(session, Notice, other.id)
        with pytest.raises(RuleBroken, match="gone"):
            await settle(session, world.context, doubtful, arrived=False, by="someone")
        await settle(session, world.context, doubtful, arrived=True, by="someone")
    assert delivery.sent == []
