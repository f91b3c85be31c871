"""Of a child, or of who may be one, no signature, address or permission is kept, whatever is sent."""

import pytest

from monitor.model.entered import Matter
from tests.integration.test_entered_for_person import path
from tests.integration.test_picture_ages import register
from tests.support.api_world import INTAKE, PDQ, ApiWorld, Caller
from tests.support.draft_browser import PICTURE, DraftBrowser

YOUNG = ("minor", "unsure")
TAKEN = {"signature": "", "contact": "", "permission_to_send": False}


async def kept(person: Caller) -> dict[str, object]:
    told = await person.get(path(person, "/intake"))
    return {name: told[name] for name in TAKEN}


@pytest.mark.parametrize("age", YOUNG)
async def test_what_was_kept_for_a_notice_goes_when_they_may_have_been_a_child(
    sqlite_world: ApiWorld, age: str
) -> None:
    person = await sqlite_world.vouched(await sqlite_world.advocate())
    told = await person.put(path(person, "/intake"), {**INTAKE, "age_group": age})
    assert {name: told[name] for name in TAKEN} == TAKEN == await kept(person)
    # An adult after all: nothing is in force again that nobody said anew.
    await person.put(path(person, "/intake"), {**INTAKE, **TAKEN})
    assert await kept(person) == TAKEN


async def test_an_advocate_enters_none_of_it_for_a_child_either(sqlite_world: ApiWorld) -> None:
    advocate = await sqlite_world.advocate()
    person = await sqlite_world.vouched(advocate, intake={"age_group": "minor"})
    told = await advocate.put(path(person, "/intake"), {**INTAKE, "age_group": "minor", "signature": "Somebody Else"})
    assert (told["waiting"], told["signature"]) == ([], "")
    # With an adult's age it waits for the person's word; where that is a no, it goes with it.
    told = await advocate.put(path(person, "/intake"), INTAKE)
    assert set(told["waiting"]) == {Matter.SIGNATURE, Matter.PERMISSION, Matter.AGE}
    await person.post(path(person, "/entries/signature/confirm"))
    assert (await kept(person))["signature"] == INTAKE["signature"]
    await person.post(path(person, "/entries/age-group/reject"))
    assert await kept(person) == TAKEN


async def test_whoever_was_an_adult_in_one_picture_keeps_what_its_notice_needs(sqlite_world: ApiWorld) -> None:
    person = await sqlite_world.vouched(await sqlite_world.advocate())
    await register(person, PDQ, age_group="adult")
    await person.put(path(person, "/intake"), {**INTAKE, "age_group": "minor"})
    assert (await kept(person))["permission_to_send"] is True


@pytest.mark.parametrize(("age", "stays"), [(None, False), ("adult", True)])
async def test_a_draft_keeps_none_of_it_either(sqlite_world: ApiWorld, age: str | None, stays: bool) -> None:
    browser = DraftBrowser(sqlite_world)
    await browser.tell()
    await browser.put("pictures", {**PICTURE, "age_group": age})
    await browser.tell(**{name: INTAKE[name] for name in TAKEN}, age_group="unsure")
    answers = (await browser.see())["answers"]
    assert {name: answers[name] for name in TAKEN} == ({name: INTAKE[name] for name in TAKEN} if stays else TAKEN)
