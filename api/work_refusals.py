"""Refusals whose words need not travel to a person's phone: who is at work meets them, or the script has its own."""

from monitor.core.refusals import Refusal

# fmt: off
AT_WORK = frozenset(
    {
        Refusal.ADVOCATES_ONLY, Refusal.LEADS_ONLY, Refusal.LAST_LEAD,
        Refusal.CASE_NAME_TOO_LONG, Refusal.TOO_MANY_TAGS, Refusal.COLLEAGUE_UNKNOWN, Refusal.NOTE_NEEDED,
        Refusal.CASE_CALLED_MEANWHILE, Refusal.CHARGE_CHANGED,
        Refusal.NOTE_TOO_LONG, Refusal.TOO_MANY_NOTES, Refusal.NOT_YOUR_NOTE,
        Refusal.FORM_EXPIRED, Refusal.CHOOSE_BASIS, Refusal.CHOOSE_ROUTE,
        Refusal.CHOOSE_REASON, Refusal.CHOOSE_ANSWER, Refusal.NOT_SPOKEN,
        Refusal.NOT_SURE, Refusal.CHOOSE_CASES, Refusal.TOO_MANY_CASES,
        Refusal.RECIPIENT_NEEDED, Refusal.RECIPIENT_KEY, Refusal.NOT_AGREED,
        Refusal.PROVE_AGAIN, Refusal.PACKAGE_NOT_READY,
        Refusal.WITHDRAWN_BY_ADVOCATE, Refusal.NO_CONSENT_TO_FOLLOW, Refusal.IN_HAND_ELSEWHERE,
        Refusal.CODE_COUNT, Refusal.CODE_DAYS,
        Refusal.PROFILE_WORDS, Refusal.PROFILE_WAYS, Refusal.PROFILE_HOURS,
        Refusal.PROFILE_LANGUAGES, Refusal.PROFILE_NAME_TAKEN, Refusal.TOO_MANY_PLACES,
        Refusal.MANDATE_DATE, Refusal.WAITS_FOR_PERSON, Refusal.SECOND_ADVOCATE,
        Refusal.SAME_CENTRE, Refusal.TRANSFER_STANDS, Refusal.TRANSFER_DAYS,
        Refusal.CASE_MOVED, Refusal.REISSUE_STANDS, Refusal.REISSUE_EARLY,
        Refusal.NOT_FROZEN, Refusal.REASON_NEEDED, Refusal.ADVOCATE_STOPPED,
        Refusal.NOT_STOPPED, Refusal.SAME_PERSON, Refusal.OPERATOR_NEEDED,
        Refusal.REPORT_EMPTY, Refusal.ALREADY_DECIDED, Refusal.NOT_CONFIRMED, Refusal.GROUND_GONE,
        Refusal.LEAVES_CHANGED, Refusal.ADDRESS_DECLINED,
        Refusal.NOT_TOGETHER, Refusal.CARRIED_BY_ANOTHER, Refusal.TOGETHER_CHANGED,
        Refusal.TOO_LATE_TO_UNDO, Refusal.SENT_BY_HAND, Refusal.PARAGRAPH_TOO_LONG,
        Refusal.PARAGRAPH_LINK, Refusal.RETRACTED, Refusal.PLATFORM_CODE,
        Refusal.CODE_TOO_SOON, Refusal.CODES_USED_UP, Refusal.ANSWER_REASON,
        Refusal.ANSWER_TEXT, Refusal.TOO_MANY_ANSWERS, Refusal.NO_PLATFORM_LINK,
        Refusal.ALREADY_REPLIED, Refusal.NO_REPLY, Refusal.REPLY_CHANGED,
        Refusal.REPLY_EMPTY, Refusal.WEBHOOK_ADDRESS, Refusal.TOKEN_UNKNOWN,
        Refusal.ALREADY_WRITTEN, Refusal.PLACE_REPORT_STATE, Refusal.PLACE_REPORT_OPEN,
        Refusal.NOTHING_CONFIRMED, Refusal.TOO_FEW_PARTS, Refusal.COPY_GONE,
        Refusal.ROUTE_UNKNOWN, Refusal.PLATFORM_MISMATCH, Refusal.MINOR_OR_UNSURE,
        Refusal.MINORS_ONLY, Refusal.SHOWN_ONLY, Refusal.OTHER_COUNTRY,
        Refusal.COUNTRY_NOT_TOLD,
        Refusal.SENDER_NOT_ENTITLED, Refusal.NOTHING_POSTED_WITH, Refusal.ROUTE_NOT_IN_USE,
        Refusal.ORDINARY_PHOTO_ALONE, Refusal.CONSENT_WITHDRAWN, Refusal.WAITING_FOR_POLICE,
        Refusal.POLICE_WAIT_OVER, Refusal.NO_PERMISSION, Refusal.MISSING_FIELDS,
        Refusal.FIELD_TOO_LONG, Refusal.COMMENT_TOO_LONG, Refusal.NAME_IN_TEXT,
        Refusal.NOT_A_FORM, Refusal.REFERENCE_INVALID, Refusal.MESSAGE_ID_DOMAIN,
        Refusal.MESSAGE_ID_NOTICE, Refusal.CHECKS_TOO_CLOSE, Refusal.STILL_THERE,
        Refusal.SUBMITTED_IN_FUTURE, Refusal.SUBMITTED_TOO_EARLY, Refusal.COPY_CLOSED,
        Refusal.RETRACT_FIRST, Refusal.COPY_NOT_CLOSED, Refusal.STEP_UNKNOWN,
        Refusal.FILED_TOO_EARLY, Refusal.ANSWERED_TOO_EARLY, Refusal.TIME_UNREADABLE,
        Refusal.PRESERVATION_TIME, Refusal.LOGIN_INVALID, Refusal.LOGIN_TAKEN,
        Refusal.NAME_INVALID, Refusal.PASSWORD_TOO_SHORT, Refusal.PASSWORD_TOO_LONG,
        Refusal.BASIS_NOT_ON_RECORD, Refusal.ITEM_CHANGED, Refusal.CHOOSE_ITEMS,
        Refusal.CHOOSE_VIEWER, Refusal.VIEWED_IN_FUTURE, Refusal.PERSON_ANSWERED, Refusal.CANNOT_BE_OPENED,
        Refusal.PERSON_SAYS_NO,
        Refusal.PASSWORD_MISMATCH, Refusal.TWO_ADVOCATES, Refusal.ORGANISATION_UNKNOWN,
        Refusal.NO_CASE_CONTENT, Refusal.OPERATORS_ONLY, Refusal.PROOF_NEEDED, Refusal.ENROL_FIRST,
        Refusal.PASSKEY_WRONG, Refusal.TOO_MANY_PASSKEYS, Refusal.LAST_WAY_IN, Refusal.CODE_WRONG,
        Refusal.NOT_ONESELF, Refusal.OPERATORS_APART, Refusal.LOG_IN_THROTTLED,
        Refusal.OWN_PAGE, Refusal.ADDRESS_NOT_AGREED, Refusal.CASE_ERASED, Refusal.WORK_STOPPED,
    }
)
"""Only people at work meet them."""
SAID_BY_SCRIPT = frozenset(
    {
        Refusal.PASSPHRASE_DIFFERS, Refusal.NOT_LOGGED_IN, Refusal.TOO_MANY_TRIES, Refusal.LOG_IN_WRONG,
        Refusal.CODE_INVALID, Refusal.PICTURE_TOO_PLAIN, Refusal.TOO_MANY_FINGERPRINTS, Refusal.TOO_MANY_SOURCES,
        Refusal.TOO_MANY_LINKS, Refusal.SOURCE_UNREADABLE, Refusal.LINK_UNREADABLE, Refusal.CASE_CLOSED,
        Refusal.INVALID, Refusal.CENTRE_CHANGED, Refusal.SAID_SINCE,
        Refusal.JSON_EXPECTED, Refusal.METHOD_NOT_ALLOWED,
    }
)
# fmt: on
"""A person's script says these in words of its own (api/static/person), so those of the table are never shown there. It
asks for nothing that the last two refuse."""
