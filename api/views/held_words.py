"""What a download of everything says in its readable half: names of fields, and values, in the reader's language.

Ids, codes and counters of the program stand in the JSON alone: nobody reads them.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.i18n import day_words, mark, translations
from api.ledger_words import words_of
from api.pages import texts
from monitor.notices.fields import moment_in_both

LEFT_OUT = frozenset(
    {
        *("codes", "media_id", "source_id", "sighting_id", "notice_id", "fingerprint_id", "consent_id", "link_id"),
        *("message_id", "post_id", "item_id", "entry_id", "origin", "version", "set", "frames", "quality", "cut_out"),
        *("attempt", "one_hand", "live", "gone", "standing", "reason", "route", "permission_to_send_at"),
        *("help", "waits_for", "police_over", "own_page", "public", "text_before"),
    }
)
_LABELS: Mapping[str, str] = {
    **texts.HELD,
    **{"purpose": mark("What the yes is for"), "purposes": mark("What the yes is for")},
    **{"consents": mark("What you said yes to"), "any_centre": mark("May any centre help?")},
    **{"sender_role": mark("In whose name?"), "timing": mark("When may it be sent?")},
    **{"not_inspected": mark("Not fully looked at"), "looked_at": mark("Looked at last"), "mine": mark("From me")},
    **{"presence": mark("At the last look"), "created_at": mark("Prepared"), "logged_in_last": mark("Here last")},
    **{"everything_paused_at": mark("Rests since"), "resending_allowed_at": mark("Known copies may be reported since")},
    **{"address": mark("Address"), "sender": mark("Sender"), "stopped": mark("Why it stopped")},
    **{"asked_at": mark("Asked"), "answered_at": mark("Answered"), "agreed_at": mark("Agreed to")},
    **{"statement": mark("Your words"), "from_centre": mark("From the centre"), "to_centre": mark("To the centre")},
    **{"due_at": mark("From when on"), "under_age": mark("Younger than the law asks"), "guardian": mark("Guardian")},
    **{"privacy_version": mark("Version"), "police_until": mark("Ask again after"), "facts": mark("Why it may be one")},
    **{"answer": mark("Your answer"), "entered_by": mark("Entered by"), "ko": mark("Korean"), "en": mark("English")},
    **{"not_sent": mark("What did not leave"), "what": mark("What"), "why": mark("Why")},
    **{"followed": mark("Is it looked at again?"), "taken_back_at": mark("Taken back")},
    **{"deadline_at": mark("Deadline"), "counts_as": mark("Its copies count as")},
    **{"waiting": mark("Waits for you"), "came_back_at": mark("Back since"), "read_by": mark("Read by")},
}
_YES_NO = {True: mark("Yes"), False: mark("No")}
_VALUES: Mapping[str, Mapping[str, str]] = {
    "platform": texts.PLATFORMS,
    "kind": {**texts.TERM_KINDS, **texts.KINDS},
    "age_group": texts.AGES,
    "counts_as": texts.AGES,
    "country": texts.COUNTRIES,
    "language": texts.SPOKEN,
    "presence": texts.PRESENCES,
    "answer": texts.PERSONS_WORDS,
    "sender_role": {"person": mark("In your own name"), "agent": mark("By an advocate with a written power to act")},
    "timing": {"now": mark("Right away"), "wait-for-police": mark("After the police have what they need")},
    "what": texts.MAIL_AFTER,
    "why": {
        **texts.MAIL_STOPPED,
        "wrong-copy": mark("On a second look it was not your picture."),
        "person-asked": mark("Your centre took back its decision."),
        "sent-in-error": mark("Your centre took back its decision."),
    },
    "purpose": {"watch": mark("look for copies"), "follow": mark("check whether reported posts are gone")},
    "guardian": {
        "not-needed": mark("not needed"),
        "agreed": mark("a parent or guardian agreed"),
        "centre": mark("a centre gave a code"),
    },
}
_STATES: Mapping[str, Mapping[str, str]] = {
    "case": {"open": mark("Waits for somebody who vouches"), "vouched": mark("Vouched for")},
    "links": texts.LINK_STATES,
    "found": texts.SIGHTING_STATES,
    "notices": {**texts.NOTICE_STATES, **texts.OWN_NOTICE_STATES},
    "names": texts.TERM_STATES,
    "joint_reports": texts.PART_STATES,
    "addresses": {**texts.PART_STATES, "closed": mark("Nothing to answer any more")},
    "transfers": texts.TRANSFER_STATES,
}
_STEPS: Mapping[str, str] = {
    "case-opened": mark("You opened the case."),
    "erasure-asked": mark("You asked for the case to be erased."),
    "erasure-cancelled": mark("You called the erasure off."),
}
"""To the person it is their own case: the record of steps speaks of it to others."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d[0-9:.]*(?:Z|[+-]\d\d:\d\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def label_of(name: str, language: str) -> str:
    """What a field is called."""
    told = _LABELS.get(name)
    return name.replace("_", " ") if told is None else translations(language).gettext(told)


def value_of(part: str, name: str, value: Any, language: str) -> str:
    """A value as people say it; the person's own words stay theirs."""
    gettext = translations(language).gettext
    if isinstance(value, bool):
        return gettext(_YES_NO[value])
    text = str(value)
    if name == "step":
        return gettext(_STEPS[text]) if text in _STEPS else words_of(text, language)
    if name.endswith(("_at", "_last")) or name in ("at", "due_at") or _MOMENT.fullmatch(text):
        return moment_in_both(datetime.fromisoformat(text)) if _MOMENT.fullmatch(text) else text
    if name in ("police_until", "dated") and _DAY.fullmatch(text):
        return day_words(text, language)
    known = _STATES.get(part, {}) if name == "state" else _VALUES.get("purpose" if name == "purposes" else name, {})
    return gettext(known[text]) if text in known else text
