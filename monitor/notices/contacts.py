"""Who helps a person right now: contacts to show before anything else works, by country, age, hour and channel.

They are data: one TOML file a country in `contacts/`, and the operator's over them (the folder `contacts` of the routes
folder). Each says where it is from, of which date, and how sure that is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from monitor.core.errors import RouteFileError
from monitor.model.facts import AgeGroup
from monitor.notices.contact_files import CONTACTS_FOLDER, Entry, FirstFor, Way, WayChannel, read_contacts
from monitor.notices.texts import Words, in_language

ELSEWHERE = "ZZ"
"""Stands for every country without contacts of its own."""

_DAY_NAMES: Mapping[str, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "ko": ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"),
}


@dataclass(frozen=True, slots=True)
class ShownWay:
    """One way to reach a contact, in one language. `label` may be empty: the number or the address says it."""

    channel: WayChannel
    to: str
    label: str
    open_now: bool
    opens: str
    """When it opens, in words; empty where it is open or its hours are unknown."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact in one language, at one moment. `always_open` means day and night."""

    key: str
    name: str
    note: str
    ways: tuple[ShownWay, ...]
    always_open: bool
    confirmed: bool
    """False: shown as "please check", because no source confirms it yet."""
    people: bool
    """Somebody answers by voice, text or chat; False: a form or a mailbox."""
    open_now: bool
    opens: str
    """When somebody answers next, in words; empty where they do now, or where nobody knows the hours."""
    zone: str
    """Of the clocks by which `opens` says it."""
    first_for: FirstFor | None
    removes: bool
    source: str = field(repr=False)
    date: str = field(repr=False)

    @property
    def phone(self) -> str:
        """The first number to call, empty where there is none."""
        return next((way.to for way in self.ways if way.channel is WayChannel.CALL), "")

    @property
    def address(self) -> str:
        """The first page or mailbox, empty where there is none."""
        return next((way.to for way in self.ways if way.to and way.channel in (WayChannel.WEB, WayChannel.MAIL)), "")


class ContactTable:
    """Every contact, in the order of its file; filled once, at start."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = dict(entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def use(self, folder: Path | None) -> None:
        """Take the operator's files over ours. Raises RouteFileError and then changes nothing."""
        self._entries = contacts_over(folder)

    @property
    def countries(self) -> tuple[str, ...]:
        """One for each answer that `contacts` has: those with contacts of their own, then ELSEWHERE."""
        named = {entry.country for entry in self if entry.country}
        return (*sorted(named, key=lambda code: (code != "KR", code)), ELSEWHERE)


def contacts_over(folder: Path | None) -> dict[str, Entry]:
    """Ours, with those of the operator's routes folder over them. Raises RouteFileError, a line for each problem."""
    theirs = None if folder is None else folder / "contacts"
    entries, problems = read_contacts(CONTACTS_FOLDER, *([theirs] if theirs is not None and theirs.is_dir() else []))
    if problems:
        raise RouteFileError("\n".join(problems))
    return entries


CONTACTS = ContactTable(contacts_over(None))
COUNTRIES = CONTACTS.countries
"""Of our own files."""

_DO_NOT_COPY: Words = {
    "en": "Please do not download, screenshot or pass on the picture. The link is enough.",
    "ko": "사진을 내려받거나 캡처하거나 다른 사람에게 보내지 마세요. 주소만 있으면 충분해요.",
}
_NOT_YOUR_FAULT: Words = {
    "en": "What happened is not your fault.",
    "ko": "지금 겪고 계신 일은 본인의 잘못이 아니에요.",
}
_EMERGENCY: Words = {
    "en": "If you are in danger right now, call your local emergency number first.",
    "ko": "지금 위험한 상황이라면 먼저 계신 곳의 긴급전화에 연락해 주세요.",
}
_KR_DUTY: Words = {
    "en": "In Korea, support centres and counsellors (1366, D4U, 1388 and the centres that work here) must tell the "
    "police at once when they learn that a picture of somebody under 19 is concerned. The duty is theirs, not yours. "
    "You can ask them about this before you say anything else.",
    "ko": "한국의 지원센터와 상담원(1366·디성센터·1388·이곳의 센터)은 "
    "19세 미만의 피해를 알게 되면 바로 경찰에 알려야 해요. "
    "이 의무는 센터와 상담원에게 있고, 본인에게는 없어요. 이야기를 시작하기 전에 이 점을 먼저 물어보셔도 괜찮아요.",
}
_KR_UNDER_14: Words = {
    "en": "Under 14, a legal guardian agrees for you. "
    "If home is not safe, tell 1366 or the centre: there is another way.",
    "ko": "만 14세 미만이면 법정대리인의 동의가 필요해요. "
    "집에 알리기 어렵거나 안전하지 않다면 1366이나 지원센터에 말해 주세요. 다른 방법이 있어요.",
}


def contacts(country: str, age_group: AgeGroup, language: str, now: datetime | None = None) -> tuple[Contact, ...]:
    """Contacts for a person in `country` (ISO 3166-1 alpha-2; empty: unknown): who answers now comes first.

    Korean contacts are also shown while the country is unknown: most people who come here are in Korea. Without `now`
    nothing is said about what is open at this hour.
    """
    here = _country(country)
    fitting = [each for each in CONTACTS if each.country in ("", here) and _fits(each, age_group)]
    shown = [(_shown(entry, language, now), entry) for entry in fitting]
    shown.sort(key=lambda pair: _place(*pair))
    return tuple(contact for contact, _ in shown)


def cautions(country: str, age_group: AgeGroup, language: str) -> tuple[str, ...]:
    """What to say beside the contacts, before anything is asked of the person."""
    korea = _country(country) == "KR"
    said = [_NOT_YOUR_FAULT] if korea else [_NOT_YOUR_FAULT, _EMERGENCY]
    if age_group.counts_as_minor:
        said += [_DO_NOT_COPY, _KR_DUTY, _KR_UNDER_14] if korea else [_DO_NOT_COPY]
    return tuple(in_language(words, language) for words in said)


def opening_words(at: datetime, now: datetime, language: str) -> str:
    """When a contact opens, on the clocks of its own place: people there write it so."""
    clock = f"{at:%H:%M}"
    today, there = now.astimezone(at.tzinfo).date(), at.date()
    korean = language == "ko"
    if there == today:
        day = "오늘" if korean else "today"
    elif (there - today).days == 1:
        day = "내일" if korean else "tomorrow"
    else:
        day = _DAY_NAMES["ko" if korean else "en"][at.weekday()]
    return f"{day} {clock}"


def _fits(entry: Entry, age_group: AgeGroup) -> bool:
    return (AgeGroup.MINOR if age_group.counts_as_minor else AgeGroup.ADULT) in entry.ages


def _place(contact: Contact, entry: Entry) -> tuple[bool, bool, int]:
    """Whoever answers now; then what a person can do alone, and who opens later, as their files order them."""
    return (not (contact.people and contact.open_now), entry.country == "" and entry.order >= _LATE, entry.order)


_LATE = 50
"""From this place on what helps everywhere stands below the contacts of the country."""


def _shown(entry: Entry, language: str, now: datetime | None) -> Contact:
    ways = tuple(_way(way, language, now) for way in entry.ways)
    spoken = [way for way in entry.ways if way.channel.spoken]
    timed = [way.hours for way in spoken if way.hours.known]
    open_now = any(hours.open_at(now) for hours in timed) if now else any(hours.always for hours in timed)
    next_open = [at for hours in timed if now and (at := hours.next_open(now)) is not None]
    soonest = min(next_open, default=None)
    return Contact(
        key=entry.key,
        name=in_language(entry.name, language),
        note=in_language(entry.note, language),
        ways=ways,
        always_open=any(hours.always for hours in timed) if spoken else True,
        confirmed=entry.confirmed,
        people=bool(spoken),
        open_now=open_now,
        opens=opening_words(soonest, now, language) if now and soonest and not open_now else "",
        zone=str(soonest.tzinfo) if soonest else "",
        first_for=entry.first_for,
        removes=entry.removes,
        source=entry.source,
        date=entry.date,
    )


def _way(way: Way, language: str, now: datetime | None) -> ShownWay:
    at = way.hours.next_open(now) if now else None
    return ShownWay(
        channel=way.channel,
        to=way.to,
        label=in_language(way.label, language) if way.label else "",
        open_now=at is None,
        opens="" if at is None or now is None else opening_words(at, now, language),
    )


def _country(country: str) -> str:
    return country.strip().upper() or "KR"


def table(
    now: datetime, language: str, countries: Iterable[str] = COUNTRIES
) -> Iterator[tuple[str, AgeGroup, tuple[Contact, ...]]]:
    """What is shown at a moment in each country, to an adult and to a minor: for a command that prints it."""
    for country in countries:
        for age in (AgeGroup.MINOR, AgeGroup.ADULT):
            yield country, age, contacts(country, age, language, now)
