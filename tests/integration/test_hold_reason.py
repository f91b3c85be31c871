"""Why a case is on hold: read by the leads of its centre, who must judge whether it ends, and by nobody else."""

import pytest

from monitor.cases.advocates import disable_advocate
from monitor.evidence.by import By
from tests.integration.test_accounts import account, make
from tests.support.api_world import ApiWorld
from tests.support.page_forms import see, send_form

DOUBT = "The voice on the phone <was> another's."
HOLD = {"reason": f"{DOUBT}\nA second line.", "speak_to": "Desk, 02-000-0000"}


@pytest.mark.parametrize("vouched", [True, False])
async def test_leads_of_the_centre_read_why_a_case_is_on_hold_and_nobody_else_does(
    world: ApiWorld, vouched: bool
) -> None:
    lead, other_lead = await make(world, "first"), await make(world, "second", lead=True)
    mate, foreign = await make(world, "third"), await make(world, "fourth", "Centre B")
    person = await (world.vouched(lead) if vouched else world.person())
    path = f"/cases/{person.case_id}"
    if not vouched:
        await lead.post(f"{path}/in-hand")
    answered = await lead.put(f"{path}/freeze", HOLD)
    why = {"reason": HOLD["reason"], "by": "Name of first"}
    assert answered["paused"]["hold"] == why

    pages = [f"/advocate{path}", f"/advocate/cases/waiting?number={person.case_id}"]
    pages += [] if vouched else ["/advocate/cases/waiting"]
    for reader in (lead, other_lead):
        paused = (await reader.get(path))["paused"]
        assert paused["hold"] == why and paused["since"] == answered["paused"]["since"]
        (listed,) = (await reader.get("/cases"))["cases"]
        assert listed["paused"]["hold"] == why
        for page in pages:
            english = await see(world, reader, f"{page}{'&' if '?' in page else '?'}lang=en")
            assert "End the hold" in english and "Put on hold by Name of first" in english
            assert DOUBT in english and "A second line." in english
            assert HOLD["speak_to"] in english
            korean = await see(world, reader, f"{page}{'&' if '?' in page else '?'}lang=ko")
            assert "Name of first 책임자가 보류했어요" in korean and DOUBT in korean and "Put on hold by" not in korean

    assert (await mate.get(path))["paused"]["hold"] is None
    assert (await person.get(path))["paused"]["hold"] is None
    for reader in (mate, foreign):
        told = [(await reader.call("GET", one)).text for one in (path, "/cases", f"{path}/desk", "/operations/alerts")]
        for page in (*pages, "/advocate", "/advocate/cases", "/advocate/alerts", "/advocate/stop"):
            headers = {"Cookie": f"__Host-jikimi_login={reader.token}", "Accept-Language": "en"}
            told.append((await world.http.get(page, headers=headers)).text)
        assert not any("voice on the phone" in one or "A second line" in one for one in told)
    for one in (path, f"{path}/standing", f"{path}/places"):
        assert "voice on the phone" not in (await person.call("GET", one)).text

    # It is told as long as the hold lasts, whoever of them left.
    async with world.services.database.begin() as session:
        by, now = By.operator("test"), world.clock.now()
        await disable_advocate(session, world.services.keys, login="first", by=by, now=now)
    assert (await other_lead.get(path))["paused"]["hold"] == why
    assert "unfrozen" in await send_form(world, other_lead, "/advocate/cases/unfreeze", {"case": person.case_id})
    assert (await other_lead.get(path))["paused"] is None
    assert (await account(world, "first")).disabled_at is not None


async def test_a_lead_of_an_erased_hold_still_reads_it_before_the_delay_is_over(sqlite_world: ApiWorld) -> None:
    world, lead = sqlite_world, await make(sqlite_world, "first")
    person = await world.vouched(lead)
    path = f"/cases/{person.case_id}"
    await lead.put(f"{path}/freeze", HOLD)
    await person.post(f"{path}/erasure", {"passphrase": person.passphrase})
    assert (await lead.get(path))["paused"]["hold"]["reason"] == HOLD["reason"]
    assert DOUBT in await see(world, lead, f"/advocate{path}?lang=en")
