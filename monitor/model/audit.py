"""Who did what: one entry of the ledger as a lead reads it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

Position = tuple[datetime, str, int]
"""Time, chain and number of an entry: its place in the order of the pages."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry: who did which step, where and when."""

    at: datetime
    kind: str
    who: str
    """monitor.evidence.by.Who; empty for an entry of the first format, or whose payload was destroyed."""
    door: str
    doer: str | None
    """The advocate's id; of others their own word."""
    case_id: str
    """Empty: of the centre as a whole."""
    seq: int | None
    """None of the installation's chain: it would tell how much other centres do."""
    entry_hash: str
    prev_hash: str
    """Empty where `seq` is None: it would tell whether anybody did something between two deeds."""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of deeds, the newest first."""

    deeds: Sequence[Deed]
    following: Position | None
    """Where the next page begins; None: this was the last."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Of advocates, by id."""
    team: Mapping[str, str] = field(default_factory=dict)
    """Everybody who works in the centre, or did, with their name."""
