"""What an alert can be about. The values are stored: add kinds, never rename one."""

from enum import StrEnum


class AlertKind(StrEnum):
    """Why somebody is asked to look."""

    VOUCH_OVERDUE = "vouch-overdue"
    CASE_ERASING = "case-erasing"
    FINGERPRINT_QUARANTINED = "fingerprint-quarantined"
    FINGERPRINT_UNREADABLE = "fingerprint-unreadable"
    """Of a source: fingerprints that should be compared with it do not open."""
    SOURCE_UNAVAILABLE = "source-unavailable"
    SOURCE_UNREAD = "source-unread"
    """Nothing but passing faults, for a day."""
    ACCOUNT_STOPPED = "account-stopped"
    """Of a platform: its login is no longer valid, or its credit is used up."""
    NOTICE_IN_DOUBT = "notice-in-doubt"
    NOTICE_FAILED = "notice-failed"
    DEADLINE_LAPSED = "deadline-lapsed"
    SENT_FOR_MINOR = "sent-for-minor"
    """A notice for an adult had left when the person said that they were under age, or not sure."""
    CANNOT_VERIFY = "cannot-verify"
    """Nobody can say whether the copy is gone."""
    WORK_STRANDED = "work-stranded"
    """The sweeper had to pick a notice up."""
