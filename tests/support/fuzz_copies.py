"""What must be of copies and notices before a fuzzed request: to be decided, sent, answered, gone."""

from datetime import UTC, datetime, timedelta
from typing import Any

from db.locking import lock_one
from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.queries.actors import AdvocateActor
from db.queries.notices import mails_about
from db.queries.platform_side import link_about
from monitor.app.bootstrap import evidence_place
from monitor.core.refusals import Refusal
from monitor.delivery.base import Receipt
from monitor.exports.orders import ask_package, make_asked
from monitor.jobs.checked_copy import write_receipt
from monitor.mailbox.report import Finding, ReportKind
from monitor.mailbox.trust import Proof
from monitor.model.notice_states import NoticeState, move
from monitor.model.records.answer import AnswerRecord
from monitor.notices.address import ask_for_address
from monitor.notices.outcomes import doubt, mark_sent
from monitor.notices.platform_links import LINKS, ask_code, code_of, tag_of
from monitor.notices.returned import MailAbout, note_mail
from monitor.platforms.base import PlatformName
from monitor.sightings.marks import mark_sightings
from tests.support.api_world import INTAKE
from tests.support.fuzz_cases import vouched
from tests.support.fuzz_scene import Ready, Scene, State

REPLY = "The post is number 17."


async def sighted(scene: Scene, **options: Any) -> State:
    """A possible copy, to be decided; of a case without another, because a known copy is decided already."""
    state = await vouched(scene)
    found = await scene.world.sighting(state.person, **options)
    return scene.state(state.person, sighting_id=found)


async def dismissed(scene: Scene) -> State:
    """One that was dismissed."""
    state = await sighted(scene)
    done = await scene.lead.post(f"/sightings/{state.ids['sighting']}/dismiss", {"reason": "harmless"})
    return scene.state(state.person, sighting_id=state.ids["sighting"], decided_at=done["decided_at"])


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


async def preserved(scene: Scene) -> State:
    """The police told that they asked a platform to keep its data."""
    state = await confirmed(scene)
    body = {"platform": "telegram", "sent_at": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}
    told = await scene.lead.post(f"/cases/{state.person.case_id}/preservation", body)
    return scene.state(state.person, preservation_id=told["recorded"][0]["preservation_id"])


async def with_marks(scene: Scene) -> State:
    """A sighting was marked with what it has in common with others."""
    state = await sighted(scene)
    await mark_sightings(scene.world.services.database, scene.world.context)
    return state
