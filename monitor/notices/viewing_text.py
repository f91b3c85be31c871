"""What a body that may view such pictures is given, so that it looks at posts which we do not look at. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitor.notices.fields import moment_in_both
from monitor.notices.route import Words
from monitor.notices.texts import PLATFORMS, in_language
from monitor.platforms.base import PlatformName


@dataclass(frozen=True, slots=True)
class ToView:
    """One post."""

    platform: PlatformName
    url: str = field(repr=False)
    post_id: str = field(repr=False)
    number: int | None
    """Which picture of the post it is, from 1."""
    posted_at: datetime
    found_at: datetime


@dataclass(frozen=True, slots=True)
class ViewingRequest:
    """All of one item."""

    centre: str
    reference: str
    """The item's number here, for the answer."""
    minor: bool
    distance: int | None
    copies: Sequence[ToView] = field(repr=False)
    left_out: int = 0


_WORDS: dict[str, Words] = {
    "title": {"en": "Please look at these public posts", "ko": "아래 공개 게시물을 확인해 주십시오"},
    "why": {
        "en": "Our program compares fingerprints of pictures and shows us none. It says that these posts may show a "
        "picture of a person whom we support. We do not look at such pictures. You may: please tell us whether these "
        "posts show a sexual picture of a real person, or one made to look so, and whether you know it from a case.",
        "ko": "저희 프로그램은 사진의 지문만 비교하며 사진을 보여 주지 않습니다. 아래 게시물에 저희가 지원하는 분의 "
        "사진이 있을 수 있다고 나왔습니다. 저희는 이런 사진을 열람하지 않습니다. 열람 권한이 있는 귀 기관에서 실제 "
        "사람의 성적 사진이나 그렇게 보이도록 만든 사진인지, 다루고 계신 사건의 것인지 확인하여 알려 주십시오.",
    },
    "minor": {
        "en": "The person was under age when pictured, or that is not sure.",
        "ko": "촬영 당시 미성년자이거나 나이가 확실하지 않습니다.",
    },
    "from": {"en": "From", "ko": "보내는 곳"},
    "reference": {"en": "Our number for your answer", "ko": "회신하실 때 적어 주실 번호"},
    "near": {"en": "Nearness", "ko": "유사도"},
    "bits": {"en": "{n} of 256 points differ", "ko": "256개 점 가운데 {n}개가 다름"},
    "post": {"en": "post", "ko": "게시물"},
    "number": {"en": "picture {n} of the post", "ko": "게시물의 {n}번째 사진"},
    "posted": {"en": "Posted", "ko": "게시"},
    "found": {"en": "Found", "ko": "발견"},
    "more": {"en": "and {n} more copies of the same picture", "ko": "그 밖에 같은 사진의 사본 {n}건"},
    "none": {
        "en": "No picture is attached, and none is kept here.",
        "ko": "사진은 첨부하지 않으며, 보관하지도 않습니다.",
    },
}


def viewing_text(asked: ViewingRequest, language: str) -> str:
    """Plain text to be taken to the body, in Korean or English."""

    def say(key: str, **values: int) -> str:
        return in_language(_WORDS[key], language).format(**values)

    lines = [say("title"), "", say("why")]
    if asked.minor:
        lines.append(say("minor"))
    lines += ["", f"{say('from')}: {asked.centre}", f"{say('reference')}: {asked.reference}"]
    if asked.distance is not None:
        lines.append(f"{say('near')}: {say('bits', n=asked.distance)}")
    for at, one in enumerate(asked.copies, start=1):
        which = "" if one.number is None else f", {say('number', n=one.number)}"
        lines += [
            "",
            f"{at}. {one.url}",
            f"   {in_language(PLATFORMS[one.platform], language)}, {say('post')} {one.post_id}{which}",
            f"   {say('posted')}: {moment_in_both(one.posted_at)}",
            f"   {say('found')}: {moment_in_both(one.found_at)}",
        ]
    if asked.left_out:
        lines += ["", say("more", n=asked.left_out)]
    return "\n".join([*lines, "", say("none"), ""])
