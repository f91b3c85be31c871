"""What an advocate can do, at either door, and what each state answers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.core.refusals import Refusal
from monitor.model.notice_states import UNSENT, NoticeState
from monitor.notices.under_age import HAS_LEFT
from tests.support.api_world import ApiWorld, Caller
from tests.support.twin_scenes import (
    MANDATE,
    Twin,
    a_case_in_our_hands,
    a_case_of_mine,
    a_case_on_hold,
    a_case_with_an_entry,
    a_confirmed_sighting,
    a_filed_step,
    a_lapsed_copy,
    a_letter,
    a_mandate,
    a_note,
    a_notice,
    a_notice_with_a_mail,
    a_preservation,
    a_quarantine,
    a_ready_notice,
    a_sighting,
    a_vouched_case,
    a_waiting_case,
    a_word,
    notices_together,
    two_ready_notices,
)

LATELY = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%dT%H:%M}"


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
            "removed+gone": None,
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
    "say that what the police had kept is not needed": Action(
        a_preservation,
        ("POST", "/cases/{case_id}/preservation/{preservation_id}/not-needed", None),
        ("/advocate/cases/{case_id}/police/not-needed", {"preservation": "{preservation_id}", "sure": "on"}),
        {
            "as it is": None,
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
