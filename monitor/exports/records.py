"""The readable records of a case, for programs and for tables: JSON, and CSV that a spreadsheet opens."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from monitor.exports.case_file import AnswerLine, CaseFile, CopyLine, EntryLine, FilingLine, NoticeLine, ObservationLine
from monitor.notices.fields import KST

FORMAT = "jikimi-evidence-1"
"""Of `package.json` and `records.json`; docs/ledger.md describes it."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run."""


def records_json(case: CaseFile) -> bytes:
    """`records.json`."""
    document = {
        "format": FORMAT,
        "case": case.case_id,
        "centre": case.centre,
        "opened_at": _time(case.opened_at),
        "vouched_at": _time(case.vouched_at),
        "age_when_pictured": case.age_group.value,
        "country": case.country,
        "copies": [_plain(one) for one in case.copies],
        "notices": [_plain(one) for one in case.notices],
        "filings": [_plain(one) for one in case.filings],
        "links": [{"named_at": _time(at), "url": url} for at, url in case.links],
        "entries": [_plain(one) for one in case.entries],
    }
    return json_file(document)


def json_file(document: Mapping[str, Any]) -> bytes:
    """A JSON file that people can read, too."""
    return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def copies_csv(case: CaseFile) -> bytes:
    """`copies.csv`: a row a copy."""
    head = (
        *("number", "platform", "channel_or_account", "platform_number", "post", "url", "kind", "posted_utc"),
        *("posted_kst", "found_utc", "found_kst", "bits_of_256", "how", "decided_by", "decided_utc", "basis"),
        *("presence", "checked_utc", "removed_utc", "media_sha256", "response_sha256", "pdq", "ledger_entry"),
        *("closed_utc", "closed_for"),
    )
    return _csv(head, (_copy_row(one) for one in case.copies))


def notices_csv(case: CaseFile) -> bytes:
    """`notices.csv`: a row a notice."""
    head = (
        *("number", "copy", "route", "recipient", "language", "state", "reason", "written_utc", "written_by"),
        *("sent_utc", "sent_kst", "deadline_utc", "answers", "notice_id"),
    )
    return _csv(head, (_notice_row(one) for one in case.notices))


def custody_csv(case: CaseFile) -> bytes:
    """`custody.csv`: a row an entry of the chain."""
    head = ("entry", "at_utc", "at_kst", "kind", "who", "name", "copy", "notice", "opened", "entry_hash")
    rows = (
        (
            *(one.seq, _utc(one.at), _kst(one.at), one.kind, one.who, one.name, one.copy, one.notice),
            *("yes" if one.opened else "no", one.entry_hash),
        )
        for one in case.entries
    )
    return _csv(head, rows)


def _copy_row(one: CopyLine) -> Sequence[object]:
    return (
        *(one.number, one.platform, one.handle, one.remote_id, one.post, one.url, one.kind, _utc(one.posted_at)),
        *(_kst(one.posted_at), _utc(one.found_at), _kst(one.found_at), one.distance, one.how, one.decided_by),
        *(_utc(one.decided_at), one.basis, one.presence, _utc(one.checked_at), _utc(one.removed_at)),
        *(one.evidence.get(name) for name in ("media_sha256", "response_sha256", "pdq")),
        *(one.evidence_entry, _utc(one.closed_at), one.closed_for),
    )


def _notice_row(one: NoticeLine) -> Sequence[object]:
    return (
        *(one.number, one.copy, one.route, one.recipient, one.language, one.state, one.reason, _utc(one.written_at)),
        *(one.written_by, _utc(one.sent_at), _kst(one.sent_at), _utc(one.deadline_at), len(one.answers), one.id),
    )


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    # With a mark of its encoding: a spreadsheet would take Korean for another one.
    return out.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _plain(line: CopyLine | NoticeLine | AnswerLine | EntryLine | FilingLine | ObservationLine) -> dict[str, Any]:
    return {one.name: _value(getattr(line, one.name)) for one in fields(line) if one.name != "response"}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return _time(value)
    if isinstance(value, AnswerLine | ObservationLine):
        return _plain(value)
    if isinstance(value, tuple):
        return [_value(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _utc(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _kst(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(KST):%Y-%m-%d %H:%M:%S}"
