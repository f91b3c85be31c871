"""The report that an officer reads: a PDF, tagged, with Korean fonts inside, made by Typst from values only.

The fonts are NanumGothic of the package koreanize-matplotlib (SIL Open Font License 1.1, (c) NAVER Corp.). Typst's own
monospaced font is DejaVu Sans Mono, which comes with it.
"""

import importlib.util
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import typst

from monitor.core.errors import ConfigError
from monitor.evidence.entry_kinds import EntryKind
from monitor.exports import words
from monitor.exports.case_file import AnswerLine, CaseFile, CopyLine, EntryLine, NoticeLine
from monitor.exports.matched import drawing, in_words
from monitor.mailbox.report import ReportKind
from monitor.model.facts import AgeGroup, Basis, PictureKind
from monitor.notices.fields import KST, moment, moment_in_both
from monitor.notices.removal_rules import GONE
from monitor.notices.route_table import ROUTES
from monitor.notices.texts import BASES, KINDS, PLATFORMS, in_language
from monitor.platforms.base import PlatformName, Presence

TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
_FONTS_OF = "koreanize_matplotlib"
"""Only its fonts are used; nothing of it is imported."""
_THERE = frozenset({Presence.LIVE, Presence.EDITED, Presence.RESTRICTED})
_MAILS_ONLY = frozenset({ReportKind.BOUNCE, ReportKind.CLAIM, ReportKind.DELAY})
"""Of what came in, what answers nothing."""
_MOST_NUMBERS = 12
"""Of copies that one line names; beyond it only how many."""
LONGEST_ANSWER = 160
"""Characters of an answer in the report's table; the whole of it is in records.json."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFrame:
    """What every report of a package says in the same way."""

    language: str
    package: str
    made_at: datetime
    made_by: str = field(repr=False)
    recipient: str = field(repr=False)
    public_key: str
    verifier_sha256: str
    verifier_page: str
    """Where the centre shows the public key and the verifier's hash."""


def report_pdf(case: CaseFile, frame: ReportFrame) -> bytes:
    """The report as a PDF. Takes about a second of one processor: call it in a thread."""
    return render(case, frame, "pdf")[0]


def render(case: CaseFile, frame: ReportFrame, output: Literal["pdf", "png"]) -> list[bytes]:
    """The report as `pdf`, or as one `png` a page."""
    values = json.dumps(report_values(case, frame), ensure_ascii=False)
    made: Any = typst.compile(  # bytes, or of several pages a list of them
        TEMPLATE,
        root=TEMPLATE.parent,
        font_paths=_fonts(),
        format=output,
        sys_inputs={"report": values},
        timestamp=frame.made_at,
    )
    return made if isinstance(made, list) else [made]


@lru_cache(1)
def _fonts() -> typst.Fonts:
    found = importlib.util.find_spec(_FONTS_OF)
    folders = [] if found is None else [Path(place) / "fonts" for place in found.submodule_search_locations or ()]
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(folder) for folder in folders])
    if "NanumGothic" not in fonts.families():
        raise ConfigError("the report's Korean fonts are missing: install koreanize-matplotlib as the lock file says")
    return fonts


def report_values(case: CaseFile, frame: ReportFrame) -> dict[str, Any]:
    """Everything that the report says, as JSON values."""
    language = frame.language
    texts = words.report_texts(language)
    return {
        "language": language,
        "texts": texts,
        "title": f"{texts['title']} {case.case_id}",
        "case": case.case_id,
        "centre": case.centre,
        "package": frame.package,
        "head": _head(case, frame, texts),
        "glance": _glance(case, texts, language),
        "copies": [_copy(one, texts, language) for one in case.copies],
        "notices": [_notice(one, texts, language) for one in case.notices],
        "filings": [
            {
                "copy": one.copy,
                "step": _route(one.step, language),
                "at": moment_in_both(one.filed_at),
                "reference": one.reference,
                "answer": _told(
                    one.answer and words.told(words.FILING_ANSWERS, one.answer, language),
                    moment_in_both(one.answered_at),
                )
                or texts["none_yet"],
            }
            for one in case.filings
        ],
        "links": [{"at": moment_in_both(at), "url": url} for at, url in case.links],
        "custody": _custody(case, texts, language),
        "verify": _verify(case, frame, texts),
        "stamps": [
            texts["stamp_of"].format(
                day=one.day, count=one.count, authority=one.authority, at=moment_in_both(one.stamped_at)
            )
            for one in case.stamps
        ],
        "contents": [[name, in_language(words.FILES[name], language)] for name in _files(case)],
    }


def _files(case: CaseFile) -> list[str]:
    """What of FILES is in this case's folder."""
    absent = {
        "attestation.json": case.attestation is None,
        "time-stamps/": not case.stamps,
        "responses/": not any(one.response for one in case.copies),
        "preservation-*.txt": not case.more,
    }
    return [name for name in words.FILES if not absent.get(name)]


def _head(case: CaseFile, frame: ReportFrame, texts: Mapping[str, str]) -> list[list[Any]]:
    rows: list[list[Any]] = [
        [texts["case"], case.case_id, True],
        [texts["centre"], case.centre],
        [texts["made_at"], f"{moment_in_both(frame.made_at)} · {frame.made_by}"],
        [texts["for"], frame.recipient],
        [texts["person"], f"{_ages(case, frame.language)} · {case.country or '?'}"],
    ]
    return [row for row in rows if row[1]]


def _ages(case: CaseFile, language: str) -> str:
    """Of every copy, the youngest first: one minor's picture among others must not be overlooked."""
    there = {one.age for one in case.copies} or {case.age_group}
    first = [age for age in (AgeGroup.MINOR, AgeGroup.UNSURE, AgeGroup.ADULT) if age in there]
    told = []
    for age in first:
        numbers = [one.number for one in case.copies if one.age is age]
        shown = ", ".join(map(str, numbers)) if len(numbers) <= _MOST_NUMBERS else f"{len(numbers)}"
        of_which = "" if len(first) == 1 else f" ({words.copies(shown, len(numbers) <= _MOST_NUMBERS, language)})"
        told.append(in_language(words.AGES[age], language) + of_which)
    return " / ".join(told)


def _glance(case: CaseFile, texts: Mapping[str, str], language: str) -> dict[str, Any]:
    gone = sum(one.removed_at is not None for one in case.copies)
    there = sum(one.presence in _THERE and one.removed_at is None for one in case.copies)
    unchecked = sum(not one.presence for one in case.copies)
    rest = len(case.copies) - gone - there - unchecked
    counts = {"gone": gone, "still_there": there, "when_found": unchecked, "unclear": rest}
    states = [f"{texts[name]} {count}" for name, count in counts.items() if count]
    places = {(one.platform, one.handle) for one in case.copies}
    kinds = list(dict.fromkeys(in_language(KINDS[PictureKind(one.kind)], language) for one in case.copies))
    sent = [one for one in case.notices if one.sent_at is not None]
    deciders = list(dict.fromkeys(one.decided_by for one in case.copies if one.decided_by))
    answers = [one for notice in case.notices for one in notice.answers if one.kind not in _MAILS_ONLY]
    rows = [
        [texts["kind"], ", ".join(kinds)],
        [texts["place"], ", ".join(_place(*place, language) for place in sorted(places))],
        [texts["first_posted"], moment_in_both(min((one.posted_at for one in case.copies), default=None))],
        [texts["last_found"], moment_in_both(max((one.found_at for one in case.copies), default=None))],
        [texts["decided"], ", ".join(deciders)],
        [texts["notices_sent"], str(len(sent))],
        [texts["answers_got"], str(len(answers))],
    ]
    return {
        "headline": texts["copies_at"].format(copies=len(case.copies), places=len(places)),
        "states": " · ".join(states),
        "rows": [row for row in rows if row[1]],
    }


def _copy(one: CopyLine, texts: Mapping[str, str], language: str) -> dict[str, Any]:
    evidence = one.evidence
    kind = in_language(KINDS[PictureKind(one.kind)], language)
    facts: list[list[Any]] = [
        [texts["link"], one.url, True],
        [texts["handle"], f"@{one.handle}" + (f" · {texts['remote_id']} {one.remote_id}" if one.remote_id else "")],
        [texts["post"], one.post],
        [texts["author"], _author(evidence)],
        [texts["origin"], _origin(evidence)],
        [texts["posted"], moment_in_both(one.posted_at)],
        [texts["edited"], moment_in_both(_parsed(evidence.get("edited_at")))],
        [texts["found"], moment_in_both(one.found_at)],
        [texts["kind"], f"{kind} · {in_language(words.AGES[one.age], language)} · {_size(one, texts)}"],
        [texts["observed_by"], _observed_by(evidence, texts)],
        [texts["decided"], " · ".join(part for part in (one.decided_by, moment_in_both(one.decided_at)) if part)],
        [texts["basis"], in_language(BASES[Basis(one.basis)], language) if one.basis else ""],
        [texts["now"], _state(one, language)],
        [texts["checked"], moment_in_both(one.checked_at)],
        [texts["removed_at"], moment_in_both(one.removed_at)],
        [texts["closed"], _closed(one, language)],
        [texts["moved"], "" if one.seen_last is None else one.seen_last["url"], True],
    ]
    matched = in_words(one.how, language, identical=one.identical)
    return {
        "number": one.number,
        "place": _place(one.platform, one.handle, language),
        "kind": kind,
        "posted": _lines(one.posted_at),
        "found": _lines(one.found_at),
        "now": _state(one, language),
        "facts": [row for row in facts if row[1]],
        "matched": list(matched.facts),
        "drawing": _drawing(one, matched.compared, matched.posted, texts),
        "hashes": [
            [texts[name], evidence.get(key), True]
            for name, key in (("sha_medium", "media_sha256"), ("sha_answer", "response_sha256"), ("pdq", "pdq"))
            if evidence.get(key)
        ],
    }


def _drawing(one: CopyLine, compared: str, posted: str, texts: Mapping[str, str]) -> dict[str, str] | None:
    drawn = drawing(one.how, int(one.evidence.get("width") or 0), int(one.evidence.get("height") or 0))
    if drawn is None:
        return None
    return {
        "compared": drawn[0],
        "posted": drawn[1],
        "compared_place": compared,
        "posted_place": posted,
        "alt_compared": f"{texts['own_picture']}: {compared}",
        "alt_posted": f"{texts['post_picture']}: {posted}",
    }


def _notice(one: NoticeLine, texts: Mapping[str, str], language: str) -> dict[str, Any]:
    deadline = [f"{texts['deadline']} {line}" for line in _lines(one.deadline_at)]
    return {
        "number": one.number,
        "copy": one.copy,
        "route": _route(one.route, language),
        "recipient": one.recipient,
        "sent": [*_lines(one.sent_at), *deadline] if one.sent_at else [texts["not_sent"]],
        "state": words.told(words.STATES, one.state, language),
        "answers": [_answer(answer, texts, language) for answer in one.answers] or [texts["none_yet"]],
    }


def _route(name: str, language: str) -> str:
    """Its title; the name of one that this program no longer has."""
    route = ROUTES.get(name)
    return in_language(route.title, language) if route is not None and route.title else name


def _answer(one: AnswerLine, texts: Mapping[str, str], language: str) -> str:
    told = f"{moment_in_both(one.at)}: {texts.get(f'answer_{one.kind}', one.kind)}"
    if one.reason:
        told += f", {words.told(words.WHY_REFUSED, one.reason, language)}"
    text = " ".join(one.text.split())
    shown = text if len(text) <= LONGEST_ANSWER else text[:LONGEST_ANSWER] + "…"
    if one.kind != "reply":
        return f"{told} ({shown})" if text else told
    return f"{told} ({texts['proven'] if one.proven else texts['unproven']}): {shown}"


def _custody(case: CaseFile, texts: Mapping[str, str], language: str) -> dict[str, Any]:
    shown = [one for one in case.entries if one.opened]
    told = _telling(shown)
    note = texts["custody_note"].format(others=len(case.entries) - len(shown))
    if len(told) < len(shown):
        note += " " + texts["custody_folded"].format(left_out=len(shown) - len(told))
    return {"note": note, "rows": [_entry(one, language) for one in told]}


def _telling(entries: Sequence[EntryLine]) -> list[EntryLine]:
    """Without the checks of a copy that only say once more what the one before said: a year of them fills a book."""
    checks = [one for one in entries if one.kind == EntryKind.LOOKED]
    last = {one.copy: one.seq for one in checks}
    before: dict[int | None, str] = {}
    again = set()
    for one in checks:
        if before.get(one.copy) == one.presence and one.seq != last[one.copy]:
            again.add(one.seq)
        before[one.copy] = one.presence
    return [one for one in entries if one.seq not in again]


def _entry(one: EntryLine, language: str) -> dict[str, Any]:
    presence = words.told(words.PRESENCES, one.presence, language)
    kinds = words.KINDS_OF_ENTRIES
    who = words.told(words.WHO, one.who, language)
    return {
        "seq": one.seq,
        "at": moment_in_both(one.at),
        "what": words.told(kinds, one.kind, language, copy=one.copy, notice=one.notice, presence=presence),
        "who": f"{who}: {one.name}" if one.name else who,
    }


def _verify(case: CaseFile, frame: ReportFrame, texts: Mapping[str, str]) -> dict[str, Any]:
    return {
        "first": texts["verify_1"].format(page=frame.verifier_page),
        "command": f"python3 -I -S verify.py {frame.package}.zip --public-key {frame.public_key[:16]}…",
        "rows": [
            [texts["public_key"], frame.public_key, True],
            [texts["verifier_sha"], frame.verifier_sha256, True],
            [texts["head"], f"{case.ledger['count']}: {case.ledger['head_hash']}", True],
        ],
    }


def _closed(one: CopyLine, language: str) -> str:
    if one.closed_at is None:
        return ""
    return f"{in_language(words.CLOSINGS[one.closed_for], language)} · {moment_in_both(one.closed_at)}"


def _state(one: CopyLine, language: str) -> str:
    if one.removed_at is not None and one.presence in GONE:
        return in_language(words.REMOVED, language)
    if not one.presence:
        return in_language(words.NOT_CHECKED, language)
    return words.told(words.PRESENCES, one.presence, language)


def _place(platform: str, handle: str, language: str) -> str:
    return f"{in_language(PLATFORMS[PlatformName(platform)], language)} @{handle}"


def _size(one: CopyLine, texts: Mapping[str, str]) -> str:
    told = f"{one.evidence.get('format', '?')} {one.evidence.get('width')}×{one.evidence.get('height')}"
    return f"{told}, {texts['frames'].format(count=one.frames)}" if one.frames else told


def _author(evidence: Mapping[str, Any]) -> str:
    seen = evidence.get("observed") or {}
    handle = seen.get("author_handle")
    return _told(seen.get("author_name"), handle and f"@{handle}", evidence.get("author_id"))


def _origin(evidence: Mapping[str, Any]) -> str:
    """Whose post it hands on, as far as the platform tells."""
    origin = (evidence.get("observed") or {}).get("forwarded") or {}
    handle, at = origin.get("handle"), moment_in_both(_parsed(origin.get("at")))
    number = origin.get("channel_id") or origin.get("user_id")
    return _told(origin.get("name"), handle and f"@{handle}", number, origin.get("post_id"), at)


def _observed_by(evidence: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    seen = evidence.get("observed") or {}
    clock = seen.get("clock_offset")
    told = "" if clock is None else texts["clock"].format(seconds=clock)
    return _told(seen.get("tool"), seen.get("collector"), told)


def _told(*parts: object) -> str:
    return " · ".join(str(part) for part in parts if part)


def _lines(at: datetime | None) -> list[str]:
    """Korean time above, UTC below."""
    return [] if at is None else [f"{at.astimezone(KST):%Y-%m-%d %H:%M} KST", moment(at)]


def _parsed(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
