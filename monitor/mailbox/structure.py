"""What an IMAP server answers, taken apart: tokens, and the tree of a mail's parts (RFC 3501, BODYSTRUCTURE).

The mail was written by anybody, so nothing here recurses without a bound and nothing is believed: an answer of another
shape is MailUnreadable.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from monitor.core.errors import JikimiError

Token: TypeAlias = "bytes | list[Token] | None"  # noqa: S105 - no password
"""A string, NIL, or a list in parentheses."""

MOST_DEPTH = 30
MOST_TOKENS = 20_000
_TOKEN = re.compile(rb'\s+|"((?:[^"\\\r\n]|\\.)*)"|([()])|((?:[^\s()"\[]|\[[^\]]*\])+)')
_LITERAL = re.compile(rb"\{\d+\}\Z")


class MailUnreadable(JikimiError):
    """A mail is built so that it cannot be read."""


class MailGone(MailUnreadable):
    """Somebody deleted or moved a mail meanwhile."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a mail, and how to ask for it."""

    section: str
    kind: str
    """Type and subtype, in small letters: text/plain."""
    parameters: Mapping[str, str] = field(repr=False)
    encoding: str = "7bit"
    attached: bool = False
    """Meant to be saved, or it has a file's name."""
    parts: tuple["Part", ...] = ()

    def walk(self) -> Iterator["Part"]:
        """This part and those inside it, in order; never into a mail that is attached."""
        yield self
        for part in self.parts:
            yield from part.walk()


def tokens(answer: Sequence[object]) -> list[Token]:
    """What `imaplib` gives for one command: texts, and pairs of a text that ends in {size} with the literal."""
    outer: list[Token] = []
    stack = [outer]
    count = 0
    for piece in answer:
        text, literal = piece if isinstance(piece, tuple) else (piece, None)
        if text is None:
            continue
        if not isinstance(text, bytes) or not (literal is None or isinstance(literal, bytes)):
            raise MailUnreadable("answer")
        if literal is not None:
            text = _LITERAL.sub(b"", text)
        for token in _scan(text):
            count += 1
            _push(stack, token)
        if literal is not None:
            stack[-1].append(literal)
        if count > MOST_TOKENS:
            raise MailUnreadable("too-many-parts")
    if len(stack) != 1:
        raise MailUnreadable("answer-cut")
    return outer


def _scan(text: bytes) -> Iterator[re.Match[bytes]]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.end() == at:
            raise MailUnreadable("answer")
        at = found.end()
        if found[0].strip():
            yield found


def _push(stack: list[list[Token]], token: re.Match[bytes]) -> None:
    quoted, bracket, atom = token.groups()
    if bracket == b"(":
        if len(stack) > MOST_DEPTH:
            raise MailUnreadable("too-deep")
        inner: list[Token] = []
        stack[-1].append(inner)
        stack.append(inner)
    elif bracket == b")":
        if len(stack) == 1:
            raise MailUnreadable("answer")
        stack.pop()
    elif quoted is not None:
        stack[-1].append(re.sub(rb"\\(.)", rb"\1", quoted))
    else:
        stack[-1].append(None if atom.upper() == b"NIL" else atom)


def fetched(answer: Sequence[object], uid: int, item: str) -> Token:
    """The value of `item` in the answer about one mail. Servers mix in what they were not asked for."""
    wanted = item.upper().encode()
    for token in tokens(answer):
        if not isinstance(token, list):
            continue
        pairs = [(name, value) for name, value in zip(token[::2], token[1::2], strict=False) if isinstance(name, bytes)]
        found = {re.sub(rb"<\d+>\Z", b"", name).upper(): value for name, value in pairs}
        if found.get(b"UID") == str(uid).encode() and wanted in found:
            return found[wanted]
    raise MailGone("no-answer")


def part_of(token: Token, section: str = "") -> Part:
    """The tree of a BODYSTRUCTURE."""
    if not isinstance(token, list) or not token:
        raise MailUnreadable("structure")
    if isinstance(token[0], list):
        children = list(_leading_lists(token))
        rest = token[len(children) :]
        parts = tuple(part_of(child, f"{section}.{at}".lstrip(".")) for at, child in enumerate(children, 1))
        return Part(section, f"multipart/{_text(rest, 0)}", _pairs(rest, 1), parts=parts)
    kind = f"{_text(token, 0)}/{_text(token, 1)}"
    parameters, disposition = _pairs(token, 2), _disposition(token, kind)
    attached = "name" in parameters or disposition is not None
    return Part(section or "1", kind, parameters, _text(token, 5) or "7bit", attached)


def _leading_lists(token: list[Token]) -> Iterator[Token]:
    for child in token:
        if not isinstance(child, list):
            return
        yield child


def _text(token: Sequence[Token], at: int) -> str:
    value = token[at] if at < len(token) else None
    return value.decode("ascii", "replace").lower() if isinstance(value, bytes) else ""


def _pairs(token: Sequence[Token], at: int) -> dict[str, str]:
    value = token[at] if at < len(token) else None
    if not isinstance(value, list):
        return {}
    names = [_text(value, index) for index in range(0, len(value) - 1, 2)]
    return {name: _text(value, 2 * index + 1) for index, name in enumerate(names)}


def _disposition(token: Sequence[Token], kind: str) -> str | None:
    """Its name where it says that the part is a file: `attachment`, or anything with a file's name."""
    at = 11 if kind == "message/rfc822" else 9 if kind.startswith("text/") else 8
    value = token[at] if at < len(token) else None
    if not isinstance(value, list):
        return None
    name = _text(value, 0)
    return name if name == "attachment" or "filename" in _pairs(value, 1) else None
