"""Schemathesis over the API's own document: no request makes a fault, and each operation can be done.

Each operation is asked in a prepared world (tests/support/fuzz_scene.py): first honestly, then as the document allows
and as it does not, by everybody, with real ids and made-up ones. Length and seed: FUZZ_SECONDS, FUZZ_SEED.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CheckFunction
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import _routes
from api.budgets import Act, Budget, Budgets, Limits
from monitor.model.notice_states import NoticeState
from tests.support import fuzz_accounts, fuzz_cases, fuzz_centre, fuzz_copies, fuzz_places, fuzz_scene
from tests.support.api_world import INTAKE, PDQ, PROXY, ApiWorld, api_world, problem
from tests.support.centre_profiles import PROFILE
from tests.support.fuzz_cases import MANDATE
from tests.support.fuzz_scene import ROLES, Ready, Scene, as_it_is
from tests.support.fuzz_tally import SECONDS, SEED, Tally, tallying

ROOT = Path(__file__).parents[2]
AnyCase = Case[Any]
LINK = {"url": "https://t.me/somechannel/6", "kind": "intimate"}
CONSENT = {"platform": "telegram", "source": "@otherchannel", "purposes": ["watch"]}
PRINT = {"pdq": PDQ, "quality": 80, "kind": "intimate"}
REPORT = {"contact": "x@example.org", "text": "It is mine.", "organisation": "{organisation}"}
REPLY = {"text": fuzz_copies.REPLY}
HONEST: dict[str, tuple[str, Ready, Any]] = {
    "GET /api/work": ("nobody", as_it_is, None),
    "POST /api/log-ins/person": ("nobody", as_it_is, {"case_id": "{case_id}", "passphrase": "{passphrase}"}),
    "POST /api/log-ins/advocate": (
        "nobody",
        fuzz_accounts.with_code,
        {"login": "{login}", "password": "{password}", "totp": "{totp}"},
    ),
    "DELETE /api/log-ins/current": ("mate", as_it_is, None),
    "POST /api/cases": ("nobody", as_it_is, {"language": "ko", "code": "{code}"}),
    "GET /api/cases": ("lead", as_it_is, None),
    "GET /api/cases/{case_id}": ("person", as_it_is, None),
    "GET /api/desk": ("lead", as_it_is, None),
    "GET /api/cases/{case_id}/desk": ("lead", as_it_is, None),
    "PUT /api/cases/{case_id}/desk": ("lead", as_it_is, {"name": "the blue room", "tags": ["school"]}),
    "PUT /api/cases/{case_id}/charge": ("lead", as_it_is, {"to": None, "note": ""}),
    "GET /api/cases/{case_id}/notes": ("lead", as_it_is, None),
    "POST /api/cases/{case_id}/notes": ("lead", as_it_is, {"text": "a word"}),
    "DELETE /api/cases/{case_id}/notes/{note_id}": ("lead", fuzz_cases.with_note, None),
    "GET /api/cases/{case_id}/items": ("lead", as_it_is, None),
    "GET /api/cases/{case_id}/record": ("lead", as_it_is, None),
    "GET /api/gathered": ("lead", as_it_is, None),
    "GET /api/sightings/{sighting_id}/gathered": ("lead", fuzz_copies.with_marks, None),
    "GET /api/linking/{source_id}/copies": ("lead", fuzz_places.placed, None),
    "GET /api/centres": ("nobody", as_it_is, None),
    "GET /api/centre/profile": ("lead", as_it_is, None),
    "PUT /api/centre/profile": ("lead", as_it_is, PROFILE),
    "POST /api/cases/{case_id}/code": ("person", fuzz_cases.waits_with_code, {"code": "{code}"}),
    "GET /api/cases/{case_id}/own-pages": ("person", as_it_is, None),
    "POST /api/cases/{case_id}/own-pages": ("person", as_it_is, {"platform": "x", "source": "@somebody"}),
    "DELETE /api/cases/{case_id}/own-pages/{own_page_id}": ("person", fuzz_cases.owned, None),
    "GET /api/cases/{case_id}/names": ("person", as_it_is, None),
    "PUT /api/cases/{case_id}/names": ("person", as_it_is, {"on": False}),
    "POST /api/cases/{case_id}/names/terms": ("person", fuzz_cases.named, {"kind": "name", "text": "somebody"}),
    "DELETE /api/cases/{case_id}/names/terms/{term_id}": ("person", fuzz_cases.worded, None),
    "POST /api/cases/{case_id}/names/terms/{term_id}/decide": ("lead", fuzz_cases.worded, {"approved": True}),
    "GET /api/centre/places": ("lead", as_it_is, None),
    "POST /api/centre/places": ("lead", as_it_is, {"platform": "x", "sources": ["@somebody"], "note": "x"}),
    "PUT /api/centre/places/{place_id}": ("lead", fuzz_cases.listed, {"note": "x"}),
    "DELETE /api/centre/places/{place_id}": ("lead", fuzz_cases.listed, None),
    "GET /api/cases/{case_id}/list": ("person", as_it_is, None),
    "PUT /api/cases/{case_id}/list": ("person", fuzz_cases.one_listed, {"places": 1, "purposes": ["watch"]}),
    "DELETE /api/cases/{case_id}/list": ("person", as_it_is, None),
    "GET /api/cases/{case_id}/self-notices": ("person", as_it_is, None),
    "POST /api/cases/{case_id}/vouch": ("lead", fuzz_cases.waiting, None),
    "POST /api/cases/{case_id}/erasure": ("person", fuzz_cases.vouched, {"passphrase": "{passphrase}"}),
    "DELETE /api/cases/{case_id}/erasure": ("person", fuzz_cases.erasing, None),
    "PUT /api/cases/{case_id}/freeze": ("lead", fuzz_cases.vouched, {"reason": "a doubt", "speak_to": "the desk"}),
    "DELETE /api/cases/{case_id}/freeze": ("lead", fuzz_cases.frozen, None),
    "GET /api/cases/{case_id}/intake": ("person", as_it_is, None),
    "PUT /api/cases/{case_id}/intake": ("person", as_it_is, INTAKE),
    "GET /api/cases/{case_id}/standing": ("person", as_it_is, None),
    "GET /api/cases/{case_id}/places": ("person", as_it_is, None),
    "PUT /api/cases/{case_id}/watching": ("person", as_it_is, {"paused": True}),
    "GET /api/cases/{case_id}/messages": ("person", as_it_is, None),
    "POST /api/cases/{case_id}/messages": ("lead", fuzz_cases.vouched, {"text": "We have it."}),
    "GET /api/cases/{case_id}/questions": ("person", fuzz_copies.questioned, None),
    "POST /api/cases/{case_id}/questions/{sighting_id}": ("person", fuzz_copies.questioned, {"answer": "yes"}),
    "POST /api/sightings/{sighting_id}/ask": ("lead", fuzz_copies.sighted, None),
    "GET /api/items": ("lead", as_it_is, None),
    "GET /api/items/{sighting_id}": ("lead", as_it_is, None),
    "POST /api/items/{sighting_id}/confirm": ("lead", fuzz_copies.sighted, {"basis": "caption-context"}),
    "POST /api/items/{sighting_id}/dismiss": ("lead", fuzz_copies.sighted, {"reason": "harmless"}),
    "POST /api/items/{sighting_id}/reopen": ("lead", fuzz_copies.dismissed, None),
    "POST /api/items/{sighting_id}/ask": ("lead", fuzz_copies.sighted, None),
    "POST /api/items/{sighting_id}/hand-off": ("lead", fuzz_copies.sighted, {"viewer": "police"}),
    "POST /api/items/{sighting_id}/viewings": ("lead", fuzz_copies.sighted, {"viewer": "police", "said": "yes"}),
    "POST /api/items/decide": (
        "lead",
        fuzz_copies.sighted,
        {"items": [{"item_id": "{sighting_id}"}], "decision": "dismiss", "reason": "harmless"},
    ),
    "GET /api/cases/{case_id}/papers/sent/{notice_id}/text": ("person", fuzz_copies.notice(NoticeState.SENT), None),
    "GET /api/cases/{case_id}/papers/sent/{notice_id}/pdf": ("person", fuzz_copies.notice(NoticeState.SENT), None),
    "GET /api/cases/{case_id}/papers/receipts": ("person", fuzz_copies.receipted, None),
    "POST /api/cases/{case_id}/papers/letter": ("person", as_it_is, {"language": "ko", "wanted_for": "school"}),
    "GET /api/cases/{case_id}/papers/everything": ("person", as_it_is, None),
    "GET /api/cases/{case_id}/news-mail": ("person", as_it_is, None),
    "PUT /api/cases/{case_id}/news-mail": (
        "person",
        fuzz_cases.vouched,
        {"address": "me@home.example", "sender": "Library", "subject": "This week", "language": "en"},
    ),
    "DELETE /api/cases/{case_id}/news-mail": ("person", as_it_is, None),
    "GET /api/cases/{case_id}/entries": ("person", as_it_is, None),
    "POST /api/cases/{case_id}/entries/{matter}/confirm": ("person", fuzz_cases.asked, None),
    "POST /api/cases/{case_id}/entries/{matter}/reject": ("person", fuzz_cases.asked, None),
    "DELETE /api/cases/{case_id}/entries/{matter}": ("lead", fuzz_cases.asked, None),
    "POST /api/cases/{case_id}/mandates": ("lead", as_it_is, MANDATE),
    "DELETE /api/cases/{case_id}/mandates/{mandate_id}": ("person", fuzz_cases.mandated, None),
    "POST /api/cases/{case_id}/fingerprints": ("person", as_it_is, PRINT),
    "GET /api/cases/{case_id}/fingerprints": ("person", as_it_is, None),
    "DELETE /api/cases/{case_id}/fingerprints/{fingerprint_id}": ("person", fuzz_cases.registered, None),
    "DELETE /api/cases/{case_id}/fingerprints/{fingerprint_id}/cut-out": ("person", fuzz_cases.drawn, None),
    "PUT /api/cases/{case_id}/fingerprints/{fingerprint_id}/age": (
        "person",
        fuzz_cases.registered,
        {"age_group": "minor"},
    ),
    "POST /api/cases/{case_id}/fingerprints/{fingerprint_id}/release": ("lead", fuzz_cases.quarantined, None),
    "POST /api/cases/{case_id}/links": ("person", as_it_is, LINK),
    "GET /api/cases/{case_id}/links": ("person", as_it_is, None),
    "PUT /api/cases/{case_id}/fingerprints/{fingerprint_id}/label": (
        "person",
        fuzz_cases.registered,
        {"label": "Summer"},
    ),
    "DELETE /api/cases/{case_id}/links/{link_id}": ("person", fuzz_cases.knows_a_place_elsewhere, None),
    "PUT /api/cases/{case_id}/links/{link_id}/done": ("person", fuzz_cases.knows_a_place_elsewhere, {"done": True}),
    "POST /api/cases/{case_id}/consents/withdrawal": ("person", fuzz_cases.vouched, {"passphrase": "{passphrase}"}),
    "POST /api/cases/{case_id}/consents": ("person", as_it_is, CONSENT),
    "GET /api/cases/{case_id}/consents": ("person", as_it_is, None),
    "DELETE /api/cases/{case_id}/consents/{consent_id}": ("person", fuzz_cases.consented, None),
    "GET /api/cases/{case_id}/sightings": ("person", as_it_is, None),
    "GET /api/sightings": ("lead", as_it_is, None),
    "GET /api/sightings/{sighting_id}": ("lead", as_it_is, None),
    "POST /api/sightings/{sighting_id}/confirm": ("lead", fuzz_copies.sighted, {"basis": "caption-context"}),
    "POST /api/sightings/{sighting_id}/notices": ("lead", fuzz_copies.confirmed, {"routes": ["us_tida"]}),
    "POST /api/sightings/{sighting_id}/dismiss": ("lead", fuzz_copies.sighted, {"reason": "harmless"}),
    "POST /api/sightings/{sighting_id}/reopen": ("lead", fuzz_copies.dismissed, None),
    "GET /api/sightings/{sighting_id}/routes": ("lead", as_it_is, None),
    "GET /api/cases/{case_id}/notices": ("person", as_it_is, None),
    "GET /api/notices": ("lead", as_it_is, None),
    "GET /api/notices/{notice_id}": ("person", as_it_is, None),
    "GET /api/notices/{notice_id}/preview": ("lead", fuzz_copies.looked_at, None),
    "POST /api/notices/{notice_id}/send": ("lead", fuzz_copies.looked_at, {"digest": "{digest}"}),
    "POST /api/notices/{notice_id}/together": ("lead", fuzz_copies.two_ready, {"notice_ids": ["{other_id}"]}),
    "POST /api/notices/{notice_id}/apart": ("lead", fuzz_copies.together, None),
    "GET /api/cases/{case_id}/addresses": ("person", as_it_is, None),
    "POST /api/cases/{case_id}/addresses/{notice_id}/agree": (
        "person",
        fuzz_copies.asked_for_address,
        {"address": "{address}"},
    ),
    "POST /api/cases/{case_id}/addresses/{notice_id}/decline": ("person", fuzz_copies.asked_for_address, None),
    "PUT /api/notices/{notice_id}/paragraph": ("lead", fuzz_copies.looked_at, {"text": "a word"}),
    "POST /api/notices/{notice_id}/retract": (
        "lead",
        fuzz_copies.notice(NoticeState.SENT),
        {"reason": "wrong-copy"},
    ),
    "GET /api/bulk-sheet": ("lead", as_it_is, None),
    "GET /api/notices/{notice_id}/letters": ("lead", fuzz_copies.letter(sent=False), None),
    "POST /api/notices/{notice_id}/letters": (
        "lead",
        fuzz_copies.notice(NoticeState.SENT),
        {"purpose": "reminder", "text": "a word"},
    ),
    "POST /api/notices/{notice_id}/letters/{number}/send": (
        "lead",
        fuzz_copies.letter(sent=False),
        {"digest": "{digest}"},
    ),
    "POST /api/notices/{notice_id}/letters/{number}/undo": ("lead", fuzz_copies.letter(sent=True), None),
    "POST /api/notices/{notice_id}/letters/{number}/withdraw": ("lead", fuzz_copies.letter(sent=False), None),
    "POST /api/notices/{notice_id}/undo": ("lead", fuzz_copies.notice(NoticeState.QUEUED), None),
    "POST /api/notices/{notice_id}/submission": (
        "lead",
        fuzz_copies.notice(NoticeState.PREPARED),
        {"reference": "AB-123"},
    ),
    "POST /api/notices/{notice_id}/settle": ("lead", fuzz_copies.notice(NoticeState.IN_DOUBT), {"arrived": True}),
    "POST /api/notices/{notice_id}/retry": ("lead", fuzz_copies.notice(NoticeState.FAILED), None),
    "POST /api/notices/{notice_id}/withdraw": ("lead", fuzz_copies.notice(NoticeState.QUEUED), None),
    "POST /api/notices/{notice_id}/returned": ("lead", fuzz_copies.notice(NoticeState.SENT), None),
    "POST /api/notices/{notice_id}/mails-read": ("lead", fuzz_copies.notice(NoticeState.SENT), None),
    "POST /api/notices/{notice_id}/link/revoke": ("lead", fuzz_copies.notice(NoticeState.SENT), None),
    "POST /api/notices/{notice_id}/replies/preview": ("lead", fuzz_copies.mailed, {**REPLY, "mail_id": "{mail_id}"}),
    "POST /api/notices/{notice_id}/replies": (
        "lead",
        fuzz_copies.mailed,
        {**REPLY, "mail_id": "{mail_id}", "digest": "{digest}"},
    ),
    "GET /platform/v1/notices": ("platform", as_it_is, None),
    "GET /platform/v1/notices/{notice_id}": ("platform", fuzz_copies.notice(NoticeState.SENT), None),
    "POST /platform/v1/notices/{notice_id}/answers": (
        "platform",
        fuzz_copies.notice(NoticeState.SENT),
        {"kind": "refused", "reason": "not-found", "text": "Nothing there."},
    ),
    "GET /api/copies": ("lead", as_it_is, None),
    "GET /api/copies/{sighting_id}": ("lead", fuzz_copies.lapsed, None),
    "POST /api/copies/{sighting_id}/filings": ("lead", fuzz_copies.lapsed, {"step": "ftc_complaint"}),
    "POST /api/copies/{sighting_id}/filings/{filing_id}/answer": ("lead", fuzz_copies.filed, {"answer": "refused"}),
    "DELETE /api/copies/{sighting_id}/filings/{filing_id}": ("lead", fuzz_copies.filed, None),
    "POST /api/copies/{sighting_id}/next-steps": (
        "lead",
        fuzz_copies.notice(NoticeState.SENT),
        {"notice_id": "{notice_id}"},
    ),
    "POST /api/copies/{sighting_id}/close": ("lead", fuzz_copies.confirmed, {"reason": "handed-over"}),
    "POST /api/copies/{sighting_id}/reopen": ("lead", fuzz_copies.closed, None),
    "GET /api/cases/{case_id}/hand-off/text": ("lead", fuzz_copies.confirmed, None),
    "GET /api/cases/{case_id}/hand-off/pdf": ("lead", fuzz_copies.confirmed, None),
    "GET /api/cases/{case_id}/receipts": ("person", as_it_is, None),
    "GET /api/cases/{case_id}/ledger": ("lead", as_it_is, None),
    "GET /api/numbers/{case_id}": ("lead", as_it_is, None),
    "GET /api/transfers": ("lead", as_it_is, None),
    "POST /api/transfers": ("lead", fuzz_cases.vouched, {"case_id": "{case_id}", "to": "{other_centre}", "days": 7}),
    "DELETE /api/transfers/{transfer_id}": ("lead", fuzz_cases.to_be_moved, None),
    "GET /api/cases/{case_id}/transfers": ("person", as_it_is, None),
    "POST /api/cases/{case_id}/transfers/{transfer_id}/agree": ("person", fuzz_cases.to_be_moved, None),
    "POST /api/cases/{case_id}/transfers/{transfer_id}/decline": ("person", fuzz_cases.to_be_moved, None),
    "DELETE /api/cases/{case_id}/arrival": ("lead", as_it_is, None),
    "DELETE /api/cases/{case_id}/same-picture": ("lead", as_it_is, None),
    "PUT /api/centre/comparing": ("lead", as_it_is, {"on": True}),
    "GET /api/centre/settings": ("mate", as_it_is, None),
    "PUT /api/centre/settings": ("lead", as_it_is, {"country": "KR", "reply_to": "answers@centre.example"}),
    "GET /api/reissues": ("lead", as_it_is, None),
    "POST /api/cases/{case_id}/reissue": ("lead", fuzz_cases.vouched, None),
    "GET /api/cases/{case_id}/reissue": ("person", as_it_is, None),
    "DELETE /api/cases/{case_id}/reissue": ("person", fuzz_cases.lost_words(due=False), None),
    "POST /api/cases/{case_id}/reissue/draw": ("lead", fuzz_cases.lost_words(due=True), None),
    "POST /api/cases/{case_id}/passphrase/words": ("person", fuzz_cases.vouched, {"passphrase": "{passphrase}"}),
    "POST /api/cases/{case_id}/passphrase": (
        "person",
        fuzz_cases.new_words,
        {"passphrase": "{new_words}", "mark": "{mark}"},
    ),
    "GET /api/overview": ("lead", as_it_is, None),
    "GET /api/audit": ("lead", as_it_is, None),
    "POST /api/audit/export": ("lead", as_it_is, {"form": "json"}),
    "GET /api/rest": ("mate", as_it_is, None),
    "PUT /api/rest": ("mate", as_it_is, {"minutes": 45}),
    "POST /api/rest/opened": ("mate", as_it_is, None),
    "POST /api/rest/break": ("mate", as_it_is, None),
    "POST /api/rest/later": ("mate", as_it_is, None),
    "POST /api/codes": ("lead", as_it_is, {"count": 1, "days": 1}),
    "GET /api/account": ("mate", as_it_is, None),
    "POST /api/account/proof": ("lead", fuzz_accounts.with_code, {"password": "{password}", "totp": "{totp}"}),
    "POST /api/account/news/read": ("mate", as_it_is, None),
    "PUT /api/account/password": ("mate", as_it_is, {"password": "another long password"}),
    "POST /api/account/recovery-codes": ("mate", as_it_is, None),
    "PUT /api/account/alias": ("mate", as_it_is, {"alias": "Haneul"}),
    "DELETE /api/account/reset": ("mate", as_it_is, None),
    "DELETE /api/account/log-ins": ("mate", as_it_is, None),
    "DELETE /api/account/log-ins/{log_in_id}": ("lead", fuzz_accounts.logged_in_twice, None),
    "GET /api/colleagues": ("lead", as_it_is, None),
    "PUT /api/colleagues/{account_id}/lead": ("lead", fuzz_accounts.colleague, {"lead": True}),
    "POST /api/colleagues/{account_id}/reset": ("lead", fuzz_accounts.colleague, None),
    "DELETE /api/colleagues/{account_id}/reset": ("lead", fuzz_accounts.colleague, None),
    "GET /api/pool": ("lead", as_it_is, None),
    "POST /api/cases/{case_id}/in-hand": ("lead", fuzz_cases.waiting, None),
    "DELETE /api/cases/{case_id}/in-hand": ("person", fuzz_cases.in_hand, None),
    "PUT /api/cases/{case_id}/any-centre": ("person", fuzz_cases.waiting, {"allowed": False}),
    "GET /api/operations/summary": ("lead", as_it_is, None),
    "GET /api/operations/alerts": ("lead", as_it_is, None),
    "GET /api/operations/health": ("lead", as_it_is, None),
    "GET /api/linking": ("lead", as_it_is, None),
    "PUT /api/linking/sharing": ("lead", as_it_is, {"share": True}),
    "GET /api/sightings/{sighting_id}/linked": ("lead", as_it_is, None),
    "POST /api/linking/{source_id}/reports": ("lead", fuzz_places.placed, {"route": "telegram_peer", "language": "ko"}),
    "GET /api/place-reports": ("lead", as_it_is, None),
    "GET /api/place-reports/{place_report_id}": ("lead", as_it_is, None),
    "POST /api/place-reports/{place_report_id}/send": (
        "lead",
        fuzz_places.place_report("prepared"),
        {"digest": "{digest}"},
    ),
    "POST /api/place-reports/{place_report_id}/submission": (
        "lead",
        fuzz_places.account_report,
        {"reference": "X-1", "digest": "{digest}"},
    ),
    "POST /api/place-reports/{place_report_id}/settle": (
        "lead",
        fuzz_places.place_report("in_doubt"),
        {"arrived": True},
    ),
    "POST /api/place-reports/{place_report_id}/withdraw": ("lead", fuzz_places.place_report("prepared"), None),
    "POST /api/place-reports/{place_report_id}/parts": (
        "lead",
        fuzz_places.place_report("prepared", "joint"),
        {"case_ids": ["{case_id}"]},
    ),
    "GET /api/cases/{case_id}/joint-parts": ("person", as_it_is, None),
    "POST /api/cases/{case_id}/joint-parts/{part_id}/agree": (
        "person",
        fuzz_places.asked_for_part,
        {"signature": "A Name", "statement": "It was private."},
    ),
    "POST /api/cases/{case_id}/joint-parts/{part_id}/decline": ("person", fuzz_places.asked_for_part, None),
    "GET /api/sightings/{sighting_id}/item": ("lead", fuzz_copies.confirmed, None),
    "GET /api/cases/{case_id}/resending": ("person", as_it_is, None),
    "PUT /api/cases/{case_id}/resending": ("person", fuzz_cases.vouched, {"on": True}),
    "GET /api/resent": ("lead", as_it_is, None),
    "GET /api/clocks": ("lead", as_it_is, None),
    "GET /api/notices/{notice_id}/clocks": ("lead", fuzz_copies.notice(NoticeState.SENT), None),
    "GET /api/cases/{case_id}/preservation": ("lead", fuzz_copies.confirmed, None),
    "POST /api/cases/{case_id}/preservation": (
        "lead",
        fuzz_copies.confirmed,
        {"platform": "telegram", "sent_at": "{an_hour_ago}", "reference": "P-1"},
    ),
    "POST /api/cases/{case_id}/preservation/{preservation_id}/not-needed": ("lead", fuzz_copies.preserved, None),
    "GET /api/figures": ("lead", as_it_is, None),
    "GET /api/figures/table.csv": ("lead", as_it_is, None),
    "GET /api/figures/public": ("nobody", as_it_is, None),
    "GET /api/stops": ("lead", as_it_is, None),
    "POST /api/stops": ("lead", as_it_is, {"advocate_id": "{advocate_id}", "reason": "a doubt"}),
    "POST /api/stops/resume": ("lead", fuzz_cases.stopped, {"advocate_id": "{advocate_id}"}),
    "GET /api/reports": ("lead", as_it_is, None),
    "POST /api/reports": ("nobody", as_it_is, REPORT),
    "GET /api/reports/{report_id}": ("lead", as_it_is, None),
    "POST /api/reports/{report_id}/close": ("lead", fuzz_cases.reported, None),
    "GET /healthz": ("nobody", as_it_is, None),
    "GET /readyz": ("nobody", fuzz_scene.with_worker, None),
}
"""Every operation of the document: who asks it, in which state, with which body. Names in braces are ids."""
CHECKS: list[CheckFunction] = [status_code_conformance, content_type_conformance, response_schema_conformance]
"""What the document promises of every answer, refusals too."""
EXAMPLES = 16
"""Of each kind (allowed, not allowed) in one world."""
AT_ONCE = 4
"""Requests that meet each other."""
LONGEST_COMMON = 7
"""Characters of a text that an answer may hold by chance."""


@pytest.fixture
async def wide(prepared_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    """The application with its limits raised; a proxy says where each request comes from."""
    plenty = Budget(1e9, 1e9)
    budgets = Budgets(dict.fromkeys(Act, Limits(plenty, plenty)))
    more: dict[str, Any] = {"public_figures": True, "cut_outs": frozenset({"telegram"}), "names": True}
    more["news_from"] = "info@letters.example"
    async with api_world(
        prepared_url, tmp_path, budgets=budgets, trusted_proxies=[PROXY], **{"names": True, **more}
    ) as made:
        yield made


def named(value: Any, ids: Mapping[str, str]) -> Any:
    """The body with ids in the place of their names."""
    if isinstance(value, dict):
        return {name: named(each, ids) for name, each in value.items()}
    if isinstance(value, list):
        return [named(each, ids) for each in value]
    return value.format(**ids) if isinstance(value, str) else value


def texts_in(value: Any) -> list[str]:
    """Every text within, names too."""
    if isinstance(value, dict):
        return [*map(str, value), *(text for each in value.values() for text in texts_in(each))]
    if isinstance(value, list):
        return [text for each in value for text in texts_in(each)]
    return [value] if isinstance(value, str) else []


class Asked:
    """One operation of the document, and the requests that Schemathesis makes of it."""

    def __init__(self, operation: Any) -> None:
        self.operation, self.label = operation, str(operation.label)
        asks = {"parameters", "requestBody", "security"} & operation.definition.raw.keys()
        # Nothing can be wrong where nothing is asked.
        modes = (GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if asks else []))
        self._cases = {mode: operation.as_strategy(generation_mode=mode) for mode in modes}

    def drawn(self, number: int) -> list[tuple[AnyCase, str, str, int]]:
        """Requests of batch `number`: each with who asks it, how much of it is honest, and whose origin it has."""
        found: list[tuple[AnyCase, str, str, int]] = []
        for cases in self._cases.values():
            _collect(cases, found, SEED * 1_000_003 + number)
        return found


def _collect(cases: Any, found: list[tuple[AnyCase, str, str, int]], number: int) -> None:
    roles = st.sampled_from(("honest", "honest", *ROLES))
    blends = st.sampled_from(("drawn", "known ids", "one value", "one value", "gone ids"))

    @seed(number)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases, roles, blends, st.integers(1, 2**24))
    def collect(case: AnyCase, role: str, blend: str, origin: int) -> None:
        found.append((case, role, blend, origin))

    collect()


def blended(case: AnyCase, blend: str, ids: Mapping[str, str], honest: Any, number: int) -> None:
    """Put ids that are or were real, and all of an honest body but one value, into a case."""
    if blend == "drawn":
        return
    for name in case.path_parameters:
        case.path_parameters[name] = ids.get(name, case.path_parameters[name])
    if blend == "one value" and isinstance(case.body, dict) and isinstance(honest, dict) and case.body:
        name = sorted(case.body)[number % len(case.body)]
        case.body = {**honest, name: case.body[name]}


async def send(world: ApiWorld, case: AnyCase, token: str | None, origin: int) -> tuple[httpx.Response, str]:
    """The bytes that Schemathesis would send, and how to see them again."""
    told = case.as_transport_kwargs(base_url="http://test")
    known = ("method", "url", "headers", "params", "data", "json", "cookies")
    made = requests.Request(**{name: told[name] for name in known if told.get(name) is not None}).prepare()
    headers = [(name.encode("latin-1", "replace"), _bytes(value)) for name, value in made.headers.items()]
    if token is not None:
        headers = [each for each in headers if each[0].lower() != b"authorization"]
        headers.append((b"Authorization", f"Bearer {token}".encode()))
    address = f"10.{origin >> 16 & 255}.{origin >> 8 & 255}.{origin & 255}"
    headers.append((b"X-Forwarded-For", address.encode()))
    content = made.body if isinstance(made.body, bytes | type(None)) else str(made.body).encode()
    answer = await world.http.request(str(made.method), str(made.url), headers=headers, content=content)
    return answer, f"{made.method} {made.url} {headers} {content!r} -> {answer.status_code} {answer.text}"


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1", "replace")


def judge(tally: Tally, document: str, label: str, case: AnyCase, answer: httpx.Response, again: str) -> None:
    """What holds for every answer."""
    tally.count(label, answer.status_code)
    if answer.status_code >= 500:
        tally.fault(f"{answer.status_code} {label} {tally.where}", again)
        return
    if answer.status_code >= 400:
        try:
            problem(answer)
        except (AssertionError, KeyError, ValueError):
            tally.fault(f"no problem document: {answer.status_code} {label}", again)
            return
        told = "\n".join(texts_in(answer.json()))
        sent = texts_in([case.body, dict(case.query or {}), dict(case.path_parameters or {})])
        for text in sent:
            if len(text) > LONGEST_COMMON and text in told and text not in document:
                tally.fault(f"comes back: {label}", f"{text!r} in {again}")
    try:
        case.validate_response(answer, checks=CHECKS)
    except (Failure, FailureGroup) as error:
        kinds = error.exceptions if isinstance(error, FailureGroup) else [error]
        tally.fault(f"not as documented: {answer.status_code} {label} {[type(one).__name__ for one in kinds]}", again)


async def ask(scene: Scene, tally: Tally, document: str, asked: Asked, number: int, ends: float) -> None:
    """One operation: once as an honest program asks it, then in every other way."""
    world = scene.world
    role, ready, body = HONEST[asked.label]
    state = await ready(scene)
    honest, method = named(body, state.ids), asked.label.split(" ")[0]
    path = asked.label.split(" ", 1)[1].format(**state.ids)
    callers = {**scene.callers, "person": state.person}
    headers = {"Authorization": f"Bearer {callers[role].token}"} if callers[role].token else {}
    content = {} if body is None else {"json": honest}
    answer = await world.http.request(method, path, headers=headers, **content)
    tally.count(asked.label, answer.status_code)
    if not answer.is_success:
        tally.fault(f"honest, and refused: {asked.label}", f"{honest} -> {answer.status_code} {answer.text}")
    rest = asked.drawn(number)
    while rest and time.monotonic() < ends:
        together, rest = rest[:AT_ONCE], rest[AT_ONCE:]
        for case, _, blend, origin in together:
            blended(case, blend, scene.gone if blend == "gone ids" else state.ids, honest, origin)
        who = [callers[role if drawn == "honest" else drawn] for _, drawn, *_ in together]
        sent = [
            send(world, case, caller.token, origin) for (case, *_, origin), caller in zip(together, who, strict=True)
        ]
        for (case, *_), (answer, again) in zip(together, await asyncio.gather(*sent), strict=True):
            judge(tally, document, asked.label, case, answer, again)


def test_every_operation_has_an_honest_request() -> None:
    """Told at once, not only where the long fuzzing runs."""
    document = FastAPI()
    document.router.routes.extend(_routes())
    paths = document.openapi()["paths"]
    assert {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods} == set(HONEST)


@pytest.mark.soak
@pytest.mark.timeout(2 * SECONDS + 900)
async def test_every_operation_can_be_done_and_no_request_makes_a_fault(wide: ApiWorld) -> None:
    """The first pass over all operations is whole, however long it takes."""
    document = (await wide.http.get("/api/openapi.json")).json()
    found = schemathesis.openapi.from_dict(document).get_all_operations()
    operations = [Asked(one.ok()) for one in found if isinstance(one, Ok)]
    assert {asked.label for asked in operations} == set(HONEST)
    began, number = time.monotonic(), 0
    with tallying() as tally:
        # Hypothesis draws words of our own sources, too: an answer may say them of itself.
        ours = [path.read_text("utf-8") for room in ("api", "monitor") for path in (ROOT / room).rglob("*.py")]
        scene = await fuzz_centre.build(wide, number)
        text = "\n".join([json.dumps(document, ensure_ascii=False), *ours])
        while number < len(operations) or time.monotonic() < began + SECONDS:
            if not await fuzz_scene.still_whole(scene):
                scene = await fuzz_centre.build(wide, number)
            asked = operations[number % len(operations)]
            ends = began + SECONDS if number >= len(operations) else float("inf")
            await ask(scene, tally, text, asked, number, ends)
            number += 1
        print(tally.told())
    assert not tally.faults, json.dumps(tally.faults, indent=1, ensure_ascii=False)
    assert tally.reached >= set(HONEST)
