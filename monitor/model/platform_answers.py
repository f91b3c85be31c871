"""What the recipient of a notice can answer, and why it refuses. The values are stored: add, never rename."""

from dataclasses import dataclass, field
from enum import StrEnum

from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal

LONGEST_TEXT = 2000
"""Characters that a recipient writes with an answer."""


class AnswerKind(StrEnum):
    """The four buttons."""

    ACKNOWLEDGED = "acknowledged"
    REMOVED = "removed"
    """They say so. Nothing counts as removed before our own checks agree."""
    NEED_MORE = "need-more"
    REFUSED = "refused"


class WhyRefused(StrEnum):
    """Why a notice is refused."""

    NOT_AGAINST_RULES = "not-against-rules"
    """Neither law nor the platform's own rules, as they see it."""
    NOT_FOUND = "not-found"
    """They find nothing at the place that is named."""
    NO_AUTHORITY = "no-authority"
    """The sender may not ask for it."""
    COURT_ORDER = "court-order"
    """They want an order of a court or an authority."""
    NOT_OURS = "not-ours"
    """Somebody else answers for the content."""
    OTHER = "other"


class ReplyState(StrEnum):
    """Of what an advocate writes back."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    IN_DOUBT = "in_doubt"
    """It may have left. Nothing is sent again."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, checked. Raises RuleBroken: a refusal has its reason, a question says what is needed."""

    kind: AnswerKind
    reason: WhyRefused | None = None
    text: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.kind is AnswerKind.REFUSED and self.reason is None:
            raise RuleBroken(Refusal.ANSWER_REASON, "a refusal needs its reason")
        if self.kind is not AnswerKind.REFUSED and self.reason is not None:
            raise RuleBroken(Refusal.ANSWER_REASON, "only a refusal has a reason")
        if not self.text.strip() and (self.kind is AnswerKind.NEED_MORE or self.reason is WhyRefused.OTHER):
            raise RuleBroken(Refusal.ANSWER_TEXT, "say what is needed, or why")
        if len(self.text) > LONGEST_TEXT:
            raise RuleBroken(Refusal.FIELD_TOO_LONG, f"shorten to {LONGEST_TEXT} characters")
