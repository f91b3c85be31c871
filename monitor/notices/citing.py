"""The sentence by which a notice about a picture that was uploaded again names the first notice. Pure."""

from dataclasses import dataclass
from datetime import datetime

from monitor.notices.fields import moment, moment_in_both
from monitor.notices.texts import Words, in_language

_FURTHER_COPY: Words = {
    "en": """
FURTHER COPY OF A KNOWN PICTURE
This post shows the same picture as our notice {notice_id} of {sent_at}: it was uploaded again.
""",
    "ko": """
이미 신고한 사진의 재게시
이 게시물은 {sent_at}에 보낸 신고({notice_id})와 같은 사진을 다시 올린 것입니다.
""",
}


@dataclass(frozen=True, slots=True)
class FirstNotice:
    """The first notice by the same route about another copy of the same picture. It left, and stands."""

    notice_id: str
    sent_at: datetime
    message_id: str = ""
    """Under which its e-mail left; empty where it was none."""


def cited(first: FirstNotice, language: str) -> str:
    """As it stands in the text, with a line of its own before it."""
    at = moment_in_both(first.sent_at) if language == "ko" else moment(first.sent_at)
    return in_language(_FURTHER_COPY, language).format(notice_id=first.notice_id, sent_at=at)
