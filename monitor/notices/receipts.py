"""The removal receipt: what is gone, where, what still stands, and which two checks say so. For the person to keep."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.facts import CopyFacts
from monitor.notices.deadlines import MIN_GAP
from monitor.notices.fields import clean, moment_in_both
from monitor.notices.removal_rules import GONE
from monitor.notices.render import render
from monitor.notices.texts import KINDS, LANGUAGES, PLATFORMS, in_language
from monitor.platforms.base import Presence

_NOT_SENT = {"en": "no notice was sent", "ko": "보낸 신고 없음"}
_RETURNED = {
    "en": "The notice came back later: it had not arrived, so this removal does not follow from it.",
    "ko": (
        "위의 신고는 나중에 반송되어, 받는 곳에 도착하지 않은 것으로 확인되었습니다. "
        "이 삭제는 그 신고에 따른 것이 아닙니다."
    ),
}
_SPAN = {"en": ("{} d", "{} h", "{} min"), "ko": ("{}일", "{}시간", "{}분")}


@dataclass(frozen=True, slots=True)
class RemovalReceiptText:
    """A receipt in one language. It names the post by channel and number, with no link that a tap would open."""

    language: str
    subject: str = field(repr=False)
    body: str = field(repr=False)


def removal_receipt(
    copy: CopyFacts,
    *,
    language: str,
    first_gone_at: datetime,
    second_gone_at: datetime,
    presence: Presence = Presence.DELETED,
    sent_at: datetime | None = None,
) -> RemovalReceiptText:
    """The receipt in Korean or English, times in KST and UTC. `presence`: what the second check showed in its place.

    RuleBroken when the checks are not MIN_GAP apart, or the picture is not gone.
    """
    if presence not in GONE:
        raise RuleBroken(Refusal.STILL_THERE, "a receipt says that a picture is gone")
    if second_gone_at - first_gone_at < MIN_GAP:
        raise RuleBroken(Refusal.CHECKS_TOO_CLOSE, "a removal needs two looks apart in time")
    chosen = language if language in LANGUAGES else LANGUAGES[0]
    subject, body = render(
        "receipt",
        chosen,
        {
            "platform": in_language(PLATFORMS[copy.platform], chosen),
            "ids": clean(f"{copy.handle}/{copy.post_id}"),
            "kind": in_language(KINDS[copy.kind], chosen),
            "sent_at": moment_in_both(sent_at) or _NOT_SENT[chosen],
            "first_gone_at": moment_in_both(first_gone_at),
            "second_gone_at": moment_in_both(second_gone_at),
            "apart": span(second_gone_at - first_gone_at, chosen),
            "presence": presence.value,
        },
    )
    return RemovalReceiptText(chosen, subject, body)


def with_return(body: str, language: str) -> str:
    """The text of a receipt whose notice turned out never to have arrived."""
    return f"{body.rstrip()}\n\n{in_language(_RETURNED, language)}\n"


def span(length: timedelta, language: str) -> str:
    """A length of time in whole minutes: "1 d 2 h 5 min"; "1일 2시간 5분"."""
    minutes = int(length.total_seconds() // 60)
    parts = (minutes // 1440, minutes // 60 % 24, minutes % 60)
    said = [unit.format(part) for part, unit in zip(parts, _SPAN[language], strict=True) if part]
    return " ".join(said) or _SPAN[language][2].format(0)
