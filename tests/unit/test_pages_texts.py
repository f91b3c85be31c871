"""Every text of the pages exists in Korean and English, and every state has words."""

import ast
import re
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.pofile import read_po

from api.i18n import LANGUAGES, catalogue_file, choose, day_words, on_clocks_of, translations
from api.pages import texts
from api.pages.alert_reasons import alert_reason
from api.pages.how import POSTED, REGISTERED, REMARKS, Told, tell, tell_plainly
from api.translating import collect
from monitor.cases.fingerprints import SET_NAMES
from monitor.exports.custody.events import ACTS, CustodyAct
from monitor.fingerprints.hashes.values import ORIENTATIONS
from monitor.fingerprints.image import hash_picture
from monitor.matching.region_reason import _POST, _REGISTERED
from monitor.matching.verdict import BENIGN_REMARK, BESIDE_REMARK, FEW_FRAMES_REMARK, Verdict, judge
from monitor.matching.watch_set import Origin, Watched
from monitor.model.facts import Basis, PersonsWord, PictureKind
from monitor.model.notice_states import NoticeState
from monitor.model.states import Dismissal, SightingState
from monitor.notices.deadlines import Standing
from monitor.platforms.base import PlatformName, Presence
from tests.support.waves import encoded, photo

_HOLE = re.compile(r"%\(\w+\)s")


def _words(told: Told) -> str:
    return " | ".join((told.compared, told.posted, *told.facts)).replace("\u00a0", " ")


def _in(language: str, how: str) -> str:
    return _words(tell(how, translations(language).gettext))


def _texts(language: str) -> dict[str, tuple[str, ...]]:
    with catalogue_file(language).open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {
        message.id if isinstance(message.id, str) else message.id[0]: (
            (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        )
        for message in catalogue
        if message.id
    }


def _said() -> set[str]:
    return {message.id if isinstance(message.id, str) else message.id[0] for message in collect() if message.id}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_in_the_catalogue_and_no_other(language: str) -> None:
    assert set(_texts(language)) == _said(), "run `python -m api.translating`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    assert [text for text, said in _texts(language).items() if not all(said) or not said] == []


def test_a_translation_keeps_every_value_of_its_text() -> None:
    for text, said in _texts("ko").items():
        for each in said:
            assert set(_HOLE.findall(each)) == set(_HOLE.findall(text)), text


def test_a_number_for_korea_is_koreas_in_korean_too() -> None:
    with catalogue_file("ko").open("rb") as file:
        texts_there = read_po(file)
    numbered = [(one, found) for one in texts_there if (found := re.search(r"\((\d+) in Korea\)", str(one.id)))]
    assert numbered
    assert all(f"한국은 {found[1]}" in str(one.string) for one, found in numbered)


def test_korean_texts_are_korean() -> None:
    names = {"X"}
    latin = [
        text for text, said in _texts("ko").items() if text not in names and not re.search("[가-힣]", "".join(said))
    ]
    assert latin == []


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (texts.VERDICTS, {Verdict.CONFIDENT, Verdict.REVIEW}),
        (texts.PLATFORMS, PlatformName),
        (texts.KINDS, PictureKind),
        (texts.VIDEO_KINDS, PictureKind),
        (texts.BASES, Basis),
        (texts.PERSONS_WORDS, PersonsWord),
        (texts.DISMISSALS, Dismissal),
        (texts.SIGHTING_STATES, SightingState),
        (texts.NOTICE_STATES, NoticeState),
        (texts.STANDINGS, Standing),
        (texts.PRESENCES, Presence),
        (texts.TURNS, ORIENTATIONS),
        (texts.SETS, SET_NAMES),
        (POSTED, _POST.values()),
        (REGISTERED, _REGISTERED.values()),
        (REMARKS, [BENIGN_REMARK, BESIDE_REMARK, FEW_FRAMES_REMARK]),
        (texts.COMPARED, [*texts.ORIGINS, "removed"]),
        (texts.COMPARED_VIDEO, [*texts.ORIGINS, "removed"]),
        (texts.ORIGINS, get_args(Origin)),
        (texts.CUSTODY, CustodyAct),
        (texts.ANSWERS, {"smtp_reply", "bcc", "option_path", "comment", "steps"}),  # of the deliveries
        (texts.CUSTODY_KINDS, ACTS),
    ],
)
def test_every_value_has_words(table: dict[str, str], values: object) -> None:
    assert {str(value) for value in values} <= set(table)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("asked", "remembered", "header", "language"),
    [
        (None, None, None, "ko"),
        ("en", "ko", "ko", "en"),
        (None, "en", "ko-KR,ko;q=0.9", "en"),
        (None, None, "en-GB,en;q=0.9,ko;q=0.8", "en"),
        (None, None, "fr,ko;q=0.5,en;q=0.4", "ko"),
        (None, None, "fr", "ko"),
        (None, None, "en;q=0, ko;q=0.1", "ko"),
        ("xx", "yy", "en;q=broken,;;,en", "en"),
    ],
)
def test_language_is_chosen_by_address_then_cookie_then_browser(
    asked: str | None, remembered: str | None, header: str | None, language: str
) -> None:
    assert choose(asked, remembered, header) == language


def test_how_it_matched_is_said_in_the_readers_language() -> None:
    first = "picture without its border, rotated 180: 12 of 256 bits differ (limit 31), quality 88"
    how = f"{first}; second hash: 3 of 64 (limit 8)"
    told = tell(how, translations("en").gettext)
    assert (told.compared, told.posted) == ("the whole picture", "without its border")
    assert told.facts == (
        "12 of 256 points differ (limit 31)",
        "in the post it is upside down",
        "a second method: 3 of 64 points differ",
    )
    korean = _in("ko", how)
    assert "12" in korean and not re.search("[a-z]{3}", korean)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("distance", "near"), [(4, "almost identical"), (41, "similar")])
def test_the_person_is_told_how_near_it_is_in_a_word(language: str, distance: int, near: str) -> None:
    gettext = translations(language).gettext
    for how in (
        f"whole picture, mirrored: {distance} of 256 bits differ (limit 60), quality 88; second hash: 3 of 64 (limit 8)"
        "; known video, second 9",
        _REGION.replace("41 of 256", f"{distance} of 256") + "; 3 of 10 frames fit, from second 1 to 4",
    ):
        plain, whole = tell_plainly(how, gettext), tell(how, gettext)
        assert plain.facts[0] == gettext(near)
        assert plain.facts[1] == gettext("in the post it is %(turn)s") % {"turn": gettext("mirrored")}
        assert not [fact for fact in plain.facts if "256" in fact or "64" in fact]
        assert (plain.compared, plain.posted) == (whole.compared, whole.posted)
    link = "the person entered this link"
    assert tell_plainly(link, gettext) == tell(link, gettext)


def test_days_and_hours_are_written_as_people_do() -> None:
    days = ("2026-11-08", "2025-09", "2017")
    assert [day_words(day, "en") for day in days] == ["Nov 8, 2026", "September 2025", "2017"]
    assert [day_words(day, "ko") for day in days] == ["2026. 11. 8.", "2025년 9월", "2017년"]
    assert on_clocks_of("Monday 10:00", "America/New_York", "en") == "Monday 10:00 in New York"
    assert on_clocks_of("월요일 10:00", "Europe/London", "ko") == "런던 시각 월요일 10:00"
    assert on_clocks_of("Monday 10:00", "UTC", "en") == "Monday 10:00 in UTC"


def test_a_match_of_another_make_is_shown_as_it_is() -> None:
    for how in ("something new", "something new; on the list of harmless pictures"):
        assert tell(how, translations("ko").gettext) == Told((how,))


def test_remark_about_the_list_of_harmless_pictures_is_said_too() -> None:
    how = "whole picture: 12 of 256 bits differ (limit 31), quality 88; on the list of harmless pictures"
    assert "look twice" in _in("en", how)
    korean = _in("ko", how)
    assert "무해한" in korean and not re.search("[a-z]{3}", korean)


@pytest.mark.parametrize("remark", [BESIDE_REMARK, BENIGN_REMARK])
@pytest.mark.parametrize("rest", ["", "; 3 of 10 frames fit, from second 1 to 4" + FEW_FRAMES_REMARK])
def test_every_remark_is_said_in_both_languages_wherever_it_stands(remark: str, rest: str) -> None:
    how = "whole picture: 12 of 256 bits differ (limit 31), quality 88; known video, second 9" + remark + rest
    told = tell(how, translations("en").gettext)
    assert REMARKS[remark] in told.facts
    assert (REMARKS[FEW_FRAMES_REMARK] in told.facts) is bool(rest)
    assert not re.search("[a-z]{3}", _in("ko", how))


_REGION = (
    "region: registered upper part (0-100 % across, 0-50 % down) in a square of the post turned back by 10 degrees "
    "(20-80 % across, 5-61 % down), mirrored: 41 of 256 bits differ (limit 50), detail 33 (least 12); 7 more boxes fit"
)


def test_a_fitting_region_is_said_in_both_languages() -> None:
    assert _in("en", _REGION) == (
        "the upper part (0 to 100 % across, 0 to 50 % down) | a square part, with the picture turned back by 10 "
        "degrees (20 to 80 % across, 5 to 61 % down) | 41 of 256 points differ (limit 50) | in the post it is "
        "mirrored | other parts that fit in the same way: 7"
    )
    korean = _in("ko", _REGION)
    assert "20~80%" in korean and "10도" in korean and not re.search("[a-z]{3}", korean)


def test_a_region_that_stands_alone_is_said_so_and_a_whole_picture_has_no_numbers() -> None:
    how = _REGION.replace("7 more", "0 more").replace(
        "upper part (0-100 % across, 0-50 % down)", "whole picture (0-100 % across, 0-100 % down)"
    )
    told = tell(how, translations("en").gettext)
    assert told.compared == "the whole picture"
    assert told.facts[-1] == "no other part fits"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("first", [_REGION, "whole picture: 12 of 256 bits differ (limit 31), quality 88"])
@pytest.mark.parametrize("rest", ["3 of 10 frames fit, from second 1 to 4", "1 of 10 frames fit, at second 6"])
def test_seconds_of_a_video_are_said_in_both_languages(language: str, first: str, rest: str) -> None:
    told = tell(f"{first}; {rest}", translations(language).gettext)
    assert (told.of_video, told.in_video) == (False, True)
    said = _words(told)
    assert "; " not in said and "10" in said
    assert (language == "en") == bool(re.search("[a-z]{3}", said))


def test_the_second_of_a_registered_video_is_said_in_both_languages() -> None:
    how = "whole picture, mirrored: 12 of 256 bits differ (limit 31), quality 40 (plain: below 50)"
    how += "; registered video, second 9; 2 of 4 frames fit, from second 0 to 1"
    assert "at second 9 of the registered video | 2 of 4 frames" in _in("en", how)
    assert tell(how, translations("en").gettext).of_video
    assert not re.search("[a-z]{3}", _in("ko", how))


def test_the_second_of_a_video_that_nobody_registered_is_said_in_both_languages() -> None:
    how = "whole picture: 12 of 256 bits differ (limit 31), quality 88; known video, second 9"
    assert "at second 9 of a video that was posted before" in _in("en", how)
    assert not re.search("[a-z]{3}", _in("ko", how))


def test_reason_of_an_alert_is_said_in_words_and_never_twice() -> None:
    english, korean = (translations(language).gettext for language in ("en", "ko"))
    assert alert_reason("more-than-300-an-hour", english) == "It fitted more than 300 posts within an hour."
    for code in ("more-than-30-an-hour", "cut-off-while-sending", "minor-or-unsure"):
        assert not re.search("[a-z]{3}", alert_reason(code, korean))
    assert alert_reason("nobody-vouched-yet", korean) == alert_reason(None, korean) == ""
    assert alert_reason("SourceGone", korean) == "SourceGone"


def test_what_the_matcher_says_now_is_understood() -> None:
    regions = hash_picture(encoded(photo(3)), "full").regions
    one = Watched(fingerprint_id="a", case_id="b", code=bytes(32), kind="intimate", regions=regions)
    width, height = photo(3).size
    crop = photo(3).crop((width // 20, height // 5, width * 3 // 4, height * 9 // 10))
    matches = judge(hash_picture(encoded(crop)), [one])
    assert matches
    for match in matches:
        assert not re.search("[a-z]{3}", _in("ko", match.how)), match.how


def test_no_table_of_words_is_written_twice() -> None:
    """The later one would stand for both, and a page would print codes."""
    tree = ast.parse(Path(texts.__file__).read_text(encoding="utf-8"))
    targets = [t for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign) for t in _targets(node)]
    assert [name for name, count in Counter(targets).items() if count > 1] == []


def _targets(node: ast.Assign | ast.AnnAssign) -> list[str]:
    found = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [target.id for target in found if isinstance(target, ast.Name)]


def test_no_korean_button_can_be_read_as_its_opposite() -> None:
    """Two negations in one line of a button: which of them the other one belongs to is anybody's guess."""
    twice = re.compile(r"않고 [^.]*않기$")
    assert [said for many in _texts("ko").values() for said in many if twice.search(said)] == []
    assert translations("ko").gettext("Report nothing again without asking me") == "다시 신고하기 전에 나에게 먼저 묻기"
