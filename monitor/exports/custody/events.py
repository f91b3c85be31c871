"""The chain of custody: who collected, saw, decided about, sent and handed out what, by the ledger's entries. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from monitor.evidence.by import By
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.ledger import ToldEntry


class CustodyAct(StrEnum):
    """What somebody did with the evidence."""

    COLLECTED = "collected"
    SEEN = "seen"
    DECIDED = "decided"
    SENT = "sent"
    """A notice about it left, or a request of the police was recorded."""
    EXPORTED = "exported"
    STAMPED = "stamped"
    DESTROYED = "destroyed"


ACTS: Mapping[EntryKind, CustodyAct] = {
    EntryKind.SIGHTING_FOUND: CustodyAct.COLLECTED,
    EntryKind.POST_OBSERVED: CustodyAct.COLLECTED,
    EntryKind.COPY_REPLACED: CustodyAct.COLLECTED,
    EntryKind.LOOKED: CustodyAct.COLLECTED,
    EntryKind.REMOVAL_VERIFIED: CustodyAct.COLLECTED,
    EntryKind.INTAKE_READ: CustodyAct.SEEN,
    EntryKind.CONTACTS_READ: CustodyAct.SEEN,
    EntryKind.MAILS_READ: CustodyAct.SEEN,
    EntryKind.EVIDENCE_READ: CustodyAct.SEEN,
    EntryKind.SIGHTING_CONFIRMED: CustodyAct.DECIDED,
    EntryKind.SIGHTING_DISMISSED: CustodyAct.DECIDED,
    EntryKind.SIGHTING_REOPENED: CustodyAct.DECIDED,
    EntryKind.NOTICE_SENT: CustodyAct.SENT,
    EntryKind.PRESERVATION_RECORDED: CustodyAct.SENT,
    EntryKind.PRESERVATION_DROPPED: CustodyAct.DECIDED,
    EntryKind.CHAIN_EXPORTED: CustodyAct.EXPORTED,
    EntryKind.EVIDENCE_EXPORTED: CustodyAct.EXPORTED,
    EntryKind.EVIDENCE_FETCHED: CustodyAct.EXPORTED,
    EntryKind.DAY_STAMPED: CustodyAct.STAMPED,
    EntryKind.TEXT_DESTROYED: CustodyAct.DESTROYED,
    EntryKind.PAYLOADS_DESTROYED: CustodyAct.DESTROYED,
}
"""Kinds of entries that touch the evidence. What is not here is no step of custody."""

_IDS = (
    "sighting",
    "notice",
    "observation",
    "fingerprint",
    "preservation",
    "corrects",
    "export",
    "day",
    "platform",
    "outcome",
    "count",
)
_OF_INSTALLATION = frozenset({EntryKind.CHAIN_EXPORTED})
"""Entries of the installation's chain that name the case they are about."""


@dataclass(frozen=True, slots=True)
class CustodyEvent:
    """One step."""

    at: datetime
    chain: str
    seq: int
    act: CustodyAct
    kind: EntryKind
    by: By | None
    """None for an entry of the first format, and where the payload was destroyed."""
    about: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Ids and codes: never what anything says."""


def custody_events(
    entries: Iterable[ToldEntry], of_installation: Iterable[ToldEntry] = (), *, case_id: str = ""
) -> list[CustodyEvent]:
    """The steps of a case's chain in their order, with those of the installation's chain that name the case.

    `entries`: as `Ledger.told` gives them.
    """
    mine = [event for entry in entries if (event := _event(entry)) is not None]
    for entry in of_installation:
        about_case = (entry.facts or {}).get("case") == case_id and entry.row.kind in _OF_INSTALLATION
        if about_case and (event := _event(entry)) is not None:
            mine.append(event)
    return sorted(mine, key=lambda one: (one.at, one.chain, one.seq))


def _event(entry: ToldEntry) -> CustodyEvent | None:
    try:
        kind = EntryKind(entry.row.kind)
    except ValueError:
        return None  # of a newer program
    act = ACTS.get(kind)
    if act is None:
        return None
    facts = entry.facts or {}
    about = {name: str(facts[name]) for name in _IDS if facts.get(name) is not None}
    row = entry.row
    return CustodyEvent(row.at, row.case_id, row.seq, act, kind, entry.by, MappingProxyType(about))
