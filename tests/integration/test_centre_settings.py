"""Where a centre works and where answers go: a lead sets it, everybody there reads it, and the operator the rest."""

from sqlalchemy import select, update

from db.models.people import Advocate, Organisation
from monitor.evidence.entry_kinds import EntryKind
from tests.support.api_world import ApiWorld
from tests.support.ledger_told import changes
from tests.support.page_forms import form, see, send_form

NONE = {"country": "", "reply_to": "", "designated": False, "registered_with": "", "sole_advocate": False}
SOUTH = {"country": "KR", "reply_to": "answers@centre.example"}


async def test_a_lead_sets_where_it_works_and_where_answers_go_through_both_doors(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    lead, mate = await world.advocate(), await world.advocate("third")
    other = await world.advocate("second", "Centre B")
    row = await world.advocate_row()
    assert await mate.get("/centre/settings") == NONE
    assert await mate.refused("PUT", "/centre/settings", SOUTH) == (403, "leads-only")
    assert await lead.put("/centre/settings", SOUTH) == NONE | SOUTH
    await lead.put("/centre/settings", SOUTH)  # the same again makes no entry
    assert await mate.get("/centre/settings") == NONE | SOUTH and await other.get("/centre/settings") == NONE
    assert await lead.refused("PUT", "/centre/settings", SOUTH | {"reply_to": "no address"}) == (422, "address-invalid")
    assert await lead.refused("PUT", "/centre/settings", SOUTH | {"country": "Korea"}) == (422, "invalid")

    page = "/advocate/centre/settings"
    typed = {"country": "NL", "reply_to": "a@b c"}
    bad = await form(world, lead, page, typed)
    assert bad.status_code == 422 and "This is no e-mail address" in bad.text
    assert 'value="a@b c"' in bad.text and '<option value="NL" selected>' in bad.text, "what was typed stays"
    assert await lead.get("/centre/settings") == NONE | SOUTH
    kept = await send_form(world, lead, page, {"country": "NL", "reply_to": ""})
    assert kept == "/advocate/centre?done=settings-kept"
    assert "What is sent from now on goes by it." in await see(world, lead, f"{kept}&lang=en")
    assert await lead.get("/centre/settings") == NONE | {"country": "NL"}
    told = {"organisation": row.organisation_id, "by": row.id}
    assert await changes(world, EntryKind.ORGANISATION_CHANGED) == [
        told | SOUTH,
        told | {"country": "NL", "reply_to": ""},
    ]


async def test_who_is_no_lead_reads_it_and_what_the_operator_recorded_is_told(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    lead, mate = await world.advocate(), await world.advocate("third")
    shown = await see(world, mate, "/advocate/centre?lang=en")
    assert "the address that notices come from" in shown and "/advocate/centre/settings" not in shown
    refused = await form(world, mate, "/advocate/centre/settings", SOUTH)
    assert refused.status_code == 403 and "Only a lead of your organisation can do this" in refused.text
    async with world.services.database.begin() as session:
        recorded = {"country": "NZ", "designated": True, "registered_with": "list 7, number 12", "sole_advocate": True}
        await session.execute(update(Organisation).values(**recorded))
    seen = await lead.get("/centre/settings")
    assert seen == recorded | {"reply_to": "", "sole_advocate": False}, "two are active: what was said has no effect"
    shown = await see(world, lead, "/advocate/centre?lang=en")
    assert "list 7, number 12" in shown and '<option value="NZ" selected>' in shown, "no known country, and kept"
    async with world.services.database.begin() as session:
        third = (await session.scalars(select(Advocate).where(Advocate.login == "third"))).one()
        third.disabled_at = world.clock.now()
    assert (await lead.get("/centre/settings"))["sole_advocate"] is True
