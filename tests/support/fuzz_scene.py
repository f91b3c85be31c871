"""A small world for one batch of fuzzed requests: people in every role, ids of every kind, and any state on demand.

Fuzzed requests spoil what they meet (they log out, erase, freeze, stop): then the next batch gets new people, in a
centre of their own.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyrage
from sqlalchemy import select

from db.locking import lock_one
from db.models.cases import Case, Fingerprint
from db.models.linking import PlaceReport
from db.models.notices import Notice
from db.models.oversight import PassphraseReissue
from db.models.sightings import Sighting
from db.queries.actors import AdvocateActor
from db.queries.notices import mails_about
from db.queries.people import begin_login
from db.queries.platform_side import link_about
from db.types import new_id
from monitor.app.bootstrap import evidence_place
from monitor.cases.accounts.own import live_logins
from monitor.cases.erasure import destroy_key, erase
from monitor.context.alerts import AlertKind
from monitor.core.refusals import Refusal
from monitor.delivery.base import Receipt
from monitor.evidence.by import By
from monitor.evidence.chain import sha256
from monitor.exports.orders import ask_package, make_asked
from monitor.fingerprints.cut_outs.codes import register_cut_out
from monitor.jobs.checked_copy import write_receipt
from monitor.mailbox.report import Finding, ReportKind
from monitor.mailbox.trust import Proof
from monitor.model.notice_states import NoticeState, move
from monitor.model.records.answer import AnswerRecord
from monitor.notices.address import ask_for_address
from monitor.notices.outcomes import doubt, mark_sent
from monitor.notices.platform_links import LINKS, ask_code, code_of, tag_of
from monitor.notices.platform_tokens import make_token
from monitor.notices.returned import MailAbout, note_mail
from monitor.platforms.base import PlatformName
from monitor.sightings.marks import mark_sightings
from monitor.work.pulses import beat
from tests.support.api_world import INTAKE, PASSWORD, PDQ, ApiWorld, Caller
from tests.support.drawn_faces import portrait

ROLES = ("lead", "mate", "other", "person", "waiting", "gone", "nobody")
_NEED_NOT_BE = ("gone", "nobody", "platform")
REPLY = "The post is number 17."
MANDATE = {"kind": "written", "dated": "2026-01-10", "covers": ["signature"]}


@dataclass
class State:
    """What one honest request needs: the person it is about, and the ids it names."""

    person: Caller
    ids: dict[str, str]


@dataclass
class Scene:
    """`lead` and `mate` are of one centre, `other` leads another; `waiting` is a person whom nobody vouched for, and
    `gone` one whose case was erased."""

    world: ApiWorld
    number: int
    callers: dict[str, Caller] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    """Ids of a case whose key was destroyed."""

    @property
    def lead(self) -> Caller:
        """The first advocate of the centre."""
        return self.callers["lead"]

    def state(self, person: Caller | None = None, **ids: str) -> State:
        """The scene's own ids, but for those that are given."""
        person = person or self.callers["person"]
        known = {**self.ids, "case_id": person.case_id, "passphrase": person.passphrase, **ids}
        return State(person, {**known, **{name.removesuffix("_id"): value for name, value in known.items()}})


Ready = Callable[[Scene], Awaitable[State]]


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


async def colleague(scene: Scene) -> State:
    """Somebody new who works at the centre."""
    login = f"colleague-{new_id()}"
    await scene.world.add_advocate(login, f"Centre {scene.number}")
    return scene.state(account_id=(await scene.world.advocate_row(login)).id)


async def logged_in_twice(scene: Scene) -> State:
    """The lead has a second log-in."""
    lead, token_hash = await scene.world.advocate_row(f"lead{scene.number}"), sha256(new_id().encode())
    now = datetime.now(UTC)
    over = now + timedelta(hours=1)
    async with scene.world.services.database.begin() as session:
        await begin_login(session, token_hash, role="advocate", subject_id=lead.id, now=now, expires_at=over)
        found = await live_logins(session, lead.id, token_hash=token_hash, now=now)
    return scene.state(log_in_id=next(one.id for one in found if one.here))


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


async def still_whole(scene: Scene) -> bool:
    """Whether nothing that was sent logged somebody out, or closed, froze or stopped what honest requests need."""
    for role, caller in scene.callers.items():
        if role not in _NEED_NOT_BE:
            path = f"/cases/{caller.case_id}" if caller.case_id else "/stops"
            answer = await caller.call("GET", path)
            if not answer.is_success or answer.json().get("stops") or answer.json().get("paused"):
                return False
            if role == "person" and (answer.json()["state"], answer.json()["waiting"]) != ("vouched", []):
                return False
    return True


async def as_it_is(scene: Scene) -> State:
    """Nothing more is needed."""
    return scene.state()


async def with_worker(scene: Scene) -> State:
    """A worker lives, or /readyz would rightly say that nobody works."""
    await beat(scene.world.services.database, "fuzz")
    return scene.state()


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


async def sighted(scene: Scene, **options: Any) -> State:
    """A possible copy, to be decided; of a case without another, because a known copy is decided already."""
    state = await vouched(scene)
    found = await scene.world.sighting(state.person, **options)
    return scene.state(state.person, sighting_id=found)


async def dismissed(scene: Scene) -> State:
    """One that was dismissed."""
    state = await sighted(scene)
    await scene.lead.post(f"/sightings/{state.ids['sighting']}/dismiss", {"reason": "harmless"})
    return state


async def confirmed(scene: Scene) -> State:
    """One that was confirmed, with no notice yet."""
    state = await sighted(scene)
    body = {"basis": "caption-context", "routes": []}
    await scene.lead.confirm(state.ids["sighting"], body)
    return state


async def looked_at(scene: Scene) -> State:
    """A notice that is ready, with the digest of what would leave."""
    state = await sighted(scene)
    path = f"/sightings/{state.ids['sighting']}/confirm"
    written = await scene.lead.post(path, {"basis": "caption-context", "routes": ["us_tida"]})
    notice_id = written["notices"][0]["notice_id"]
    digest = (await scene.lead.get(f"/notices/{notice_id}/preview"))["digest"]
    return scene.state(state.person, notice_id=notice_id, sighting_id=state.ids["sighting"], digest=digest)


async def two_ready(scene: Scene) -> State:
    """Two ready notices about posts of one channel."""
    state = await looked_at(scene)
    second = await scene.world.sighting(state.person, post_id="18")
    body = {"basis": "caption-context", "routes": ["us_tida"]}
    written = await scene.lead.post(f"/sightings/{second}/confirm", body)
    kept = {name: state.ids[name] for name in ("notice_id", "sighting_id")}
    return scene.state(state.person, **kept, other_id=written["notices"][0]["notice_id"])


async def together(scene: Scene) -> State:
    """The two in one message."""
    state = await two_ready(scene)
    await scene.lead.post(f"/notices/{state.ids['notice_id']}/together", {"notice_ids": [state.ids["other_id"]]})
    return state


async def asked_for_address(scene: Scene) -> State:
    """A person who is asked whether their own address may stand in a notice."""
    state = await looked_at(scene)
    async with scene.world.services.database.begin() as session:
        case = await lock_one(session, Case, state.person.case_id)
        row = await lock_one(session, Notice, state.ids["notice_id"])
        row.state, row.reason = NoticeState.HELD, Refusal.ADDRESS_NOT_AGREED
        await ask_for_address(session, scene.world.context, case, row, "abuse@telegram.org")
    kept = {name: state.ids[name] for name in ("notice_id", "sighting_id")}
    return scene.state(state.person, **kept, address=INTAKE["contact"])


def letter(*, sent: bool) -> Ready:
    """A reminder of a notice that is out: ready to be sent, or sent and not yet gone."""

    async def made(scene: Scene) -> State:
        state = await notice(NoticeState.SENT)(scene)
        path = f"/notices/{state.ids['notice']}/letters"
        digest = (await scene.lead.post(path, {"purpose": "reminder", "text": ""}))["leaving"]["digest"]
        if sent:
            await scene.lead.post(f"{path}/2/send", {"digest": digest})
        return scene.state(state.person, **{**state.ids, "digest": digest})

    return made


def notice(wanted: NoticeState) -> Ready:
    """A notice in a state, brought there by the steps that lead there."""

    async def made(scene: Scene) -> State:
        on_x = wanted is NoticeState.PREPARED
        state = await (sighted(scene, platform=PlatformName.X, source="exampleaccount") if on_x else sighted(scene))
        body = {"basis": "caption-context", "routes": ["x_tida" if on_x else "us_tida"]}
        written = await scene.lead.confirm(state.ids["sighting"], body)
        notice_id, context = written["notices"][0]["notice_id"], scene.world.context
        async with scene.world.services.database.begin() as session:
            row = await lock_one(session, Notice, notice_id)
            if wanted not in (NoticeState.QUEUED, NoticeState.PREPARED):
                row.state = move(row.state, NoticeState.SENDING)
            if wanted is NoticeState.SENT:
                await mark_sent(session, context, row, Receipt("reference-1", {}))
            elif wanted is NoticeState.IN_DOUBT:
                await doubt(session, context, row, "cut-off-while-sending")
            elif wanted is NoticeState.FAILED:
                row.state, row.reason = move(row.state, NoticeState.FAILED), "mailbox-unknown"
            assert row.state == wanted
        return scene.state(state.person, notice_id=notice_id, sighting_id=state.ids["sighting"])

    return made


async def questioned(scene: Scene) -> State:
    """A possible copy that the person is asked about."""
    state = await sighted(scene)
    await scene.lead.post(f"/sightings/{state.ids['sighting']}/ask")
    return state


async def receipted(scene: Scene) -> State:
    """A copy that is gone, with its receipt."""
    state = await notice(NoticeState.SENT)(scene)
    now = scene.world.context.now()
    async with scene.world.services.database.begin() as session:
        row = await lock_one(session, Sighting, state.ids["sighting"])
        row.presence, row.gone_since, row.looked_at, row.removed_at = "deleted", now - timedelta(hours=6), now, now
        await write_receipt(session, scene.world.context, row, sent_at=now, notice_id=None)
    return state


def linked(*, code: bool) -> Ready:
    """A notice whose recipient has its link, and the code that was mailed."""

    async def made(scene: Scene) -> State:
        state, context = await notice(NoticeState.SENT)(scene), scene.world.context
        key = context.keys.create(LINKS)
        async with scene.world.services.database.begin() as session:
            row = await lock_one(session, Notice, state.ids["notice_id"])
            link = await link_about(session, row.id)
            assert link is not None
            if code:
                await ask_code(session, context, link, row)
            ids = {"mail_link_id": link.id, "link_tag": tag_of(key, link.id), "typed_code": code_of(key, link) or ""}
        return scene.state(state.person, **{**{"notice_id": row.id}, **ids})

    return made


async def mailed(scene: Scene) -> State:
    """A notice whose recipient replied by mail, and the digest of what would be written back."""
    state, context = await notice(NoticeState.SENT)(scene), scene.world.context
    notice_id, answer = state.ids["notice_id"], AnswerRecord(sender="desk@telegram.org", text="Which post?")
    async with scene.world.services.database.begin() as session:
        row = await lock_one(session, Notice, notice_id)
        finding = Finding(ReportKind.REPLY, "answered")
        await note_mail(session, context, row, MailAbout("0" * 64, finding, Proof.DKIM, answer))
        (mail,) = await mails_about(session, notice_id)
    place = f"/notices/{notice_id}/replies/preview"
    shown = await scene.lead.post(place, {"mail_id": mail.id, "text": REPLY})
    return scene.state(state.person, notice_id=notice_id, mail_id=mail.id, digest=shown["digest"])


async def lapsed(scene: Scene) -> State:
    """A copy whose notice led to nothing, with the next step prepared."""
    state = await notice(NoticeState.SENT)(scene)
    body = {"notice_id": state.ids["notice_id"]}
    await scene.lead.post(f"/copies/{state.ids['sighting_id']}/next-steps", body)
    return state


async def filed(scene: Scene) -> State:
    """One whose next step was filed."""
    state = await lapsed(scene)
    place = f"/copies/{state.ids['sighting_id']}/filings"
    told = await scene.lead.post(place, {"step": "ftc_complaint"})
    ids = {name: state.ids[name] for name in ("sighting_id", "notice_id")}
    return scene.state(state.person, filing_id=told["filings"][0]["filing_id"], **ids)


async def closed(scene: Scene) -> State:
    """A copy that was closed."""
    state = await confirmed(scene)
    await scene.lead.post(f"/copies/{state.ids['sighting']}/close", {"reason": "handed-over"})
    return state


def packaged(*, made: bool) -> Ready:
    """A package about the person's case: asked for, or ready to be fetched."""

    async def ordered(scene: Scene) -> State:
        case_id, services, context = scene.callers["person"].case_id, scene.world.services, scene.world.context
        lead = await scene.world.advocate_row(f"lead{scene.number}")
        actor = AdvocateActor(id=lead.id, name=lead.name, organisation_id=lead.organisation_id)
        order = {"source_id": None, "language": "en", "recipient": "Cyber unit", "agreed": True}
        async with services.database.begin() as session:
            case = await lock_one(session, Case, case_id)
            package = await ask_package(session, context, actor, [case], **order)  # type: ignore[arg-type]  # one of few fields
        if made:
            await make_asked(services.database, context, package.id, evidence_place(services.settings))
        return scene.state(package_id=package.id)

    return ordered


async def reported(scene: Scene) -> State:
    """A report for the centre."""
    body = {"contact": "somebody@example.org", "text": "It is mine.", "organisation": scene.ids["organisation"]}
    await scene.world.nobody().post("/reports", body)
    return scene.state(report_id=(await scene.lead.get("/reports"))["reports"][0]["report_id"])


async def stopped(scene: Scene) -> State:
    """A colleague who is stopped."""
    await scene.lead.post("/stops", {"advocate_id": scene.ids["advocate_id"], "reason": "a doubt"})
    return scene.state()


async def with_code(scene: Scene) -> State:
    """Whoever logs in next has a one-time code that was not used yet."""
    return scene.state(totp=scene.world.totp(scene.ids["login"]))


async def placed(scene: Scene) -> State:
    """A channel where a copy was confirmed, and which nobody reported yet."""
    state = await sighted(scene, source=f"channel{new_id()[:12]}")
    body = {"basis": "caption-context", "routes": []}
    await scene.lead.post(f"/sightings/{state.ids['sighting']}/confirm", body)
    source_id = (await scene.world.row(state.ids["sighting"])).source_id
    return scene.state(state.person, source_id=source_id, sighting_id=state.ids["sighting"])


def place_report(wanted: str, route: str = "telegram_peer") -> Ready:
    """A report about a whole channel, in a state."""

    async def made(scene: Scene) -> State:
        state = await placed(scene)
        told = await scene.lead.post(f"/linking/{state.ids['source']}/reports", {"route": route})
        await _be(scene, told["report_id"], wanted)
        return scene.state(state.person, source_id=state.ids["source"], place_report_id=told["report_id"])

    return made


async def account_report(scene: Scene) -> State:
    """A form about an account, to be filled in by a person."""
    state = await sighted(scene, source=f"acc{new_id()[:10]}", platform=PlatformName.X)
    body = {"basis": "caption-context", "routes": []}
    await scene.lead.post(f"/sightings/{state.ids['sighting']}/confirm", body)
    source_id = (await scene.world.row(state.ids["sighting"])).source_id
    told = await scene.lead.post(f"/linking/{source_id}/reports", {"route": "x_account"})
    return scene.state(state.person, source_id=source_id, place_report_id=told["report_id"])


async def preserved(scene: Scene) -> State:
    """The police told that they asked a platform to keep its data."""
    state = await confirmed(scene)
    body = {"platform": "telegram", "sent_at": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}
    told = await scene.lead.post(f"/cases/{state.person.case_id}/preservation", body)
    return scene.state(state.person, preservation_id=told["recorded"][0]["preservation_id"])


async def asked_for_part(scene: Scene) -> State:
    """A person who is asked for their part of a joint report."""
    state = await place_report("prepared", "joint")(scene)
    path = f"/place-reports/{state.ids['place_report']}/parts"
    await scene.lead.post(path, {"case_ids": [state.person.case_id]})
    (part,) = (await state.person.get(f"/cases/{state.person.case_id}/joint-parts"))["parts"]
    kept = {name: state.ids[name] for name in ("source_id", "place_report_id")}
    return scene.state(state.person, part_id=part["part_id"], **kept)


async def _be(scene: Scene, report_id: str, wanted: str) -> None:
    async with scene.world.services.database.begin() as session:
        (await session.get_one(PlaceReport, report_id)).state = wanted


async def with_note(scene: Scene) -> State:
    """An advocate wrote a note about the person's case."""
    person = scene.callers["person"]
    await scene.lead.post(f"/cases/{person.case_id}/notes", {"text": "The school knows."})
    told = await scene.lead.get(f"/cases/{person.case_id}/notes")
    return scene.state(note_id=told["notes"][0]["note_id"])


async def with_marks(scene: Scene) -> State:
    """A sighting was marked with what it has in common with others."""
    state = await sighted(scene)
    await mark_sightings(scene.world.services.database, scene.world.context)
    return state
