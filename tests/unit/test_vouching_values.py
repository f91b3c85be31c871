"""When a centre is there, codes as words, and what a person sends themselves: pure rules with nothing behind them."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cases.code_words import ALPHABET, code_typed, word_list, words_of
from monitor.model.facts import AgeGroup, PictureKind
from monitor.model.opening_hours import DAY, Hours, always_open, checked, day_text, parse_day, standing
from monitor.notices.self_send import self_notice
from monitor.platforms.base import PlatformName

MONDAY = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # nine in the morning in Seoul
WEEK = [*parse_day(0, "10-12, 13:00~18:00"), *parse_day(4, "22:00-02:00")]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", []),
        ("24", [(0, DAY)]),
        ("９：００－１８：００", [(540, 1080)]),
        ("13:00 – 18:00, 9 - 12", [(540, 720), (780, 1080)]),
        ("22:00-02:00", [(1320, 1560)]),
        ("00:00-24:00", [(0, DAY)]),
    ],
)
def test_hours_are_read_as_people_type_them_and_written_so_that_they_are_read_again(
    text: str, spans: list[tuple[int, int]]
) -> None:
    parts = parse_day(2, text)
    assert [(one.opens, one.closes) for one in parts] == spans
    assert parse_day(2, day_text(parts, 2)) == parts


@pytest.mark.parametrize("text", ["nine", "9", "25-26", "9-12, 11-13", "10:60-12", "9:00", "-", "9-12 13-15 x"])
def test_hours_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="day"):
        parse_day(0, text)


def test_a_span_that_ends_before_it_begins_is_none() -> None:
    for bad in (Hours(0, 60, 60), Hours(7, 0, 60), Hours(0, 0, 2 * DAY), Hours(0, -1, 60)):
        with pytest.raises(ValueError, match="before it ends"):
            checked([bad])


@pytest.mark.parametrize(
    ("hours", "is_open", "until"),
    [
        (0, False, 1),  # 9:00 on Monday in Seoul
        (1, True, 3),
        (3, False, 4),  # noon
        (4, True, 9),
        (9, False, 4 * 24 + 13),  # until Friday at ten in the evening
        (4 * 24 + 14, True, 4 * 24 + 17),  # over midnight
        (4 * 24 + 17, False, 7 * 24 + 1),
    ],
)
def test_whether_a_centre_is_there_is_told_in_its_own_zone_with_when_that_changes(
    hours: int, is_open: bool, until: int
) -> None:
    told = standing(WEEK, "Asia/Seoul", MONDAY + timedelta(hours=hours))
    assert (told.is_open, told.until) == (is_open, MONDAY + timedelta(hours=until))


def test_day_and_night_never_changes_and_nobody_knows_of_no_hours() -> None:
    week = [one for day in range(7) for one in parse_day(day, "24")]
    assert always_open(week) and not always_open(week[1:])
    assert standing(week, "Asia/Seoul", MONDAY).until is None and standing(week, "Asia/Seoul", MONDAY).is_open
    assert not standing([], "Asia/Seoul", MONDAY).is_open
    # The week of all days but Monday: spans that meet at midnight are one.
    assert standing(week[1:], "UTC", MONDAY + timedelta(days=2)).until == MONDAY + timedelta(days=7)


codes = st.text(ALPHABET, min_size=12, max_size=12).map(lambda text: f"{text[:4]}-{text[4:8]}-{text[8:]}")


@given(codes, st.sampled_from(["ko", "en"]))
def test_a_code_is_the_same_as_six_words_and_as_letters_however_they_are_typed(code: str, language: str) -> None:
    words = words_of(code, language)
    assert len(words.split()) == 6
    for typed in (words, words.upper(), f" {words.replace(' ', ',  ')} ", words.replace(" ", "-"), f"\u200b{words}"):
        assert code_typed(typed) == code
    letters = code.replace("-", "")
    for typed in (code, code.upper(), letters, code.replace("-", " "), code.replace("-", "－")):
        assert code_typed(typed).replace("-", "") == letters


def test_korean_words_of_a_code_need_no_spaces() -> None:
    assert code_typed(words_of("abcd-efgh-9999", "ko").replace(" ", "")) == "abcd-efgh-9999"


def test_the_words_on_paper_never_change_and_hurt_nobody() -> None:
    """Words printed yesterday must lead to the same code tomorrow."""
    lists = {language: word_list(language) for language in ("ko", "en")}
    assert {language: len(set(words)) for language, words in lists.items()} == {"ko": 1024, "en": 1024}
    assert not {"abuse", "expose", "hurt", "비명", "공포", "범죄", "몸매", "사진"} & {*lists["ko"], *lists["en"]}
    told = hashlib.sha256("\n".join((*lists["ko"], *lists["en"])).encode()).hexdigest()
    assert told == "d90f0511b2674b642a7e3145ebb8910c67b6b494ebc261f7bba750fa6267999f"


@pytest.mark.parametrize("platform", PlatformName)
@pytest.mark.parametrize("age", AgeGroup)
def test_what_a_person_sends_themselves_holds_the_link_and_of_a_minor_nothing_else(
    platform: PlatformName, age: AgeGroup
) -> None:
    url = "https://t.me/somechannel/5"
    told = self_notice(platform, url, PictureKind.INTIMATE, age)
    assert told is not None and url in told.body
    assert told.minor is (age is not AgeGroup.ADULT)
    assert ("Name or initials" in told.body) is not told.minor
    assert "intimate" not in told.body or not told.minor
    expected = {
        (PlatformName.TELEGRAM, True): "stopCA@telegram.org",
        (PlatformName.TELEGRAM, False): "abuse@telegram.org",
    }
    assert told.address == expected.get((platform, told.minor), told.address)
    assert platform is PlatformName.TELEGRAM or told.address.startswith("https://help.x.com/")
