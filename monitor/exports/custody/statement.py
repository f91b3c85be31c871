"""The statement that whoever is responsible for the records signs: how they are made and kept, and what was handed out.

Korean courts ask for identity and integrity of digital evidence, in the United States Federal Rules of Evidence
902(13) and (14) for such a certification. Counsel decides whether it serves; it is a draft until somebody signs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.notices.fields import clean, moment, moment_in_both
from monitor.notices.render import render


@dataclass(frozen=True, slots=True)
class StampedDay:
    """A time-stamp that goes with the records."""

    day: str
    authority: str
    stamped_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOut:
    """What a statement is about."""

    case_number: str
    organisation: str
    entries: int
    """Of the case's ledger."""
    head_hash: str
    manifest_sha256: str
    """Of the list of files with their hashes; empty where nothing was packed."""
    exported_at: datetime
    tool: str
    """Program and version."""
    stamps: tuple[StampedDay, ...] = ()
    custodian: str = ""
    """Name and position; empty: a blank to fill in."""


def custodian_statement(handed_out: HandedOut, *, language: str) -> tuple[str, str]:
    """Title and text, to be read, corrected and signed by a person."""
    return render(
        "custodian_statement",
        language,
        {
            "case_number": clean(handed_out.case_number),
            "organisation": clean(handed_out.organisation),
            "custodian": clean(handed_out.custodian),
            "entries": handed_out.entries,
            "head_hash": handed_out.head_hash,
            "manifest_sha256": handed_out.manifest_sha256,
            "exported_at": moment(handed_out.exported_at),
            "exported_both": moment_in_both(handed_out.exported_at),
            "tool": clean(handed_out.tool),
            "stamps": _stamps(handed_out.stamps),
        },
    )


def _stamps(stamps: Sequence[StampedDay]) -> list[dict[str, str]]:
    return [{"day": one.day, "authority": clean(one.authority), "stamped_at": moment(one.stamped_at)} for one in stamps]
