"""Cases with what an action of an advocate is about: where the walk through both doors begins."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from db.locking import lock_one
from db.models.cases import Fingerprint
from db.models.mailboxes import NoticeMail
from db.models.notices import Notice
from db.models.own import NameTerm
from db.types import new_id
from monitor.mailbox.report import Finding, ReportKind
from monitor.mailbox.trust import Proof
from monitor.model.notice_states import NoticeState
from monitor.model.records.answer import AnswerRecord
from monitor.model.records.name_term import NameTermRecord
from monitor.notices.returned import MailAbout, note_mail
from tests.support.api_world import INTAKE, PDQ, ApiWorld, Caller

MISSING = "a" * 26


@dataclass
class Twin:
    """A case with what an action is about."""

    person: Caller
    ids: dict[str, str]


async def a_sighting(world: ApiWorld, advocate: Caller) -> Twin:
    person = await world.vouched(advocate)
    return Twin(person, {"case_id": person.case_id, "sighting_id": await world.sighting(person)})


async def a_confirmed_sighting(world: ApiWorld, advocate: Caller) -> Twin:
    twin = await a_sighting(world, advocate)
    body = {"basis": "caption-context", "routes": []}
    await advocate.confirm(twin.ids["sighting_id"], body)
    return twin


async def a_notice(world: ApiWorld, advocate: Caller) -> Twin:
    twin = await a_sighting(world, advocate)
    body = {"basis": "caption-context", "routes": ["us_tida"]}
    written = await advocate.confirm(twin.ids["sighting_id"], body)
    twin.ids["notice_id"] = written["notices"][0]["notice_id"]
    return twin


async def a_ready_notice(world: ApiWorld, advocate: Caller) -> Twin:
    """Written, and looked at."""
    twin = await a_sighting(world, advocate)
    body = {"basis": "caption-context", "routes": ["us_tida"]}
    written = await advocate.post(f"/sightings/{twin.ids['sighting_id']}/confirm", body)
    twin.ids["notice_id"] = written["notices"][0]["notice_id"]
    twin.ids["digest"] = (await advocate.get(f"/notices/{twin.ids['notice_id']}/preview"))["digest"]
    return twin


async def two_ready_notices(world: ApiWorld, advocate: Caller) -> Twin:
    """About two posts of one channel."""
    twin = await a_ready_notice(world, advocate)
    second = await world.sighting(twin.person, post_id="18")
    body = {"basis": "caption-context", "routes": ["us_tida"]}
    written = await advocate.post(f"/sightings/{second}/confirm", body)
    twin.ids["other_id"] = written["notices"][0]["notice_id"]
    return twin


async def notices_together(world: ApiWorld, advocate: Caller) -> Twin:
    """The two in one message."""
    twin = await two_ready_notices(world, advocate)
    await advocate.post(f"/notices/{twin.ids['notice_id']}/together", {"notice_ids": [twin.ids["other_id"]]})
    return twin


async def a_letter(world: ApiWorld, advocate: Caller) -> Twin:
    """A reminder of a notice that is out, looked at."""
    twin = await a_notice(world, advocate)
    await set_row(world, Notice, twin.ids["notice_id"], state=NoticeState.SENT, sent_at=world.clock.now())
    body = {"purpose": "reminder", "text": ""}
    made = await advocate.post(f"/notices/{twin.ids['notice_id']}/letters", body)
    twin.ids["digest"], twin.ids["number"] = made["leaving"]["digest"], "2"
    return twin


async def a_lapsed_copy(world: ApiWorld, advocate: Caller) -> Twin:
    twin = await a_notice(world, advocate)
    await set_row(world, Notice, twin.ids["notice_id"], state=NoticeState.SENT, sent_at=world.clock.now())
    body = {"notice_id": twin.ids["notice_id"]}
    await advocate.post(f"/copies/{twin.ids['sighting_id']}/next-steps", body)
    return twin


async def a_filed_step(world: ApiWorld, advocate: Caller) -> Twin:
    twin = await a_lapsed_copy(world, advocate)
    told = await advocate.post(f"/copies/{twin.ids['sighting_id']}/filings", {"step": "ftc_complaint"})
    twin.ids["filing_id"] = told["filings"][0]["filing_id"]
    return twin


async def a_preservation(world: ApiWorld, advocate: Caller) -> Twin:
    """The police told that they asked a platform to keep its data."""
    twin = await a_confirmed_sighting(world, advocate)
    body = {"platform": "telegram", "sent_at": world.clock.now().isoformat()}
    told = await advocate.post(f"/cases/{twin.ids['case_id']}/preservation", body)
    twin.ids["preservation_id"] = told["recorded"][0]["preservation_id"]
    return twin


async def a_notice_with_a_mail(world: ApiWorld, advocate: Caller) -> Twin:
    twin = await a_notice(world, advocate)
    finding, own = Finding(ReportKind.REPLY, "answered"), AnswerRecord(sender="desk@telegram.org", text="Which post?")
    async with world.services.database.begin() as session:
        notice = await lock_one(session, Notice, twin.ids["notice_id"])
        await note_mail(session, world.context, notice, MailAbout("0" * 64, finding, Proof.DKIM, own))
        query = select(NoticeMail.id).where(NoticeMail.notice_id == notice.id)
        twin.ids["mail_id"] = (await session.scalars(query)).one()
    return twin


async def a_waiting_case(world: ApiWorld, advocate: Caller) -> Twin:
    person = await world.person()
    return Twin(person, {"case_id": person.case_id})


async def a_case_in_our_hands(world: ApiWorld, advocate: Caller) -> Twin:
    twin = await a_waiting_case(world, advocate)
    await advocate.post(f"/cases/{twin.ids['case_id']}/in-hand")
    return twin


async def a_case_on_hold(world: ApiWorld, advocate: Caller) -> Twin:
    twin = await a_case_in_our_hands(world, advocate)
    await advocate.put(f"/cases/{twin.ids['case_id']}/freeze", {"reason": "a doubt", "speak_to": "the desk"})
    return twin


async def a_quarantine(world: ApiWorld, advocate: Caller) -> Twin:
    person = await world.vouched(advocate)
    body = {"pdq": PDQ, "quality": 90, "kind": "intimate"}
    made = await person.post(f"/cases/{person.case_id}/fingerprints", body)
    twin = Twin(person, {"case_id": person.case_id, "fingerprint_id": made["fingerprint_id"]})
    await set_row(world, Fingerprint, twin.ids["fingerprint_id"], quarantined_at=world.clock.now())
    return twin


async def a_word(world: ApiWorld, advocate: Caller) -> Twin:
    """The person gave a word that names them, while names were looked for here."""
    person = await world.vouched(advocate)
    term_id, context = new_id(), world.context
    sealed = context.seal_record(person.case_id, term_id, NameTermRecord(kind="name", term="somebody"))
    async with world.services.database.begin() as session:
        kept = {"case_id": person.case_id, "payload": sealed, "state": "asked", "entered_at": world.clock.now()}
        session.add(NameTerm(id=term_id, **kept))
    return Twin(person, {"case_id": person.case_id, "term_id": term_id})


async def a_vouched_case(world: ApiWorld, advocate: Caller) -> Twin:
    person = await world.vouched(advocate)
    return Twin(person, {"case_id": person.case_id})


async def a_case_of_mine(world: ApiWorld, advocate: Caller) -> Twin:
    """With the ids of whoever asks, and of a colleague."""
    twin = await a_vouched_case(world, advocate)
    if "colleague" not in world.secrets:
        await world.add_advocate("colleague")
    twin.ids["advocate_id"] = (await world.advocate_row()).id
    twin.ids["colleague_id"] = (await world.advocate_row("colleague")).id
    return twin


async def a_note(world: ApiWorld, advocate: Caller) -> Twin:
    twin = await a_sighting(world, advocate)
    await advocate.post(f"/cases/{twin.ids['case_id']}/notes", {"text": "The school knows."})
    told = await advocate.get(f"/cases/{twin.ids['case_id']}/notes")
    twin.ids["note_id"] = told["notes"][0]["note_id"]
    return twin


async def a_case_with_an_entry(world: ApiWorld, advocate: Caller) -> Twin:
    """A signature that the advocate entered waits for the person."""
    person = await world.vouched(advocate, intake={"signature": ""})
    await advocate.put(f"/cases/{person.case_id}/intake", INTAKE)
    return Twin(person, {"case_id": person.case_id, "matter": "signature"})


async def a_mandate(world: ApiWorld, advocate: Caller) -> Twin:
    twin = await a_case_with_an_entry(world, advocate)
    recorded = await advocate.post(f"/cases/{twin.ids['case_id']}/mandates", MANDATE)
    twin.ids["mandate_id"] = recorded["mandates"][0]["mandate_id"]
    return twin


MANDATE = {"kind": "guardian", "dated": "2026-01-10", "covers": ["signature", "erasure"], "reference": "file 12"}


async def set_row(world: ApiWorld, model: type[Any], row_id: str, **values: Any) -> None:
    async with world.services.database.begin() as session:
        await session.execute(update(model).where(model.id == row_id).values(**values))
