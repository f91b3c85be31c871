"""All that is held of a case, as its person sees it anywhere: JSON, and a text that reads without a program.

No picture, and not the case's number, which is half of what opens it.
"""

import io
import json
import zipfile
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from api.i18n import mark, translations
from api.views.cases import consent_view, fingerprint_views, intake_view, link_view
from api.views.entered import entries_view, namer
from api.views.held_words import LEFT_OUT, label_of, value_of
from api.views.notices import notices_of_case
from api.views.receipts import receipt_list
from api.views.sightings import released_view
from api.views.standing import place_list
from api.views.talk import question_list, talk_view
from db.models.cases import Case
from db.models.cases import Fingerprint as FingerprintRow
from db.models.linking import ReportPart
from db.queries.actors import Actor
from db.queries.cases import ledger_entries_of, links_of
from db.queries.notices import notices_of
from db.queries.sightings import sightings_of
from db.queries.tenants import CaseTenant, consents_of
from monitor.actions.agree_list import list_told
from monitor.actions.ask_person import questions_of
from monitor.actions.joint import parts_of_case
from monitor.actions.messages import told_talk
from monitor.actions.names import terms_told
from monitor.actions.papers import read_sent
from monitor.actions.transfer import asked_of_person
from monitor.actions.watching import places_of
from monitor.cases.fingerprints import fingerprints_shown_to
from monitor.cases.intake import read_intake
from monitor.cases.news import news_mail_of
from monitor.cases.reissue import standing_reissue
from monitor.context.context import DomainContext
from monitor.evidence.by import By, Who
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.records.fingerprint import FingerprintRecord
from monitor.model.records.place_report import PartRecord
from monitor.notices.address import asked_of
from monitor.sightings.own_pages import own_page_rows

NAMES = ("data.json", "data.txt")
Row = TypeVar("Row", bound=tuple[Any, Any])

_AT_ONCE = 1000
"""Rows that are asked for together: however many there are, all of them are in it."""
_TITLES: Mapping[str, str] = {
    "case": mark("The case"),
    "answers": mark("What you told"),
    "entered": mark("What advocates entered for you, and written powers to act"),
    "fingerprints": mark("Fingerprints of your photos and videos"),
    "places": mark("Places where we look"),
    "consents": mark("Every yes that you gave, ended ones too"),
    "links": mark("Links that you told us"),
    "list": mark("Your yes to the list of your centre, in numbers"),
    "own_pages": mark("Pages that are your own"),
    "names": mark("Words that are looked for in posts"),
    "found": mark("What was found"),
    "questions": mark("Possible copies that you are asked about"),
    "notices": mark("Notices, and what was sent"),
    "receipts": mark("Receipts of removal"),
    "receipts_ended": mark("Receipts of removal that count no more"),
    "messages": mark("Messages"),
    "news_mail": mark("The address for mail when there is something to read"),
    "joint_reports": mark("Your parts of joint reports"),
    "addresses": mark("Your answers about your own address in notices"),
    "transfers": mark("Moves to another centre that you were asked about"),
    "new_passphrase": mark("A new passphrase that was asked for"),
    "agreement": mark("The privacy notice that you agreed to"),
    "done_by_you": mark("What you did, from the record of the case"),
}


async def everything(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, language: str
) -> dict[str, Any]:
    """By part, its sentences in this language. What an advocate did not release is in no part."""
    now = context.now()
    shown = await fingerprints_shown_to(session, actor, case.id)
    consents, places = await consents_of(session, CaseTenant(case.id)), await places_of(session, context, case)
    links = await links_of(session, case.id)
    who = [*(one.entered_by for one in shown), *(one.entered_by for one, _ in consents)]
    name = await namer(session, [*who, *(one.entered_by for one in links)])
    found = await _all_of(partial(sightings_of, session, actor, case_id=case.id, limit=_AT_ONCE))
    notices = await _all_of(partial(notices_of, session, actor, case_id=case.id, limit=_AT_ONCE))
    receipts = await receipt_list(session, context, actor, case)
    told: dict[str, Any] = {
        "case": _case(case),
        "answers": _plain(await intake_view(session, context, actor, case, read_intake(context, case))),
        "entered": _plain(await entries_view(session, context, actor, case)),
        "fingerprints": [
            _plain(view) | {"codes": _codes(context, row)}
            for view, row in zip(await fingerprint_views(session, context, actor, case.id, shown), shown, strict=True)
        ],
        "places": _plain(place_list(case, places, now, name))["places"],
        "consents": [_plain(consent_view(one, source, now, name)) for one, source in consents],
        "links": [_plain(link_view(context, row, name)) for row in links],
        "list": [_moments(asdict(one)) for one in (await list_told(session, context, case)).agreed],
        "own_pages": [
            {"platform": page.platform, "source": page.handle, "added_at": row.added_at.isoformat()}
            for row, page in await own_page_rows(session, context, case.id)
        ],
        "names": [
            {"term": one.term, "kind": one.kind, "state": one.state} for one in await terms_told(session, context, case)
        ],
        "found": [_plain(await released_view(session, context, *row)) for row in found],
        "questions": _plain(question_list(await questions_of(session, context, case, actor), language))["questions"],
        "notices": [],
        "receipts": [one.content for one in receipts.receipts],
        "receipts_ended": [_with_why(_plain(one)) for one in receipts.taken_back],
        "messages": _plain(talk_view(await told_talk(session, context, case, actor)))["messages"],
        "news_mail": [
            {"address": one.address, "sender": one.sender, "subject": one.subject, "stopped": one.stopped}
            | _moments({"given_at": one.since, "sent_at": one.told_at})
            for one in [await news_mail_of(session, context, case)]
            if one is not None
        ],
        "joint_reports": [_part(context, one) for one in await parts_of_case(session, case)],
        "addresses": [
            _moments(asdict(one)) | {"state": str(one.state)} for one in await asked_of(session, context, case)
        ],
        "transfers": [
            _moments(
                {name: getattr(one, name) for name in ("from_centre", "to_centre", "asked_at", "expires_at")}
                | {"state": str(one.state), "answered_at": one.answered_at}
            )
            for one in await asked_of_person(session, context, case)
        ],
        "new_passphrase": [
            _moments({"asked_at": one.asked_at, "due_at": one.due_at, "expires_at": one.ends_at})
            for one in [await standing_reissue(session, context, case)]
            if one is not None
        ],
        **await _steps(session, context, case),
    }
    for (notice, _), view in zip(notices, await notices_of_case(session, context, case, notices), strict=True):
        whole = _plain(view)
        whole["not_sent"] = [_with_why(one) for one in whole.pop("stopped")]
        if notice.sent_at is not None:
            copy = await read_sent(session, context, case, actor, notice.id)
            whole |= {"recipient": copy.recipient, "subject": copy.subject, "body": copy.body}
        told["notices"].append(whole)
    without: dict[str, Any] = _without(told, "case_id")
    return without


async def _all_of(page: Callable[..., Awaitable[tuple[Sequence[Row], int]]]) -> list[Row]:
    """Every row, page after page."""
    rows: list[Row] = []
    while True:
        more, _ = await page(after=rows[-1][0].id if rows else None)
        rows += more
        if len(more) < _AT_ONCE:
            return rows


def _with_why(row: Mapping[str, Any]) -> dict[str, Any]:
    """Its reason is told in words, which others of that name are not."""
    return {"why" if name == "reason" else name: value for name, value in row.items()}


def _moments(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def packed(told: Mapping[str, Any], language: str) -> bytes:
    """A ZIP of both. It takes a moment: call it in a thread."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NAMES[0], json.dumps(told, ensure_ascii=False, indent=1))
        archive.writestr(NAMES[1], "\ufeff" + as_text(told, language))
    return made.getvalue()


def as_text(told: Mapping[str, Any], language: str) -> str:
    """The same to read. Codes stand in the JSON only: nobody reads them."""
    gettext = translations(language).gettext
    lines: list[str] = []
    for part, value in told.items():
        lines += ["", f"# {gettext(_TITLES[part])}"]
        rows = value if isinstance(value, list) else [value]
        if not rows:
            lines.append(gettext("Nothing."))
        for row in rows:
            lines += [*_lines(part, row, language), ""]
    return "\n".join(lines).strip() + "\n"


def _lines(part: str, row: Mapping[str, Any], language: str, indent: str = "") -> Iterable[str]:
    for name, value in row.items():
        if name in LEFT_OUT or value in (None, "", [], {}):
            continue
        label = label_of(name, language)
        if isinstance(value, Mapping):
            yield f"{indent}{label}:"
            yield from _lines(part, value, language, indent + "  ")
        elif isinstance(value, list):
            yield f"{indent}{label}:"
            for one in value:
                if isinstance(one, Mapping):
                    yield from _lines(part, one, language, indent + "  ")
                else:
                    yield f"{indent}  - {value_of(part, name, one, language)}"
        else:
            yield f"{indent}{label}: {value_of(part, name, value, language)}"


def _case(case: Case) -> dict[str, Any]:
    times = {
        "opened_at": case.opened_at,
        "vouched_at": case.vouched_at,
        "logged_in_last": case.visited_at,
        "everything_paused_at": case.watching_paused_at,
        "resending_allowed_at": case.resend_person_at,
    }
    told = {name: None if at is None else at.isoformat() for name, at in times.items()}
    return {"state": case.state, "language": case.language, "any_centre": case.any_centre, **told}


def _codes(context: DomainContext, row: FingerprintRow) -> dict[str, Any]:
    return context.open_record(FingerprintRecord, row.case_id, row.id, row.payload).content()


def _part(context: DomainContext, part: ReportPart) -> dict[str, Any]:
    told: dict[str, Any] = {"state": part.state, "asked_at": part.asked_at, "answered_at": part.answered_at}
    if part.content:
        record = context.open_record(PartRecord, part.case_id, part.id, part.content)
        told |= {"statement": record.statement, "signature": record.signature, "agreed_at": record.agreed_at}
    return _moments(told)


async def _steps(session: AsyncSession, context: DomainContext, case: Case) -> dict[str, list[dict[str, Any]]]:
    """The person's own steps, and what they agreed to. Those of others may tell of what was not released."""
    told: list[dict[str, Any]] = []
    agreed: list[dict[str, Any]] = []
    for row in await ledger_entries_of(session, case.id):
        opened = context.ledger.open(row)
        if opened is not None and By.from_json(opened.told["by"]).who is Who.PERSON:
            told.append({"at": row.at.isoformat(), "step": row.kind})
            if row.kind == EntryKind.PRIVACY_AGREED:
                agreed.append({_AGREED[name]: opened.told[name] for name in _AGREED if name in opened.told})
    return {"agreement": agreed, "done_by_you": told}


_AGREED = {"version": "privacy_version"} | {name: name for name in ("language", "agreed_at", "under_age", "guardian")}


def _plain(view: Any) -> dict[str, Any]:
    plain: dict[str, Any] = view.model_dump(mode="json")
    return plain


def _without(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: _without(one, name) for key, one in value.items() if key != name}
    return [_without(one, name) for one in value] if isinstance(value, list) else value
