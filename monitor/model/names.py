"""Words that name a person, looked for in the text of posts: only two of them together count. Pure.

A word is found whatever its width, case and the way its Hangul was composed, with single spaces or marks between its
Hangul letters, and with the particles that Korean adds; not inside another word.
"""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

SHORTEST, LONGEST, MOST_TERMS = 2, 60, 12
_PARTICLES = (
    *("은는이가을를의에도만와과로야아여께랑님씨양군네임인"),
    *("에게", "에게서", "에서", "한테", "한테서", "이랑", "으로", "라고", "이라고", "입니다", "이다", "예요", "이에요"),
    *(
        "까지",
        "부터",
        "처럼",
        "보다",
        "마저",
        "조차",
        "이나",
        "이가",
        "이는",
        "이를",
        "이의",
        "이도",
        "이한테",
        "이랑은",
    ),
    *(
        "씨가",
        "씨는",
        "씨의",
        "씨를",
        "님이",
        "님은",
        "님의",
        "님을",
        "양이",
        "양은",
        "양의",
        "군이",
        "군은",
        "군의",
        "에는",
        "에서는",
    ),
    *("이래", "이래요", "래", "래요", "이야", "이라는", "라는", "이란", "란", "이고", "이며", "이네", "네요", "이네요"),
    *(
        "이지",
        "이죠",
        "인데",
        "인듯",
        "임다",
        "이었",
        "였음",
        "이었음",
        "하고",
        "더러",
        "보고",
        "밖에",
        "뿐",
        "만이",
        "이면",
    ),
)
_HANGUL = "가-힣"
_BETWEEN = r"[\s·.\-_*]?"
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


class TermKind(StrEnum):
    """What a word is."""

    NAME = "name"
    NICKNAME = "nickname"
    SCHOOL = "school"
    """Or a workplace."""
    ACCOUNT = "account"


class TermState(StrEnum):
    """The values are stored: add states, never rename one."""

    ASKED = "asked"
    """No advocate has said yet whether it is this person's; it is not looked for."""
    APPROVED = "approved"
    DECLINED = "declined"


def plain(text: str) -> str:
    """In one width and case, composed, without what nobody sees."""
    return unicodedata.normalize("NFKC", text).translate(_UNSEEN).casefold()


def term_of(text: str) -> str | None:
    """A word as it is kept; None where it is none: too short to mean anybody, or longer than a name."""
    word = " ".join(plain(text).strip().removeprefix("@").split())
    letters = sum(each.isalnum() for each in word)
    return word if letters >= SHORTEST and len(word) <= LONGEST and "\n" not in text else None


def two_together(text: str, terms: Sequence[str]) -> bool:
    """Do two different words stand in this text, neither of them inside the other?"""
    told = plain(text)
    found = {term: [one.span() for one in _pattern(term).finditer(told)] for term in dict.fromkeys(terms)}
    spans = [(term, span) for term, every in found.items() for span in every]
    return any(
        one != other and (end <= begin or stop <= start)
        for one, (start, end) in spans
        for other, (begin, stop) in spans
    )


@lru_cache(4096)
def _pattern(term: str) -> re.Pattern[str]:
    letters = "".join(term.split())
    if re.search(f"[{_HANGUL}]", letters):
        body = _BETWEEN.join(re.escape(each) for each in letters)
        after = "|".join(sorted(_PARTICLES, key=len, reverse=True))
        return re.compile(f"(?<![{_HANGUL}a-z0-9])({body})(?=(?:{after})?(?![{_HANGUL}a-z]))")
    body = r"[\s_.-]?".join(re.escape(part) for part in term.split())
    # Korean adds its particles to Latin names as well.
    return re.compile(f"(?<![a-z0-9_])({body})(?![a-z0-9_])")
