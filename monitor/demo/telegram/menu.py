"""The menu that Telegram's servers walk a reporter through: options, options below options, then perhaps a comment.

The texts and the nesting resemble the real menu; the bytes that name an option are drawn anew for every menu, so that
nothing can lean on them.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from telethon.tl import types as t


class Comment(StrEnum):
    """What the server wants before it takes the report."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Option:
    """One line of the menu: options below it, or the end of the way, with or without a comment."""

    text: str
    below: tuple["Option", ...] = ()
    comment: Comment = Comment.OPTIONAL


DEFAULT_OPTIONS = (
    Option("I don't like it", comment=Comment.NONE),
    Option("Child abuse", comment=Comment.REQUIRED),
    Option("Violence", below=(Option("Insults or false information"), Option("Graphic or disturbing content"))),
    Option("Illegal goods", below=(Option("Weapons"), Option("Drugs"), Option("Other illegal goods"))),
    Option(
        "Illegal adult content",
        below=(
            Option("Child abuse", comment=Comment.REQUIRED),
            Option("Non-consensual sexual imagery"),
            Option("Illegal sexual services"),
            Option("Pornography"),
            Option("Other illegal sexual content", comment=Comment.REQUIRED),
        ),
    ),
    Option("Personal data", below=(Option("Private images"), Option("Phone number"), Option("Address"))),
    Option("Scam or fraud", below=(Option("Impersonation"), Option("Deceptive or unrealistic financial claims"))),
    Option("Copyright"),
    Option("Other", comment=Comment.REQUIRED),
)


@dataclass(slots=True)
class Menu:
    """A menu as the server holds it; `step` answers one call of messages.report."""

    options: tuple[Option, ...] = DEFAULT_OPTIONS
    _tokens: dict[bytes, tuple[Option, ...]] = field(init=False)
    _finals: dict[bytes, tuple[Option, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self._tokens = {os.urandom(8): path for path in _paths(self.options, ())}
        self._finals = {os.urandom(8): path for path in self._tokens.values()}

    def step(self, token: bytes, comment: str) -> Any | tuple[str, ...] | None:
        """The server's next question, or the texts of the whole path when the report is complete, or None."""
        if token == b"":
            return self._choose("Report", self.options, ())
        if token in self._finals:
            path = self._finals[token]
            if path[-1].comment is Comment.REQUIRED and not comment:
                return t.ReportResultAddComment(option=token)
            return _texts(path)
        path = self._tokens.get(token, ())
        if not path:
            return None
        last = path[-1]
        if last.below:
            return self._choose(last.text, last.below, path)
        if last.comment is Comment.NONE:
            return _texts(path)
        return t.ReportResultAddComment(
            option=_token(self._finals, path), optional=last.comment is Comment.OPTIONAL or None
        )

    def _choose(self, title: str, options: tuple[Option, ...], path: tuple[Option, ...]) -> Any:
        lines = [t.MessageReportOption(option.text, _token(self._tokens, (*path, option))) for option in options]
        return t.ReportResultChooseOption(title, lines)


def _paths(options: tuple[Option, ...], above: tuple[Option, ...]) -> Iterator[tuple[Option, ...]]:
    for option in options:
        yield (*above, option)
        yield from _paths(option.below, (*above, option))


def _token(tokens: dict[bytes, tuple[Option, ...]], path: tuple[Option, ...]) -> bytes:
    return next(token for token, known in tokens.items() if known == path)


def _texts(path: tuple[Option, ...]) -> tuple[str, ...]:
    return tuple(option.text for option in path)
