"""Every no that a rule of ours says, to whichever door asked. The values are a contract: add, never rename."""

from enum import StrEnum


class Refusal(StrEnum):
    """Why something was not done. Each has a status for programs and words in both languages for people."""

    # Who asks, and for what.
    NOT_LOGGED_IN = "not-logged-in"
    LOG_IN_WRONG = "log-in-wrong"
    LOG_IN_THROTTLED = "log-in-throttled"
    """TOO_MANY_TRIES, said at the log-in form."""
    TOO_MANY_TRIES = "too-many-tries"
    ADVOCATES_ONLY = "advocates-only"
    ONLY_THE_PERSON = "only-the-person"
    NOT_FOUND = "not-found"
    """Also for what belongs to somebody else: nobody learns that it exists."""

    # How it was asked.
    UNREADABLE = "unreadable"
    INVALID = "invalid"
    MEDIA_REFUSED = "media-refused"
    TOO_LARGE = "too-large"
    JSON_EXPECTED = "json-expected"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    CUT_OFF = "cut-off"
    TOO_SLOW = "too-slow"
    REFUSED = "refused"
    """What the web framework refused, with its own status."""
    FORM_EXPIRED = "form-expired"
    CHOOSE_BASIS = "choose-basis"
    CHOOSE_ROUTE = "choose-route"
    CHOOSE_REASON = "choose-reason"
    CHOOSE_ANSWER = "choose-answer"
    NOT_SPOKEN = "not-spoken"
    NOT_SURE = "not-sure"

    # How we are.
    INTERNAL = "internal"
    DATABASE_UNAVAILABLE = "database-unavailable"
    TRY_AGAIN = "try-again"
    OVERLOADED = "overloaded"
    WORK_NEEDED = "work-needed"
    """Many ask: the device must solve the puzzle that comes with the refusal."""

    # A case.
    NOT_VOUCHED = "not-vouched"
    CASE_CLOSED = "case-closed"
    CASE_STATE = "case-state"
    CASE_ERASED = "case-erased"
    LINK_STATE = "link-state"
    NOTHING_WAITS = "nothing-waits"
    """There is nothing of this kind that the person is asked about."""
    MANDATE_DATE = "mandate-date"
    IN_HAND_ELSEWHERE = "in-hand-elsewhere"
    """Another centre is in touch with the person."""
    NOT_IN_HAND = "not-in-hand"
    """This centre does not have the case in hand, so it cannot hand it back."""
    CODE_INVALID = "code-invalid"
    CODE_COUNT = "code-count"
    CODE_DAYS = "code-days"

    # What is watched.
    FINGERPRINT_VERSION = "fingerprint-version"
    FINGERPRINT_SET = "fingerprint-set"
    FLAT_PICTURE = "flat-picture"
    PICTURE_TOO_PLAIN = "picture-too-plain"
    TOO_MANY_FINGERPRINTS = "too-many-fingerprints"
    SOURCE_UNREADABLE = "source-unreadable"
    TOO_MANY_SOURCES = "too-many-sources"
    LINK_UNREADABLE = "link-unreadable"
    LINK_TO_COMMENT = "link-to-comment"
    TOO_MANY_LINKS = "too-many-links"

    # A decision about a copy.
    ALREADY_DECIDED = "already-decided"
    NOT_CONFIRMED = "not-confirmed"

    # A notice.
    NOTICE_STATE = "notice-state"
    WITHDRAWN_BY_ADVOCATE = "withdrawn-by-advocate"
    NO_CONSENT_TO_FOLLOW = "no-consent-to-follow"
    ALREADY_WRITTEN = "already-written"
    ROUTE_UNKNOWN = "route-unknown"
    PLATFORM_MISMATCH = "platform-mismatch"
    MINOR_OR_UNSURE = "minor-or-unsure"
    MINORS_ONLY = "minors-only"
    SHOWN_ONLY = "shown-only"
    ORDINARY_PHOTO_ALONE = "ordinary-photo-alone"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    WAITING_FOR_POLICE = "waiting-for-police"
    POLICE_WAIT_OVER = "police-wait-over"
    NO_PERMISSION = "no-permission-to-send"
    WAITS_FOR_PERSON = "waits-for-the-person"
    """An advocate entered what only the person's confirmation, or a mandate, makes the person's."""
    SECOND_ADVOCATE = "second-advocate-needed"
    """One advocate vouched, entered the permission and would send: another one must do one of the three."""
    MISSING_FIELDS = "missing-fields"
    FIELD_TOO_LONG = "field-too-long"
    COMMENT_TOO_LONG = "comment-too-long"
    NAME_IN_TEXT = "name-in-text"
    NOT_A_FORM = "not-a-form"
    REFERENCE_INVALID = "reference-invalid"
    MESSAGE_ID_DOMAIN = "message-id-domain"
    MESSAGE_ID_NOTICE = "message-id-notice"
    CHECKS_TOO_CLOSE = "looks-too-close"
    STILL_THERE = "copy-still-there"
    SUBMITTED_IN_FUTURE = "submitted-in-future"
    SUBMITTED_TOO_EARLY = "submitted-too-early"
    TIME_UNREADABLE = "time-unreadable"

    # What an operator types.
    LOGIN_INVALID = "login-invalid"
    LOGIN_TAKEN = "login-taken"
    NAME_INVALID = "name-invalid"
    PASSWORD_TOO_SHORT = "password-too-short"  # noqa: S105  # a code, no password
    PASSWORD_TOO_LONG = "password-too-long"  # noqa: S105
    PASSWORD_MISMATCH = "password-mismatch"  # noqa: S105
    ORGANISATION_UNKNOWN = "organisation-unknown"
    TWO_ADVOCATES = "two-advocates"
