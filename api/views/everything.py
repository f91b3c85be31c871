"""All that is held of a case, as its person sees it anywhere: JSON, and a text that reads without a program.

No picture, and not the case's number, which is half of what opens it.
"""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.i18n import mark, translations
from api.pages import texts
from api.views.cases import consent_view, fingerprint_view, intake_view, link_view
from api.views.entered import entries_view, namer
from api.views.notices import notice_view
from api.views.sightings import released_view
from api.views.standing import place_list
from api.views.talk import question_list, talk_view
from db.models.cases import Case
from db.models.cases import Fingerprint as FingerprintRow
from db.queries.actors import Actor
from db.queries.cases import ledger_entries_of, links_of, receipts_of
from db.queries.notices import notices_of
from db.queries.sightings import sightings_of
from db.queries.tenants import CaseTenant, consents_of
from monitor.actions.agree_list import list_told
from monitor.actions.ask_person import questions_of
from monitor.actions.messages import told_talk
from monitor.actions.names import terms_told
from monitor.actions.papers import read_sent
from monitor.actions.watching import places_of
from monitor.cases.fingerprints import fingerprints_shown_to
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.evidence.by import By, Who
from monitor.model.records.fingerprint import FingerprintRecord
from monitor.model.records.receipts import RemovalRecord
from monitor.sightings.own_pages import own_page_rows

NAMES = ("data.json", "data.txt")
_MOST = 1000
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
    "messages": mark("Messages"),
    "done_by_you": mark("What you did, from the record of the case"),
}
_LEFT_OUT_OF_TEXT = ("codes", "media_id", "source_id", "sighting_id", "notice_id", "fingerprint_id", "consent_id")


async def everything(session: AsyncSession, context: DomainContext, case: Case, actor: Actor) -> dict[str, Any]:
    """By part. What an advocate did not release is in no part."""
    now, language = context.now(), case.language
    shown = await fingerprints_shown_to(session, actor, case.id)
    consents, places = await consents_of(session, CaseTenant(case.id)), await places_of(session, context, case)
    links = await links_of(session, case.id)
    who = [*(one.entered_by for one in shown), *(one.entered_by for one, _ in consents)]
    name = await namer(session, [*who, *(one.entered_by for one in links)])
    found, _ = await sightings_of(session, actor, case_id=case.id, limit=_MOST)
    notices, _ = await notices_of(session, actor, case_id=case.id, limit=_MOST)
    told: dict[str, Any] = {
        "case": _case(case),
        "answers": _plain(await intake_view(session, context, actor, case, read_intake(context, case))),
        "entered": _plain(await entries_view(session, context, actor, case)),
        "fingerprints": [
            _plain(fingerprint_view(context, actor, row, name)) | {"codes": _codes(context, row)} for row in shown
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
        "receipts": [
            context.open_record(RemovalRecord, case.id, row.sighting_id, row.content).content()
            for row in await receipts_of(session, actor, case.id)
        ],
        "messages": _plain(talk_view(await told_talk(session, context, case, actor)))["messages"],
        "done_by_you": await _done(session, context, case),
    }
    for notice, sighting in notices:
        whole = _plain(notice_view(notice, sighting, now))
        if notice.sent_at is not None:
            copy = await read_sent(session, context, case, actor, notice.id)
            whole |= {"recipient": copy.recipient, "subject": copy.subject, "body": copy.body}
        told["notices"].append(whole)
    without: dict[str, Any] = _without(told, "case_id")
    return without


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
            lines += [*_lines(row, gettext), ""]
    return "\n".join(lines).strip() + "\n"


def _lines(row: Mapping[str, Any], gettext: texts.Gettext, indent: str = "") -> Iterable[str]:
    for name, value in row.items():
        if name in _LEFT_OUT_OF_TEXT or value in (None, "", [], {}):
            continue
        label = gettext(texts.HELD[name]) if name in texts.HELD else name.replace("_", " ")
        if isinstance(value, Mapping):
            yield f"{indent}{label}:"
            yield from _lines(value, gettext, indent + "  ")
        elif isinstance(value, list):
            yield f"{indent}{label}:"
            for one in value:
                if isinstance(one, Mapping):
                    yield from _lines(one, gettext, indent + "  ")
                else:
                    yield f"{indent}  - {one}"
        else:
            yield f"{indent}{label}: {value}"


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


async def _done(session: AsyncSession, context: DomainContext, case: Case) -> list[dict[str, Any]]:
    """The person's own steps. Those of others may tell of what was not released."""
    told = []
    for row in await ledger_entries_of(session, case.id):
        opened = context.ledger.open(row)
        if opened is not None and By.from_json(opened.told["by"]).who is Who.PERSON:
            told.append({"at": row.at.isoformat(), "step": row.kind})
    return told


def _plain(view: Any) -> dict[str, Any]:
    plain: dict[str, Any] = view.model_dump(mode="json")
    return plain


def _without(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: _without(one, name) for key, one in value.items() if key != name}
    return [_without(one, name) for one in value] if isinstance(value, list) else value
