"""What is written to a recipient after the first notice: numbered, and citing it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from monitor.notices.fields import moment
from monitor.notices.texts import Words, in_language


class Purpose(StrEnum):
    """Why a further letter is written. The values are stored."""

    RETRACTION = "retraction"
    REMINDER = "reminder"
    REVISION = "revision"
    """What the first said is put right, or completed."""
    REFILING = "refiling"
    """The request anew: a block that ends, a copy that is back."""


class RetractReason(StrEnum):
    """Why a notice is taken back after it left. The values are stored."""

    WRONG_COPY = "wrong-copy"
    """It is not the person's picture after all, or not this post."""
    PERSON_ASKED = "person-asked"
    SENT_IN_ERROR = "sent-in-error"


_WHY: Mapping[RetractReason, Words] = {
    RetractReason.WRONG_COPY: {
        "en": "On a second look this post is not what the notice says.",
        "ko": "다시 확인한 결과, 이 게시물은 신고에 적은 것과 다릅니다.",
    },
    RetractReason.PERSON_ASKED: {
        "en": "The person concerned no longer asks for this.",
        "ko": "당사자가 더 이상 이 요청을 원하지 않습니다.",
    },
    RetractReason.SENT_IN_ERROR: {"en": "It was sent in error.", "ko": "잘못 보낸 신고입니다."},
}
_TITLES: Mapping[Purpose, Words] = {
    Purpose.RETRACTION: {"en": "Withdrawn", "ko": "신고 철회"},
    Purpose.REMINDER: {"en": "Reminder", "ko": "처리 요청"},
    Purpose.REVISION: {"en": "Correction", "ko": "정정"},
    Purpose.REFILING: {"en": "Request renewed", "ko": "재신고"},
}
_TEXTS: Mapping[Purpose, Words] = {
    Purpose.RETRACTION: {
        "en": "We withdraw our notice of {sent_at} about this post:\n\n    {url}\n\n{why} Please take no action on it, "
        "and undo what was done because of it.\nWe are sorry for the trouble.",
        "ko": "{sent_at}에 아래 게시물에 대해 보낸 신고를 철회합니다.\n\n    {url}\n\n{why} 이 신고에 따른 조치를 "
        "하지 말아 주시고, 이미 하신 조치는 되돌려 주시기 바랍니다.\n번거롭게 해 드려 죄송합니다.",
    },
    Purpose.REMINDER: {
        "en": "On {sent_at} we asked you to remove this post:\n\n    {url}\n\nIt is still there{seen}. Please remove "
        "it and tell us the outcome.",
        "ko": "{sent_at}에 아래 게시물의 삭제를 요청했습니다.\n\n    {url}\n\n게시물이 아직 남아 있습니다{seen}. "
        "삭제하고 결과를 알려 주시기 바랍니다.",
    },
    Purpose.REVISION: {
        "en": "This corrects or completes our notice of {sent_at} about this post:\n\n    {url}\n\nAll else "
        "in it stands.",
        "ko": "{sent_at}에 아래 게시물에 대해 보낸 신고를 정정하거나 보완합니다.\n\n    {url}\n\n그 밖의 내용은 "
        "그대로입니다.",
    },
    Purpose.REFILING: {
        "en": "We renew our request of {sent_at}. It follows in full.",
        "ko": "{sent_at}의 요청을 다시 드립니다. 전체 내용은 아래와 같습니다.",
    },
}
_SIGNED: Words = {
    "en": "Letter {number} about notice {notice_id}.\n{signer}\nContact: {contact}",
    "ko": "신고 {notice_id}에 대한 {number}번째 문서\n{signer}\n연락처: {contact}",
}
_SEEN: Words = {"en": " (seen {at})", "ko": "({at} 확인)"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The notice that a letter follows, and who writes."""

    notice_id: str
    number: int
    """Of the letter: 2 is the first after the notice."""
    subject: str = field(repr=False)
    url: str = field(repr=False)
    sent_at: datetime
    last_seen_at: datetime | None
    centre: str
    name: str = field(repr=False)
    contact: str = field(repr=False)


def letter(
    thread: Thread, purpose: Purpose, language: str, *, why: RetractReason | None = None, whole: str = ""
) -> tuple[str, str]:
    """(subject, text), without the advocate's own paragraph. `whole`: of a refiling, the request in full."""
    seen = "" if thread.last_seen_at is None else in_language(_SEEN, language).format(at=moment(thread.last_seen_at))
    text = in_language(_TEXTS[purpose], language).format(
        sent_at=moment(thread.sent_at),
        url=thread.url,
        seen=seen,
        why="" if why is None else in_language(_WHY[why], language),
    )
    signed = _signed(thread, language)
    title = in_language(_TITLES[purpose], language)
    parts = (text, whole.strip(), signed)
    return f"{title} ({thread.number}): {thread.subject}", "\n\n".join(part for part in parts if part) + "\n"


def signed_anew(text: str, thread: Thread, language: str) -> str:
    """A retraction's text, which has no paragraph after its signature, signed by another one."""
    told, _, _ = text.rstrip("\n").rpartition("\n\n")
    return f"{told}\n\n{_signed(thread, language)}\n"


def _signed(thread: Thread, language: str) -> str:
    return in_language(_SIGNED, language).format(
        number=thread.number,
        notice_id=thread.notice_id,
        # Of a centre where nobody works at the moment, its name alone.
        signer=", ".join(one for one in (thread.centre, thread.name) if one),
        contact=thread.contact,
    )
