"""What must be of a case before a fuzzed request: on hold, moved, with a mandate, with a photo."""

from sqlalchemy import select

from db.locking import lock_one
from db.models.cases import Case, Fingerprint
from db.models.oversight import PassphraseReissue
from monitor.context.alerts import AlertKind
from monitor.fingerprints.cut_outs.codes import register_cut_out
from tests.support.api_world import INTAKE, PDQ
from tests.support.drawn_faces import portrait
from tests.support.fuzz_scene import Ready, Scene, State

MANDATE = {"kind": "written", "dated": "2026-01-10", "covers": ["signature"]}


async def vouched(scene: Scene) -> State:
    """A case of its own, vouched for."""
    return scene.state(await scene.world.vouched(scene.lead))


async def new_words(scene: Scene) -> State:
    """The person drew other words, which are not in force yet."""
    state = await vouched(scene)
    path = f"/cases/{state.person.case_id}/passphrase/words"
    drawn = await state.person.post(path, {"passphrase": state.person.passphrase})
    state.ids |= {"new_words": drawn["passphrase"], "mark": drawn["mark"]}
    return state


async def knows_a_place_elsewhere(scene: Scene) -> State:
    """A link that only the person can do something about."""
    state = await vouched(scene)
    link = {"url": "https://www.instagram.com/p/abc123/", "kind": "faked"}
    state.ids["link_id"] = (await state.person.post(f"/cases/{state.person.case_id}/links", link))["link_id"]
    return state


async def waiting(scene: Scene) -> State:
    """A case that any centre may take."""
    person = await scene.world.person()
    await person.put(f"/cases/{person.case_id}/any-centre", {"allowed": True})
    return scene.state(person)


async def to_be_moved(scene: Scene) -> State:
    """The person of a case is asked whether it may go to another centre."""
    state = await vouched(scene)
    body = {"case_id": state.person.case_id, "to": scene.ids["other_centre"]}
    for one in (await scene.lead.post("/transfers", body))["transfers"]:
        if one["state"] == "asked" and one["ends_with"] == state.person.case_id[-6:]:
            state.ids["transfer_id"] = one["transfer_id"]
    return state


def lost_words(*, due: bool) -> Ready:
    """A lead asked for a new passphrase, which may be drawn now or not yet."""

    async def ready(scene: Scene) -> State:
        state = await vouched(scene)
        await scene.lead.post(f"/cases/{state.person.case_id}/reissue")
        if due:
            async with scene.world.services.database.begin() as session:
                of_case = PassphraseReissue.case_id == state.person.case_id
                row = (await session.scalars(select(PassphraseReissue).where(of_case))).one()
                row.due_at = row.asked_at
        return state

    return ready


async def waits_with_code(scene: Scene) -> State:
    """The same, and somebody gave them a code."""
    state = await waiting(scene)
    state.ids["code"] = (await scene.lead.post("/codes", {"count": 1}))["codes"][0]
    return state


async def listed(scene: Scene) -> State:
    """A place on the centre's list."""
    told = await scene.lead.post("/centre/places", {"platform": "telegram", "sources": ["@onthelist"]})
    return scene.state(place_id=told["places"][-1]["place_id"])


async def one_listed(scene: Scene) -> State:
    """Nothing else stands on it."""
    for one in (await scene.lead.get("/centre/places"))["places"]:
        await scene.lead.delete(f"/centre/places/{one['place_id']}")
    await listed(scene)
    return scene.state(await scene.world.vouched(scene.lead))


async def owned(scene: Scene) -> State:
    """A page of the person's own."""
    person = await scene.world.vouched(scene.lead)
    told = await person.post(f"/cases/{person.case_id}/own-pages", {"platform": "x", "source": "@mine"})
    return scene.state(person, own_page_id=told["own_pages"][0]["own_page_id"])


async def named(scene: Scene) -> State:
    """A person who lets their names be looked for."""
    person = await scene.world.vouched(scene.lead)
    await person.put(f"/cases/{person.case_id}/names", {"on": True})
    return scene.state(person)


async def worded(scene: Scene) -> State:
    """The same, with a word."""
    state = await named(scene)
    path = f"/cases/{state.person.case_id}/names/terms"
    told = await state.person.post(path, {"kind": "name", "text": "somebody"})
    return scene.state(state.person, term_id=told["terms"][0]["term_id"])


async def in_hand(scene: Scene) -> State:
    """A case that the centre has in hand."""
    state = await waiting(scene)
    await scene.lead.post(f"/cases/{state.person.case_id}/in-hand")
    return state


async def frozen(scene: Scene) -> State:
    """A case on hold."""
    state = await vouched(scene)
    await scene.lead.put(f"/cases/{state.person.case_id}/freeze", {"reason": "a doubt", "speak_to": "the desk"})
    return state


async def erasing(scene: Scene) -> State:
    """A case that is being erased."""
    state = await vouched(scene)
    await state.person.post(f"/cases/{state.person.case_id}/erasure", {"passphrase": state.person.passphrase})
    return state


async def asked(scene: Scene) -> State:
    """A case with a signature that waits for the person's word."""
    state = await vouched(scene)
    await scene.callers["mate"].put(f"/cases/{state.person.case_id}/intake", {**INTAKE, "signature": "Another Name"})
    return state


async def mandated(scene: Scene) -> State:
    """A case with a mandate."""
    state = await vouched(scene)
    told = await scene.lead.post(f"/cases/{state.person.case_id}/mandates", MANDATE)
    return scene.state(state.person, mandate_id=told["mandates"][0]["mandate_id"])


async def registered(scene: Scene) -> State:
    """A fingerprint of the person."""
    place = f"/cases/{scene.callers['person'].case_id}/fingerprints"
    made = await scene.callers["person"].post(place, {"pdq": PDQ, "quality": 90, "kind": "intimate"})
    return scene.state(fingerprint_id=made["fingerprint_id"])


async def drawn(scene: Scene) -> State:
    """A fingerprint of the person with a box that they drew around their face."""
    box = register_cut_out(portrait(2), "auto")
    assert box is not None
    place = f"/cases/{scene.callers['person'].case_id}/fingerprints"
    photo = {"pdq": PDQ, "quality": 90, "kind": "intimate", "age_group": "adult"}  # of a child the guardian is asked
    made = await scene.callers["person"].post(place, {**photo, "cut_out": box.as_json()})
    return scene.state(fingerprint_id=made["fingerprint_id"])


async def quarantined(scene: Scene) -> State:
    """A fingerprint that fitted too much."""
    state, context = await registered(scene), scene.world.context
    async with scene.world.services.database.begin() as session:
        case = await lock_one(session, Case, state.person.case_id)
        (await lock_one(session, Fingerprint, state.ids["fingerprint"])).quarantined_at = context.now()
        kind, reason = AlertKind.FINGERPRINT_QUARANTINED, "more-than-30-an-hour"
        await context.alert(session, kind, state.ids["fingerprint"], reason, organisation_id=case.organisation_id)
    return state


async def consented(scene: Scene) -> State:
    """A consent of the person."""
    body = {"platform": "telegram", "source": "@somechannel", "purposes": ["watch"]}
    person = scene.callers["person"]
    told = await person.post(f"/cases/{person.case_id}/consents", body)
    return scene.state(consent_id=told["consents"][0]["consent_id"])


async def reported(scene: Scene) -> State:
    """A report for the centre."""
    body = {"contact": "somebody@example.org", "text": "It is mine.", "organisation": scene.ids["organisation"]}
    await scene.world.nobody().post("/reports", body)
    return scene.state(report_id=(await scene.lead.get("/reports"))["reports"][0]["report_id"])


async def stopped(scene: Scene) -> State:
    """A colleague who is stopped."""
    await scene.lead.post("/stops", {"advocate_id": scene.ids["advocate_id"], "reason": "a doubt"})
    return scene.state()


async def with_note(scene: Scene) -> State:
    """An advocate wrote a note about the person's case."""
    person = scene.callers["person"]
    await scene.lead.post(f"/cases/{person.case_id}/notes", {"text": "The school knows."})
    told = await scene.lead.get(f"/cases/{person.case_id}/notes")
    return scene.state(note_id=told["notes"][0]["note_id"])
