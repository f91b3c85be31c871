"""What such a case may have become before somebody acts: by the name of the state, what brings it about."""

from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy import select

from db.models.cases import Case
from db.models.notices import Notice
from db.models.people import Organisation
from db.models.sightings import Sighting
from db.types import new_id
from monitor.model.notice_states import NoticeState
from tests.support.api_world import INTAKE, ApiWorld, Caller
from tests.support.twin_scenes import (
    MANDATE,
    MISSING,
    Twin,
    set_row,
)


async def _letter_is_sent(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.post(f"/notices/{twin.ids['notice_id']}/letters/2/send", {"digest": twin.ids["digest"]})


async def _is_closed(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.post(f"/copies/{twin.ids['sighting_id']}/close", {"reason": "handed-over"})


async def _is_gone(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await set_row(world, Sighting, twin.ids["sighting_id"], removed_at=world.clock.now())


async def _is_another_filing(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    twin.ids["filing_id"] = MISSING


async def _is_another_copy(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    twin.ids["sighting_id"] = MISSING


async def _as_it_is(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    """Nothing happened since."""


async def _is_missing(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    about = next(name for name in ("notice_id", "sighting_id", "fingerprint_id", "case_id") if name in twin.ids)
    twin.ids[about] = MISSING


async def _is_elsewhere(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    async with world.services.database.begin() as session:
        home = await session.scalar(select(Organisation).where(Organisation.name == "Centre B"))
        if home is None:
            home = Organisation(id=new_id(), name="Centre B")
            session.add(home)
            await session.flush()
        (await session.get_one(Case, twin.ids["case_id"])).organisation_id = home.id


async def _is_not_vouched(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await set_row(world, Case, twin.ids["case_id"], state="open", vouched_at=None)


async def _is_vouched(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.post(f"/cases/{twin.ids['case_id']}/vouch")


async def _is_in_hand(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.post(f"/cases/{twin.ids['case_id']}/in-hand")


async def _is_handed_back(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.delete(f"/cases/{twin.ids['case_id']}/in-hand")


async def _is_erasing(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await twin.person.post(f"/cases/{twin.ids['case_id']}/erasure", {"passphrase": twin.person.passphrase})


async def _waits(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    waiting = {**INTAKE, "timing": "wait-for-police"}
    await twin.person.put(f"/cases/{twin.ids['case_id']}/intake", waiting)


async def _waited_long(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    waiting = {**INTAKE, "timing": "wait-for-police", "police_until": "2026-01-01"}
    await twin.person.put(f"/cases/{twin.ids['case_id']}/intake", waiting)


async def _permits_nothing(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await twin.person.put(f"/cases/{twin.ids['case_id']}/intake", {**INTAKE, "permission_to_send": False})


async def _is_unconfirmed(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.put(f"/cases/{twin.ids['case_id']}/intake", {**INTAKE, "signature": "Another Name"})


async def _is_entered_by_one_hand(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.post(f"/cases/{twin.ids['case_id']}/mandates", MANDATE)
    await _is_unconfirmed(world, advocate, twin)


async def _is_answered(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    for entry in (await twin.person.get(f"/cases/{twin.ids['case_id']}/entries"))["entries"]:
        await twin.person.post(f"/cases/{twin.ids['case_id']}/entries/{entry['matter']}/confirm")


async def _is_mandated(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.post(f"/cases/{twin.ids['case_id']}/mandates", MANDATE)


async def _is_ended(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await twin.person.delete(f"/cases/{twin.ids['case_id']}/mandates/{twin.ids['mandate_id']}")


async def _is_a_minors(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await twin.person.put(f"/cases/{twin.ids['case_id']}/intake", {**INTAKE, "age_group": "minor"})


async def _consents_no_more(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    path = f"/cases/{twin.ids['case_id']}/consents"
    for consent in (await twin.person.get(path))["consents"]:
        await twin.person.delete(f"{path}/{consent['consent_id']}")


async def _is_confirmed(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    body = {"basis": "caption-context", "routes": []}
    await advocate.confirm(twin.ids["sighting_id"], body)


async def _is_dismissed(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.post(f"/sightings/{twin.ids['sighting_id']}/dismiss", {"reason": "harmless"})


async def _is_open(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await set_row(world, Sighting, twin.ids["sighting_id"], state="open")


async def _is_written(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.post(f"/sightings/{twin.ids['sighting_id']}/notices", {"routes": ["us_tida"]})


async def _is_released(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.post(f"/cases/{twin.ids['case_id']}/fingerprints/{twin.ids['fingerprint_id']}/release")


async def _is_removed(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await twin.person.delete(f"/cases/{twin.ids['case_id']}/fingerprints/{twin.ids['fingerprint_id']}")


def _notice_is(state: NoticeState) -> Callable[[ApiWorld, Caller, Twin], Awaitable[None]]:
    async def force(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
        await set_row(world, Notice, twin.ids["notice_id"], state=state)

    return force


STATES: Mapping[str, Callable[[ApiWorld, Caller, Twin], Awaitable[None]]] = {
    "as it is": _as_it_is,
    "missing": _is_missing,
    "other organisation": _is_elsewhere,
    "not vouched": _is_not_vouched,
    "vouched": _is_vouched,
    "in hand": _is_in_hand,
    "handed back": _is_handed_back,
    "erasing": _is_erasing,
    "waiting": _waits,
    "waited long": _waited_long,
    "no permission": _permits_nothing,
    "a minor's": _is_a_minors,
    "unconfirmed": _is_unconfirmed,
    "one hand": _is_entered_by_one_hand,
    "answered": _is_answered,
    "mandated": _is_mandated,
    "ended": _is_ended,
    "consent withdrawn": _consents_no_more,
    "open": _is_open,
    "confirmed": _is_confirmed,
    "dismissed": _is_dismissed,
    "written": _is_written,
    "released": _is_released,
    "closed": _is_closed,
    "gone": _is_gone,
    "another filing": _is_another_filing,
    "another copy": _is_another_copy,
    "taken out": _is_removed,
    "letter sent": _letter_is_sent,
    **{state.value: _notice_is(state) for state in NoticeState},
}
