"""What a person takes to the police, the Commission, a centre or a platform: one pack, as lines of text. Pure.

Links, numbers and times, what was done so far, where it can be taken, and for a minor the guardian's part. Nothing
that the person told of themselves stands in it: what a body asks for is written there by hand, and nothing is required.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitor.notices.fields import clean, moment_in_both
from monitor.notices.route import Route, Words
from monitor.notices.texts import BROUGHT_WORDS, PLATFORMS, in_language
from monitor.platforms.base import PlatformName

_T: dict[str, Words] = {
    "title": {"en": "Links to hand over", "ko": "유포물 신고 자료"},
    "about": {
        "en": "This pack can be taken to any of the bodies named in it. It holds links, numbers and times. It holds no "
        "picture, and no name or contact of the person shown.",
        "ko": "이 자료는 아래에 적힌 어느 기관에나 가져갈 수 있습니다. 주소와 번호, 시각만 적혀 있습니다. "
        "사진은 없으며, 사진 속 사람의 이름이나 연락처도 없습니다.",
    },
    "case": {"en": "Case number", "ko": "사건 번호"},
    "centre": {"en": "Support centre", "ko": "지원 기관"},
    "made_at": {"en": "Made", "ko": "작성 시각"},
    "minor": {
        "en": "The person shown was, or may have been, under age when pictured.",
        "ko": "사진 속 사람이 촬영 당시 미성년이었거나 그럴 수 있습니다.",
    },
    "left_out": {
        "en": "The pack holds the latest {shown} copies. {left_out} more were confirmed; the support centre has them.",
        "ko": "최근에 확인한 {shown}건만 담았습니다. 그 밖에 확인된 {left_out}건은 지원 기관에 있습니다.",
    },
    "age": {"en": "When pictured", "ko": "촬영 당시"},
    "under_age": {"en": "under age, or that may be", "ko": "미성년이었거나 그럴 수 있음"},
    "grown": {"en": "adult", "ko": "성인"},
    "posts": {"en": "The posts", "ko": "게시물"},
    "link": {"en": "Link", "ko": "주소"},
    "number": {"en": "Platform and number", "ko": "플랫폼과 번호"},
    "account": {"en": "Number of the channel or account", "ko": "채널(계정) 고유 번호"},
    "posted": {"en": "Posted", "ko": "게시 시각"},
    "found": {"en": "Found", "ko": "발견 시각"},
    "seen": {"en": "Last seen there", "ko": "마지막으로 게시 중임을 확인한 시각"},
    "gone": {"en": "Seen gone", "ko": "지워진 것을 확인한 시각"},
    "done": {"en": "What was done", "ko": "지금까지 한 일"},
    "sent": {"en": "notice sent", "ko": "신고 보냄"},
    "filed": {"en": "filed", "ko": "제출함"},
    "reference": {"en": "reference", "ko": "접수번호"},
    "answered": {"en": "answered", "ko": "답변"},
    "nothing": {"en": "Nothing yet.", "ko": "아직 없습니다."},
    "elsewhere": {"en": "Other places that the person named", "ko": "본인이 알려 준 다른 곳"},
    "elsewhere_text": {
        "en": "These were told by the person. Nobody opened or checked them.",
        "ko": "본인이 알려 준 주소입니다. 열어 보거나 확인하지 않았습니다.",
    },
    "where": {"en": "Kind of place", "ko": "어떤 곳인지"},
    "told": {"en": "Told", "ko": "알려 준 시각"},
    "reported": {"en": "reported there by the person", "ko": "본인이 그곳에 신고함"},
    "places": {"en": "Where it can be taken", "ko": "가져갈 수 있는 곳"},
    "address": {"en": "Address", "ko": "주소·연락처"},
    "bring": {"en": "What you may bring or be asked for there", "ko": "그곳에서 물을 수 있는 것"},
    "unsure": {
        "en": "(?) no source confirms this; please ask there",
        "ko": "(?) 출처로 확인되지 않았습니다. 그곳에 물어봐 주세요",
    },
    "yours": {
        "en": "For you to write by hand, only if you want to (nobody requires it here)",
        "ko": "원하면 손으로 적는 칸(여기서는 아무것도 꼭 적지 않아도 됩니다)",
    },
    "name": {"en": "Name (?)", "ko": "이름(?)"},
    "contact": {"en": "How to reach you safely (?)", "ko": "안전하게 연락받을 방법(?)"},
    "guardian": {"en": "If you are under 14", "ko": "만 14세 미만이라면"},
    "guardian_text": {
        "en": "A legal guardian, such as a parent, may have to agree (?). They can come along, or write here:",
        "ko": "부모 등 법정대리인의 동의가 필요할 수 있습니다(?). 함께 가거나 여기에 적을 수 있습니다.",
    },
    "guardian_name": {"en": "Guardian's name (?)", "ko": "보호자 이름(?)"},
    "guardian_relation": {"en": "What they are to you (?)", "ko": "나와의 관계(?)"},
    "guardian_sign": {"en": "Date and signature (?)", "ko": "날짜와 서명(?)"},
    "unsafe": {"en": "If a parent must not know, or is not safe", "ko": "보호자에게 알릴 수 없거나 안전하지 않다면"},
    "unsafe_text": {
        "en": 'You need not tell them first. Say at the place where you take this: "I cannot tell my parents." The '
        "police and the centres know this and can name another adult or a helper who acts for you (?). Leave the "
        "guardian's part empty.",
        "ko": '먼저 알리지 않아도 됩니다. 이 자료를 가져간 곳에서 "부모님께 알릴 수 없어요"라고 말해 주세요. 경찰과 '
        "지원기관은 이런 사정을 알고 있고, 다른 어른이나 도와줄 사람을 정할 수 있습니다(?). 보호자 칸은 비워 두세요.",
    },
    "unsafe_kr": {
        "en": "In Korea: 1388 for young people (day and night, by phone or text), 1366, the police at 112, or the D4U "
        "centre at 02-735-8994. In 2020 the ministry said that removal for minors needs no consent of the parents; "
        "ask whether that is still so (?).",
        "ko": "청소년상담 1388(24시간, 전화·문자), 여성긴급전화 1366, 경찰 112, 디성센터 02-735-8994에 말할 수 "
        "있습니다. 2020년에 정부는 미성년자의 삭제 지원에 부모의 동의가 필요 없다고 밝혔습니다. "
        "지금도 그런지는 물어봐 주세요(?).",
    },
    "care": {"en": "Please take care", "ko": "지켜 주세요"},
    "care_text": {
        "en": "Do not open, save, screenshot or attach the picture, and do not pass this pack on to anybody who does "
        "not act on it.",
        "ko": "사진을 열거나 저장하거나 캡처하거나 첨부하지 마세요. 처리하지 않는 사람에게는 이 자료를 보여 주지 "
        "마세요.",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PackStep:
    """A notice that left, or a step that was filed."""

    title: Words
    at: datetime
    filed: bool
    reference: str = field(default="", repr=False)
    answer: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackCopy:
    """One post."""

    platform: PlatformName
    url: str = field(repr=False)
    ids: str = field(repr=False)
    account_number: str = field(repr=False)
    posted_at: datetime
    observed_at: datetime
    seen_at: datetime | None
    removed_at: datetime | None
    minor: bool = False
    """The person was, or may have been, under age in this picture."""
    steps: tuple[PackStep, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackLink:
    """A link, an invitation or a room's title that the person knows."""

    url: str = field(repr=False)
    place: Words
    told_at: datetime
    done: bool
    """The person has reported it there themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOff:
    """Everything that the pack says."""

    case_id: str
    centre: str
    made_at: datetime
    minor: bool
    korean: bool
    """The person is in Korea, or nobody told where."""
    copies: tuple[PackCopy, ...]
    places: tuple[Route, ...]
    elsewhere: tuple[PackLink, ...] = ()
    """Links that the person knows and that are not read here."""
    left_out: int = 0
    """Confirmed copies that are not in the pack."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the pack: a heading, paragraphs, and names with values; an empty value is a line to write on."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    level: int = 1


def blocks(pack: HandOff, language: str) -> tuple[Block, ...]:
    """The pack in one language, for the text and for the PDF alike."""
    return tuple(_blocks(pack, language))


def as_text(pack: HandOff, language: str) -> str:
    """The pack as plain text."""
    lines: list[str] = []
    for block in blocks(pack, language):
        lines += ["", ("# " if block.level == 1 else "- ") + block.heading, *block.paragraphs]
        lines += [f"{name}: {value or '_' * 24}" for name, value in block.rows]
    return "\n".join(lines).strip() + "\n"


def _blocks(pack: HandOff, language: str) -> Iterator[Block]:
    def say(name: str) -> str:
        return in_language(_T[name], language)

    head = [(say("case"), pack.case_id), (say("centre"), pack.centre), (say("made_at"), moment_in_both(pack.made_at))]
    told = [say("about"), *([say("minor")] if pack.minor else [])]
    yield Block(say("title"), tuple(told), tuple((name, value) for name, value in head if value))
    fewer = say("left_out").format(shown=len(pack.copies), left_out=pack.left_out)
    if pack.copies:
        yield Block(say("posts"), (fewer,) if pack.left_out else ())
    mixed = len({copy.minor for copy in pack.copies}) > 1
    for number, copy in enumerate(pack.copies, 1):
        yield _copy_block(copy, number, language, mixed=mixed)
    if pack.elsewhere:
        yield Block(say("elsewhere"), (say("elsewhere_text"),))
    for number, link in enumerate(pack.elsewhere, 1):
        rows = ((say("link"), clean(link.url)), (say("where"), in_language(link.place, language)))
        dated = (say("told"), moment_in_both(link.told_at))
        yield Block(
            f"{number}", (), (*rows, dated, (say("done"), say("reported" if link.done else "nothing"))), level=2
        )
    if pack.places:
        yield Block(say("places"))
    for route in pack.places:
        yield _place_block(route, pack, language)
    yield Block(say("yours"), (), ((say("name"), ""), (say("contact"), "")))
    if pack.minor:
        guardian = (say("guardian_name"), say("guardian_relation"), say("guardian_sign"))
        yield Block(say("guardian"), (say("guardian_text"),), tuple((name, "") for name in guardian))
        unsafe = (say("unsafe_text"), *([say("unsafe_kr")] if pack.korean else []))
        yield Block(say("unsafe"), unsafe)
    yield Block(say("care"), (say("care_text"),))


def _copy_block(copy: PackCopy, number: int, language: str, *, mixed: bool) -> Block:
    """`mixed`: some copies are a minor's and some are not, so that each says which."""

    def say(name: str) -> str:
        return in_language(_T[name], language)

    rows = [
        (say("link"), clean(copy.url)),
        (say("age"), say("under_age" if copy.minor else "grown") if mixed else ""),
        (say("number"), f"{in_language(PLATFORMS[copy.platform], language)}, {clean(copy.ids)}"),
        (say("account"), clean(copy.account_number)),
        (say("posted"), moment_in_both(copy.posted_at)),
        (say("found"), moment_in_both(copy.observed_at)),
        (say("seen"), moment_in_both(copy.seen_at)),
        (say("gone"), moment_in_both(copy.removed_at)),
    ]
    done = [_step_line(step, language) for step in copy.steps] or [say("nothing")]
    told = [(name, value) for name, value in rows if value] + [(say("done"), " / ".join(done))]
    return Block(f"{number}", (), tuple(told), level=2)


def _step_line(step: PackStep, language: str) -> str:
    def say(name: str) -> str:
        return in_language(_T[name], language)

    parts = [in_language(step.title, language), say("filed" if step.filed else "sent"), moment_in_both(step.at)]
    if step.reference:
        parts.append(f"{say('reference')} {clean(step.reference)}")
    if step.answer is not None:
        parts.append(f"{say('answered')}: {in_language(step.answer, language)}")
    return ", ".join(parts)


def _place_block(route: Route, pack: HandOff, language: str) -> Block:
    def say(name: str) -> str:
        return in_language(_T[name], language)

    addresses = dict.fromkeys(route.goes_to(copy.platform) for copy in pack.copies if copy.platform in route.platforms)
    doubtful = f" {say('unsure')}" if "recipient" in route.doubts else ""
    rows = [(say("address"), ", ".join(one.removeprefix("tel:") for one in addresses if one) + doubtful)]
    asked = [in_language(BROUGHT_WORDS.get(name, {"en": name}), language) for name in route.by_person]
    if asked:
        rows.append((say("bring"), ", ".join(asked) + " (?)"))
    about = in_language(route.about, language) if route.about else ""
    return Block(in_language(route.title, language), (about,) if about else (), tuple(rows), level=2)


def routes_of(packs: Sequence[Sequence[Route]]) -> tuple[Route, ...]:
    """The routes of several copies, each once, in their order."""
    return tuple({route.name: route for routes in packs for route in routes}.values())
