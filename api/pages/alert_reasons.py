"""The reason of an alert in words: the code that the program stored, told to the advocate."""

import re

from api.i18n import mark
from api.pages.texts import Gettext
from api.refusals import TEXTS, refusal_text
from monitor.actions.erase import ASKED_AND_CONFIRMED, ASKED_UNDER_MANDATE
from monitor.cases.quarantine import ON_THE_LIST

_TOO_MANY = re.compile(r"more-than-(?P<number>\d+)-an-hour")
_TOLD_BY_THE_KIND = frozenset(
    {
        "nobody-vouched-yet",
        "picked-up-by-sweeper",
        "next-step-prepared",
        "not-compared",
        "not-yet-over",
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
_ASKED = {
    "asked-by-person": mark("The person asked for it."),
    "asked-by-advocate": mark("An advocate asked for it, not the person."),
    ASKED_AND_CONFIRMED: mark("An advocate asked for it, and the person confirmed it."),
    ASKED_UNDER_MANDATE: mark("An advocate asked for it under a mandate; the person has not confirmed it."),
}
"""Who asked for an erasure."""


def alert_reason(code: str | None, gettext: Gettext) -> str:
    """Empty where the alert's title says it already; a code without words is shown as it is."""
    if not code or code in _TOLD_BY_THE_KIND:
        return ""
    if many := _TOO_MANY.fullmatch(code):
        return gettext("It fitted more than %(number)s posts within an hour.") % many.groupdict()
    if code == "cut-off-while-sending":
        return gettext("sending was cut off")
    if code in _ASKED:
        return gettext(_ASKED[code])
    if code in _OF_READING:
        return gettext(_OF_READING[code])
    if code == ON_THE_LIST:
        return gettext(
            "It is on the list of harmless pictures that many people use. Ask the person whether it is their own."
        )
    return refusal_text(code, gettext) if code in TEXTS else code
