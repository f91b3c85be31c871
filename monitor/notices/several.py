"""Several copies of one channel or account in one notice: what must be alike, and how their places are told. Pure."""

from collections.abc import Mapping, Sequence

from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.facts import CopyFacts, Intake
from monitor.notices.fields import FIELDS, clean, moment, moment_in_both, read_fields
from monitor.notices.route import Route
from monitor.notices.texts import Words, in_language
from monitor.platforms.base import PlatformName

MOST_TOGETHER = 20
"""Copies in one notice: a desk reads a page, and a field has its limit."""

PLACES = (
    *("urls", "location_urls", "post_urls", "exact_urls", "infringing_urls", "links"),
    *("exact_location", "ids", "observed_at"),
)
"""The fields that tell where and when. Of everything else a notice says one thing, true of every copy in it."""

_BETWEEN = "\n    "
_FURTHER: Words = {"en": " (and {count} more)", "ko": " 외 {count}건"}
_LISTED: Words = {
    "en": """
THIS NOTICE IS ABOUT {count} POSTS
What it says of the post is said of each of these:
""",
    "ko": """
이 신고의 대상은 게시물 {count}건입니다
위의 내용은 아래 게시물 하나하나에 모두 해당합니다.
""",
}
_LINE: Words = {
    "en": "{number}. {url} ({ids}), posted {posted_at}, seen {observed_at}",
    "ko": "{number}. {url} ({ids}), 게시 {posted_at}, 확인 {observed_at}",
}


def refuse_unlike(route: Route, copy: CopyFacts, others: Sequence[CopyFacts], intake: Intake) -> None:
    """RuleBroken(NOT_TOGETHER) unless the route takes several, and one text is true of them all."""
    if not route.several:
        raise RuleBroken(Refusal.NOT_TOGETHER, "this way takes one post at a time")
    if len(others) >= MOST_TOGETHER:
        raise RuleBroken(Refusal.NOT_TOGETHER, f"at most {MOST_TOGETHER} posts go into one notice")
    if any(_place(one) != _place(copy) for one in others):
        raise RuleBroken(Refusal.NOT_TOGETHER, "they are not of one channel or account")
    said = _said(route, copy, intake)
    theirs = [_said(route, one, intake) for one in others]
    unlike = sorted(name for name, value in said.items() if any(one[name] != value for one in theirs))
    if unlike:
        raise RuleBroken(Refusal.NOT_TOGETHER, f"they differ in: {', '.join(unlike)}")


def places_of(copies: Sequence[CopyFacts], intake: Intake, route: Route, language: str) -> Mapping[str, str]:
    """The fields of PLACES: each copy's value on a line of its own."""
    told = [read_fields(PLACES, one, intake, route, language) for one in copies]
    return {name: _BETWEEN.join(one[name] for one in told if one[name]) for name in PLACES}


def further(count: int, language: str) -> str:
    """Stands after the subject that names the first."""
    return in_language(_FURTHER, language).format(count=count)


def listed(copies: Sequence[CopyFacts], language: str) -> str:
    """Every place once, numbered, with its times."""
    at = moment_in_both if language == "ko" else moment
    lines = [
        in_language(_LINE, language).format(
            number=number,
            url=clean(one.url),
            ids=clean(f"{one.handle}/{one.post_id}"),
            posted_at=at(one.posted_at),
            observed_at=at(one.observed_at),
        )
        for number, one in enumerate(copies, 1)
    ]
    return in_language(_LISTED, language).format(count=len(copies)) + "\n".join(lines) + "\n"


def _place(copy: CopyFacts) -> tuple[str, ...]:
    # A search on X finds posts of many accounts; in a channel of Telegram whoever wrote does not matter.
    author = copy.author_id if copy.platform is PlatformName.X else ""
    return (copy.platform, copy.handle, copy.remote_id, author)


def _said(route: Route, copy: CopyFacts, intake: Intake) -> Mapping[str, str]:
    return read_fields((name for name in FIELDS if name not in PLACES), copy, intake, route)
