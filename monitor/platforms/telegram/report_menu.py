"""Telegram's report menu as we see it: a question with options, the wish for a comment, or the end."""

import re
from dataclasses import dataclass, field
from typing import Any

from telethon.tl import types as t

from monitor.platforms.telegram.errors import OutcomeUnknown

ALTERNATIVES = "|"
"""Parts the alternatives within one preference: "Child abuse|Child sexual abuse"."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One option: its text, and the bytes that name it to this menu only."""

    text: str
    token: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Choose:
    """The server asks to choose."""

    options: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class AddComment:
    """The server asks for a comment, or takes one if there is one."""

    token: bytes = field(repr=False)
    optional: bool


@dataclass(frozen=True, slots=True)
class Reported:
    """The report is handed in. There is no number and nothing to ask later."""


MenuStep = Choose | AddComment | Reported


def step_of(answer: Any) -> MenuStep:
    """Our value for the server's answer. Raises OutcomeUnknown when it is none that we know."""
    if isinstance(answer, t.ReportResultChooseOption):
        return Choose(tuple(Choice(option.text, bytes(option.option)) for option in answer.options))
    if isinstance(answer, t.ReportResultAddComment):
        return AddComment(bytes(answer.option), bool(answer.optional))
    if isinstance(answer, t.ReportResultReported):
        return Reported()
    raise OutcomeUnknown("messages.report", "unreadable-answer")


def preferred(options: tuple[Choice, ...], preferences: tuple[str, ...]) -> Choice | None:
    """The option that the first fitting preference names; None when none fits. Case and spacing do not matter."""
    offered = {_folded(option.text): option for option in reversed(options)}
    for preference in preferences:
        for text in preference.split(ALTERNATIVES):
            if (option := offered.get(_folded(text))) is not None:
                return option
    return None


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
