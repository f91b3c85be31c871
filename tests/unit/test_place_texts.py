"""What a platform is asked about a whole channel, in both languages: complete, short enough, and of nobody."""

import pytest

from monitor.core.errors import RuleBroken
from monitor.model.place_reports import TRANSITIONS, PlaceRoute, PlaceState, move
from monitor.notices.place_texts import LONGEST_MESSAGE, Part, joint_text, place_text
from monitor.platforms.base import PlatformName


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("platform", PlatformName)
def test_the_text_names_the_place_how_much_is_there_and_who_asks(platform: PlatformName, language: str) -> None:
    text = place_text(platform, handle="a" * 32, posts=140, organisation="Test Centre", language=language)
    assert "@" + "a" * 32 in text and "140" in text and "Test Centre" in text
    assert len(text) < LONGEST_MESSAGE and "{" not in text and "http" not in text


def test_a_long_name_of_a_centre_is_cut_where_telegram_would_refuse_it() -> None:
    text = place_text(PlatformName.TELEGRAM, handle="a", posts=1, organisation="C" * 600, language="en")
    assert len(text) == LONGEST_MESSAGE


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_joint_text_has_one_part_a_person_each_with_their_own_links_and_name(language: str) -> None:
    parts = [
        Part("Kim A", "It was private.", ("https://t.me/a/1", "https://t.me/a/2"), "2026-11-26"),
        Part("Lee B", "", ("https://t.me/a/9",), "2026-11-25"),
    ]
    text = joint_text(PlatformName.TELEGRAM, parts, handle="a", organisation="Test Centre", language=language)
    first, second = text.index("Kim A"), text.index("Lee B")
    assert text.index("https://t.me/a/2") < text.index("It was private.") < first
    assert first < text.index("https://t.me/a/9") < second
    assert "{" not in text and "Test Centre" in text and "2026-11-25" in text


def test_states_follow_the_one_table() -> None:
    for current in PlaceState:
        for new in PlaceState:
            if new in TRANSITIONS[current]:
                assert move(current, new) == new
            else:
                with pytest.raises(RuleBroken):
                    move(current, new)
    assert [route for route in PlaceRoute if route.by_machine] == [PlaceRoute.TELEGRAM_PEER]
