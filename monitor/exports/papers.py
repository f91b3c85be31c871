"""The papers that a person may take out of their case: a letter for a school or an employer, receipts to keep. Pure.

The letter is neutral: it names no kind of picture, no place and no number of the case, and says only what was chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from monitor.notices.fields import KST, clean
from monitor.notices.hand_off import Block
from monitor.notices.texts import Words, in_language


class LetterFor(StrEnum):
    """Who gets the letter."""

    SCHOOL = "school"
    EMPLOYER = "employer"
    OTHER = "other"


_T: dict[str, Words] = {
    "title_centre": {"en": "Confirmation", "ko": "확인서"},
    "title_self": {"en": "Statement", "ko": "사실 확인서(본인 작성)"},
    "to": {"en": "To", "ko": "받는 곳"},
    "school": {"en": "the school", "ko": "학교"},
    "employer": {"en": "the employer", "ko": "직장"},
    "name": {"en": "Name", "ko": "이름"},
    "made": {"en": "Date", "ko": "작성일"},
    "by": {"en": "Support centre", "ko": "지원 기관"},
    "contact": {"en": "Questions about this letter", "ko": "이 문서에 관한 문의"},
    "seal": {"en": "Stamp or signature of the centre", "ko": "기관 직인 또는 서명"},
    "sign": {"en": "Signature", "ko": "서명"},
    "centre": {
        "en": "{centre} supports the person named below in a matter in which personal data was published on the "
        "internet without consent.",
        "ko": "{centre}은(는) 아래에 적힌 사람이 동의 없이 인터넷에 공개된 개인정보 문제로 지원을 받고 있음을 "
        "확인합니다.",
    },
    "self": {
        "en": "I am dealing with a matter in which personal data of mine was published on the internet without my "
        "consent.",
        "ko": "본인은 동의 없이 인터넷에 공개된 본인의 개인정보 문제를 처리하고 있습니다.",
    },
    "since": {"en": "This has been going on since {date}.", "ko": "{date}부터 진행하고 있습니다."},
    "appointments": {
        "en": "Appointments with support centres, the police or other bodies may fall into school or working hours. "
        "Please count absences for them as excused.",
        "ko": "지원 기관, 경찰 등과의 상담이나 조사가 수업·근무 시간에 있을 수 있습니다. 이로 인한 결석이나 부재를 "
        "인정해 주시기 바랍니다.",
    },
    "requests": {
        "en": "Requests for removal that were sent to operators of internet services: {count}.",
        "ko": "인터넷 사업자에게 보낸 삭제 요청: {count}건",
    },
    "removed": {"en": "Publications that were seen to be gone: {count}.", "ko": "삭제를 확인한 게시물: {count}건"},
    "care": {
        "en": "The details are confidential. Please do not ask the person for them, and do not pass this letter on.",
        "ko": "구체적인 내용은 비밀로 보호됩니다. 당사자에게 자세한 사정을 묻거나 이 문서를 다른 사람에게 전달하지 "
        "말아 주시기 바랍니다.",
    },
    "receipts": {"en": "Receipts of removal", "ko": "삭제 확인서"},
    "sent_title": {"en": "Copy of what was sent", "ko": "보낸 내용의 사본"},
    "sent_at": {"en": "Sent", "ko": "보낸 시각"},
    "recipient": {"en": "To", "ko": "받는 곳"},
    "subject": {"en": "Subject", "ko": "제목"},
    "left_out": {
        "en": "The names of those who work at the centre, and the link by which the recipient answers, are left out.",
        "ko": "기관에서 일하는 사람의 이름과 받는 곳이 답변할 때 쓰는 링크는 뺐습니다.",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What the person chose. None and empty: left out."""

    wanted_for: LetterFor
    addressee: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    """Typed for this letter, kept nowhere; empty: a line to write on."""
    centre: str = ""
    """Empty: the person speaks for themselves."""
    contact: str = ""
    since: datetime | None = None
    appointments: bool = False
    requests: int | None = None
    removed: int | None = None
    made_at: datetime


def letter_blocks(letter: Letter, language: str) -> tuple[Block, ...]:
    """The letter, on one page."""

    def say(name: str, **values: object) -> str:
        return in_language(_T[name], language).format(**values)

    told = [say("centre", centre=letter.centre) if letter.centre else say("self")]
    if letter.since is not None:
        told.append(say("since", date=_day(letter.since)))
    if letter.appointments:
        told.append(say("appointments"))
    if letter.requests is not None:
        told.append(say("requests", count=letter.requests))
    if letter.removed is not None:
        told.append(say("removed", count=letter.removed))
    told.append(say("care"))
    to = clean(letter.addressee) or (say(letter.wanted_for.value) if letter.wanted_for is not LetterFor.OTHER else "")
    rows = [(say("to"), to)] if to else []
    rows += [(say("name"), clean(letter.name)), (say("made"), _day(letter.made_at))]
    if letter.centre:
        rows.append((say("by"), letter.centre))
        rows += [(say("contact"), letter.contact)] if letter.contact else []
        rows.append((say("seal"), ""))
    else:
        rows.append((say("sign"), ""))
    return (Block(say("title_centre" if letter.centre else "title_self"), tuple(told), tuple(rows)),)


def receipt_blocks(texts: Sequence[tuple[str, str]], language: str) -> tuple[Block, ...]:
    """Every receipt: subject and body."""
    head = Block(in_language(_T["receipts"], language))
    return (head, *(Block(subject, _paragraphs(body), level=2) for subject, body in texts))


def sent_blocks(
    *, recipient: str, subject: str, body: str, sent_at: datetime | None, language: str
) -> tuple[Block, ...]:
    """One notice as it left."""

    def say(name: str) -> str:
        return in_language(_T[name], language)

    moment = "" if sent_at is None else f"{sent_at:%Y-%m-%d %H:%M} UTC"
    rows = [(say("sent_at"), moment), (say("recipient"), recipient), (say("subject"), subject)]
    shown = tuple((name, clean(value)) for name, value in rows if value)
    return (Block(say("sent_title"), (say("left_out"),), shown), Block(subject or say("sent_title"), _paragraphs(body)))


def _paragraphs(body: str) -> tuple[str, ...]:
    return tuple(line for line in body.splitlines() if line.strip())


def _day(at: datetime) -> str:
    return f"{at.astimezone(KST):%Y-%m-%d}"
