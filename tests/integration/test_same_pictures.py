"""The same whole picture in two vouched cases: both leads are asked who this is, and neither is told which other."""

import json

from sqlalchemy import select

from db.models.oversight import SamePicture
from db.models.sources import Alert
from monitor.actions.same_picture import tell_same_pictures
from monitor.watch.same_pictures import Registered, SamePictures, pairs_of
from tests.support.api_world import ApiWorld, Caller
from tests.support.page_forms import see, send_form

CODE = bytes.fromhex("f0" * 32)


def near(bits: int) -> str:
    """Hex of a code so many bits away."""
    return (int.from_bytes(CODE) ^ ((1 << bits) - 1)).to_bytes(32).hex()


async def holding(world: ApiWorld, advocate: Caller | None, pdq: str) -> Caller:
    """Somebody with one picture: vouched for by this advocate, or waiting."""
    person = await world.person() if advocate is None else await world.vouched(advocate)
    body = {"pdq": pdq, "quality": 80, "kind": "intimate", "label": "a"}
    await person.post(f"/cases/{person.case_id}/fingerprints", body)
    return person


async def test_both_leads_are_asked_once_and_across_centres_only_where_both_opted_in(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    one, two, three = [
        await world.advocate(*who) for who in (("first",), ("second", "Centre B"), ("third", "Centre C"))
    ]
    plain = await world.advocate("fourth")  # of the first centre, and no lead
    mine, other = await holding(world, one, near(0)), await holding(world, one, near(31))
    theirs, far = await holding(world, two, near(16)), await holding(world, three, near(80))
    unknown = await holding(world, None, near(0))  # nobody vouched: it counts for nothing
    pictures = SamePictures(world.context)

    async def look() -> dict[str, set[str]]:
        """The cases that each organisation is asked about, after another look."""
        await tell_same_pictures(world.services.database, world.context, pictures)
        async with world.services.database.read() as session:
            open_ones = (Alert.kind == "same-picture", Alert.resolved_at.is_(None))
            rows = (await session.scalars(select(Alert).where(*open_ones))).all()
            kept = (await session.scalars(select(SamePicture))).all()
        assert not any(caller.case_id in one.pair for one in kept for caller in (mine, other, theirs, far))
        found: dict[str, set[str]] = {}
        for row in rows:
            found.setdefault(row.organisation_id or "", set()).add(row.subject)
        return found

    homes = [(await world.advocate_row(login)).organisation_id for login in ("first", "second", "third")]
    assert await look() == {homes[0]: {mine.case_id, other.case_id}}
    shown = await see(world, one, "/advocate/alerts?lang=en")
    assert "Please check who this is" in shown and "Please check who this is" not in await see(
        world, plain, "/advocate/alerts?lang=en"
    )
    form = {"case": mine.case_id, "sure": "on"}
    assert "leads-only" in await send_form(world, plain, "/advocate/alerts/same-picture", form)
    assert "picture-checked" in await send_form(world, one, "/advocate/alerts/same-picture", form)
    await one.delete(f"/cases/{other.case_id}/same-picture")
    assert await two.refused("DELETE", f"/cases/{other.case_id}/same-picture") == (404, "not-found")
    assert await look() == {}, "said once"

    # One centre's opting in is not enough, and what was compared by then tells nobody.
    assert await plain.refused("PUT", "/centre/comparing", {"on": True}) == (403, "leads-only")
    await two.put("/centre/comparing", {"on": True})
    assert await look() == {}
    assert "comparing-on" in await send_form(world, one, "/advocate/centre/comparing", {"on": "on"})
    assert await look() == {homes[0]: {mine.case_id, other.case_id}, homes[1]: {theirs.case_id}}
    told = json.dumps(await two.get("/operations/alerts")) + await see(world, two, "/advocate/alerts?lang=en")
    assert theirs.case_id in told
    assert not any(each in told for each in (mine.case_id, other.case_id, "Centre A", homes[0], unknown.case_id))
    async with world.services.database.read() as session:
        entries = await world.context.ledger.told(session, theirs.case_id)
    said = [entry for entry in entries if entry.row.kind == "same-picture-found"]
    assert [(dict(entry.facts or {}), entry.by and entry.by.who) for entry in said] == [({}, "program")] * 2

    # On hold, or switched off again, nothing more is compared with it.
    await two.put("/centre/comparing", {"on": False})
    await two.delete(f"/cases/{theirs.case_id}/same-picture")
    await holding(world, one, near(1))
    assert homes[1] not in await look()


def test_thirty_one_bits_are_the_same_picture_and_thirty_two_are_not() -> None:
    def pairs(bits: int, *, home: str = "x", compare: tuple[bool, bool] = (False, False)) -> int:
        codes = {"a": CODE, "b": bytes.fromhex(near(bits)), "c": CODE}
        rows = [
            Registered("a", "case-1", "x", compare[0]),
            Registered("b", "case-2", home, compare[1]),
            Registered("c", "case-1", "x", compare[0]),  # of one case twice: nobody is asked
        ]
        return len(pairs_of(rows, codes))

    assert [pairs(bits) for bits in (0, 31, 32)] == [1, 1, 0]
    across = [(True, True), (True, False), (False, True), (False, False)]
    assert [pairs(0, home="y", compare=one) for one in across] == [1, 0, 0, 0]
