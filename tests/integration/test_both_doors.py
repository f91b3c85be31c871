"""Whatever an advocate can do through the JSON API and on a page is one and the same: done alike, refused alike.

Each action meets each state twice, from one and the same moment: once through either door. What is compared is the
refusal, every column of every row about the case that is not sealed, the ledger's new entries with their facts, and the
tasks.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import LargeBinary, select, text, update

from api.app import _NOUNS
from api.pages import (
    account,
    cases,
    centre,
    colleagues,
    copies,
    desk,
    entered,
    evidence,
    following,
    items,
    linking,
    messages,
    names,
    notices,
    oversight,
    person,
    place_reports,
    platform,
    police,
    queue,
    reports,
    signing_in,
    stops,
    transfers,
)
from api.pages.forms import form_token
from api.refusals import TEXTS
from db.locking import lock_one
from db.models.cases import Case, Fingerprint, KnownLink
from db.models.copies import CopyClosing, Filing
from db.models.mailboxes import NoticeMail
from db.models.mandates import Mandate
from db.models.messages import Message, SightingQuestion
from db.models.notices import Letter, Notice, RemovalReceipt
from db.models.own import NameTerm
from db.models.people import Organisation
from db.models.preservations import Preservation
from db.models.sightings import Sighting
from db.models.sources import Alert, Consent
from db.types import new_id
from monitor.core.refusals import Refusal
from monitor.mailbox.report import Finding, ReportKind
from monitor.mailbox.trust import Proof
from monitor.model.notice_states import UNSENT, NoticeState
from monitor.model.records.answer import AnswerRecord
from monitor.model.records.name_term import NameTermRecord
from monitor.notices.returned import MailAbout, note_mail
from monitor.notices.under_age import HAS_LEFT
from tests.support.api_world import INTAKE, PDQ, ApiWorld, Caller
from tests.support.moments import Moment

MISSING = "a" * 26
LATELY = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%dT%H:%M}"
_ID = re.compile(r"\b[a-z2-7]{26}\b")


@dataclass
class Twin:
    """A case with what an action is about."""

    person: Caller
    ids: dict[str, str]


@dataclass(frozen=True)
class Action:
    """One thing that can be done: its address and values at either door, and what each state answers."""

    start: Callable[[ApiWorld, Caller], Awaitable[Twin]]
    json: tuple[str, str, Any]
    """Method, path below /api, body."""
    page: tuple[str, Mapping[str, str]]
    """Path, fields of the form."""
    answers: Mapping[str, Refusal | None]
    """By state, or several states joined by +: the refusal, None where it is done."""
    skip_is_told: bool = False
    """A route that was skipped is what the page says: at the JSON door it stands in the answer."""


# Where an action begins.


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
    await _set(world, Notice, twin.ids["notice_id"], state=NoticeState.SENT, sent_at=world.clock.now())
    body = {"purpose": "reminder", "text": ""}
    made = await advocate.post(f"/notices/{twin.ids['notice_id']}/letters", body)
    twin.ids["digest"], twin.ids["number"] = made["leaving"]["digest"], "2"
    return twin


async def _letter_is_sent(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.post(f"/notices/{twin.ids['notice_id']}/letters/2/send", {"digest": twin.ids["digest"]})


async def a_lapsed_copy(world: ApiWorld, advocate: Caller) -> Twin:
    twin = await a_notice(world, advocate)
    await _set(world, Notice, twin.ids["notice_id"], state=NoticeState.SENT, sent_at=world.clock.now())
    body = {"notice_id": twin.ids["notice_id"]}
    await advocate.post(f"/copies/{twin.ids['sighting_id']}/next-steps", body)
    return twin


async def a_filed_step(world: ApiWorld, advocate: Caller) -> Twin:
    twin = await a_lapsed_copy(world, advocate)
    told = await advocate.post(f"/copies/{twin.ids['sighting_id']}/filings", {"step": "ftc_complaint"})
    twin.ids["filing_id"] = told["filings"][0]["filing_id"]
    return twin


async def _is_closed(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.post(f"/copies/{twin.ids['sighting_id']}/close", {"reason": "handed-over"})


async def _is_gone(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await _set(world, Sighting, twin.ids["sighting_id"], removed_at=world.clock.now())


async def _is_another_filing(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    twin.ids["filing_id"] = MISSING


async def _is_another_copy(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    twin.ids["sighting_id"] = MISSING


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
    await _set(world, Fingerprint, twin.ids["fingerprint_id"], quarantined_at=world.clock.now())
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


# What may have become of it.


async def _set(world: ApiWorld, model: type[Any], row_id: str, **values: Any) -> None:
    async with world.services.database.begin() as session:
        await session.execute(update(model).where(model.id == row_id).values(**values))


async def _as_it_is(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    """Nothing happened since."""


async def _is_missing(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    about = next(name for name in ("notice_id", "sighting_id", "fingerprint_id", "case_id") if name in twin.ids)
    twin.ids[about] = MISSING


async def _is_elsewhere(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    async with world.services.database.begin() as session:
        home = await session.scalar(select(Organisation).where(Organisation.name == "Centre B"))
        if home is None:
            home = Organisation(id=new_id(), name="Centre B")
            session.add(home)
            await session.flush()
        (await session.get_one(Case, twin.ids["case_id"])).organisation_id = home.id


async def _is_not_vouched(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await _set(world, Case, twin.ids["case_id"], state="open", vouched_at=None)


async def _is_vouched(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.post(f"/cases/{twin.ids['case_id']}/vouch")


async def _is_in_hand(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.post(f"/cases/{twin.ids['case_id']}/in-hand")


async def _is_handed_back(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.delete(f"/cases/{twin.ids['case_id']}/in-hand")


async def _is_erasing(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await twin.person.post(f"/cases/{twin.ids['case_id']}/erasure", {"passphrase": twin.person.passphrase})


async def _waits(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    waiting = {**INTAKE, "timing": "wait-for-police"}
    await twin.person.put(f"/cases/{twin.ids['case_id']}/intake", waiting)


async def _waited_long(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    waiting = {**INTAKE, "timing": "wait-for-police", "police_until": "2026-01-01"}
    await twin.person.put(f"/cases/{twin.ids['case_id']}/intake", waiting)


async def _permits_nothing(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await twin.person.put(f"/cases/{twin.ids['case_id']}/intake", {**INTAKE, "permission_to_send": False})


async def _is_unconfirmed(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.put(f"/cases/{twin.ids['case_id']}/intake", {**INTAKE, "signature": "Another Name"})


async def _is_entered_by_one_hand(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.post(f"/cases/{twin.ids['case_id']}/mandates", MANDATE)
    await _is_unconfirmed(world, advocate, twin)


async def _is_answered(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    for entry in (await twin.person.get(f"/cases/{twin.ids['case_id']}/entries"))["entries"]:
        await twin.person.post(f"/cases/{twin.ids['case_id']}/entries/{entry['matter']}/confirm")


async def _is_mandated(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.post(f"/cases/{twin.ids['case_id']}/mandates", MANDATE)


async def _is_ended(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await twin.person.delete(f"/cases/{twin.ids['case_id']}/mandates/{twin.ids['mandate_id']}")


async def _is_a_minors(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await twin.person.put(f"/cases/{twin.ids['case_id']}/intake", {**INTAKE, "age_group": "minor"})


async def _consents_no_more(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    path = f"/cases/{twin.ids['case_id']}/consents"
    for consent in (await twin.person.get(path))["consents"]:
        await twin.person.delete(f"{path}/{consent['consent_id']}")


async def _is_confirmed(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    body = {"basis": "caption-context", "routes": []}
    await advocate.confirm(twin.ids["sighting_id"], body)


async def _is_dismissed(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.post(f"/sightings/{twin.ids['sighting_id']}/dismiss", {"reason": "harmless"})


async def _is_open(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await _set(world, Sighting, twin.ids["sighting_id"], state="open")


async def _is_written(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.post(f"/sightings/{twin.ids['sighting_id']}/notices", {"routes": ["us_tida"]})


async def _is_released(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await advocate.post(f"/cases/{twin.ids['case_id']}/fingerprints/{twin.ids['fingerprint_id']}/release")


async def _is_removed(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
    await twin.person.delete(f"/cases/{twin.ids['case_id']}/fingerprints/{twin.ids['fingerprint_id']}")


def _notice_is(state: NoticeState) -> Callable[[ApiWorld, Caller, Twin], Awaitable[None]]:
    async def force(world: ApiWorld, advocate: Caller, twin: Twin) -> None:
        await _set(world, Notice, twin.ids["notice_id"], state=state)

    return force


STATES: Mapping[str, Callable[[ApiWorld, Caller, Twin], Awaitable[None]]] = {
    "as it is": _as_it_is,
    "missing": _is_missing,
    "other organisation": _is_elsewhere,
    "not vouched": _is_not_vouched,
    "vouched": _is_vouched,
    "in hand": _is_in_hand,
    "handed back": _is_handed_back,
    "erasing": _is_erasing,
    "waiting": _waits,
    "waited long": _waited_long,
    "no permission": _permits_nothing,
    "a minor's": _is_a_minors,
    "unconfirmed": _is_unconfirmed,
    "one hand": _is_entered_by_one_hand,
    "answered": _is_answered,
    "mandated": _is_mandated,
    "ended": _is_ended,
    "consent withdrawn": _consents_no_more,
    "open": _is_open,
    "confirmed": _is_confirmed,
    "dismissed": _is_dismissed,
    "written": _is_written,
    "released": _is_released,
    "closed": _is_closed,
    "gone": _is_gone,
    "another filing": _is_another_filing,
    "another copy": _is_another_copy,
    "taken out": _is_removed,
    "letter sent": _letter_is_sent,
    **{state.value: _notice_is(state) for state in NoticeState},
}

# What is done.

HIDDEN = dict.fromkeys(("missing", "other organisation", "not vouched", "erasing"), Refusal.NOT_FOUND)
"""Of a copy and a notice nobody even learns that they are there."""


def by_notice_state(allowed: set[NoticeState]) -> dict[str, Refusal | None]:
    return {state.value: None if state in allowed else Refusal.NOTICE_STATE for state in NoticeState}


def settling(arrived: bool) -> Action:
    waiting = {
        "in_doubt+waiting": Refusal.WAITING_FOR_POLICE,
        "in_doubt+waited long": Refusal.POLICE_WAIT_OVER,
        "in_doubt+unconfirmed": Refusal.WAITS_FOR_PERSON,
        "in_doubt+one hand": Refusal.SECOND_ADVOCATE,
    }
    return Action(
        a_notice,
        ("POST", "/notices/{notice_id}/settle", {"arrived": arrived}),
        ("/advocate/notices/{notice_id}/settle", {"arrived": "yes" if arrived else "no"}),
        {
            **HIDDEN,
            **by_notice_state({NoticeState.IN_DOUBT}),
            **(dict.fromkeys(waiting) if arrived else waiting),
            "in_doubt+consent withdrawn": None,
            "in_doubt+a minor's": None,
        },
    )


ACTIONS: Mapping[str, Action] = {
    "confirm": Action(
        a_sighting,
        ("POST", "/sightings/{sighting_id}/confirm", {"basis": "caption-context", "routes": ["us_tida", "x_tida"]}),
        (
            "/advocate/sightings/{sighting_id}/confirm",
            {"basis": "caption-context", "kind": "", "release": "on", "route": ["us_tida", "x_tida"]},  # type: ignore[dict-item]
        ),
        {
            **HIDDEN,
            "as it is": None,
            "waiting": None,
            "waited long": None,
            "no permission": None,
            "a minor's": None,
            "consent withdrawn": None,
            "confirmed": Refusal.ALREADY_DECIDED,
            "dismissed": Refusal.ALREADY_DECIDED,
        },
    ),
    "write further notices": Action(
        a_confirmed_sighting,
        ("POST", "/sightings/{sighting_id}/notices", {"routes": ["us_tida"]}),
        ("/advocate/sightings/{sighting_id}/notices", {"route": "us_tida"}),
        {
            **HIDDEN,
            "as it is": None,
            "waiting": None,
            "no permission": Refusal.NO_PERMISSION,
            "a minor's": Refusal.MINOR_OR_UNSURE,
            "unconfirmed": Refusal.WAITS_FOR_PERSON,
            "unconfirmed+answered": None,
            "one hand": Refusal.SECOND_ADVOCATE,
            "one hand+answered": None,
            "consent withdrawn": Refusal.CONSENT_WITHDRAWN,
            "written": Refusal.ALREADY_WRITTEN,
            "open": Refusal.NOT_CONFIRMED,
            "open+dismissed": Refusal.NOT_CONFIRMED,
        },
        skip_is_told=True,
    ),
    "dismiss": Action(
        a_sighting,
        ("POST", "/sightings/{sighting_id}/dismiss", {"reason": "own-post"}),
        ("/advocate/sightings/{sighting_id}/dismiss", {"reason": "own-post"}),
        {
            **HIDDEN,
            "as it is": None,
            "waiting": None,
            "consent withdrawn": None,
            "confirmed": Refusal.ALREADY_DECIDED,
            "dismissed": Refusal.ALREADY_DECIDED,
        },
    ),
    "reopen": Action(
        a_sighting,
        ("POST", "/sightings/{sighting_id}/reopen", None),
        ("/advocate/sightings/{sighting_id}/reopen", {}),
        {
            **HIDDEN,
            "as it is": Refusal.ALREADY_DECIDED,
            "confirmed": Refusal.REASON_NEEDED,
            "dismissed": None,
            "dismissed+waiting": None,
            "dismissed+erasing": Refusal.NOT_FOUND,
        },
    ),
    "take a confirmation back": Action(
        a_notice,
        ("POST", "/sightings/{sighting_id}/reopen", {"reason": "wrong-copy"}),
        ("/advocate/sightings/{sighting_id}/reopen", {"reason": "wrong-copy"}),
        {
            **{name: refusal for name, refusal in HIDDEN.items() if name != "missing"},  # there the notice is
            **dict.fromkeys((state.value for state in NoticeState), None),
            "sending": Refusal.TRY_AGAIN,
            "as it is": None,
            "waiting": None,
            "sent+consent withdrawn": None,
            "sent+a minor's": None,
        },
    ),
    "retract": Action(
        a_notice,
        ("POST", "/notices/{notice_id}/retract", {"reason": "person-asked"}),
        ("/advocate/notices/{notice_id}/retract", {"reason": "person-asked", "sure": "on"}),
        {
            **HIDDEN,
            **by_notice_state({NoticeState.SENT, NoticeState.LAPSED, NoticeState.IN_DOUBT}),
            "sent+waiting": None,
            "sent+consent withdrawn": None,
            "sent+a minor's": None,
        },
    ),
    "write a further letter": Action(
        a_notice,
        ("POST", "/notices/{notice_id}/letters", {"purpose": "reminder", "text": "A word."}),
        ("/advocate/notices/{notice_id}/letters", {"purpose": "reminder", "paragraph": "A word."}),
        {
            **HIDDEN,
            **by_notice_state({NoticeState.SENT, NoticeState.LAPSED}),
            "sent+waiting": Refusal.WAITING_FOR_POLICE,
            "sent+a minor's": Refusal.MINOR_OR_UNSURE,
        },
    ),
    "send a letter": Action(
        a_letter,
        ("POST", "/notices/{notice_id}/letters/{number}/send", {"digest": "{digest}"}),
        ("/advocate/notices/{notice_id}/letters/{number}/send", {"digest": "{digest}"}),
        {
            **HIDDEN,
            "as it is": None,
            "waiting": Refusal.WAITING_FOR_POLICE,
            "a minor's": Refusal.MINOR_OR_UNSURE,
            "unconfirmed": Refusal.WAITS_FOR_PERSON,
            "letter sent": Refusal.NOTICE_STATE,
        },
    ),
    "undo a letter": Action(
        a_letter,
        ("POST", "/notices/{notice_id}/letters/{number}/undo", None),
        ("/advocate/notices/{notice_id}/letters/{number}/undo", {}),
        {**HIDDEN, "as it is": Refusal.NOTICE_STATE, "letter sent": None, "letter sent+waiting": None},
    ),
    "withdraw a letter": Action(
        a_letter,
        ("POST", "/notices/{notice_id}/letters/{number}/withdraw", None),
        ("/advocate/notices/{notice_id}/letters/{number}/withdraw", {}),
        {**HIDDEN, "as it is": None, "letter sent": None},
    ),
    "send": Action(
        a_ready_notice,
        ("POST", "/notices/{notice_id}/send", {"digest": "{digest}"}),
        ("/advocate/notices/{notice_id}/send", {"digest": "{digest}"}),
        {
            **HIDDEN,
            **by_notice_state({NoticeState.PREPARED}),
            "as it is": None,
            "waiting": Refusal.WAITING_FOR_POLICE,
            "waited long": Refusal.POLICE_WAIT_OVER,
            "unconfirmed": Refusal.WAITS_FOR_PERSON,
            "one hand": Refusal.SECOND_ADVOCATE,
            "one hand+answered": Refusal.LEAVES_CHANGED,
            "a minor's": Refusal.MINOR_OR_UNSURE,
            "consent withdrawn": Refusal.NOTICE_STATE,
            "no permission": Refusal.NOTICE_STATE,
        },
    ),
    "put together": Action(
        two_ready_notices,
        ("POST", "/notices/{notice_id}/together", {"notice_ids": ["{other_id}"]}),
        ("/advocate/notices/{notice_id}/together", {"notice": "{other_id}"}),
        {**HIDDEN, "as it is": None},
    ),
    "take apart": Action(
        notices_together,
        ("POST", "/notices/{notice_id}/apart", None),
        ("/advocate/notices/{notice_id}/apart", {}),
        {**HIDDEN, "as it is": None},
    ),
    "add a paragraph": Action(
        a_ready_notice,
        ("PUT", "/notices/{notice_id}/paragraph", {"text": "A word of mine."}),
        ("/advocate/notices/{notice_id}/paragraph", {"paragraph": "A word of mine."}),
        {
            **HIDDEN,
            **by_notice_state({NoticeState.PREPARED, NoticeState.HELD}),
            "as it is": None,
            "waiting": None,
            "consent withdrawn": Refusal.NOTICE_STATE,
        },
    ),
    "undo": Action(
        a_notice,
        ("POST", "/notices/{notice_id}/undo", None),
        ("/advocate/notices/{notice_id}/undo", {}),
        {
            **HIDDEN,
            **by_notice_state({NoticeState.QUEUED}),
            **{state.value: Refusal.TOO_LATE_TO_UNDO for state in HAS_LEFT},
            "queued+waiting": Refusal.NOTICE_STATE,
            "queued+consent withdrawn": Refusal.NOTICE_STATE,
        },
    ),
    "retry": Action(
        a_notice,
        ("POST", "/notices/{notice_id}/retry", None),
        ("/advocate/notices/{notice_id}/retry", {}),
        {
            **HIDDEN,
            **by_notice_state({NoticeState.FAILED}),
            "failed+waiting": Refusal.WAITING_FOR_POLICE,
            "failed+waited long": Refusal.POLICE_WAIT_OVER,
            "failed+unconfirmed": Refusal.WAITS_FOR_PERSON,
            "failed+one hand": Refusal.SECOND_ADVOCATE,
            "failed+one hand+answered": None,
            "failed+a minor's": Refusal.MINOR_OR_UNSURE,
            "a minor's+failed": Refusal.MINOR_OR_UNSURE,
            "queued+waiting": Refusal.WAITING_FOR_POLICE,
            "queued+consent withdrawn": Refusal.NOTICE_STATE,
            "queued+no permission": Refusal.NOTICE_STATE,
        },
    ),
    "withdraw": Action(
        a_notice,
        ("POST", "/notices/{notice_id}/withdraw", None),
        ("/advocate/notices/{notice_id}/withdraw", {"sure": "on"}),
        {
            **HIDDEN,
            **by_notice_state({*UNSENT, NoticeState.IN_DOUBT}),
            "queued+waiting": None,
            "failed+waiting": None,
            "failed+a minor's": Refusal.NOTICE_STATE,
            "in_doubt+a minor's": None,
            "queued+consent withdrawn": Refusal.NOTICE_STATE,
        },
    ),
    "record that it came back": Action(
        a_notice,
        ("POST", "/notices/{notice_id}/returned", None),
        ("/advocate/notices/{notice_id}/returned", {"sure": "on"}),
        {
            **HIDDEN,
            **by_notice_state({NoticeState.SENT, NoticeState.LAPSED}),
            "sent+waiting": None,
            "sent+consent withdrawn": None,
            "sent+a minor's": None,
        },
    ),
    "leave it as it is": Action(
        a_notice,
        ("POST", "/notices/{notice_id}/mails-read", None),
        ("/advocate/notices/{notice_id}/mails-read", {}),
        {**HIDDEN, **by_notice_state(set(NoticeState)), "sent+waiting": None},
    ),
    "close the recipient's link": Action(
        a_notice,
        ("POST", "/notices/{notice_id}/link/revoke", None),
        ("/advocate/notices/{notice_id}/link-off", {"sure": "on"}),
        {**HIDDEN, **by_notice_state(set(NoticeState)), "sent+waiting": None},
    ),
    "reply to a mail": Action(
        a_notice_with_a_mail,
        ("POST", "/notices/{notice_id}/replies", {"mail_id": "{mail_id}", "text": "Thank you.", "digest": "0" * 64}),
        ("/advocate/notices/{notice_id}/reply", {"mail": "{mail_id}", "text": "Thank you.", "digest": "0" * 64}),
        # What leaves was not looked at: tests/integration/test_platform_replies.py has the replies that do.
        {**HIDDEN, "as it is": Refusal.REPLY_CHANGED, "sent": Refusal.REPLY_CHANGED},
    ),
    "settle: it arrived": settling(True),
    "settle: it did not arrive": settling(False),
    "record a submission": Action(
        a_notice,
        ("POST", "/notices/{notice_id}/submission", {"reference": "#AB-123"}),
        ("/advocate/notices/{notice_id}/submission", {"reference": "#AB-123"}),
        {
            **HIDDEN,
            **by_notice_state({NoticeState.PREPARED}),
            "prepared+waiting": Refusal.NOTICE_STATE,
            "prepared+no permission": Refusal.NOTICE_STATE,
            "prepared+unconfirmed": Refusal.WAITS_FOR_PERSON,
            "prepared+one hand": Refusal.SECOND_ADVOCATE,
            "prepared+one hand+answered": None,
            "prepared+a minor's": Refusal.NOTICE_STATE,
            "a minor's+prepared": Refusal.MINOR_OR_UNSURE,
        },
    ),
    "record a submission to come": Action(
        a_notice,
        ("POST", "/notices/{notice_id}/submission", {"reference": "AB-1", "submitted_at": "2999-01-01T00:00:00Z"}),
        (
            "/advocate/notices/{notice_id}/submission",
            {"reference": "AB-1", "submitted_at": "2999-01-01T09:00", "zone": "KST"},
        ),
        {"prepared": Refusal.SUBMITTED_IN_FUTURE, "sent": Refusal.NOTICE_STATE},
    ),
    "record a submission before there was anything": Action(
        a_notice,
        ("POST", "/notices/{notice_id}/submission", {"reference": "AB-1", "submitted_at": "2026-01-01T00:00:00Z"}),
        (
            "/advocate/notices/{notice_id}/submission",
            {"reference": "AB-1", "submitted_at": "2026-01-01T00:00", "zone": "UTC"},
        ),
        {"prepared": Refusal.SUBMITTED_TOO_EARLY},
    ),
    "record a submission by nonsense": Action(
        a_notice,
        ("POST", "/notices/{notice_id}/submission", {"reference": "https://t.me/a/1"}),
        ("/advocate/notices/{notice_id}/submission", {"reference": "https://t.me/a/1"}),
        {"prepared": Refusal.REFERENCE_INVALID, "sent": Refusal.NOTICE_STATE},
    ),
    "record what the police sent": Action(
        a_confirmed_sighting,
        (
            "POST",
            "/cases/{case_id}/preservation",
            {"platform": "telegram", "sent_at": f"{LATELY}:00Z", "reference": "P-77"},
        ),
        (
            "/advocate/cases/{case_id}/police/sent",
            {"platform": "telegram", "sent_at": LATELY, "zone": "UTC", "reference": "P-77"},
        ),
        {
            "as it is": None,
            "open": Refusal.PLATFORM_MISMATCH,
            "other organisation": Refusal.NOT_FOUND,
            "erasing": Refusal.CASE_CLOSED,
        },
    ),
    "file a step": Action(
        a_lapsed_copy,
        ("POST", "/copies/{sighting_id}/filings", {"step": "ftc_complaint", "reference": "#AB-123", "note": "a note"}),
        (
            "/advocate/copies/{sighting_id}/filed",
            {"step": "ftc_complaint", "reference": "#AB-123", "note": "a note"},
        ),
        {
            **{name: refusal for name, refusal in HIDDEN.items() if name != "missing"},
            "another copy": Refusal.NOT_FOUND,
            "as it is": None,
            "waiting": None,
            "a minor's": Refusal.STEP_UNKNOWN,
            "closed": Refusal.COPY_CLOSED,
            "gone": Refusal.COPY_GONE,
            "open": Refusal.NOT_CONFIRMED,
        },
    ),
    "record an answer": Action(
        a_filed_step,
        ("POST", "/copies/{sighting_id}/filings/{filing_id}/answer", {"answer": "refused", "text": "their words"}),
        (
            "/advocate/copies/{sighting_id}/answer",
            {"filing": "{filing_id}", "answer": "refused", "text": "their words"},
        ),
        {
            "another copy": Refusal.NOT_FOUND,
            "another filing": Refusal.NOT_FOUND,
            "as it is": None,
            "closed": None,
            "gone": None,
        },
    ),
    "take a filing back": Action(
        a_filed_step,
        ("DELETE", "/copies/{sighting_id}/filings/{filing_id}", None),
        ("/advocate/copies/{sighting_id}/forget", {"filing": "{filing_id}"}),
        {
            "another copy": Refusal.NOT_FOUND,
            "another filing": Refusal.NOT_FOUND,
            "as it is": None,
            "closed": None,
        },
    ),
    "prepare the next steps": Action(
        a_notice,
        ("POST", "/copies/{sighting_id}/next-steps", {"notice_id": "{notice_id}"}),
        ("/advocate/copies/{sighting_id}/next-steps", {"notice": "{notice_id}"}),
        {
            "another copy": Refusal.NOT_FOUND,
            "missing": Refusal.NOT_FOUND,
            **by_notice_state({NoticeState.SENT}),
            "sent+closed": Refusal.COPY_CLOSED,
            "sent+gone": Refusal.COPY_GONE,
        },
    ),
    "close a copy": Action(
        a_notice,
        ("POST", "/copies/{sighting_id}/close", {"reason": "person-wants-no-more"}),
        ("/advocate/copies/{sighting_id}/close", {"reason": "person-wants-no-more"}),
        {
            **{name: refusal for name, refusal in HIDDEN.items() if name != "missing"},
            "another copy": Refusal.NOT_FOUND,
            **dict.fromkeys((state.value for state in NoticeState), None),
            "closed": Refusal.COPY_CLOSED,
            "gone": Refusal.COPY_GONE,
            "open": Refusal.NOT_CONFIRMED,
        },
    ),
    "open a copy again": Action(
        a_confirmed_sighting,
        ("POST", "/copies/{sighting_id}/reopen", None),
        ("/advocate/copies/{sighting_id}/reopen", {}),
        {
            "missing": Refusal.NOT_FOUND,
            "as it is": Refusal.COPY_NOT_CLOSED,
            "closed": None,
            "closed+waiting": None,
            "closed+erasing": Refusal.NOT_FOUND,
        },
    ),
    "vouch": Action(
        a_waiting_case,
        ("POST", "/cases/{case_id}/vouch", None),
        ("/advocate/cases/vouch", {"case": "{case_id}", "known": "on"}),
        {
            "as it is": None,
            "waiting": None,
            "missing": Refusal.NOT_FOUND,
            # It waits in the pool: another organisation can only have it in hand.
            "other organisation": Refusal.IN_HAND_ELSEWHERE,
            "in hand": None,
            "in hand+handed back": None,
            "vouched+other organisation": Refusal.NOT_FOUND,
            "vouched": Refusal.CASE_STATE,
            # The person alone calls an erasure off.
            "erasing": Refusal.CASE_STATE,
            "vouched+erasing": Refusal.CASE_STATE,
        },
    ),
    "take back an entry": Action(
        a_case_with_an_entry,
        ("DELETE", "/cases/{case_id}/entries/{matter}", None),
        ("/advocate/cases/{case_id}/entered/back", {"matter": "signature"}),
        {
            "as it is": None,
            "waiting": Refusal.NOTHING_WAITS,  # the person typed their signature meanwhile
            "answered": Refusal.NOTHING_WAITS,
            "mandated": Refusal.NOTHING_WAITS,  # it counts: only the person says no to it
            "missing": Refusal.NOT_FOUND,
            "other organisation": Refusal.NOT_FOUND,
            "not vouched": Refusal.NOT_VOUCHED,
            "erasing": Refusal.CASE_CLOSED,
        },
    ),
    "record a mandate": Action(
        a_case_with_an_entry,
        ("POST", "/cases/{case_id}/mandates", MANDATE),
        (
            "/advocate/cases/{case_id}/entered/mandate",
            {**MANDATE, "sure": "on"},  # type: ignore[dict-item]
        ),
        {
            "as it is": None,
            "waiting": None,
            "answered": None,
            "mandated": None,
            "missing": Refusal.NOT_FOUND,
            "other organisation": Refusal.NOT_FOUND,
            "not vouched": Refusal.NOT_VOUCHED,
            "erasing": Refusal.CASE_CLOSED,
        },
    ),
    "record a mandate to come": Action(
        a_case_with_an_entry,
        ("POST", "/cases/{case_id}/mandates", {**MANDATE, "dated": "2999-01-01"}),
        (
            "/advocate/cases/{case_id}/entered/mandate",
            {**MANDATE, "dated": "2999-01-01", "sure": "on"},  # type: ignore[dict-item]
        ),
        {"as it is": Refusal.MANDATE_DATE},
    ),
    "end a mandate": Action(
        a_mandate,
        ("DELETE", "/cases/{case_id}/mandates/{mandate_id}", None),
        ("/advocate/cases/{case_id}/entered/end", {"mandate": "{mandate_id}"}),
        {
            "as it is": None,
            "answered": None,
            "ended": None,
            "missing": Refusal.NOT_FOUND,
            "other organisation": Refusal.NOT_FOUND,
            "not vouched": Refusal.NOT_VOUCHED,
            "erasing": Refusal.CASE_CLOSED,
        },
    ),
    "switch reporting by itself": Action(
        a_case_with_an_entry,
        ("PUT", "/cases/{case_id}/resending", {"on": True}),
        ("/advocate/resent/switch", {"case": "{case_id}", "on": "on"}),
        {
            "as it is": None,
            "a minor's": Refusal.MINOR_OR_UNSURE,
            "missing": Refusal.NOT_FOUND,
            "other organisation": Refusal.NOT_FOUND,
            "not vouched": Refusal.NOT_VOUCHED,
            "erasing": Refusal.CASE_CLOSED,
        },
    ),
    "ask for an erasure": Action(
        a_case_with_an_entry,
        ("POST", "/cases/{case_id}/erasure", None),
        ("/advocate/cases/{case_id}/entered/erasure", {"sure": "on"}),
        {
            "as it is": None,
            "mandated": None,
            "missing": Refusal.NOT_FOUND,
            "other organisation": Refusal.NOT_FOUND,
            "not vouched": Refusal.NOT_VOUCHED,
            "erasing": None,
        },
    ),
    "take in hand": Action(
        a_waiting_case,
        ("POST", "/cases/{case_id}/in-hand", None),
        ("/advocate/cases/in-hand", {"case": "{case_id}"}),
        {
            "as it is": None,
            "missing": Refusal.NOT_FOUND,
            "other organisation": Refusal.IN_HAND_ELSEWHERE,
            "in hand": None,
            "in hand+handed back": None,
            "vouched": Refusal.CASE_STATE,
            "vouched+other organisation": Refusal.NOT_FOUND,
            "erasing": Refusal.CASE_STATE,
            "in hand+erasing": Refusal.CASE_STATE,
        },
    ),
    "hand back": Action(
        a_waiting_case,
        ("DELETE", "/cases/{case_id}/in-hand", None),
        ("/advocate/cases/hand-back", {"case": "{case_id}"}),
        {
            "as it is": Refusal.NOT_IN_HAND,
            "missing": Refusal.NOT_FOUND,
            "other organisation": Refusal.NOT_IN_HAND,
            "in hand": None,
            "in hand+handed back": Refusal.NOT_IN_HAND,
            "vouched": Refusal.CASE_STATE,
            "vouched+other organisation": Refusal.NOT_FOUND,
            "in hand+erasing": Refusal.CASE_STATE,
        },
    ),
    "release a fingerprint": Action(
        a_quarantine,
        ("POST", "/cases/{case_id}/fingerprints/{fingerprint_id}/release", None),
        ("/advocate/alerts/release", {"fingerprint": "{fingerprint_id}"}),
        {
            "as it is": None,
            "waiting": None,
            "released": None,
            "taken out": Refusal.NOT_FOUND,
            "missing": Refusal.NOT_FOUND,
            "other organisation": Refusal.NOT_FOUND,
            "not vouched": Refusal.NOT_VOUCHED,
            "erasing": Refusal.CASE_CLOSED,
        },
    ),
    "remove a fingerprint": Action(
        a_quarantine,
        ("DELETE", "/cases/{case_id}/fingerprints/{fingerprint_id}", None),
        ("/advocate/alerts/remove", {"fingerprint": "{fingerprint_id}", "sure": "on"}),
        {
            "as it is": None,
            "waiting": None,
            "taken out": Refusal.NOT_FOUND,
            "missing": Refusal.NOT_FOUND,
            "other organisation": Refusal.NOT_FOUND,
            "not vouched": Refusal.NOT_VOUCHED,
            "erasing": Refusal.CASE_CLOSED,
        },
    ),
    "ask the person": Action(
        a_sighting,
        ("POST", "/sightings/{sighting_id}/ask", None),
        ("/advocate/sightings/{sighting_id}/ask", {}),
        {
            **HIDDEN,
            "as it is": None,
            "confirmed": Refusal.ALREADY_DECIDED,
            "dismissed": Refusal.ALREADY_DECIDED,
        },
    ),
    "write to the person": Action(
        a_sighting,
        ("POST", "/cases/{case_id}/messages", {"text": "We have it."}),
        ("/advocate/cases/{case_id}/messages/write", {"text": "We have it."}),
        {
            "as it is": None,
            "not vouched": None,  # it is in this centre's hands
            "erasing": Refusal.CASE_CLOSED,
        },
    ),
    "name a case": Action(
        a_vouched_case,
        ("PUT", "/cases/{case_id}/desk", {"name": "the blue room", "tags": ["school", "autumn"]}),
        ("/advocate/cases/{case_id}/call", {"name": "the blue room", "tags": "school, autumn"}),
        {
            "as it is": None,
            "not vouched": None,  # it is in this centre's hands
            "erasing": Refusal.CASE_CLOSED,
            "missing": Refusal.NOT_FOUND,
            "other organisation": Refusal.NOT_FOUND,
        },
    ),
    "take a case on": Action(
        a_case_of_mine,
        ("PUT", "/cases/{case_id}/charge", {"to": "{advocate_id}", "note": ""}),
        ("/advocate/cases/{case_id}/hand-over", {"to": "me"}),
        {"as it is": None, "erasing": Refusal.CASE_CLOSED, "other organisation": Refusal.NOT_FOUND},
    ),
    "hand a case over": Action(
        a_case_of_mine,
        ("PUT", "/cases/{case_id}/charge", {"to": "{colleague_id}", "note": "Call them on Friday."}),
        ("/advocate/cases/{case_id}/hand-over", {"to": "{colleague_id}", "note": "Call them on Friday."}),
        {"as it is": None, "erasing": Refusal.CASE_CLOSED, "other organisation": Refusal.NOT_FOUND},
    ),
    "write a note": Action(
        a_vouched_case,
        ("POST", "/cases/{case_id}/notes", {"text": "The school knows."}),
        ("/advocate/cases/{case_id}/notes/write", {"text": "The school knows."}),
        {"as it is": None, "not vouched": None, "erasing": Refusal.CASE_CLOSED, "missing": Refusal.NOT_FOUND},
    ),
    "take a note back": Action(
        a_note,
        ("DELETE", "/cases/{case_id}/notes/{note_id}", None),
        ("/advocate/cases/{case_id}/notes/back", {"note": "{note_id}"}),
        {"as it is": None, "erasing": Refusal.CASE_CLOSED, "other organisation": Refusal.NOT_FOUND},
    ),
    "put on hold": Action(
        a_case_in_our_hands,
        ("PUT", "/cases/{case_id}/freeze", {"reason": "a doubt", "speak_to": "the desk"}),
        ("/advocate/cases/freeze", {"case": "{case_id}", "reason": "a doubt", "speak_to": "the desk"}),
        {
            "as it is": None,
            "vouched": None,
            "erasing": Refusal.CASE_STATE,
            "missing": Refusal.NOT_FOUND,
            "other organisation": Refusal.NOT_FOUND,
        },
    ),
    "approve a word": Action(
        a_word,
        ("POST", "/cases/{case_id}/names/terms/{term_id}/decide", {"approved": True}),
        ("/advocate/cases/{case_id}/names/decide", {"term": "{term_id}", "approved": "yes"}),
        {
            "as it is": None,
            "missing": Refusal.NOT_FOUND,
            "other organisation": Refusal.NOT_FOUND,
            "not vouched": Refusal.NOT_VOUCHED,
            "erasing": Refusal.CASE_CLOSED,
        },
    ),
    "end the hold": Action(
        a_case_on_hold,
        ("DELETE", "/cases/{case_id}/freeze", None),
        ("/advocate/cases/unfreeze", {"case": "{case_id}"}),
        {"as it is": None, "missing": Refusal.NOT_FOUND, "other organisation": Refusal.NOT_FOUND},
    ),
}

PLACE_ACTS = ("send", "submission", "settle", "withdraw", "parts")
OF_NO_CASE = {
    *(("POST", "/stops"), ("POST", "/stops/resume"), ("POST", "/reports"), ("POST", "/reports/{report_id}/close")),
    *(("PUT", "/linking/sharing"), ("POST", "/linking/{source_id}/reports")),
    *(("PUT", "/centre/profile"), ("POST", "/centre/places"), ("PUT", "/centre/places/{place_id}")),
    ("DELETE", "/centre/places/{place_id}"),
    *(("POST", f"/place-reports/{{place_report_id}}/{act}") for act in PLACE_ACTS),
}
OF_NO_CASE |= {
    *(("POST", "/transfers"), ("DELETE", "/transfers/{transfer_id}"), ("DELETE", "/cases/{case_id}/arrival")),
    *(("POST", "/cases/{case_id}/reissue"), ("POST", "/cases/{case_id}/reissue/draw")),
    *(("DELETE", "/cases/{case_id}/reissue"), ("DELETE", "/cases/{case_id}/same-picture")),
    *(("PUT", "/centre/comparing"), ("PUT", "/centre/settings"), ("POST", "/audit/export"), ("PUT", "/rest")),
    *(("POST", f"/rest/{act}") for act in ("opened", "break", "later")),
}
OF_NO_CASE |= {
    *(("POST", f"/account/{one}") for one in ("proof", "news/read", "recovery-codes")),
    *(("PUT", "/account/password"), ("PUT", "/account/alias"), ("DELETE", "/account/reset")),
    *(("DELETE", "/account/log-ins"), ("DELETE", "/account/log-ins/{log_in_id}")),
    *(("PUT", "/colleagues/{account_id}/lead"), ("POST", "/colleagues/{account_id}/reset")),
    ("DELETE", "/colleagues/{account_id}/reset"),
}
"""In test_accounts.py too: of an account alone.
And in test_transfers.py, test_same_pictures.py and test_oversight.py: between two centres, or of an advocate alone.
The others through both doors in test_stop_doors.py, test_reports.py, test_linking.py, test_place_reports.py,
test_centre_profile.py, test_centre_settings.py, test_centre_list.py and test_joint_reports.py: they leave their steps
in the installation's chain, or in those of several cases."""
ITEM_ACTS = {"confirm": "confirm", "dismiss": "dismiss", "reopen": "reopen", "ask": "ask", "hand-off": "hand-off"}
ITEM_ACTS |= {"viewings": "viewing"}
OF_NO_CASE |= {("POST", f"/items/{{sighting_id}}/{act}") for act in ITEM_ACTS} | {("POST", "/items/decide")}
"""Through both doors in test_queue.py: one decision is about several copies, and an item's answer tells of each."""
PAGES_OF_NO_CASE = {"/advocate/stop/now", "/advocate/stop/resume", "/report", "/advocate/reports/{report_id}/close"}
PAGES_OF_NO_CASE |= {"/advocate/linking/sharing", "/advocate/linking/{source_id}/report"}
PAGES_OF_NO_CASE |= {f"/advocate/items/{{sighting_id}}/{act}" for act in ITEM_ACTS.values()} | {"/advocate/items"}
PAGES_OF_NO_CASE |= {"/advocate/centre/profile", "/advocate/centre/codes"}
PAGES_OF_NO_CASE |= {f"/advocate/centre/places/{act}" for act in ("add", "note", "remove")}
PAGES_OF_NO_CASE |= {f"/advocate/transfers/{act}" for act in ("ask", "end")}
PAGES_OF_NO_CASE |= {f"/advocate/alerts/{act}" for act in ("arrived", "same-picture")}
PAGES_OF_NO_CASE |= {f"/advocate/passphrases/{act}" for act in ("ask", "cancel", "draw")}
PAGES_OF_NO_CASE |= {"/advocate/centre/comparing", "/advocate/centre/settings", "/advocate/audit/export"}
PAGES_OF_NO_CASE |= {f"/advocate/rest/{act}" for act in ("setting", "had", "later", "opened")}
PAGES_OF_NO_CASE |= {f"/advocate/colleagues/{act}" for act in ("role", "reset", "call-off")}
PAGES_OF_NO_CASE |= {
    f"/advocate/account/{act}"
    for act in ("read", "not-me", "recovery", "password", "alias", "log-ins/end", "log-ins/end-others", "prove")
}
PAGES_OF_NO_CASE |= {f"/advocate/place-reports/{{place_report_id}}/{act}" for act in PLACE_ACTS}
ONLY_JSON = {
    ("POST", "/log-ins/person"): "the person's page is a client of the JSON API",
    ("POST", "/log-ins/advocate"): "POST /advocate/login: one function, with a cookie in place of a token",
    ("DELETE", "/log-ins/current"): "POST /advocate/log-out",
    ("POST", "/cases"): "the person's page calls it",
    ("POST", "/cases/{case_id}/code"): "the person's page calls it",
    ("PUT", "/cases/{case_id}/names"): "the person's page calls it",
    ("POST", "/cases/{case_id}/names/terms"): "the person's page calls it",
    ("DELETE", "/cases/{case_id}/names/terms/{term_id}"): "the person's page calls it",
    ("PUT", "/cases/{case_id}/list"): "the person's page calls it",
    ("POST", "/cases/{case_id}/own-pages"): "the person's page calls it",
    ("DELETE", "/cases/{case_id}/own-pages/{own_page_id}"): "the person's page calls it",
    ("DELETE", "/cases/{case_id}/list"): "the person's page calls it",
    ("POST", "/cases/{case_id}/entries/{matter}/confirm"): "the person's page calls it",
    ("POST", "/cases/{case_id}/entries/{matter}/reject"): "the person's page calls it",
    ("DELETE", "/cases/{case_id}/erasure"): "the person's page calls it",
    ("PUT", "/cases/{case_id}/any-centre"): "the person's page calls it",
    ("PUT", "/cases/{case_id}/intake"): "the person's page calls it",
    ("POST", "/cases/{case_id}/fingerprints"): "the person's page calls it",
    ("PUT", "/cases/{case_id}/fingerprints/{fingerprint_id}/age"): "the person's page calls it",
    ("DELETE", "/cases/{case_id}/fingerprints/{fingerprint_id}/cut-out"): "the person's page calls it",
    ("POST", "/cases/{case_id}/links"): "the person's page calls it",
    ("PUT", "/cases/{case_id}/links/{link_id}/done"): "the person's page calls it",
    ("DELETE", "/cases/{case_id}/links/{link_id}"): "the person's page calls it",
    ("PUT", "/cases/{case_id}/fingerprints/{fingerprint_id}/label"): "the person's page calls it",
    ("POST", "/cases/{case_id}/consents"): "the person's page calls it",
    ("DELETE", "/cases/{case_id}/consents/{consent_id}"): "the person's page calls it",
    ("POST", "/cases/{case_id}/consents/withdrawal"): "the person's page calls it",
    ("POST", "/notices/{notice_id}/replies/preview"): "the page's form shows it first, by the same function",
    ("POST", "/cases/{case_id}/joint-parts/{part_id}/agree"): "the person's page calls it",
    ("POST", "/cases/{case_id}/joint-parts/{part_id}/decline"): "the person's page calls it",
    ("POST", "/cases/{case_id}/addresses/{notice_id}/agree"): "the person's page calls it",
    ("POST", "/cases/{case_id}/addresses/{notice_id}/decline"): "the person's page calls it",
    ("POST", "/cases/{case_id}/papers/letter"): "the person's page calls it",
    ("PUT", "/cases/{case_id}/news-mail"): "the person's page calls it",
    ("DELETE", "/cases/{case_id}/news-mail"): "the person's page calls it",
    ("POST", "/cases/{case_id}/transfers/{transfer_id}/agree"): "the person's page calls it",
    ("POST", "/cases/{case_id}/transfers/{transfer_id}/decline"): "the person's page calls it",
    ("POST", "/cases/{case_id}/passphrase"): "the person's page calls it",
    ("POST", "/cases/{case_id}/passphrase/words"): "the person's page calls it",
    ("PUT", "/cases/{case_id}/watching"): "the person's page calls it",
    ("POST", "/cases/{case_id}/questions/{sighting_id}"): "the person's page calls it",
    ("POST", "/codes"): "the command `codes add` is its other door",
}
ONLY_PAGE = {
    # A passkey and an app's picture are made in a browser.
    *(f"/advocate/account/passkeys/{act}" for act in ("add", "rename", "remove")),
    "/advocate/account/app/confirm",
    *("/advocate/login", "/advocate/log-out"),
    # A package is ordered where the password is asked for once more.
    *("/advocate/evidence/order", "/advocate/evidence/{package_id}/file", "/advocate/evidence/{package_id}/delete"),
    # Who gets a notice and has no account; programs have `/platform/v1` with a token.
    *("/platform/open", "/platform/notices/{mail_link_id}/code", "/platform/notices/{mail_link_id}/answer"),
}


# The walk.


@dataclass(frozen=True)
class Trace:
    """What one door answered, and what it left behind."""

    refusal: str | None
    rows: list[str] = field(repr=False)
    ledger: list[str] = field(repr=False)
    tasks: list[str] = field(repr=False)


def _filled(value: Any, twin: Twin) -> Any:
    """With the digest of what this twin's notice says, where it is asked for."""
    return twin.ids["digest"] if value == "{digest}" else value


def _named(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_named(each, ids) for each in value]
    return value.format_map(ids) if isinstance(value, str) else value


async def _through_json(advocate: Caller, action: Action, twin: Twin) -> str | None:
    method, path, body = action.json
    if body is not None:
        body = {name: _named(value, twin.ids) for name, value in body.items()}
    answer = await advocate.call(method, path.format_map(twin.ids), body)
    if not answer.is_success:
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        return str(answer.json()["code"])
    told = answer.json() if answer.content else {}
    return str(told["skipped"][0]["reason"]) if action.skip_is_told and not told["notices"] else None


async def _through_the_page(advocate: Caller, action: Action, twin: Twin) -> str | None:
    path, fields = action.page
    values: dict[str, Any] = {
        name: value if isinstance(value, list) else value.format_map(twin.ids) for name, value in fields.items()
    }
    answer = await _send(advocate, path.format_map(twin.ids), values)
    assert answer.status_code == 303, answer.text
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert ("problem" in query) != ("done" in query), answer.headers["location"]
    return query["problem"][0] if "problem" in query else None


async def _send(caller: Caller, path: str, values: Mapping[str, Any]) -> Any:
    """A form as a browser sends it."""
    token = caller.token or ""
    headers = {"Cookie": f"__Host-jikimi_login={token}", "Origin": "https://jikimi.example.org"}
    return await caller.http.post(path, data={"token": form_token(token), **values}, headers=headers)


async def _trace(
    world: ApiWorld, advocate: Caller, action: Action, twin: Twin, door: Callable[..., Awaitable[str | None]]
) -> Trace:
    case_id = twin.ids["case_id"]
    names = {value: name for name, value in twin.ids.items()} | {(await world.advocate_row()).id: "advocate"}
    entries, tasks = len(await _ledger(world, case_id)), await _tasks(world)
    refusal = await door(advocate, action, twin)

    def plain(one: object) -> str:
        told = str(one).replace(twin.ids.get("digest", "no digest"), "digest")
        return _ID.sub(lambda found: names.get(found[0], "id"), told)

    return Trace(
        refusal,
        sorted(plain(row) for row in await _rows(world, case_id)),
        [plain(entry) for entry in (await _ledger(world, case_id))[entries:]],
        sorted(plain(task) for task in await _tasks(world) - tasks),
    )


async def _ledger(world: ApiWorld, case_id: str) -> list[tuple[str, Any]]:
    async with world.services.database.read() as session:
        return [(row.kind, facts) for row, facts in await world.context.ledger.read(session, case_id)]


async def _tasks(world: ApiWorld) -> set[tuple[str, str]]:
    async with world.services.database.read() as session:
        rows = await session.execute(text("select name, workflow_uuid from workflow_status"))
        return {(row[0], row[1]) for row in rows}


async def _rows(world: ApiWorld, case_id: str) -> list[tuple[str, dict[str, Any]]]:
    """Every row about the case, and the alerts about those, without what is sealed or random."""
    found: list[tuple[str, dict[str, Any]]] = []
    async with world.services.database.read() as session:
        models: tuple[Any, ...] = (
            Case,
            Fingerprint,
            KnownLink,
            Consent,
            Mandate,
            Sighting,
            Notice,
            Letter,
            Preservation,
            RemovalReceipt,
            Filing,
            CopyClosing,
            Message,
            SightingQuestion,
            Alert,
        )
        for model in models:
            query = select(model)
            if model is not Alert:
                query = query.where((model.id if model is Case else model.case_id) == case_id)
            for row in await session.scalars(query):
                columns = {
                    column.name: getattr(row, column.name)
                    for column in model.__table__.columns
                    if not isinstance(column.type, LargeBinary) and column.name != "passphrase_hash"
                }
                if model is not Alert or columns["subject"] in {value["id"] for _, value in found if "id" in value}:
                    found.append((model.__name__, columns))
    return found


@pytest.mark.parametrize("name", ACTIONS)
async def test_action_is_the_same_through_both_doors(sqlite_world: ApiWorld, name: str) -> None:
    world, action = sqlite_world, ACTIONS[name]
    advocate = await world.advocate()
    answered: dict[str, str | None] = {}
    begun = await action.start(world, advocate)
    beginning = Moment(world)
    for state in action.answers:
        beginning.again()
        twin = _same(begun)
        for part in state.split("+"):
            await STATES[part](world, advocate, twin)
        prepared = Moment(world)
        json = await _trace(world, advocate, action, _same(twin), _through_json)
        prepared.again()
        page = await _trace(world, advocate, action, _same(twin), _through_the_page)
        prepared.forget()
        assert json == page, state
        answered[state] = page.refusal
        assert json.ledger or json.refusal is not None or (name, state) in IDLE, state
        assert not (json.refusal and (json.ledger or json.tasks)), state
    assert answered == dict(action.answers)
    beginning.forget()


def _same(twin: Twin) -> Twin:
    return Twin(replace(twin.person), dict(twin.ids))


IDLE = {
    ("release a fingerprint", "released"),
    ("end a mandate", "ended"),
    ("ask for an erasure", "erasing"),
}
"""Done without an entry of the ledger: it changes nothing."""


async def test_page_removes_only_what_is_in_quarantine(sqlite_world: ApiWorld) -> None:
    """The one difference that stays: the page offers the removal of a paused fingerprint, the API of any."""
    advocate = await sqlite_world.advocate()
    twin = await a_quarantine(sqlite_world, advocate)
    await _is_released(sqlite_world, advocate, twin)
    remove = ACTIONS["remove a fingerprint"]
    assert await _through_the_page(advocate, remove, twin) == Refusal.NOT_FOUND
    assert await _through_json(advocate, remove, twin) is None


@pytest.mark.parametrize("name", ACTIONS)
async def test_neither_door_opens_to_a_stranger_or_to_the_person(sqlite_world: ApiWorld, name: str) -> None:
    action = ACTIONS[name]
    somebody = await sqlite_world.person()
    ids = dict.fromkeys(
        ("case_id", "sighting_id", "filing_id", "notice_id", "fingerprint_id", "mandate_id", "term_id", "note_id"),
        MISSING,
    )
    ids["matter"] = "signature"
    ids["number"] = "2"
    method, path, body = action.json
    nobody = sqlite_world.nobody()
    assert await nobody.refused(method, path.format_map(ids), body) == (401, Refusal.NOT_LOGGED_IN)
    for caller in (nobody, somebody):
        answer = await _send(caller, action.page[0].format_map(ids), {})
        assert (answer.status_code, answer.headers["location"]) == (303, "/advocate/login")


PARTS = (cases, copies, entered, notices, person, police, queue, reports, signing_in, stops)


def test_every_action_of_either_door_is_walked_or_named() -> None:
    json = {
        (method, route.path)
        for noun in _NOUNS
        for route in noun.router.routes
        for method in route.methods - {"GET", "HEAD"}
    }
    assert json == {action.json[:2] for action in ACTIONS.values()} | set(ONLY_JSON) | OF_NO_CASE
    pages = {
        route.path
        for part in (
            *(cases, copies, entered, evidence, following, linking, notices, person, place_reports, platform, police),
            *(queue, items, reports, signing_in, stops, centre, messages, names, transfers, oversight, desk),
            *(account, colleagues),
        )
        for route in part.router.routes
        if "POST" in route.methods
    }
    assert pages == {action.page[0] for action in ACTIONS.values()} | ONLY_PAGE | PAGES_OF_NO_CASE


async def test_a_busy_database_is_told_at_both_doors(sqlite_world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    advocate, database = await sqlite_world.advocate(), sqlite_world.services.database
    monkeypatch.setattr(database.reader.pool, "_timeout", 0.1)
    cookie = {"Cookie": f"__Host-jikimi_login={advocate.token}"}
    async with AsyncExitStack() as held:
        for _ in range(15):  # the pool's five and its overflow of ten
            await (await held.enter_async_context(database.read())).connection()
        assert await advocate.refused("GET", "/sightings") == (503, Refusal.DATABASE_UNAVAILABLE)
        page = await sqlite_world.http.get("/advocate?lang=en", headers=cookie)
    assert page.status_code == 503
    assert TEXTS[Refusal.DATABASE_UNAVAILABLE] in page.text
