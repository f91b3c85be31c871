"""Every step tells who took it and through which door, and who read what a person told, on both databases."""

import inspect
import typing
from typing import Any

import pytest

from api.pages.forms import form_token
from monitor.context.context import DomainContext, SharedContext
from monitor.evidence.by import By, Door, Who
from monitor.evidence.ledger import Ledger
from tests.support.api_world import INTAKE, ApiWorld, Caller


async def told(world: ApiWorld, case_id: str) -> list[tuple[str, By | None]]:
    """Kind and actor of every entry of a case."""
    async with world.services.database.read() as session:
        return [(one.row.kind, one.by) for one in await world.context.ledger.told(session, case_id)]


async def advocate_id(world: ApiWorld) -> str:
    return (await world.advocate_row()).id


async def test_what_a_person_does_is_theirs(world: ApiWorld) -> None:
    await world.add_advocate()
    person = await world.person()
    assert await told(world, person.case_id) == [
        ("case-opened", By.person(Door.API)),
        ("intake-changed", By.person(Door.API)),
    ]


async def test_code_names_its_maker_and_every_step_of_an_advocate_names_them(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    maker = await advocate_id(world)
    steps = await told(world, person.case_id)
    assert ("case-vouched", By.code(maker, Door.API)) in steps
    known = len(steps)
    path = f"/cases/{person.case_id}"
    await advocate.put(f"{path}/intake", {**INTAKE, "signature": "Forged Name"})
    await advocate.post(f"{path}/consents", {"platform": "telegram", "source": "@channel", "purposes": ["watch"]})
    await advocate.post(f"{path}/links", {"url": "https://t.me/channel/5", "kind": "intimate"})
    await advocate.post(f"{path}/erasure")
    by_advocate = (await told(world, person.case_id))[known:]
    assert {kind for kind, _ in by_advocate} == {
        "intake-changed",
        "intake-read",
        "entry-waits",
        "consent-given",
        "link-entered",
    }
    assert {by for _, by in by_advocate} == {By.advocate(maker, Door.API)}


async def test_code_of_the_operator_says_so(world: ApiWorld) -> None:
    from monitor.cases.codes import make_codes

    await world.add_advocate()
    row = await world.advocate_row()
    async with world.services.database.begin() as session:
        (code,) = await make_codes(
            session,
            world.context.ledger,
            organisation_id=row.organisation_id,
            by=By.operator("codes add"),
            count=1,
            days=7,
            now=world.clock.now(),
        )
    person = await world.person(code=code)
    assert ("case-vouched", By.code(None, Door.API)) in await told(world, person.case_id)


async def test_advocate_who_reads_the_intake_leaves_an_entry_and_the_person_does_not(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    before = await told(world, person.case_id)
    await person.get(f"/cases/{person.case_id}/intake")
    assert await told(world, person.case_id) == before
    assert (await advocate.get(f"/cases/{person.case_id}/intake"))["contact"] == INTAKE["contact"]
    reader = By.advocate(await advocate_id(world), Door.API)
    assert (await told(world, person.case_id))[len(before) :] == [("intake-read", reader)]


async def test_advocate_who_reads_contacts_in_a_notice_leaves_an_entry_at_both_doors(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await world.sighting(person)
    body = {"basis": "caption-context"}
    written = await advocate.confirm(sighting, body)
    notice = written["notices"][0]["notice_id"]
    before = await told(world, person.case_id)
    await person.get(f"/notices/{notice}")
    assert await told(world, person.case_id) == before
    await advocate.get(f"/notices/{notice}")
    assert (await world.http.get(f"/advocate/notices/{notice}", headers=_page(advocate))).status_code == 200
    mine = await advocate_id(world)
    assert (await told(world, person.case_id))[len(before) :] == [
        ("contacts-read", By.advocate(mine, Door.API)),
        ("contacts-read", By.advocate(mine, Door.PAGE)),
    ]


async def test_vouching_on_a_page_says_page(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.person()
    form = {"token": form_token(advocate.token or ""), "case": person.case_id, "known": "on"}
    answer = await world.http.post("/advocate/cases/vouch", data=form, headers=_page(advocate))
    assert answer.status_code == 303
    assert (await told(world, person.case_id))[-1] == (
        "case-vouched",
        By.advocate(await advocate_id(world), Door.PAGE),
    )


def _page(caller: Caller) -> dict[str, Any]:
    """The headers of this advocate's browser."""
    return {"Cookie": f"__Host-jikimi_login={caller.token}", "Origin": "https://jikimi.example.org"}


@pytest.mark.parametrize("asked_by", ["advocate", "person"])
async def test_alert_says_who_asked_for_an_erasure(sqlite_world: ApiWorld, asked_by: str) -> None:
    advocate = await sqlite_world.advocate()
    person = await sqlite_world.vouched(advocate)
    given = {"passphrase": person.passphrase} if asked_by == "person" else None
    await (advocate if asked_by == "advocate" else person).post(f"/cases/{person.case_id}/erasure", given)
    reason = "asked-by-person"
    if asked_by == "advocate":
        # Nothing happens, and nobody is told that it does, before the person said yes.
        assert (await advocate.get("/operations/alerts"))["alerts"] == []
        given = {"passphrase": person.passphrase}
        await person.post(f"/cases/{person.case_id}/entries/erasure/confirm", given)
        reason = "asked-by-advocate-confirmed-by-person"
    (alert,) = (await advocate.get("/operations/alerts"))["alerts"]
    assert (alert["kind"], alert["reason"]) == ("case-erasing", reason)
    for language, words in (("en", "An advocate asked for it"), ("ko", "상담원이 요청했")):
        page = await sqlite_world.http.get(f"/advocate/alerts?lang={language}", headers=_page(advocate))
        assert (words in page.text) == (asked_by == "advocate")


def test_nothing_can_be_appended_without_an_actor() -> None:
    parameter = inspect.signature(Ledger.append).parameters["by"]
    assert (parameter.default, typing.get_type_hints(Ledger.append)["by"]) == (inspect.Parameter.empty, By)
    assert typing.get_type_hints(DomainContext)["by"] is By
    assert not hasattr(SharedContext, "record")
    with pytest.raises(TypeError, match="by"):
        DomainContext(**dict.fromkeys(("keys", "ledger", "clock", "enqueue", "accounts")))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "by",
    [
        By.person(Door.API),
        By.advocate("a" * 26, Door.PAGE),
        By.code(None, Door.API),
        By.platform("telegram", Door.API),
        By.operator("advocate add"),
        By.program("crawl"),
    ],
)
def test_actor_comes_back_from_a_payload(by: By) -> None:
    assert By.from_json(by.as_json()) == by
    assert by.who in Who
