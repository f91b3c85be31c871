"""The reason of an alert in words: the code that the program stored, told to the advocate."""

import re

from api.i18n import mark
from api.pages.delivery_reasons import delivery_reason, is_of_settings
from api.pages.texts import ALERT_STEPS, COPY_STATES, NOTICE_WAITS, WHY_REFUSED, Gettext, of
from api.refusals import TEXTS, refusal_text
from monitor.actions.erase import ASKED_AND_CONFIRMED, ASKED_UNDER_MANDATE
from monitor.cases.quarantine import ON_THE_LIST
from monitor.context.alerts import AlertKind

_TOO_MANY = re.compile(r"more-than-(?P<number>\d+)-an-hour")
_TOLD_BY_THE_KIND = frozenset(
    {
        "nobody-vouched-yet",
        "picked-up-by-sweeper",
        "not-compared",
        "not-yet-over",
        "nothing-done",
        "answered",
        "until-two-resume",
        "asked-by-person-of-frozen",
        "to-be-read",
        "ends-soon",
        "copy-refused",
        "came-back",
        "allowed-now",
        "person-agreed",
        "whole-picture",
        "police-to-be-told",
    }
)
_OF_READING = {
    "private": mark("It is not public any more."),
    "gone": mark("There is no channel or account of this name any more."),
    "renamed": mark("Another channel or account has this name now."),
    "restricted": mark("The platform does not show it here."),
    "not-a-channel": mark("It is no public channel or account."),
    "RateLimited": mark("The platform asks to wait."),
    "PlatformFault": mark("The platform did not answer."),
    "DecoderUnavailable": mark("Pictures could not be opened here."),
    "CreditExhausted": mark("The prepaid credit is used up."),
}
"""Why a source was not read."""
_CLOCKS = {
    "answer": mark("The time that law or platform gives for an answer is nearly over."),
    "renewed": mark("The time for an answer to the request anew is nearly over."),
    "block-expiry": mark("The block is nearly over: ask for it again, or for the removal."),
    "preservation": mark("What is preserved is nearly deleted: police have to ask for it again."),
    "file-by": mark("The time in which the next step may be filed is nearly over."),
}
"""Which clock of a notice ends."""
_OF_PRESERVATION = {
    "ended-unrenewed": mark(
        "Its time is over and no renewal is recorded: the platform need not keep the data any more."
    ),
}
"""What became of a request of the police to keep data."""
_AFTER_A_LAPSE = {
    "next-step-prepared": mark("The next step is prepared."),
    "nothing-follows": mark(
        "Nothing more follows by itself. You can ask again, take another way, or go to the police or to whoever "
        "oversees the platform."
    ),
}
"""What the end of a notice's time leads to."""
_ASKED = {
    "asked-by-person": mark("The person asked for it."),
    "asked-by-advocate": mark("An advocate asked for it, not the person."),
    ASKED_AND_CONFIRMED: mark("An advocate asked for it, and the person confirmed it."),
    ASKED_UNDER_MANDATE: mark("An advocate asked for it under a mandate; the person has not confirmed it."),
}
"""Who asked for an erasure."""


_RETURNED = re.compile(r"(?P<how>bounced|unproven|gave-up)-(?:(?P<class>5\.\d+)|4\.\d+)\.\d+")
_WHY_IT_CAME_BACK = {
    "5.1": mark("There is no such address (any more)."),
    "5.2": mark("The mailbox takes nothing: it is full or closed."),
    "5.3": mark("Their mail system does not take it."),
    "5.4": mark("No way leads to their mail system."),
    "5.5": mark("The mail servers did not understand each other."),
    "5.6": mark("Their mail system does not take what the message holds."),
    "5.7": mark("Their mail system refuses it by its rules."),
}
"""RFC 3463: the class of the status, never the server's own words."""
_OF_MAILS = {
    "bounced-told-by-advocate": mark("An advocate recorded that it did not arrive."),
    "unproven-failure": mark("Their mail system is said to have refused it."),
    "gave-up-without-status": mark("The mail server gave up after trying for days."),
    "names-another-mail": mark("It is not about the mail that was sent."),
    "names-another-recipient": mark("It is about another recipient."),
    "unreadable": mark("It could not be read here. Please look in the mailbox."),
    "from-another-domain": mark("It came from another domain, so it is not shown. Please look in the mailbox."),
    "earlier-mail": mark("It is about an earlier try."),
    "delayed": mark("It is still being tried."),
    "delivered": mark("It arrived."),
    "relayed": mark("It was handed on."),
    "expanded": mark("It was handed on."),
    "unknown-action": mark("It does not say what became of the notice."),
}
"""What a mail about a notice comes to."""


_OF_ANSWERS = {
    "platform-acknowledged": mark("Acknowledged"),
    "platform-removed": mark("Removed, they say"),
    "platform-need-more": mark("More needed"),
    **{f"platform-{reason}": words for reason, words in WHY_REFUSED.items()},
}
"""What the recipient of a notice answered."""


def _of_mail(code: str) -> str | None:
    """In English, as the catalogues know it."""
    found = _RETURNED.fullmatch(code)
    if found is None:
        return _OF_MAILS.get(code)
    if found["class"] is None:
        return _OF_MAILS["gave-up-without-status"]
    return _WHY_IT_CAME_BACK.get(found["class"], _OF_MAILS["unproven-failure"])


def alert_step(kind: str, reason: str | None, gettext: Gettext) -> str:
    """What to do about it. Who can do something about what waits to leave depends on why it waits."""
    if kind == AlertKind.NOTICE_WAITS and reason:
        why = "our-settings" if is_of_settings(reason) else reason
        if why in NOTICE_WAITS:
            return gettext(NOTICE_WAITS[why])
    return of(ALERT_STEPS, kind, gettext)


def alert_reason(code: str | None, gettext: Gettext) -> str:
    """Empty where the alert's title says it already; a code without words is shown as it is."""
    if not code or code in _TOLD_BY_THE_KIND:
        return ""
    if many := _TOO_MANY.fullmatch(code):
        return gettext("It fitted more than %(number)s posts within an hour.") % many.groupdict()
    if code == "cut-off-while-sending":
        return gettext("sending was cut off")
    if code in _OF_PRESERVATION:
        return gettext(_OF_PRESERVATION[code])
    if code in _AFTER_A_LAPSE:
        return gettext(_AFTER_A_LAPSE[code])
    if code in _ASKED:
        return gettext(_ASKED[code])
    if (told := _of_mail(code)) is not None:
        return gettext(told)
    if code in _CLOCKS:
        return gettext(_CLOCKS[code])
    if code in COPY_STATES:
        return gettext(COPY_STATES[code])
    if code in _OF_ANSWERS:
        return gettext(_OF_ANSWERS[code])
    if code in _OF_READING:
        return gettext(_OF_READING[code])
    if (said := delivery_reason(code, gettext)) is not None and code not in TEXTS:
        return said
    if code == ON_THE_LIST:
        return gettext(
            "It is on the list of harmless pictures that many people use. Ask the person whether it is their own."
        )
    return refusal_text(code, gettext) if code in TEXTS else code
