"""No total tells a person what the list beside it hides: an advocate confirmed a copy and did not release it."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select, update

from db.locking import lock_one
from db.models.cases import Case, Fingerprint
from db.models.sightings import Sighting
from db.types import new_id
from monitor.cases.fingerprints import MOST_FINGERPRINTS
from monitor.model.medium_hashes import MediumHashes
from monitor.watch.joining import join_watch
from tests.support.api_world import INTAKE, ApiWorld, Caller
from tests.support.databases import on_sqlite
from tests.support.domain_world import INSPECTION


@dataclass
class Decided:
    """A case with a copy that was released and one that was not, each with a notice."""

    person: Caller
    advocate: Caller
    shown: str
    hidden: str

    async def mine(self, caller: Caller) -> Any:
        return await caller.get(f"/cases/{self.person.case_id}")


@pytest.fixture
async def decided(world: ApiWorld) -> Decided:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    ids: dict[str, str] = {}
    for name, release in (("shown", True), ("hidden", False)):
        ids[name] = await world.sighting(person, post_id=str(len(ids) + 1), source=f"{name}channel")
        body = {"basis": "caption-context", "release": release, "routes": ["us_tida"]}
        await advocate.confirm(ids[name], body)
    return Decided(person, advocate, **ids)


async def test_totals_of_a_case_leave_out_what_was_not_released(world: ApiWorld, decided: Decided) -> None:
    async with world.services.database.begin() as session:
        await session.execute(update(Sighting).values(removed_at=world.context.now()))
    told, all_of_it = await decided.mine(decided.person), await decided.mine(decided.advocate)
    assert (told["sightings_confirmed"], sum(told["notices"].values()), told["removed"]) == (1, 1, 1)
    assert (all_of_it["sightings_confirmed"], sum(all_of_it["notices"].values()), all_of_it["removed"]) == (2, 2, 2)
    assert len((await decided.person.get(f"/cases/{decided.person.case_id}/notices"))["notices"]) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [({"permission_to_send": False}, "notices_stopped"), ({"timing": "wait-for-police"}, "notices_held")],
)
@pytest.mark.parametrize(("who", "number"), [("person", 1), ("advocate", 2)])
async def test_a_changed_intake_counts_what_the_caller_sees(
    decided: Decided, change: dict[str, Any], field: str, who: str, number: int
) -> None:
    path = f"/cases/{decided.person.case_id}/intake"
    kept = await getattr(decided, who).put(path, {**INTAKE, **change})
    assert {name: kept[name] for name in ("notices_stopped", "notices_held", "notices_lifted")} == {
        **dict.fromkeys(("notices_stopped", "notices_held", "notices_lifted"), 0),
        field: number,
    }
    # Whatever was counted: every notice moved.
    assert len((await decided.mine(decided.advocate))["notices"]) == 1
    if field == "notices_held":
        assert (await decided.person.put(path, INTAKE))["notices_lifted"] == 1


async def test_a_withdrawn_consent_counts_what_the_person_sees(decided: Decided) -> None:
    path = f"/cases/{decided.person.case_id}/consents"
    given = (await decided.person.get(path))["consents"]
    stopped = {}
    for consent in given:
        if consent["purpose"] == "watch":
            answer = await decided.person.delete(f"{path}/{consent['consent_id']}")
            stopped[consent["source"]] = answer["stopped_notices"]
    assert stopped == {"shownchannel": 1, "hiddenchannel": 0}
    assert (await decided.mine(decided.advocate))["notices"] == {"withdrawn": 2}


@on_sqlite
async def test_what_joined_from_posts_takes_no_place_from_what_a_person_registers(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.cases.fingerprints.MOST_FINGERPRINTS", 2)
    assert MOST_FINGERPRINTS == 200
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, person.case_id)
        hashes = MediumHashes.of(INSPECTION)
        for _ in range(2):
            await join_watch(
                session,
                world.context,
                hashes,
                case_id=case.id,
                kind="intimate",
                origin="confirmed",
                sighting_id=new_id(),
            )
    path = f"/cases/{person.case_id}/fingerprints"
    bodies = [{"pdq": code * 32, "quality": 90, "kind": "intimate"} for code in ("0f", "f0", "3c")]
    for body in bodies[:2]:
        await person.post(path, body)
    assert await person.refused("POST", path, bodies[2]) == (409, "too-many-fingerprints")
    async with world.services.database.read() as session:
        assert len((await session.scalars(select(Fingerprint))).all()) == 4
