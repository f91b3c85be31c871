"""What a centre tells persons of itself, as it is kept: not sealed, since everybody may read it."""

import re
import unicodedata
from typing import ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.opening_hours import MOST_PARTS, Hours, checked
from monitor.model.records.record import Record, RecordPart

LONGEST_NAME, LONGEST_WAY, LONGEST_WORDS = 100, 200, 600
LANGUAGES = ("ko", "en", "zh", "vi", "th", "tl", "ja", "ru", "mn", "id", "uz", "km", "ne", "my", "es", "fr", "ar")
"""In which a person may be spoken with; the first two are those of the pages."""
_NUMBER = re.compile(r"[+#*]?[0-9][0-9 ()*#-]{1,28}")


class HoursPart(RecordPart):
    """monitor.model.opening_hours.Hours."""

    day: int
    opens: int
    closes: int

    @property
    def value(self) -> Hours:
        """For the rules."""
        return Hours(self.day, self.opens, self.closes)


class CentreProfile(Record):
    """How a person reaches a centre, and what it asks them."""

    PLACE: ClassVar[str] = "centre-profile:{}"

    name_ko: str
    name_en: str
    asks_ko: str
    asks_en: str
    """What the centre will ask, so that nobody is surprised. Vouching needs no identity document."""
    phone: str = ""
    text: str = ""
    """A number for text messages."""
    chat: str = ""
    """A link, or a name to look for, such as a channel of KakaoTalk."""
    hours: tuple[HoursPart, ...] = Field(default=(), strict=False)
    zone: str = "Asia/Seoul"
    note_ko: str = ""
    note_en: str = ""
    """What else matters of the hours, such as holidays."""
    languages: tuple[str, ...] = Field(default=("ko",), strict=False)

    @property
    def opening(self) -> tuple[Hours, ...]:
        """The hours, for the rules."""
        return tuple(one.value for one in self.hours)


def checked_profile(told: CentreProfile) -> CentreProfile:
    """The profile as it may stand, in one spelling of letters.

    Raises RuleBroken: PROFILE_WORDS, PROFILE_WAYS, PROFILE_HOURS, INVALID.
    """
    every = told.model_dump()
    plain = {name: _tidy(value) if isinstance(value, str) else value for name, value in every.items()}
    profile = CentreProfile.model_validate(plain)
    for text, longest in (
        *((one, LONGEST_NAME) for one in (profile.name_ko, profile.name_en)),
        *((one, LONGEST_WORDS) for one in (profile.asks_ko, profile.asks_en)),
    ):
        if not 0 < len(text) <= longest:
            raise RuleBroken(Refusal.PROFILE_WORDS, "name and what is asked are needed in both languages, not too long")
    if any(len(text) > LONGEST_WORDS for text in (profile.note_ko, profile.note_en)):
        raise RuleBroken(Refusal.PROFILE_WORDS, f"a note has at most {LONGEST_WORDS} characters")
    _check_ways(profile)
    try:
        checked(profile.opening)
        ZoneInfo(profile.zone)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        raise RuleBroken(Refusal.PROFILE_HOURS, "hours are spans of a day that do not overlap") from None
    if len(profile.hours) > MOST_PARTS:
        raise RuleBroken(Refusal.PROFILE_HOURS, f"at most {MOST_PARTS} spans a week")
    if not profile.languages or not set(profile.languages) <= set(LANGUAGES):
        raise RuleBroken(Refusal.PROFILE_LANGUAGES, "name the languages that are spoken")
    return profile


def _check_ways(profile: CentreProfile) -> None:
    """At least one of phone, text and chat, each such that a device can use it."""
    if not (profile.phone or profile.text or profile.chat):
        raise RuleBroken(Refusal.PROFILE_WAYS, "name a phone number, a number for text messages or a chat")
    if any(number and not _NUMBER.fullmatch(number) for number in (profile.phone, profile.text)):
        raise RuleBroken(Refusal.PROFILE_WAYS, "a number has digits, spaces and hyphens")
    if len(profile.chat) > LONGEST_WAY or "\n" in profile.chat:
        raise RuleBroken(Refusal.PROFILE_WAYS, "a chat is a link or a name")
    if "://" in profile.chat:
        try:
            parts = urlsplit(profile.chat)
            good = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
        except ValueError:
            good = False
        if not good:
            raise RuleBroken(Refusal.PROFILE_WAYS, "a chat's link begins with https://")


def _tidy(text: str) -> str:
    """One spelling of Hangul; digits and hyphens of any width; nothing unseen around it."""
    return unicodedata.normalize("NFC", text).strip()
