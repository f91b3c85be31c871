"""What was done, in words, for a lead: steps of a case as the case's own page says them, and those of a centre."""

from collections.abc import Mapping

from api.i18n import mark, translations
from api.ledger_words import WORDS
from monitor.evidence.entry_kinds import EntryKind

OF_A_CENTRE: Mapping[str, str] = {
    EntryKind.LOGGED_IN: mark("Logged in."),
    EntryKind.ADVOCATE_ADDED: mark("Added an advocate."),
    EntryKind.ADVOCATE_DISABLED: mark("Disabled an advocate."),
    EntryKind.ADVOCATE_ENABLED: mark("Let an advocate in again."),
    EntryKind.PASSWORD_CHANGED: mark("Changed a password."),
    EntryKind.PASSKEY_ADDED: mark("Added a passkey."),
    EntryKind.PASSKEY_REMOVED: mark("Removed a passkey."),
    EntryKind.PASSKEY_REFUSED: mark("Used a passkey that may have been copied; it was refused."),
    EntryKind.APP_RENEWED: mark("Set up an authenticator app on a new phone."),
    EntryKind.RECOVERY_CODES_MADE: mark("Made recovery codes."),
    EntryKind.RESET_ASKED: mark("Said that somebody's phone is lost."),
    EntryKind.RESET_CALLED_OFF: mark("Called off replacing a lost phone."),
    EntryKind.ACCOUNT_RESET: mark("Replaced a lost phone, as the second of two people."),
    EntryKind.LOG_INS_ENDED: mark("Ended log-ins of their own."),
    EntryKind.ADVOCATE_CHANGED: mark("Changed an advocate's settings."),
    EntryKind.ORGANISATION_CHANGED: mark("Changed the centre's settings."),
    EntryKind.CODES_MADE: mark("Made one-time codes."),
    EntryKind.CENTRE_LIST_CHANGED: mark("Changed the centre's list of places."),
    EntryKind.CENTRE_PROFILE_CHANGED: mark("Changed what persons are told of the centre."),
    EntryKind.SETTINGS_CHANGED: mark("Changed the installation's settings."),
    EntryKind.DATABASE_RESTORED: mark("Declared a restored database."),
    EntryKind.DAY_PUBLISHED: mark("Published the value of a day."),
    EntryKind.LEAD_CHANGED: mark("Made or unmade a lead."),
    EntryKind.AUDIT_EXPORTED: mark("Took who did what along."),
    EntryKind.WORK_STOPPED: mark("Stopped work."),
    EntryKind.RESUMING_ASKED: mark("Said that work may go on."),
    EntryKind.WORK_RESUMED: mark("Let work go on."),
    EntryKind.PLACE_REPORT_WRITTEN: mark("Wrote a report about a whole channel."),
    EntryKind.PLACE_REPORT_QUEUED: mark("Sent a report about a channel on its way."),
    EntryKind.PLACE_REPORT_SENT: mark("A report about a channel left."),
    EntryKind.PLACE_REPORT_IN_DOUBT: mark("A report about a channel is in doubt."),
    EntryKind.PLACE_REPORT_FAILED: mark("A report about a channel could not be sent."),
    EntryKind.PLACE_REPORT_SETTLED: mark("Settled the doubt about a report."),
    EntryKind.PLACE_REPORT_WITHDRAWN: mark("Withdrew a report about a channel."),
    EntryKind.PUBLISHED_LOADED: mark("Loaded published figures."),
    EntryKind.PUBLISHED_FORGOTTEN: mark("Removed published figures."),
    EntryKind.REPORT_READ: mark("Read a report from outside."),
    EntryKind.REPORT_CLOSED: mark("Closed a report from outside."),
    EntryKind.PLATFORM_TOKEN_MADE: mark("Made a platform's token."),
    EntryKind.PLATFORM_TOKEN_REVOKED: mark("Revoked a platform's token."),
    EntryKind.DAY_STAMPED: mark("Had a day stamped."),
}
"""Steps in the chain of the installation. Those in a case's chain: api/ledger_words.py."""


def words_of_deeds(language: str) -> Mapping[str, str]:
    """What was done, by kind, in a language."""
    gettext = translations(language).gettext
    told = {kind: one.ko if language == "ko" else one.en for kind, one in WORDS.items()}
    return told | {str(kind): gettext(text) for kind, text in OF_A_CENTRE.items()}


GROUPS: Mapping[str, tuple[str, tuple[EntryKind, ...]]] = {
    "reading": (
        mark("Reading and taking along"),
        (
            *(EntryKind.INTAKE_READ, EntryKind.CONTACTS_READ, EntryKind.EVIDENCE_READ, EntryKind.MAILS_READ),
            *(EntryKind.MESSAGES_READ, EntryKind.CHAIN_EXPORTED, EntryKind.EVIDENCE_EXPORTED),
            *(EntryKind.EVIDENCE_FETCHED, EntryKind.HAND_OFF_READ, EntryKind.LINKS_GIVEN_OUT, EntryKind.AUDIT_EXPORTED),
            EntryKind.REPORT_READ,
        ),
    ),
    "deciding": (
        mark("Deciding about copies"),
        (
            *(EntryKind.SIGHTING_CONFIRMED, EntryKind.SIGHTING_DISMISSED, EntryKind.SIGHTING_REOPENED),
            *(EntryKind.PERSON_ASKED, EntryKind.PERSON_ANSWERED, EntryKind.COPY_CLOSED, EntryKind.COPY_REOPENED),
        ),
    ),
    "sending": (
        mark("Notices and letters"),
        (
            *(EntryKind.NOTICE_QUEUED, EntryKind.NOTICE_EDITED, EntryKind.NOTICE_RELEASED, EntryKind.NOTICE_UNDONE),
            *(EntryKind.NOTICE_RETRACTED, EntryKind.NOTICE_WITHDRAWN, EntryKind.NOTICE_SETTLED, EntryKind.NOTICE_SENT),
            *(EntryKind.LETTER_WRITTEN, EntryKind.LETTER_RELEASED, EntryKind.LETTER_UNDONE, EntryKind.REPLY_QUEUED),
            *(EntryKind.STEP_FILED, EntryKind.FILING_ANSWERED, EntryKind.FILING_TAKEN_BACK),
        ),
    ),
    "cases": (
        mark("Cases and persons"),
        (
            *(EntryKind.CASE_OPENED, EntryKind.CASE_VOUCHED, EntryKind.CASE_IN_HAND, EntryKind.CASE_HANDED_BACK),
            *(EntryKind.INTAKE_CHANGED, EntryKind.ENTRY_WAITS, EntryKind.ENTRY_COVERED, EntryKind.ENTRY_CONFIRMED),
            *(EntryKind.ENTRY_REJECTED, EntryKind.ENTRY_TAKEN_BACK, EntryKind.MANDATE_RECORDED),
            *(EntryKind.MANDATE_REVOKED, EntryKind.MESSAGE_WRITTEN, EntryKind.CONSENT_GIVEN),
            *(EntryKind.CONSENT_WITHDRAWN, EntryKind.TRANSFER_ASKED, EntryKind.TRANSFER_DECLINED),
            *(EntryKind.TRANSFER_ENDED, EntryKind.CASE_TRANSFERRED, EntryKind.REISSUE_ASKED),
            *(EntryKind.REISSUE_CANCELLED, EntryKind.PASSPHRASE_REISSUED, EntryKind.PASSPHRASE_CHANGED),
            *(EntryKind.SAME_PICTURE_CHECKED, EntryKind.CASE_FROZEN, EntryKind.CASE_UNFROZEN),
            *(EntryKind.ERASURE_ASKED, EntryKind.ERASURE_CANCELLED, EntryKind.CASE_NAMED, EntryKind.CASE_NOTED),
            *(EntryKind.CASE_HANDED_OVER, EntryKind.CASE_NOTE_TAKEN_BACK),
        ),
    ),
    "centre": (
        mark("The centre and its people"),
        (
            *(EntryKind.LOGGED_IN, EntryKind.ADVOCATE_ADDED, EntryKind.ADVOCATE_DISABLED, EntryKind.ADVOCATE_CHANGED),
            *(EntryKind.ADVOCATE_ENABLED, EntryKind.PASSWORD_CHANGED, EntryKind.PASSKEY_ADDED),
            *(EntryKind.PASSKEY_REMOVED, EntryKind.PASSKEY_REFUSED, EntryKind.APP_RENEWED),
            *(EntryKind.RECOVERY_CODES_MADE, EntryKind.RESET_ASKED, EntryKind.RESET_CALLED_OFF),
            *(EntryKind.ACCOUNT_RESET, EntryKind.LOG_INS_ENDED),
            *(EntryKind.ORGANISATION_CHANGED, EntryKind.CODES_MADE, EntryKind.CENTRE_LIST_CHANGED),
            *(EntryKind.CENTRE_PROFILE_CHANGED, EntryKind.LEAD_CHANGED, EntryKind.WORK_STOPPED),
            *(EntryKind.RESUMING_ASKED, EntryKind.WORK_RESUMED, EntryKind.REPORT_CLOSED, EntryKind.AUDIT_EXPORTED),
        ),
    ),
}
"""What a lead may look for, by the word in the address."""
