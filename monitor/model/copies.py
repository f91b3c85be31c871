"""What people say of a confirmed copy: why it is closed, and what somebody answered to a step that they filed."""

from enum import StrEnum


class Closing(StrEnum):
    """Why an advocate closes a copy: nothing more is done about it. The values are stored: add, never rename."""

    PERSON_WANTS_NO_MORE = "person-wants-no-more"
    SEEN_GONE = "seen-gone"
    """A person looked and it is gone; the program cannot see it, so there is no receipt."""
    REFUSED_FOR_GOOD = "refused-for-good"
    """Every way was tried."""
    WITH_THE_AUTHORITIES = "with-the-authorities"
    """The police, or another body, has it in hand."""
    HANDED_OVER = "handed-over"
    """Another centre, or the person, goes on with it."""
    BY_MISTAKE = "confirmed-by-mistake"


FOR_AUTHORITIES = frozenset({Closing.WITH_THE_AUTHORITIES})
"""Closed so, a copy still stands in what the police or another body is handed: it has that very copy in hand."""
TO_KEEP = FOR_AUTHORITIES | {Closing.SEEN_GONE}
"""Closed so, a platform is still asked to keep what it has: what is gone may be there, out of sight."""


class FilingAnswer(StrEnum):
    """What the recipient answered to a step that a person filed. The values are stored: add, never rename."""

    ACKNOWLEDGED = "acknowledged"
    """They have it; the clock runs on."""
    REMOVED = "removed"
    """They say that it is gone: the next check sees."""
    BLOCKED = "blocked"
    """Hidden in one country, and not removed."""
    NEED_MORE = "need-more"
    REFUSED = "refused"


ANSWERED_FOR_GOOD = frozenset(
    {FilingAnswer.REMOVED, FilingAnswer.BLOCKED, FilingAnswer.NEED_MORE, FilingAnswer.REFUSED}
)
"""Answers after which nobody waits for the recipient any more."""
