"""Names that a person lets be looked for: off twice over, sealed, two approved together, never more than a review."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from api.pages.how import tell
from db.locking import lock_one
from db.models.cases import Case
from db.models.own import NameTerm
from db.models.sightings import Sighting
from db.queries.actors import AdvocateActor, PersonActor
from db.types import new_id
from monitor.actions.names import decide_term, give_term, switch_names
from monitor.cases.erasure import erase
from monitor.evidence.by import By, Door
from monitor.model.names import TermKind
from monitor.model.records.name_term import NameTermRecord
from monitor.model.states import CaseState
from monitor.sightings.name_hits import MOST_A_DAY
from monitor.sightings.record import NAMES_FIT
from tests.support.api_world import ApiWorld, api_world
from tests.support.domain_world import DomainWorld, domain_world, make_advocate
from tests.support.page_forms import see, send_form
from tests.support.seen_world import OTHERS, crawl, found, new_case, post, show, withdraw

TERMS = {"김하늘": TermKind.NAME, "한빛고": TermKind.SCHOOL}
TEXT = "한빛고 김하늘이래"


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    """A channel that is crawled, with names looked for."""
    async with domain_world(prepared_url, tmp_path) as made:
        made.context = replace(made.context, names=True)
        yield made


async def named(world: DomainWorld, *, approve: tuple[str, ...] = tuple(TERMS)) -> str:
    """A case that watches the channel and gave both words; its id."""
    case_id = await new_case(world)
    async with world.database.begin() as session:
        person, context = PersonActor(case_id), world.context.acting(By.person(Door.API))
        case = await lock_one(session, Case, case_id)
        await switch_names(session, context, case, person, on=True)
        for text, kind in TERMS.items():
            await give_term(session, context, case, person, kind=kind, text=text)
    async with world.database.begin() as session:
        row = await make_advocate(session, f"Centre {new_id()}")
        actor = AdvocateActor(row.id, row.organisation_id, row.name, lead=False)
        case = await lock_one(session, Case, case_id)
        for term in (await session.scalars(select(NameTerm).where(NameTerm.case_id == case_id))).all():
            told = world.context.open_record(NameTermRecord, case_id, term.id, term.payload)
            if told.term in approve:
                await decide_term(session, world.context, case, actor, term.id, approved=True)
    return case_id


async def test_two_approved_words_in_one_post_make_a_review_and_nothing_less_or_more(world: DomainWorld) -> None:
    case_id, other = await named(world), await new_case(world)
    half = await named(world, approve=("김하늘",))
    show(
        world,
        replace(post(1, OTHERS[0]), caption=TEXT),
        replace(post(2, OTHERS[1]), caption="김하늘"),
        replace(post(3, OTHERS[2]), caption=None),
        replace(post(4), caption=TEXT),
    )
    await crawl(world)
    assert await found(world, case_id) == ["1"]
    assert await found(world, other) == [] and await found(world, half) == []
    async with world.database.read() as session:
        (row,) = (await session.scalars(select(Sighting))).all()
        entries = await world.context.ledger.told(session, case_id)
        terms = (await session.scalars(select(NameTerm))).all()
    assert (row.verdict, row.state, row.identical, row.fingerprint_id) == ("review", "open", False, None)
    assert (row.how, row.kind) == (NAMES_FIT, "ordinary"), (
        "no route of intimate pictures before somebody says what it is"
    )
    assert "No picture was compared" in " ".join(tell(row.how, str).facts)
    # Which words they were stands nowhere but sealed, in no entry of any chain.
    assert not any(word.encode() in one.payload for one in terms for word in TERMS)
    about = [one.facts for one in entries if one.row.kind.startswith(("name", "term"))]
    assert about and not any(word in json.dumps(about, ensure_ascii=False) for word in TERMS)
    # Read again, nothing is doubled.
    await crawl(world)
    assert await found(world, case_id) == ["1"]


async def test_nothing_is_found_by_names_without_consent_when_switched_off_or_elsewhere(world: DomainWorld) -> None:
    gone, off, erased = await named(world), await named(world), await named(world)
    stays = await named(world)
    await withdraw(world, gone)
    async with world.database.begin() as session:
        case = await lock_one(session, Case, off)
        await switch_names(session, world.context, case, PersonActor(off), on=False)
        assert (await session.scalars(select(NameTerm.id).where(NameTerm.case_id == off))).all() == []
    async with world.database.begin() as session:
        case = await lock_one(session, Case, erased)
        case.state = CaseState.ERASING
        await erase(session, world.context, case)
        assert (await session.scalars(select(NameTerm.id).where(NameTerm.case_id == erased))).all() == []
    show(world, *(replace(post(number, OTHERS[0]), caption=TEXT) for number in range(1, MOST_A_DAY + 5)))
    await crawl(world)
    assert [len(await found(world, one)) for one in (gone, off, erased, stays)] == [0, 0, 0, MOST_A_DAY]


async def test_the_operator_has_it_off(world: DomainWorld) -> None:
    case_id = await named(world)
    world.context = replace(world.context, names=False)
    show(world, replace(post(1, OTHERS[0]), caption=TEXT))
    await crawl(world)
    assert await found(world, case_id) == []


@pytest.fixture
async def town(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(prepared_sqlite_url, tmp_path, names=True) as made:
        yield made


async def test_the_person_gives_words_and_an_advocate_approves_each_on_a_page(
    town: ApiWorld,
) -> None:
    advocate, other = await town.advocate(), await town.advocate("second", "Centre B")
    person = await town.vouched(advocate)
    path = f"/cases/{person.case_id}/names"
    assert await person.get(path) == {"offered": True, "on": False, "terms": []}
    word = {"kind": "name", "text": "  김 하늘 "}
    assert await person.refused("POST", f"{path}/terms", word) == (409, "names-off")
    assert await advocate.refused("PUT", path, {"on": True}) == (403, "only-the-person")
    await person.put(path, {"on": True})
    assert await advocate.refused("POST", f"{path}/terms", word) == (403, "only-the-person")
    assert await person.refused("POST", f"{path}/terms", {**word, "text": "x"}) == (422, "term-unusable")
    (term,) = (await person.post(f"{path}/terms", word))["terms"]
    assert (term["term"], term["state"]) == ("김 하늘", "asked")
    assert len((await person.post(f"{path}/terms", word))["terms"]) == 1
    page = f"/advocate/cases/{person.case_id}/names"
    assert "김 하늘" in await see(town, advocate, page)
    answer = await town.http.get(page, headers={"Cookie": f"__Host-jikimi_login={other.token}"})
    assert answer.status_code == 404
    leads = await send_form(town, advocate, f"{page}/decide", {"term": term["term_id"], "approved": "yes"})
    assert leads.endswith("done=term-approved")
    assert (await person.get(path))["terms"][0]["state"] == "approved"
    decide = f"{path}/terms/{term['term_id']}/decide"
    assert (await advocate.post(decide, {"approved": False}))["terms"][0]["state"] == "declined"
    assert await person.refused("POST", decide, {"approved": True}) == (403, "advocates-only")
    for number in range(11):
        await person.post(f"{path}/terms", {"kind": "nickname", "text": f"nick{number}"})
    assert await person.refused("POST", f"{path}/terms", {"kind": "account", "text": "more"}) == (409, "too-many-terms")
    assert len((await person.delete(f"{path}/terms/{term['term_id']}"))["terms"]) == 11
    assert (await person.put(path, {"on": False}))["terms"] == []
