"""JavaScript as tokens: enough to bundle our own modules, not a parser of the language."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a token is."""

    SPACE = "space"
    COMMENT = "comment"
    TEXT = "text"
    """A string, or a piece of a template between its expressions."""
    REGEX = "regex"
    NUMBER = "number"
    NAME = "name"
    """An identifier or keyword; a private name with its #."""
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """One token as it stands in the source."""

    kind: Kind
    text: str


class ScriptUnreadable(Exception):
    """A module holds something that the bundler does not know."""


_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<number>0[xXbBoO][0-9a-fA-F_]+n?|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?n?)
    |(?P<name>\#?[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*)
    |(?P<sign>\?\?=|\|\|=|&&=|\*\*=|>>>=|<<=|>>=|>>>|===|!==|\.\.\.|=>|\?\.(?!\d)|\?\?|\*\*|\+\+|--|&&|\|\||<<|>>|[<>=!+\-*%&|^/]=|[{}()\[\];,<>+\-*%&|^!~?:=.@/])
    """,
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/(?![*/])(?:[^\\/\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_PIECE = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*(?:`|\$\{)", re.DOTALL)
_BEFORE_REGEX = {"return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "await", "yield"}
_VALUE_ENDS = {")", "]", "}"}


def tokens(source: str) -> list[Token]:
    """All of a source. Raises ScriptUnreadable where it cannot be told what something is."""
    return list(_tokens(source))


def _tokens(source: str) -> Iterator[Token]:
    at, last = 0, Token(Kind.SIGN, ";")
    depths: list[int] = []  # braces that are open inside each template's expression
    while at < len(source):
        char = source[at]
        if char == "`" or (char == "}" and depths and depths[-1] == 0):
            if char == "}":
                depths.pop()
            piece = _PIECE.match(source, at + 1)
            if piece is None:
                raise ScriptUnreadable("a template does not end")
            text = source[at : piece.end()]
            if text.endswith("${"):
                depths.append(0)
            token = Token(Kind.TEXT, text)
        elif char == "/" and _regex_may_stand_after(last) and (regex := _REGEX.match(source, at)):
            token = Token(Kind.REGEX, regex.group())
        else:
            read = _TOKEN.match(source, at)
            if read is None or read.lastgroup is None:
                raise ScriptUnreadable(f"what is {source[at : at + 20]!r}?")
            token = Token(Kind(read.lastgroup), read.group())
            if depths and token.text in "{}":
                depths[-1] += 1 if token.text == "{" else -1
        if token.kind not in (Kind.SPACE, Kind.COMMENT):
            last = token
        at += len(token.text)
        yield token


def _regex_may_stand_after(last: Token) -> bool:
    if last.kind is Kind.NAME:
        return last.text in _BEFORE_REGEX
    if last.kind is Kind.TEXT:
        return last.text.endswith("${")
    return last.kind is Kind.SIGN and last.text not in _VALUE_ENDS


def slim(found: list[Token]) -> list[Token]:
    """Without comments, with as little space as keeps the meaning: a line's end stays one, for scripts may need it."""
    kept: list[Token] = []
    for token in found:
        if token.kind not in (Kind.SPACE, Kind.COMMENT):
            kept.append(token)
            continue
        line = "\n" in token.text or token.text.startswith("//")
        if kept and kept[-1].kind is Kind.SPACE:
            line = line or kept.pop().text == "\n"
        kept.append(Token(Kind.SPACE, "\n" if line else " "))
    return [
        token
        for index, token in enumerate(kept)
        if token.kind is not Kind.SPACE
        or (0 < index < len(kept) - 1 and _needed(kept[index - 1], token.text, kept[index + 1]))
    ]


_ENDS_NO_LINE = {"{", "(", "[", ",", ";", "=>", "&&", "||", "?", ":", "??"}
_BEGINS_NO_LINE = {")", "]", ",", ".", "?.", "?", ":"}


def _needed(before: Token, space: str, after: Token) -> bool:
    """Whether something else would be meant without it."""
    if space == "\n":
        return before.text not in _ENDS_NO_LINE and after.text not in _BEGINS_NO_LINE
    if Kind.SIGN in (before.kind, after.kind):
        return before.text[:1] in "+-" and after.text[:1] in "+-"  # a - -b
    return True
