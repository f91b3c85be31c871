"""A stop keeps back what rests on who is stopped: no colleague's correction, and no work of another centre."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from db.models.cases import Case
from db.models.notices import Letter, Notice
from db.models.sightings import Sighting
from monitor.cases.stops import Scope, Target, resume
from monitor.cases.stops import stop as halt
from monitor.core.errors import NotSent, WorkStopped
from monitor.core.leave import ask_leave
from monitor.delivery.base import WORK_STOPPED, Outgoing, Receipt
from monitor.evidence.by import By
from monitor.jobs.send_letter import LetterSender
from monitor.model.notice_states import NoticeState
from monitor.notices.waits import why_waits
from tests.integration.test_letters_stopped import A, B, letter_row, move, out, queued, run
from tests.integration.test_moved_notices import leave, release, row, stands
from tests.integration.test_moved_notices import queued as queued_notices
from tests.support.api_world import ApiWorld, Caller
from tests.support.domain_world import FakeDelivery
from tests.support.page_forms import see

STOPPED = "advocate-stopped"
WORDS = "It waits: the work is stopped of an advocate who decided about it"


async def stop(world: ApiWorld, advocate_id: str | None) -> None:
    """The operator stops an advocate."""
    assert advocate_id is not None
    async with world.services.database.begin() as session:
        context = world.context.acting(By.operator("stop"))
        await halt(session, context, Target(Scope.ADVOCATE, advocate_id), reason="wrong", name="One")


async def go_on(world: ApiWorld, advocate_id: str) -> None:
    for name in ("One", "Two"):
        async with world.services.database.begin() as session:
            context = world.context.acting(By.operator("resume"))
            await resume(session, context, Target(Scope.ADVOCATE, advocate_id), name=name)


async def sighting_of(world: ApiWorld, notice_id: str) -> Sighting:
    async with world.services.database.read() as session:
        notice = await session.get_one(Notice, notice_id)
        return await session.get_one(Sighting, notice.sighting_id)


async def two_hands(world: ApiWorld) -> tuple[Caller, Caller, str]:
    """(who confirmed and sent, a colleague, the notice, which left)."""
    first, colleague = await world.advocate(), await world.advocate("second")
    _, notice = await out(world, first)
    return first, colleague, notice


async def test_a_colleague_takes_back_what_a_stopped_advocate_confirmed(world: ApiWorld) -> None:
    _, colleague, notice = await two_hands(world)
    await stop(world, (await sighting_of(world, notice)).decided_by)
    await colleague.post(f"/notices/{notice}/retract", {"reason": "wrong-copy"})
    (left,) = (await run(world, notice, 2)).sent
    assert "On a second look this post is not what the notice says." in left.body
    assert (await letter_row(world, notice, 2)).state == "sent"


async def test_a_colleague_puts_right_what_a_stopped_advocate_wrote(world: ApiWorld) -> None:
    _, colleague, notice = await two_hands(world)
    await stop(world, (await row(world, notice)).created_by)
    number = await queued(colleague, notice, "revision")
    assert len((await run(world, notice, number)).sent) == 1
    # To ask for it again is to confirm it again: that waits.
    number = await queued(colleague, notice, "reminder")
    assert (await run(world, notice, number)).sent == []
    waiting = await letter_row(world, notice, number)
    assert (waiting.state, waiting.reason) == ("queued", STOPPED)


async def test_what_a_stopped_advocate_writes_waits_and_its_page_says_so(world: ApiWorld) -> None:
    first, colleague, notice = await two_hands(world)
    reminder = await queued(colleague, notice, "reminder")
    await colleague.post(f"/notices/{notice}/retract", {"reason": "wrong-copy"})
    assert (await letter_row(world, notice, reminder)).state == "withdrawn"
    number = reminder + 1
    await stop(world, (await letter_row(world, notice, number)).created_by)
    assert (await run(world, notice, number)).sent == []
    waiting = await letter_row(world, notice, number)
    assert (waiting.state, waiting.reason) == ("queued", STOPPED) and waiting.due_at is not None
    assert WORDS in await see(world, first, f"/advocate/notices/{notice}?lang=en")
    # The sweeper finds it when work goes on.
    way = FakeDelivery()
    sender = LetterSender(world.services.database, world.context, way)
    await sender.pick_up(waiting.id)
    assert (await letter_row(world, notice, number)).attempt == waiting.attempt
    await go_on(world, waiting.created_by)
    await sender.pick_up(waiting.id)
    picked = await letter_row(world, notice, number)
    assert (picked.attempt, picked.reason) == (waiting.attempt + 1, None)
    await sender.send(picked.id, picked.attempt)
    assert len(way.sent) == 1


async def test_a_reminder_of_who_is_stopped_waits_too(world: ApiWorld) -> None:
    """Whoever wrote the notice goes on; the one who reminds does not."""
    _, colleague, notice = await two_hands(world)
    number = await queued(colleague, notice, "reminder")
    await stop(world, (await letter_row(world, notice, number)).created_by)
    assert (await run(world, notice, number)).sent == []
    assert (await letter_row(world, notice, number)).reason == STOPPED


async def test_stopped_while_it_was_being_handed_over_it_says_why(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    _, colleague, notice = await two_hands(world)
    number = await queued(colleague, notice, "reminder")

    class Slow(FakeDelivery):
        async def send(self, outgoing: Outgoing) -> Receipt:
            await stop(world, (await letter_row(world, notice, number)).created_by)
            try:
                await ask_leave()
            except WorkStopped:  # as each way out says it
                raise NotSent(WORK_STOPPED) from None
            return await super().send(outgoing)

    letter, way = await letter_row(world, notice, number), Slow()
    world.clock.time += timedelta(minutes=2)
    await LetterSender(world.services.database, world.context, way).send(letter.id, letter.attempt)
    after = await letter_row(world, notice, number)
    assert way.sent == [] and (after.state, after.reason, after.faults) == ("queued", STOPPED, 0)


async def test_the_new_centres_work_waits_for_no_stop_of_the_centre_before(world: ApiWorld) -> None:
    old, new = await world.advocate("first", A), await world.advocate("second", B)
    person, (notice,) = await queued_notices(world, old)
    await move(world, old, person)
    sighting = await sighting_of(world, notice)
    await stop(world, sighting.decided_by)
    await new.post(f"/sightings/{sighting.id}/notices", {"routes": ["us_tida"]})
    await release(new, notice)
    (left,) = (await leave(world, notice)).sent
    assert left.sender.startswith(f'"{B}') and await stands(world, [notice]) == [("sent", None)]


async def test_what_the_centre_before_had_under_way_ends_whoever_is_stopped_there(world: ApiWorld) -> None:
    """Quicker than the move: it must not wait for a stop that the new centre cannot end."""
    old, _ = await world.advocate("first", A), await world.advocate("second", B)
    person, (notice,) = await queued_notices(world, old)
    home = (await world.advocate_row("second")).organisation_id
    await stop(world, (await row(world, notice)).created_by)
    async with world.services.database.begin() as session:
        await session.execute(update(Case).where(Case.id == person.case_id).values(organisation_id=home))
    assert (await leave(world, notice)).sent == []
    assert await stands(world, [notice]) == [("withdrawn", "case-moved")]


async def test_a_retraction_of_the_centre_before_leaves_in_the_name_of_the_new_one(world: ApiWorld) -> None:
    old, _ = await world.advocate("first", A), await world.advocate("second", B)
    person, notice = await out(world, old)
    await old.post(f"/notices/{notice}/retract", {"reason": "sent-in-error"})
    home = (await world.advocate_row("second")).organisation_id
    async with world.services.database.begin() as session:
        await session.execute(update(Case).where(Case.id == person.case_id).values(organisation_id=home))
        letter = (await session.scalars(select(Letter).where(Letter.notice_id == notice))).one()
    await stop(world, letter.created_by)
    (left,) = (await run(world, notice, 2)).sent
    assert left.sender.startswith(f'"{B}') and A not in left.body


async def test_one_of_the_same_centre_still_keeps_it_back(world: ApiWorld) -> None:
    first, colleague = await world.advocate(), await world.advocate("second")
    _, (notice,) = await queued_notices(world, first)
    await stop(world, (await sighting_of(world, notice)).decided_by)
    assert (await leave(world, notice)).sent == []
    assert await stands(world, [notice]) == [("queued", STOPPED)]
    assert WORDS in await see(world, colleague, f"/advocate/notices/{notice}?lang=en")


@pytest.mark.parametrize("state", [NoticeState.SENT, NoticeState.LAPSED])
async def test_what_left_is_looked_after_whoever_is_stopped(sqlite_world: ApiWorld, state: NoticeState) -> None:
    """Its checks ask only whether the case is at work; so does whatever picks a lost one up."""
    world = sqlite_world
    _, notice = await out(world, await world.advocate())
    await stop(world, (await row(world, notice)).created_by)
    async with world.services.database.begin() as session:
        known = await session.get_one(Notice, notice)
        known.state = state
        assert await why_waits(session, world.context, known) is None
