"""Whose links stand in the sheet, and that it is known who gave them out."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from db.models.sightings import Sighting
from tests.support.api_world import INTAKE, ApiWorld, Caller, api_world
from tests.support.page_forms import see


@pytest.fixture
async def world(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(prepared_sqlite_url, tmp_path) as made:
        yield made


async def confirmed(world: ApiWorld, advocate: Caller, post: str, **intake: object) -> tuple[Caller, str]:
    person = await world.vouched(advocate, intake=intake)
    sighting = await world.sighting(person, post_id=post)
    await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context", "routes": []})
    return person, sighting


async def links(caller: Caller, query: str = "") -> tuple[list[str], int]:
    """(links, how many were left out)"""
    answer = await caller.call("GET", f"/bulk-sheet{query}")
    assert answer.status_code == 200, answer.text
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    return [row[1] for row in rows[1:]], int(answer.headers["Jikimi-Left-Out"])


async def test_the_sheet_holds_what_the_persons_allow_and_still_stands_of_ones_own_centre(world: ApiWorld) -> None:
    advocate, other = await world.advocate(), await world.advocate("second", "Centre B")
    first, _ = await confirmed(world, advocate, "1")
    minor, _ = await confirmed(world, advocate, "2", age_group="minor")
    await confirmed(world, advocate, "3", permission_to_send=False)
    await confirmed(world, advocate, "4", timing="wait-for-police")
    _, gone = await confirmed(world, advocate, "5")
    await confirmed(world, other, "6")
    await confirmed(world, advocate, "8", age_group="minor", timing="wait-for-police")
    undecided = await world.sighting(first, post_id="7")
    assert undecided
    async with world.services.database.begin() as session:
        (await session.get_one(Sighting, gone)).removed_at = world.clock.now()
    found, left_out = await links(advocate)
    assert sorted(found) == ["https://t.me/examplechannel/1", "https://t.me/examplechannel/2"] and left_out == 3
    assert await links(advocate, f"?case_id={minor.case_id}") == (["https://t.me/examplechannel/2"], 0)
    assert await links(other) == (["https://t.me/examplechannel/6"], 0)
    async with world.services.database.read() as session:
        told = await world.context.ledger.told(session, first.case_id)
    (given,) = [one for one in told if one.row.kind == "links-given-out"]
    assert given.by is not None and given.by.advocate_id == (await world.advocate_row()).id


async def test_the_page_offers_both_files(world: ApiWorld) -> None:
    advocate = await world.advocate()
    await confirmed(world, advocate, "1")
    for language, word in (("ko", "링크 목록"), ("en", "A sheet of links")):
        assert word in await see(world, advocate, f"/advocate/notices?lang={language}")
    answer = await advocate.call("GET", "/bulk-sheet?format=xlsx&language=en")
    assert answer.content.startswith(b"PK") and 'filename="links.xlsx"' in answer.headers["Content-Disposition"]
    assert "게시물 주소(URL)" in await see(world, advocate, "/advocate/bulk-sheet?lang=ko")


async def test_permission_that_is_taken_back_takes_the_links_out(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person, _ = await confirmed(world, advocate, "1")
    assert (await links(advocate))[0]
    await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "permission_to_send": False})
    assert await links(advocate) == ([], 1)
