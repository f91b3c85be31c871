"""Who is shown to a person: by country, age, hour and channel; data with sources, and the operator's own over them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.__main__ import main
from monitor.core.errors import RouteFileError
from monitor.model.facts import AgeGroup
from monitor.notices.contact_files import CONTACTS_FOLDER, FirstFor, WayChannel, read_contacts
from monitor.notices.contacts import COUNTRIES, ELSEWHERE, cautions, contacts, contacts_over, table
from monitor.notices.opening_hours import read_hours
from monitor.notices.texts import LANGUAGES

NIGHT_IN_SEOUL = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)  # Saturday, three o'clock there
NOON_IN_LONDON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)  # a Friday


def _keys(country: str, age: AgeGroup, now: datetime) -> list[str]:
    return [each.key for each in contacts(country, age, "en", now)]


def test_a_young_person_in_korea_reaches_1388_first_by_call_text_and_kakaotalk() -> None:
    shown = contacts("KR", AgeGroup.UNSURE, "ko", NIGHT_IN_SEOUL)
    first = shown[0]
    assert first.key == "kr_1388" and first.open_now and first.always_open
    reached = {(way.channel, way.to) for way in first.ways}
    assert {(WayChannel.CALL, "1388"), (WayChannel.TEXT, "1388")} <= reached
    assert any(way.channel is WayChannel.CHAT and "카카오톡" in way.label for way in first.ways)
    assert "kr_1388" not in _keys("KR", AgeGroup.ADULT, NIGHT_IN_SEOUL)


def test_every_country_has_its_own_for_the_young_and_the_urgent_before_what_takes_days() -> None:
    assert _keys("GB", AgeGroup.MINOR, NOON_IN_LONDON)[:4] == [
        *("gb_childline", "gb_999", "gb_samaritans", "gb_report_remove")
    ]
    young = _keys("US", AgeGroup.MINOR, NOON_IN_LONDON)
    assert young[0] == "us_cybertip" and young.index("us_rainn") < young.index("ncmec_take_it_down")
    assert young.index("ncmec_take_it_down") < young.index("us_ftc")  # a complaint comes after whoever answers
    for country, age, shown in table(NOON_IN_LONDON, "en"):
        keys = {each.key for each in shown}
        assert ("ncmec_take_it_down" in keys) is (age is AgeGroup.MINOR), country
        assert ("stopncii" in keys) is (age is AgeGroup.ADULT), country
    assert _keys("SE", AgeGroup.MINOR, NOON_IN_LONDON) == _keys(ELSEWHERE, AgeGroup.MINOR, NOON_IN_LONDON)
    assert len({tuple(_keys(country, AgeGroup.MINOR, NOON_IN_LONDON)) for country in COUNTRIES}) == len(COUNTRIES)


def test_somebody_who_cannot_speak_aloud_finds_a_text_or_a_chat() -> None:
    quiet = {WayChannel.TEXT, WayChannel.CHAT}
    for country in ("KR", "US", "GB", "JP", "NL"):
        for age in (AgeGroup.MINOR, AgeGroup.ADULT):
            channels = {way.channel for each in contacts(country, age, "en") for way in each.ways}
            assert channels & quiet or (country, age) == ("GB", AgeGroup.ADULT), (country, age)


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_answers_at_this_hour_comes_first_and_the_others_say_when(language: str) -> None:
    """Every hour of a week, everywhere: nobody who is closed stands before somebody who answers."""
    day_and_night = False
    for hour in range(0, 7 * 24, 5):
        now = datetime(2026, 11, 23, tzinfo=UTC).replace(hour=hour % 24, day=23 + hour // 24)
        for _country, _age, shown in table(now, language):
            answering = [each.people and each.open_now for each in shown]
            assert answering == sorted(answering, reverse=True)
            assert not [each.key for each in shown if each.open_now and each.opens]
            day_and_night = day_and_night or any(each.opens for each in shown)
    assert day_and_night
    by_day = {each.key: each for each in contacts("GB", AgeGroup.ADULT, language, NOON_IN_LONDON)}
    night = datetime(2026, 11, 27, 23, 0, tzinfo=UTC)
    by_night = {each.key: each for each in contacts("GB", AgeGroup.ADULT, language, night)}
    assert by_day["gb_rph"].open_now and not by_night["gb_rph"].open_now
    assert by_night["gb_rph"].opens == {"en": "Monday 10:00", "ko": "월요일 10:00"}[language]
    d4u = next(each for each in contacts("KR", AgeGroup.ADULT, language, NIGHT_IN_SEOUL) if each.key == "kr_d4u")
    assert d4u.opens == {"en": "today 09:00", "ko": "오늘 09:00"}[language]


def test_hours_are_those_of_the_place_and_hold_while_its_clocks_change() -> None:
    hours = read_hours("Europe/London", ["mon-fri 10:00-16:00"])
    assert hours.open_at(datetime(2026, 7, 1, 9, 0, tzinfo=UTC))  # ten there, in summer
    assert not hours.open_at(datetime(2026, 12, 1, 9, 59, tzinfo=UTC))
    saturday_before = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)  # clocks go back in the night that follows
    opens = hours.next_open(saturday_before)
    assert opens is not None and (opens.weekday(), opens.hour, opens.astimezone(UTC).hour) == (0, 10, 10)
    assert read_hours("Asia/Seoul", ["daily 00:00-24:00"]).always
    for wrong in ("mon 16:00-10:00", "fri-mon 10:00-12:00", "always", "mon 10:00-25:00"):
        with pytest.raises(ValueError, match=r"hours|lines"):
            read_hours("UTC", [wrong])


def test_each_contact_says_where_it_is_from_and_what_no_source_confirms_is_marked() -> None:
    entries, problems = read_contacts(CONTACTS_FOLDER)
    assert problems == [] and len(entries) > 30
    assert all(each.source and each.date for each in entries.values())
    shown = {each.key: each.confirmed for each in contacts("KR", AgeGroup.UNSURE, "en")}
    assert shown["kr_1388"] and shown["kr_1366"] and not shown["x_cse"] and not shown["kr_seoul"]


def test_each_country_names_whom_to_call_in_danger_and_when_it_is_too_much_to_bear() -> None:
    entries, _ = read_contacts(CONTACTS_FOLDER)
    for country in {each.country for each in entries.values() if each.country}:
        first = {each.first_for for each in entries.values() if each.country == country and each.first_for}
        assert first == set(FirstFor), country
        for each in contacts(country, AgeGroup.ADULT, "en", NIGHT_IN_SEOUL):
            assert not each.first_for or (each.phone and each.always_open), each.key


def test_an_operator_changes_adds_and_takes_away_and_mistakes_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "contacts"
    folder.mkdir()
    own = folder / "KR.toml"
    own.write_text(
        'zone = "Asia/Seoul"\n[kr_d4u]\nopen = ["daily 00:00-24:00"]\n[kr_klac]\nin_use = false\n'
        '[kr_ours]\nname = { en = "Ours", ko = "우리" }\nnote = { en = "We help.", ko = "도와드려요." }\n'
        'ways = [{ channel = "text", to = "010-0000-0000" }]\nsource = "ourselves"\ndate = "2026-11-26"\n'
        'confidence = "confirmed"\n',
        encoding="utf-8",
    )
    changed = contacts_over(tmp_path)
    assert changed["kr_d4u"].ways[0].hours.always and changed["kr_d4u"].name["ko"].startswith("중앙")
    assert "kr_klac" not in changed and changed["kr_ours"].country == "KR"
    for text, named in (
        ('zone = "Asia/Nowhere"', "zone"),
        ('zone = "Asia/Seoul"\n[kr_1366]\nopen = ["at night"]', "kr_1366.open"),
        ('zone = "Asia/Seoul"\n[kr_1366]\nopened = []', "did you mean open"),
        ('zone = "Asia/Seoul"\n[kr_1366]\nways = [{ channel = "web", to = "http://x.example" }]', "kr_1366.ways.to"),
        ('zone = "Asia/Seoul"\n[kr_1366]\nname = { en = "only" }', "kr_1366.name"),
        ('zone = "Asia/Seoul"\n[kr_1366]\nfirst_for = "night"', "kr_1366.first_for"),
    ):
        own.write_text(text, encoding="utf-8")
        with pytest.raises(RouteFileError, match=named) as refused:
            contacts_over(tmp_path)
        assert "KR.toml" in str(refused.value)


def test_the_duty_to_tell_the_police_says_whom_it_binds() -> None:
    said = " ".join(cautions("KR", AgeGroup.MINOR, "en"))
    assert "1366, D4U, 1388" in said and "The duty is theirs, not yours" in said
    assert "본인에게는 없어요" in " ".join(cautions("KR", AgeGroup.UNSURE, "ko"))
    assert "police" not in " ".join(cautions("KR", AgeGroup.ADULT, "en"))


def test_the_table_is_printed_for_a_moment(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contacts", "--at", "2026-11-28T03:00+09:00", "--language", "ko"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("at 2026-11-27 18:00 UTC")
    assert [line for line in shown.splitlines() if line.startswith("KR")] == ["KR minor", "KR adult"]
    first = shown.splitlines()[2]
    assert first.split()[0] == "open" and "청소년상담 1388" in first and "text 1388" in first
    assert "opens 오늘 09:00" in shown and "(please check)" in shown
    assert main(["contacts", "--country", "SE"]) == 2
