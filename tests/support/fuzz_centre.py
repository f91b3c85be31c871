"""Makes a `Scene`: a centre of its own, with one of everything."""

from datetime import UTC, datetime, timedelta

import pyrage

from db.locking import lock_one
from db.models.cases import Case
from monitor.cases.erasure import destroy_key, erase
from monitor.evidence.by import By
from monitor.model.notice_states import NoticeState
from monitor.notices.platform_tokens import make_token
from tests.support.api_world import PASSWORD, ApiWorld, Caller
from tests.support.fuzz_accounts import colleague, logged_in_twice
from tests.support.fuzz_cases import consented, mandated, registered, reported, to_be_moved
from tests.support.fuzz_copies import filed, linked, mailed, notice, packaged, preserved, sighted
from tests.support.fuzz_places import asked_for_part, place_report, placed
from tests.support.fuzz_scene import Scene


async def build(world: ApiWorld, number: int) -> Scene:
    """Make one."""
    scene, centre = Scene(world, number), f"Centre {number}"
    for role, home in (("lead", centre), ("mate", centre), ("other", f"Other {number}")):
        scene.callers[role] = await world.advocate(f"{role}{number}", home)
    scene.callers["nobody"] = world.nobody()
    scene.callers["waiting"] = await world.person()
    scene.callers["person"] = person = await world.vouched(scene.lead)
    scene.ids |= {
        "organisation": centre,
        "other_centre": f"Other {number}",
        "login": f"lead{number}",
        "password": PASSWORD,
        "matter": "signature",
        "digest": "0" * 64,
        "number": "2",
        "kind": "file",
        "age_key": str(pyrage.x25519.Identity.generate().to_public()),
        "an_hour_ago": (datetime.now(UTC) - timedelta(hours=1)).isoformat(),
        "advocate_id": (await world.advocate_row(f"mate{number}")).id,
        "code": (await scene.lead.post("/codes", {"count": 1, "days": 7}))["codes"][0],
    }
    for ready, name in (
        (mandated, "mandate_id"),
        (consented, "consent_id"),
        (reported, "report_id"),
        (registered, "fingerprint_id"),
        (filed, "filing_id"),
        (asked_for_part, "part_id"),
        (preserved, "preservation_id"),
        (placed, "source_id"),
        (place_report("prepared"), "place_report_id"),
        (to_be_moved, "transfer_id"),
        (colleague, "account_id"),
        (logged_in_twice, "log_in_id"),
    ):
        scene.ids[name] = (await ready(scene)).ids[name]
    link = {"url": "https://t.me/somechannel/5", "kind": "faked"}
    scene.ids["link_id"] = (await person.post(f"/cases/{person.case_id}/links", link))["link_id"]
    # The person's own copy is confirmed; a stranger's waits to be decided.
    sighting_id = await world.sighting(person)
    written = await scene.lead.confirm(sighting_id, {"basis": "caption-context"})
    scene.ids["notice_id"] = written["notices"][0]["notice_id"]
    scene.ids["package_id"] = (await packaged(made=False)(scene)).ids["package_id"]
    scene.ids["sighting_id"] = (await sighted(scene)).ids["sighting_id"]
    scene.callers["platform"] = Caller(world.http, await _platform_token(world))
    linked_ids = (await linked(code=True)(scene)).ids
    scene.ids |= {name: linked_ids[name] for name in ("mail_link_id", "link_tag", "typed_code")}
    mailed_ids = (await mailed(scene)).ids
    scene.ids |= {name: mailed_ids[name] for name in ("mail_id", "digest")}
    await _erase_one(scene)
    return scene


async def _platform_token(world: ApiWorld) -> str:
    """Of the program of whoever gets the notices."""
    async with world.services.database.begin() as session:
        made = await make_token(
            session,
            world.services.keys,
            name="Desk",
            address="abuse@telegram.org",
            platform=None,
            webhook=None,
            by=By.operator("platform add"),
            now=datetime.now(UTC),
        )
    return made.token


async def _erase_one(scene: Scene) -> None:
    """A case with everything in it, erased as when its time is over."""
    state, context = await notice(NoticeState.SENT)(scene), scene.world.context
    await state.person.post(f"/cases/{state.person.case_id}/erasure", {"passphrase": state.person.passphrase})
    async with scene.world.services.database.begin() as session:
        await erase(session, context, await lock_one(session, Case, state.person.case_id))
    destroy_key(context, state.person.case_id)
    scene.callers["gone"], scene.gone = state.person, state.ids
