"""What a person can send to a platform themselves while they wait: a text for each link that they entered. Pure.

Each is in the language of whoever gets it: the platforms' desks read English, Korea's centre and Korean services read
Korean, and a person need not be able to write either. Nothing of it leaves from here, and nothing about the person
stands in it: where a signature belongs there is a gap that they fill in or leave. For somebody who may have been under
age it holds the link alone.
"""

from dataclasses import dataclass, field

from monitor.model.facts import AgeGroup, PictureKind
from monitor.notices.route import Recipients, Route, recipient_of
from monitor.notices.route_table import ROUTES
from monitor.notices.self_help import SelfHelp
from monitor.platforms.base import PlatformName

_ROUTES = {
    (PlatformName.TELEGRAM, False): "us_tida",
    (PlatformName.TELEGRAM, True): "telegram_stopca",
    (PlatformName.X, False): "x_ncn",
    (PlatformName.X, True): "x_cse",
}
"""By platform, and whether the person may have been under age: whose address it goes to."""
_WHAT = {
    PictureKind.INTIMATE: "an intimate picture of me that I never agreed to have published",
    PictureKind.FAKED: "a faked intimate picture of me (a digital forgery) that I never agreed to",
    PictureKind.ORDINARY: "a photo of me that is misused there without my consent",
}
_ADULT = """Please remove this post:

    {url}

It shows {what}.
I believe in good faith that it was published without my consent.
Please also remove the identical copies that you know of, and do not tell the uploader who asked.

Name or initials: ____________________
Where you can answer: ____________________
"""
_MINOR = """Please look at this post and remove it:

    {url}

The person in the picture may be under age. Please keep what the police will need.
"""


_WHAT_KO = {
    PictureKind.INTIMATE: "제 동의 없이 게시된 사적인 촬영물",
    PictureKind.FAKED: "제 동의 없이 합성·편집된 성적 허위영상물",
    PictureKind.ORDINARY: "제 동의 없이 도용된 제 사진",
}
_ADULT_KO = """아래 게시물의 삭제를 요청드립니다.

    {url}

이 게시물에 있는 것은 {what}입니다.
게시에 동의한 사실이 없음을 확인합니다.
확인하실 수 있는 동일한 복제본도 함께 삭제해 주시고, 게시자에게 요청인을 알리지 말아 주시기 바랍니다.

성명 또는 머리글자: ____________________
회신받을 연락처: ____________________
"""
_MINOR_KO = """아래 게시물을 확인하시고 삭제해 주시기 바랍니다.

    {url}

사진 속의 사람이 아동·청소년일 수 있습니다. 수사에 필요한 자료는 보존해 주시기 바랍니다.
"""
_SUBJECTS = {
    ("en", False): "Please remove: without consent",
    ("en", True): "Please remove: a picture of a person who may be under age",
    ("ko", False): "동의 없이 게시된 게시물의 삭제 요청",
    ("ko", True): "아동·청소년일 수 있는 사람의 게시물 삭제 요청",
}
_TEXTS = {("en", False): _ADULT, ("en", True): _MINOR, ("ko", False): _ADULT_KO, ("ko", True): _MINOR_KO}
_CENTRE = "kr_d4u"
"""Korea's support centre asks every platform in a person's name."""


@dataclass(frozen=True, slots=True)
class SelfNotice:
    """A text to copy, and where it goes."""

    route: str
    """Of ours; a place that is not watched by its key."""
    language: str
    """Of whoever gets it."""
    address: str = field(repr=False)
    """An e-mail address, or a form that begins with https://"""
    subject: str
    body: str = field(repr=False)
    minor: bool


def self_notice(
    platform: PlatformName, url: str, kind: PictureKind, age: AgeGroup, recipients: Recipients | None = None
) -> SelfNotice | None:
    """The text for one link; None where an operator's routes have no address for it."""
    minor = age.counts_as_minor
    route: Route | None = ROUTES.get(_ROUTES[platform, minor])
    address = None if route is None else recipient_of(route, recipients, platform)
    if route is None or not address:
        return None
    return _written(route.name, "en", address, url, kind, minor)


def to_the_centre(
    url: str, kind: PictureKind, age: AgeGroup, country: str, recipients: Recipients | None = None
) -> SelfNotice | None:
    """The text for Korea's support centre; None for who does not live there, and for an ordinary photo."""
    route = ROUTES.get(_CENTRE)
    if route is None or country != "KR" or kind not in route.kinds:
        return None
    address = recipient_of(route, recipients)
    return _written(route.name, "ko", address, url, kind, age.counts_as_minor) if address else None


def to_a_place(place: SelfHelp | None, url: str, kind: PictureKind, age: AgeGroup) -> SelfNotice | None:
    """The text for a service that is not watched, where its desk reads Korean and its page is known."""
    if place is None or place.desk != "ko" or not place.pages:
        return None
    return _written(place.key, "ko", place.pages[0].to, url, kind, age.counts_as_minor)


def _written(name: str, language: str, address: str, url: str, kind: PictureKind, minor: bool) -> SelfNotice:
    what = (_WHAT_KO if language == "ko" else _WHAT)[kind]
    body = _TEXTS[language, minor].format(url=url, what=what)
    return SelfNotice(name, language, address, _SUBJECTS[language, minor], body, minor)
