"""What an alert can be about, and who is told. The values are stored: add kinds, never rename one.

A new kind needs an audience here, words in api/pages/texts.py, the operator's words in monitor/context/alert_words.py
where the operator reads it, and a line in docs/operating.md; tests/unit/test_alert_kinds.py walks them all.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

UNREAD_FOR = timedelta(days=1)
"""A source that nothing but passing faults kept from being read for so long is told to somebody."""


class Audience(StrEnum):
    """Who reads an alert."""

    ORGANISATION = "organisation"
    """The advocates of the case's organisation."""
    LEADS = "leads"
    """The leads of an organisation, and nobody else there."""
    OPERATOR = "operator"
    """Whoever runs the installation. The advocates of every organisation are told that it is so, and nothing else."""
    OPERATOR_ALONE = "operator-alone"
    """Whoever runs the installation: of one organisation, so no other is told."""
    EVERYBODY = "everybody"
    """About a source: the operator, and each organisation whose own cases have it read, of its own reads. About the
    pool of waiting cases: the operator, and every organisation."""


class AlertKind(StrEnum):
    """Why somebody is asked to look."""

    VOUCH_OVERDUE = "vouch-overdue"
    """Of the pool: somebody waits too long. One for all of them."""
    IN_HAND_OVER = "in-hand-over"
    """Of a case: the organisation had it in hand and did nothing, so it is back in the pool."""
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
    NOTICE_WAITS = "notice-waits"
    """The other side has put it off for hours; it is tried on."""
    NOTICE_BOUNCED = "notice-bounced"
    """It left, and came back: it did not arrive."""
    BOUNCE_CLAIMED = "bounce-claimed"
    """A mail says that a notice did not arrive, and nothing proves it."""
    NOTICE_ANSWERED = "notice-answered"
    """Somebody replied to a notice by mail."""
    PLATFORM_ANSWERED = "platform-answered"
    """The recipient of a notice says that it has it, or that the copy is gone."""
    PLATFORM_NEEDS_MORE = "platform-needs-more"
    PLATFORM_REFUSED = "platform-refused"
    REPLY_NOT_SENT = "reply-not-sent"
    """What an advocate wrote back did not leave, or nobody can know."""
    PLACE_REPORT_WAITS = "place-report-waits"
    """A report about a whole channel is in doubt, or could not be sent."""
    DEADLINE_LAPSED = "deadline-lapsed"
    SENT_FOR_MINOR = "sent-for-minor"
    """A notice for an adult had left when the person said that they were under age, or not sure."""
    COPY_BACK = "copy-back"
    """Of a copy: it stands again where its receipt says that it was removed."""
    DEADLINE_NEAR = "deadline-near"
    """A clock of a notice ends soon, and whoever is in charge has something to do before."""
    FILING_NEAR = "filing-near"
    """The same of what was filed about a copy by hand."""
    DUTY_NEAR = "duty-near"
    """Of a minor's copy, there or gone: the police must be told soon."""
    DUTY_OVER = "duty-over"
    """They were not told in time."""
    CANNOT_VERIFY = "cannot-verify"
    """Nobody can say whether the copy is gone."""
    WORK_STRANDED = "work-stranded"
    """The sweeper had to pick a notice up."""
    OPERATOR_NOT_TOLD = "operator-not-told"
    """The operator's mail does not leave."""
    MAIL_SETTINGS = "mail-settings"
    """The mail server takes no notice from us: log-in, encryption or name."""
    MAIL_COPY_REFUSED = "mail-copy-refused"
    """Notices leave without the operator's own copy, by which a doubtful one is looked up."""
    MAILBOX_UNREAD = "mailbox-unread"
    """The mailbox of bounces and replies could not be read for an hour."""
    TIME_STAMP_MISSING = "time-stamp-missing"
    """The authority that stamps times gave none for a day, or one that does not hold."""
    PRESERVATION_ENDS = "preservation-ends"
    """Of a request of the police to keep data: its time is nearly over."""
    LEDGER_UNSEALED = "ledger-unsealed"
    """The heads file is not the one that was signed: nothing is signed over it."""
    QUEUE_STUCK = "queue-stuck"
    """Work has waited for an hour."""
    DISK_FULL = "disk-full"
    """Little is free where the program writes: soon nothing can be saved."""
    WORKER_MISSING = "worker-missing"
    """A worker fell silent without a goodbye, and nobody took its place."""
    CLOCK_OFF = "clock-off"
    """This machine's clock differs from everybody else's."""
    WRITE_FAILED = "write-failed"
    """For some time nothing could be saved."""
    WORK_STOPPED = "work-stopped"
    """Of everything: whoever has work here is told."""
    ORGANISATION_STOPPED = "organisation-stopped"
    """Of one organisation, or of one of its advocates; said there."""
    PART_STOPPED = "part-stopped"
    """The same, said to the operator."""
    FROZEN_ERASING = "frozen-erasing"
    """The person of a frozen case asked to erase it."""
    PICTURE_REPORTED = "picture-reported"
    """Somebody says that a picture of theirs was registered here by somebody else."""
    COPIES_STAND = "copies-stand"
    """Confirmed copies of an organisation stand still in one state; one for each bad state."""
    COPIES_READY = "copies-ready"
    """Of a case: the person allowed what was missing, so notices can be sent."""
    WEBHOOK_FAILING = "webhook-failing"
    """Of a platform's token: its webhook takes nothing, and was given up for what it was told of."""
    CASE_ARRIVED = "case-arrived"
    """Of a case: the person agreed that it comes from another centre."""
    SAME_PICTURE = "same-picture"
    """Of a case: a whole picture of it is in another vouched case, too."""
    PICTURE_REPORTS_OPEN = "picture-reports-open"
    """The same, for the operator: how the organisations deal with it is theirs."""

    @property
    def audience(self) -> Audience:
        """Who reads it."""
        return AUDIENCES[self]


AUDIENCES: Mapping[AlertKind, Audience] = {
    AlertKind.VOUCH_OVERDUE: Audience.EVERYBODY,
    AlertKind.IN_HAND_OVER: Audience.ORGANISATION,
    AlertKind.CASE_ERASING: Audience.ORGANISATION,
    AlertKind.FINGERPRINT_QUARANTINED: Audience.ORGANISATION,
    AlertKind.FINGERPRINT_UNREADABLE: Audience.OPERATOR,
    AlertKind.SOURCE_UNAVAILABLE: Audience.EVERYBODY,
    AlertKind.SOURCE_UNREAD: Audience.EVERYBODY,
    AlertKind.ACCOUNT_STOPPED: Audience.OPERATOR,
    AlertKind.NOTICE_IN_DOUBT: Audience.ORGANISATION,
    AlertKind.NOTICE_FAILED: Audience.ORGANISATION,
    AlertKind.PLACE_REPORT_WAITS: Audience.ORGANISATION,
    AlertKind.NOTICE_WAITS: Audience.ORGANISATION,
    AlertKind.NOTICE_BOUNCED: Audience.ORGANISATION,
    AlertKind.BOUNCE_CLAIMED: Audience.ORGANISATION,
    AlertKind.NOTICE_ANSWERED: Audience.ORGANISATION,
    AlertKind.PLATFORM_ANSWERED: Audience.ORGANISATION,
    AlertKind.PLATFORM_NEEDS_MORE: Audience.ORGANISATION,
    AlertKind.PLATFORM_REFUSED: Audience.ORGANISATION,
    AlertKind.REPLY_NOT_SENT: Audience.ORGANISATION,
    AlertKind.WEBHOOK_FAILING: Audience.OPERATOR_ALONE,
    AlertKind.DEADLINE_LAPSED: Audience.ORGANISATION,
    AlertKind.SENT_FOR_MINOR: Audience.ORGANISATION,
    AlertKind.COPY_BACK: Audience.ORGANISATION,
    AlertKind.DEADLINE_NEAR: Audience.ORGANISATION,
    AlertKind.FILING_NEAR: Audience.ORGANISATION,
    AlertKind.DUTY_NEAR: Audience.ORGANISATION,
    AlertKind.DUTY_OVER: Audience.ORGANISATION,
    AlertKind.CANNOT_VERIFY: Audience.ORGANISATION,
    AlertKind.WORK_STRANDED: Audience.ORGANISATION,
    AlertKind.OPERATOR_NOT_TOLD: Audience.OPERATOR,
    AlertKind.MAIL_SETTINGS: Audience.OPERATOR,
    AlertKind.MAIL_COPY_REFUSED: Audience.OPERATOR,
    AlertKind.MAILBOX_UNREAD: Audience.OPERATOR,
    AlertKind.TIME_STAMP_MISSING: Audience.OPERATOR,
    AlertKind.PRESERVATION_ENDS: Audience.ORGANISATION,
    AlertKind.LEDGER_UNSEALED: Audience.OPERATOR,
    AlertKind.QUEUE_STUCK: Audience.OPERATOR,
    AlertKind.DISK_FULL: Audience.OPERATOR,
    AlertKind.WORKER_MISSING: Audience.OPERATOR,
    AlertKind.CLOCK_OFF: Audience.OPERATOR,
    AlertKind.WRITE_FAILED: Audience.OPERATOR,
    AlertKind.WORK_STOPPED: Audience.OPERATOR,
    AlertKind.ORGANISATION_STOPPED: Audience.ORGANISATION,
    AlertKind.PART_STOPPED: Audience.OPERATOR_ALONE,
    AlertKind.FROZEN_ERASING: Audience.ORGANISATION,
    AlertKind.PICTURE_REPORTED: Audience.LEADS,
    AlertKind.PICTURE_REPORTS_OPEN: Audience.OPERATOR_ALONE,
    AlertKind.COPIES_STAND: Audience.ORGANISATION,
    AlertKind.COPIES_READY: Audience.ORGANISATION,
    AlertKind.CASE_ARRIVED: Audience.ORGANISATION,
    AlertKind.SAME_PICTURE: Audience.LEADS,
}

SOURCE_KINDS = frozenset({AlertKind.SOURCE_UNAVAILABLE, AlertKind.SOURCE_UNREAD, AlertKind.FINGERPRINT_UNREADABLE})
"""Kinds whose subject is a source: nobody but the operator is told which."""
POOL_KINDS = frozenset({AlertKind.VOUCH_OVERDUE})
"""Kinds about the pool, which every organisation works through."""

COPY_KINDS = frozenset({AlertKind.COPY_BACK, AlertKind.FILING_NEAR, AlertKind.DUTY_NEAR, AlertKind.DUTY_OVER})
"""Kinds whose subject is a sighting."""

NOTICE_KINDS = frozenset(
    {
        AlertKind.NOTICE_IN_DOUBT,
        AlertKind.NOTICE_FAILED,
        AlertKind.NOTICE_WAITS,
        AlertKind.NOTICE_BOUNCED,
        AlertKind.BOUNCE_CLAIMED,
        AlertKind.NOTICE_ANSWERED,
        AlertKind.PLATFORM_ANSWERED,
        AlertKind.PLATFORM_NEEDS_MORE,
        AlertKind.PLATFORM_REFUSED,
        AlertKind.REPLY_NOT_SENT,
        AlertKind.DEADLINE_LAPSED,
        AlertKind.DEADLINE_NEAR,
        AlertKind.CANNOT_VERIFY,
        AlertKind.SENT_FOR_MINOR,
        AlertKind.WORK_STRANDED,
    }
)
"""Kinds whose subject is a notice: of an erased case there is nothing left to look at."""


def kinds_for(*audiences: Audience) -> tuple[AlertKind, ...]:
    """The kinds that these audiences read."""
    return tuple(kind for kind in AlertKind if kind.audience in audiences)
