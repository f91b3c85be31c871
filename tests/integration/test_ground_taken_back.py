"""What was confirmed only because it is identical goes with what it rests on, and so do its notices."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from db.locking import lock_one, lock_rows
from db.models.notices import Letter, Notice
from db.models.sightings import Sighting
from db.types import new_id
from monitor.actions.close_copy import close_copy
from monitor.actions.decide_item import reopen_item
from monitor.actions.held_item import MOST_AT_ONCE
from monitor.actions.reopen import reopen_sighting
from monitor.core.errors import RuleBroken
from monitor.evidence.entry_kinds import EntryKind
from monitor.jobs.send import Sender
from monitor.model.copies import Closing
from monitor.model.facts import Basis
from monitor.model.notice_states import NoticeState
from monitor.model.states import Dismissal, SightingState
from monitor.notices.leaving import what_leaves
from monitor.notices.letters import RetractReason
from monitor.notices.sending import send_notice
from monitor.sightings.review import dismiss
from tests.integration.test_reuploads import AGAIN, PICTURE, Scene
from tests.integration.test_reuploads import scene as scene
from tests.support.databases import on_sqlite
from tests.support.domain_world import FakeDelivery
from tests.support.waves import encoded

pytestmark = on_sqlite


async def by_itself(scene: Scene) -> tuple[Sighting, Sighting, Notice]:
    """(first, re-upload, its notice, which leaves in a minute with no decision of its own)."""
    await scene.switch(person=True, advocate=True)
    again = await scene.post(AGAIN)
    assert await scene.resend_all() == 1
    again = await state_of(scene, again.id)
    first = await state_of(scene, again.item_id or "")
    assert (again.state, again.basis) == (SightingState.CONFIRMED, Basis.IDENTICAL_COPY)
    (notice,) = [one for one in await scene.notices() if one.sighting_id == again.id]
    return first, again, notice


async def state_of(scene: Scene, sighting_id: str) -> Sighting:
    return next(row for row in await scene.sightings() if row.id == sighting_id)


async def leave(scene: Scene, notice_id: str) -> FakeDelivery:
    """What the notice's task does a minute later; what left."""
    way = FakeDelivery()
    scene.world.clock.time += timedelta(minutes=2)
    (notice,) = [one for one in await scene.notices() if one.id == notice_id]
    await Sender(scene.world.database, scene.world.context, {"smtp": way}).send(notice.id, notice.attempt)
    return way


async def take_back(scene: Scene, sighting_id: str, reason: RetractReason = RetractReason.WRONG_COPY) -> None:
    async with scene.world.database.begin() as session:
        await reopen_sighting(session, scene.world.context, scene.advocate, sighting_id, reason=reason)


async def test_nothing_leaves_about_a_copy_identical_to_one_that_was_taken_back(scene: Scene) -> None:
    first, again, notice = await by_itself(scene)
    await take_back(scene, first.id)
    again = await state_of(scene, again.id)
    assert (again.state, again.basis, again.decided_by) == (SightingState.OPEN, None, None)
    assert (await leave(scene, notice.id)).sent == []
    states = {one.id: (one.state, one.reason) for one in await scene.notices()}
    assert states[notice.id] == (NoticeState.WITHDRAWN, "not-confirmed")
    # Each that was opened again is told of by itself, with its doer.
    told = [one["sighting"] for one in await scene.told(EntryKind.SIGHTING_REOPENED)]
    assert told == [first.id, again.id]


async def test_what_had_left_about_it_is_retracted_too(scene: Scene) -> None:
    first, again, notice = await by_itself(scene)
    assert len((await leave(scene, notice.id)).sent) == 1
    await take_back(scene, first.id, RetractReason.PERSON_ASKED)
    async with scene.world.database.read() as session:
        letters = (await session.scalars(select(Letter).where(Letter.notice_id == notice.id))).all()
    assert [one.purpose for one in letters] == ["retraction"]
    assert (await state_of(scene, again.id)).state == SightingState.OPEN


async def test_undoing_the_item_takes_what_rests_on_it_and_asks_why_where_something_left(scene: Scene) -> None:
    first, again, notice = await by_itself(scene)
    async with scene.world.database.begin() as session:
        # As if the first had been decided last: taken back and confirmed anew.
        later = again.decided_at and again.decided_at + timedelta(minutes=1)
        await session.execute(update(Sighting).where(Sighting.id == first.id).values(decided_at=later))
    assert len((await leave(scene, notice.id)).sent) == 1
    async with scene.world.database.begin() as session:
        with pytest.raises(RuleBroken, match="choose-reason"):
            await reopen_item(session, scene.world.context, scene.advocate, first.id)
    async with scene.world.database.begin() as session:
        done = await reopen_item(
            session, scene.world.context, scene.advocate, again.id, reason=RetractReason.WRONG_COPY
        )
    assert set(done.copies) == {first.id, again.id}


async def test_a_second_reason_keeps_it(scene: Scene) -> None:
    first, again, notice = await by_itself(scene)
    third = await scene.post(encoded(PICTURE, "JPEG", quality=70))
    async with scene.world.database.begin() as session:
        own = {"state": SightingState.CONFIRMED, "basis": Basis.PERSON_SAID, "decided_at": scene.world.clock.time}
        await session.execute(update(Sighting).where(Sighting.id == third.id).values(**own))
    await take_back(scene, first.id)
    assert (await state_of(scene, again.id)).state == SightingState.CONFIRMED
    assert len((await leave(scene, notice.id)).sent) == 1


async def test_a_first_copy_closed_as_a_mistake_is_no_reason_either(scene: Scene) -> None:
    first, _, notice = await by_itself(scene)
    async with scene.world.database.begin() as session:
        about = await lock_rows(session, select(Notice).where(Notice.sighting_id == first.id))
        for one in about:
            one.state = NoticeState.WITHDRAWN
    await close(scene, first, Closing.BY_MISTAKE)
    assert (await leave(scene, notice.id)).sent == []
    (now,) = [one for one in await scene.notices() if one.id == notice.id]
    assert (now.state, now.reason) == (NoticeState.WITHDRAWN, "not-confirmed")


async def test_whoever_sends_about_a_copy_without_its_ground_is_told(scene: Scene) -> None:
    """As rows of an older program may stand: confirmed as identical, with no other copy confirmed."""
    first, _, notice = await by_itself(scene)
    async with scene.world.database.begin() as session:
        left = {"state": SightingState.OPEN, "basis": None, "decided_at": None, "decided_by": None}
        await session.execute(update(Sighting).where(Sighting.id == first.id).values(**left))
        row = await lock_one(session, Notice, notice.id)
        row.state, row.due_at = NoticeState.PREPARED, None
    async with scene.world.database.begin() as session:
        row = await lock_one(session, Notice, notice.id)
        leaving = await what_leaves(session, scene.world.context, row)
        with pytest.raises(RuleBroken, match="ground-gone"):
            await send_notice(session, scene.world.context, row, digest=leaving.digest, by=scene.advocate.id)


async def test_no_copy_is_closed_as_a_mistake_while_a_notice_that_rests_on_it_is_out(scene: Scene) -> None:
    first, again, notice = await by_itself(scene)
    async with scene.world.database.begin() as session:
        for one in await lock_rows(session, select(Notice).where(Notice.sighting_id == first.id)):
            one.state = NoticeState.WITHDRAWN
    assert len((await leave(scene, notice.id)).sent) == 1
    with pytest.raises(RuleBroken, match="retract-first"):
        await close(scene, first, Closing.BY_MISTAKE)
    await take_back(scene, first.id)
    assert (await state_of(scene, again.id)).state == SightingState.OPEN


async def test_what_was_closed_as_a_mistake_is_no_ground_that_is_left(scene: Scene) -> None:
    first, again, _ = await by_itself(scene)
    third = await scene.post(encoded(PICTURE, "JPEG", quality=70))
    async with scene.world.database.begin() as session:
        own = {"state": SightingState.CONFIRMED, "basis": Basis.PERSON_SAID, "decided_at": scene.world.clock.time}
        await session.execute(update(Sighting).where(Sighting.id == third.id).values(**own))
    await close(scene, await state_of(scene, third.id), Closing.BY_MISTAKE)
    await take_back(scene, first.id)
    assert (await state_of(scene, again.id)).state == SightingState.OPEN


async def test_however_many_rest_on_it_all_are_taken_back(scene: Scene) -> None:
    first, again, notice = await by_itself(scene)
    assert len((await leave(scene, notice.id)).sent) == 1
    async with scene.world.database.begin() as session:
        row = await session.get_one(Sighting, again.id)
        columns = {one.key: getattr(row, one.key) for one in Sighting.__table__.columns}
        for number in range(MOST_AT_ONCE + 20):
            # Before the one about which a notice is out.
            session.add(Sighting(**{**columns, "id": new_id(), "post_id": f"9{number}", "found_at": first.found_at}))
    await take_back(scene, first.id)
    rows = [row for row in await scene.sightings() if row.alike_id == again.alike_id or row.id == first.id]
    assert {row.state for row in rows} == {SightingState.OPEN} and len(rows) > MOST_AT_ONCE
    (now,) = [one for one in await scene.notices() if one.id == notice.id]
    assert (now.state, now.reason) == (NoticeState.WITHDRAWN, "retracted")


async def close(scene: Scene, sighting: Sighting, why: Closing) -> None:
    async with scene.world.database.begin() as session:
        row = await lock_one(session, Sighting, sighting.id)
        await lock_rows(session, select(Notice).where(Notice.sighting_id == row.id))
        await close_copy(session, scene.world.context, row, why, by=scene.advocate.id)


@pytest.mark.parametrize("why", [Closing.PERSON_WANTS_NO_MORE, Closing.SEEN_GONE, Dismissal.PERSON_DECLINED])
async def test_who_wants_no_more_of_any_copy_has_no_other_reported_by_itself(scene: Scene, why: str) -> None:
    _, again, _ = await by_itself(scene)
    if isinstance(why, Closing):
        await close(scene, again, why)
    else:
        await scene.switch(advocate=False)
        other = await scene.post(encoded(PICTURE, "JPEG", quality=70))
        await scene.resend_all()
        async with scene.world.database.begin() as session:
            row = await lock_one(session, Sighting, other.id)
            await dismiss(session, scene.world.context, row, by=scene.advocate.id, reason=Dismissal(why))
        await scene.switch(advocate=True)
    third = await scene.post(encoded(PICTURE, "JPEG", quality=80))
    await scene.resend_all()
    # That one copy is gone says nothing of the next.
    expected = SightingState.CONFIRMED if why == Closing.SEEN_GONE else SightingState.OPEN
    assert (await state_of(scene, third.id)).state == expected
