"""A lead reads what was done to their centre from outside it: by an operator, or by the program."""

from collections.abc import Mapping
from datetime import timedelta

from api.pages.forms import form_token
from db.models.linking import PlaceReport
from db.types import new_id
from monitor.cases.stops import EVERYTHING, Scope, Target, resume, stop
from monitor.evidence.by import By
from monitor.evidence.entry_kinds import EntryKind
from monitor.jobs.report_place import end_attempt
from monitor.model.place_reports import PlaceState
from tests.support.api_world import ApiWorld, Caller, good
from tests.support.page_forms import ORIGIN, see


async def stop_and_resume(world: ApiWorld, target: Target, *names: str) -> None:
    """An operator stops it at the command line; each of `names` says that it may go on."""
    async with world.services.database.begin() as session:
        await stop(session, world.services.context.acting(By.operator("stop")), target, reason="a doubt", name="Kim")
    for name in names:
        async with world.services.database.begin() as session:
            await resume(session, world.services.context.acting(By.operator("resume")), target, name=name)


async def told_of(world: ApiWorld, lead: Caller, group: str = "") -> list[str]:
    """The kinds that the page's data tells, of everybody."""
    found = await lead.get("/audit?who=everybody" + (f"&group={group}" if group else ""))
    return [one["kind"] for one in found["deeds"]]


async def noted(world: ApiWorld, kind: EntryKind, by: By, facts: Mapping[str, object]) -> None:
    """An entry of the installation's chain, as a command or a job makes it."""
    async with world.services.database.begin() as session:
        await world.services.context.acting(by).record_installation(session, kind, **facts)


async def test_stops_at_the_command_line_and_their_ends_are_in_the_leads_audit(world: ApiWorld) -> None:
    lead, other = await world.advocate(), await world.advocate("foreign", "Centre B")
    await world.advocate("mina")
    home, mina = (await world.advocate_row()).organisation_id, (await world.advocate_row("mina")).id
    world.clock.time += timedelta(hours=1)
    stopped = ["work-resumed", "resuming-asked", "work-stopped"]
    for target, seen in (
        (Target(Scope.ORGANISATION, home), 3),
        (Target(Scope.ADVOCATE, mina), 6),
        (EVERYTHING, 9),
    ):
        await stop_and_resume(world, target, "Kim", "Lee")
        kinds = [one for one in await told_of(world, lead) if one in stopped]
        assert kinds == stopped * (seen // 3), target
    # Another centre learns of what concerned it, too, and of nothing else.
    assert [one for one in await told_of(world, other) if one in stopped] == stopped
    page = await see(world, lead, "/advocate/audit?who=operator&lang=en")
    assert page.count("Stopped work.") == 3 and "Said that work may go on." in page
    assert "멈췄어요" in await see(world, lead, "/advocate/audit?who=operator&lang=ko")
    document = good(await lead.call("POST", "/audit/export", {"form": "json", "language": "en", "who": "operator"}))
    assert [one["kind"] for one in document["deeds"]].count("work-stopped") == 3
    headers = {"Cookie": f"__Host-jikimi_login={lead.token}", "Origin": ORIGIN, "Accept-Language": "en"}
    asked = {"token": form_token(lead.token or ""), "form": "csv", "who": "operator"}
    table = await world.http.post("/advocate/audit/export", headers=headers, data=asked)
    assert table.status_code == 200 and table.text.count("Stopped work.") == 3


async def test_what_a_job_did_with_a_centres_report_is_the_centres(sqlite_world: ApiWorld) -> None:
    world, lead = sqlite_world, await sqlite_world.advocate()
    other = await world.advocate("foreign", "Centre B")
    person = await world.vouched(lead)
    source = (await world.row(await world.sighting(person))).source_id
    row = await world.advocate_row()
    async with world.services.database.begin() as session:
        report = PlaceReport(
            id=new_id(),
            organisation_id=row.organisation_id,
            source_id=source,
            route="telegram_peer",
            language="en",
            state=PlaceState.SENDING,
            content=b"",
            created_by=row.id,
            created_at=world.clock.now(),
        )
        session.add(report)
        await session.flush()
        context = world.services.context.acting(By.program("report-place"))
        await end_attempt(session, context, report, PlaceState.FAILED, "refused")
    assert "place-report-failed" in await told_of(world, lead)
    assert "place-report-failed" not in await told_of(world, other)


async def test_what_an_operator_took_or_lost_of_a_centres_case_is_the_centres(sqlite_world: ApiWorld) -> None:
    world, lead = sqlite_world, await sqlite_world.advocate()
    other = await world.advocate("foreign", "Centre B")
    person = await world.vouched(lead)
    exported = {"case": person.case_id, "count": 3, "payloads": False, "disclosed": []}
    await noted(world, EntryKind.CHAIN_EXPORTED, By.operator("ledger export"), exported)
    lost = {"reason": "a disk", "lost": [{"chain": person.case_id, "signed": 9, "here": 4}]}
    await noted(world, EntryKind.DATABASE_RESTORED, By.operator("ledger restored"), lost)
    kinds = {"chain-exported", "database-restored"}
    assert kinds <= set(await told_of(world, lead)) and not kinds & set(await told_of(world, other))
    found = await lead.get("/audit?who=operator")
    assert {one["kind"] for one in found["deeds"]} >= kinds
    # Which case it was is not told here, as of nothing in the chain that all centres share.
    assert all(one["case_id"] == "" for one in found["deeds"] if one["kind"] in kinds)
    await noted(world, EntryKind.DATABASE_RESTORED, By.operator("ledger restored"), {"reason": "a disk", "lost": []})
    assert (await told_of(world, lead)).count("database-restored") == 1
