"""What an advocate adds to a notice: in a place of its own, and nothing that the notice keeps out."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import permutations

from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.facts import CopyFacts, Intake, SenderRole
from monitor.notices.fields import clean
from monitor.notices.route import Route

LONGEST = 1500
"""Characters."""
MOST_LINES = 20
_LINK = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://|www\.|@\w{3,}|\b[\w-]+@[\w.-]+|\b(?:[\w-]+\.)+[a-z]{2,}(?:/|\b))", re.IGNORECASE
)
_MOST_PARTS = 4
"""Of a name that is looked for in every order; a longer one forwards and backwards."""
_TITLE = {"en": "From the advocate:", "ko": "상담원이 덧붙인 말:"}


def tidy_paragraph(text: str, copy: CopyFacts, intake: Intake, route: Route) -> str:
    """The paragraph as it leaves, line by line clean; empty for nothing.

    RuleBroken: PARAGRAPH_TOO_LONG, PARAGRAPH_LINK for any address but the copy's own, NAME_IN_TEXT for the person's
    name or contact where the notice keeps them out.
    """
    lines = [clean(line) for line in text.replace("\r\n", "\n").split("\n")]
    tidy = "\n".join(lines).strip("\n")
    if len(tidy) > LONGEST or len(lines) > MOST_LINES:
        raise RuleBroken(Refusal.PARAGRAPH_TOO_LONG, f"at most {LONGEST} characters in {MOST_LINES} lines")
    if _LINK.search(tidy.replace(copy.url, "")):
        raise RuleBroken(Refusal.PARAGRAPH_LINK, "name no address here: the notice has that of the copy")
    if holds_any(tidy, _kept_out(intake, route)):
        raise RuleBroken(Refusal.NAME_IN_TEXT, "this notice keeps the person's name and contact out")
    return tidy


def shown(paragraph: str, language: str) -> str:
    """As it stands in the text: quoted, so that no line of it can be taken for one of the notice's own."""
    if not paragraph:
        return ""
    quoted = "\n".join(f"> {line}".rstrip() for line in paragraph.split("\n"))
    return f"\n{_TITLE.get(language, _TITLE['en'])}\n{quoted}\n"


def _kept_out(intake: Intake, route: Route) -> tuple[str, ...]:
    signs = intake.sender_role is SenderRole.PERSON and "signature" in route.in_body
    return (intake.contact,) if signs else (intake.contact, intake.signature)


def holds_any(text: str, words: Iterable[str]) -> bool:
    """Whether one of `words`, a name or an address, stands in the text, however it is typed: wide, spaced, hyphenated,
    or with the family name last."""
    folded = _folded(text)
    return any(len(one) > 1 and one in folded for word in words for one in as_written(word))


def as_written(word: str) -> set[str]:
    """A name's letters and digits alone, its parts in every order."""
    parts = [_folded(part) for part in word.split()]
    turned = permutations(parts) if len(parts) <= _MOST_PARTS else (parts, parts[::-1])
    return {"".join(one) for one in turned}


def _folded(text: str) -> str:
    """Letters and digits alone, however they were typed."""
    normal = unicodedata.normalize("NFKC", text).casefold()
    return "".join(one for one in normal if one.isalnum())
