"""Routes that end in a web form: everything is prepared here, a person submits it and records the reference number."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.notices.compose import Composed
from monitor.notices.fields import clean
from monitor.notices.route_table import ROUTES
from monitor.notices.texts import SUBJECT_WORDS, TEXT_WORDS, in_language

MOST_ANSWER = 500
"""Characters of what a bot answered."""

_REFERENCE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._#:/-]{1,62})[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class FormSheet:
    """What a person needs beside the open form: its address, and each label with its value, in the form's order.

    Where the form's own fields are not known: the subject and the whole text.
    """

    address: str = field(repr=False)
    fields: tuple[tuple[str, str], ...] = field(repr=False)


def form_sheet(composed: Composed) -> FormSheet:
    """The sheet for a composed notice whose route is a form; RuleBroken(NOT_A_FORM) for any other."""
    route = ROUTES.get(composed.route)
    if route is None or not route.channel.by_hand:
        raise RuleBroken(Refusal.NOT_A_FORM, "this route is not submitted through a form")
    values = composed.fields
    rows = tuple((label, values[name]) for name, label in route.form if name in values)
    subject, text = (in_language(words, composed.language) for words in (SUBJECT_WORDS, TEXT_WORDS))
    # Of an office, or a form that nobody has seen, the whole text is what is handed over.
    return FormSheet(composed.recipient, rows or ((subject, composed.subject), (text, composed.body)))


@dataclass(frozen=True, slots=True)
class DialogueLine:
    """One step of an assisted dialogue as a person sees it: what to do, what to copy there, which button to press."""

    words: str
    text: str = field(repr=False)
    """Empty where there is nothing to copy."""
    button: str = ""


def dialogue_sheet(composed: Composed, language: str) -> tuple[DialogueLine, ...]:
    """The steps of a composed notice whose route is a bot's dialogue or an app's menu; none for any other."""
    route = ROUTES.get(composed.route)
    values = {**composed.fields, "body": composed.body}
    return tuple(
        DialogueLine(in_language(step.words, language), step.copy or values.get(step.copy_field, ""), step.button)
        for step in (() if route is None else route.dialogue)
    )


def answer_given(text: str) -> str:
    """What a bot or an app answered, as a person copied it: one line, up to 500 characters.

    RuleBroken(REFERENCE_INVALID) where nothing is left of it.
    """
    tidy = clean(text)[:MOST_ANSWER].strip()
    if not tidy:
        raise RuleBroken(Refusal.REFERENCE_INVALID, "what the bot or the app answered, in a few words")
    return tidy


def reference_number(text: str) -> str:
    """The reference a person typed after submitting, tidied: 3 to 64 letters, digits and . _ # : / -

    Full-width digits become plain ones. RuleBroken(REFERENCE_INVALID) for anything else: an address, a sentence,
    a link to the post.
    """
    tidy = " ".join(unicodedata.normalize("NFKC", text).split()).lstrip("#")
    if not _REFERENCE.fullmatch(tidy) or "//" in tidy or not any(character.isdigit() for character in tidy):
        raise RuleBroken(Refusal.REFERENCE_INVALID, "3 to 64 letters and digits, as the form's confirmation shows them")
    return tidy


def submission_time(at: datetime, written_at: datetime, now: datetime) -> datetime:
    """When a person says that they submitted the form. People tell the minute, so the one of the writing counts whole.

    RuleBroken for a time to come (SUBMITTED_IN_FUTURE), or before the notice was there (SUBMITTED_TOO_EARLY).
    """
    if at > now:
        raise RuleBroken(Refusal.SUBMITTED_IN_FUTURE, "this time is still to come")
    if at < written_at.replace(second=0, microsecond=0):
        raise RuleBroken(Refusal.SUBMITTED_TOO_EARLY, "the notice was written after that")
    return max(at, written_at)
