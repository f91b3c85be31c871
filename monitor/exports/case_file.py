"""What a package tells of one case: frozen values, read once, from which every file of the package is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor.model.facts import AgeGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationLine:
    """One look at a post when a notice about it was about to leave."""

    at: datetime
    outcome: str
    """`observed`, or a code that says why not."""
    evidence: Mapping[str, Any] | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyLine:
    """A confirmed copy."""

    number: int
    """In this package, from 1 in the order in which the copies were found."""
    id: str
    platform: str
    handle: str = field(repr=False)
    remote_id: str = field(repr=False)
    """The platform's number of the channel or account; empty where it is not known."""
    post: str = field(repr=False)
    url: str = field(repr=False)
    kind: str
    posted_at: datetime
    found_at: datetime
    verdict: str
    distance: int | None
    identical: bool
    how: str = field(repr=False)
    evidence: Mapping[str, Any] = field(repr=False)
    """What is sealed of the sighting, by the names of SightingRecord: JSON values."""
    evidence_entry: int | None
    """The entry of the chain that holds this evidence; None where the chain tells of an older state."""
    frames: int
    """Of a video: how many are kept. 0 for a picture."""
    decided_at: datetime | None
    decided_by: str = field(repr=False)
    basis: str
    presence: str
    checked_at: datetime | None
    checks: int
    removed_at: datetime | None
    age: AgeGroup
    """When this picture was taken: what was told of it, else of all."""
    seen_last: Mapping[str, Any] | None = field(repr=False)
    """Where it was when a check last found it, if it moved."""
    response: bytes = field(default=b"", repr=False)
    """The platform's own answer when it was found; empty where it is not kept, or may not be handed on."""
    observations: tuple[ObservationLine, ...] = field(default=(), repr=False)
    closed_at: datetime | None = None
    """When an advocate closed it: nothing more is done about it."""
    closed_for: str = ""
    """monitor.model.copies.Closing; empty where it is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLine:
    """Something that came back."""

    at: datetime
    kind: str
    """monitor.mailbox.report.ReportKind of a mail, else monitor.model.platform_answers.AnswerKind."""
    proven: bool
    """The operator's mail server vouches for the sender; or it came by the notice's own link or token."""
    sender: str = field(repr=False)
    text: str = field(repr=False)
    reason: str = ""
    """Of a refusal: monitor.model.platform_answers.WhyRefused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """A notice about one of the copies."""

    number: int
    id: str
    copy: int
    """The copy's number."""
    route: str
    recipient: str = field(repr=False)
    language: str
    state: str
    reason: str
    written_at: datetime
    written_by: str = field(repr=False)
    sent_at: datetime | None
    deadline_at: datetime | None
    subject: str = field(repr=False)
    body: str = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)
    receipt: Mapping[str, Any] | None = field(repr=False)
    answers: tuple[AnswerLine, ...] = field(repr=False)
    next_steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingLine:
    """A step that a person took to a recipient themselves."""

    copy: int
    step: str
    """The name of a route or next step."""
    filed_at: datetime
    reference: str = field(repr=False)
    answer: str
    """monitor.model.copies.FilingAnswer; empty where none came."""
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """An entry of the chain."""

    seq: int
    at: datetime
    kind: str
    entry_hash: str
    who: str
    """monitor.evidence.by.Who; empty for an entry of the first format."""
    name: str = field(repr=False)
    """Of an advocate."""
    opened: bool
    """Its plain text is in the package."""
    copy: int | None = None
    notice: int | None = None
    presence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeStampFile:
    """A day's time stamp with the case's own path to it."""

    day: str
    count: int
    authority: str
    stamped_at: datetime
    proof: Mapping[str, Any] = field(repr=False)
    response: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """Everything about one person's case that leaves, and nothing about anybody else's."""

    case_id: str
    centre: str
    opened_at: datetime
    vouched_at: datetime | None
    age_group: AgeGroup
    country: str
    copies: tuple[CopyLine, ...] = field(repr=False)
    notices: tuple[NoticeLine, ...] = field(repr=False)
    filings: tuple[FilingLine, ...] = field(repr=False)
    entries: tuple[EntryLine, ...] = field(repr=False)
    links: tuple[tuple[datetime, str], ...] = field(repr=False)
    """Addresses that the person named and that nobody read here: when, and what."""
    ledger: Mapping[str, Any] = field(repr=False)
    attestation: Mapping[str, Any] | None = field(repr=False)
    """None where no entry of the first format is opened."""
    stamps: tuple[TimeStampFile, ...] = ()
    more: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Further files of the case's folder, by name: statements and drafts."""
