"""The texts of reports about whole channels and accounts, in Korean and English. Pure.

They hold no link and nothing of any person but what a person put into their own part of a joint report.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from monitor.platforms.base import PlatformName

LONGEST_MESSAGE = 512
"""Characters that account.reportPeer takes with a reason; Telegram's own apps stop there."""

RECIPIENTS: Mapping[PlatformName, str] = MappingProxyType(
    {
        PlatformName.TELEGRAM: "abuse@telegram.org",
        PlatformName.X: "https://help.x.com/forms/safety-and-sensitive-content",
    }
)
"""Where a person sends what is prepared; an operator's override by the name `place_PLATFORM` wins."""

_CHANNEL = {
    "en": (
        "This {what} (@{handle}) posts intimate or faked pictures of people without their consent. Our centre has "
        "confirmed such pictures in posts of it that stand now: {posts}. Please review all of it and remove it. "
        "{organisation}, a support centre for the people concerned."
    ),
    "ko": (
        "이 {what}(@{handle})에는 당사자의 동의 없는 성적 촬영물 또는 허위영상물이 게시되고 있습니다. 저희 기관이 "
        "확인한 게시물 중 현재 남아 있는 것은 {posts}건입니다. 전체를 검토하여 삭제해 주시기 바랍니다. "
        "{organisation} (피해자 지원기관)"
    ),
}
_WHAT = {
    "en": {PlatformName.TELEGRAM: "channel", PlatformName.X: "account"},
    "ko": {PlatformName.TELEGRAM: "채널", PlatformName.X: "계정"},
}
_JOINT = {
    "en": (
        "Joint report about the {what} @{handle}\n\n"
        "{count} persons report together that the {what} above posts intimate or faked pictures of them without their "
        "consent. Each speaks for themselves only and signed their own part. {organisation}, a support centre, sends "
        "this for them. Please remove each post named below, and review the whole {what}.\n"
    ),
    "ko": (
        "{what} @{handle}에 대한 공동 신고\n\n"
        "위 {what}에 당사자의 동의 없는 성적 촬영물 또는 허위영상물이 게시되어, 피해자 {count}명이 함께 신고합니다. "
        "각자 자신의 부분에만 책임을 지고 직접 서명하였습니다. 피해자 지원기관인 {organisation}이(가) 이를 대신 "
        "전달합니다. 아래 게시물을 각각 삭제하고 {what} 전체를 검토해 주시기 바랍니다.\n"
    ),
}
_PART = {
    "en": "Part {number} of {count}\nPosts:\n{links}\n{statement}Signed: {signature}, {date}\n",
    "ko": "{count}명 중 {number}번째\n게시물:\n{links}\n{statement}서명: {signature}, {date}\n",
}


@dataclass(frozen=True, slots=True)
class Part:
    """What one person agreed to, with the links to their own copies."""

    signature: str = field(repr=False)
    statement: str = field(repr=False)
    links: tuple[str, ...] = field(repr=False)
    date: str
    """YYYY-MM-DD."""


def place_text(platform: PlatformName, *, handle: str, posts: int, organisation: str, language: str) -> str:
    """What the platform is asked about the whole of it; no longer than Telegram takes."""
    return _CHANNEL[language].format(
        what=_WHAT[language][platform], handle=handle, posts=posts, organisation=organisation
    )[:LONGEST_MESSAGE]


def joint_text(platform: PlatformName, parts: Sequence[Part], *, handle: str, organisation: str, language: str) -> str:
    """One part a person, in the order that they agreed."""
    head = _JOINT[language].format(
        what=_WHAT[language][platform], handle=handle, organisation=organisation, count=len(parts)
    )
    told = [
        _PART[language].format(
            number=number,
            count=len(parts),
            links="\n".join(part.links),
            statement=f"{part.statement}\n" if part.statement else "",
            signature=part.signature,
            date=part.date,
        )
        for number, part in enumerate(parts, start=1)
    ]
    return "\n".join([head, *told])
