"""What a person can do themselves elsewhere: data with source and date, found by the link that they know."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.pages.person import _elsewhere
from monitor.core.errors import RouteFileError
from monitor.notices.contacts import CONTACTS
from monitor.notices.self_help import HELPERS, SELF_HELP, place_name, self_help_key, self_help_over
from monitor.notices.texts import LANGUAGES
from monitor.platforms.links import links_in

ASKED = {"instagram", "facebook", "tiktok", "kakaotalk", "discord", "naver", "google", "adult", "rooms", "bots"}


def test_each_place_has_its_own_route_in_both_languages_with_source_and_mark() -> None:
    assert set(SELF_HELP) >= ASKED
    for place in SELF_HELP.values():
        assert place.steps and place.source and place.date and place.helpers
        assert all(step[language].strip() for step in place.steps for language in LANGUAGES)
        assert all(page.to.startswith("https://") for page in place.pages)
    offered = {name for place in SELF_HELP.values() for name in place.helpers}
    assert offered == set(HELPERS)
    assert place_name("kakaotalk", "ko").startswith("카카오톡") and place_name(None, "ko") == ""


@pytest.mark.parametrize(
    ("address", "platform", "public", "key"),
    [
        ("https://www.instagram.com/p/abc/", None, False, "instagram"),
        ("https://m.facebook.com/x", None, False, "facebook"),
        ("https://vm.tiktok.com/x", None, False, "tiktok"),
        ("https://open.kakao.com/o/abc", None, False, "kakaotalk"),
        ("https://discord.gg/abc", None, False, "discord"),
        ("https://cafe.naver.com/x/1", None, False, "naver"),
        ("https://www.google.co.kr/search?q=x", None, False, "google"),
        ("https://kr.pornhub.com/view", None, False, "adult"),
        ("https://t.me/+abcdef", "telegram", False, "rooms"),
        ("t.me/+abcdef", "telegram", False, "rooms"),
        ("instagram.com/p/abc", None, False, "instagram"),
        ("www.tiktok.com/@somebody/video/1", None, False, "tiktok"),
        ("이거 봐 https://www.instagram.com/p/abc/", None, False, "instagram"),
        ("example.org/x", None, False, "elsewhere"),
        ("instagram.com", None, False, "instagram"),
        ("우리 동네 방", None, False, "rooms"),
        ("https://notinstagram.com/x", None, False, "elsewhere"),
        ("https://instagram.com.example.org/x", None, False, "elsewhere"),
        ("https://instagram.com@example.org/x", None, False, "elsewhere"),
        ("HTTPS://user:word@WWW.Instagram.com:443/x", None, False, "instagram"),
        ("https://t.me/channel/12", "telegram", True, None),
        ("https://x.com/a/status/1", "x", True, None),
    ],
)
def test_a_link_leads_to_what_can_be_done_there(address: str, platform: str | None, public: bool, key: str) -> None:
    assert self_help_key(address, platform, links_in(address), public=public) == key


@pytest.mark.parametrize(("country", "own"), [("GB", "Revenge Porn Helpline"), ("AU", "eSafety Commissioner")])
def test_whoever_lives_elsewhere_finds_their_own_first_and_korean_ones_marked(country: str, own: str) -> None:
    korean = {entry.name["en"] for entry in CONTACTS if entry.country == "KR"}
    shown = _elsewhere("en", country, datetime(2026, 11, 27, 12, tzinfo=UTC))
    first = [one.name for one in shown["first"]]
    assert own in first and first[-1].endswith("(D4U) (Korea)")
    for place in shown["places"]:
        named = [one["name"] for one in place["helpers"]]
        assert own in named and not korean & set(named), place["key"]
        assert all(" " not in one["to"] for one in place["helpers"])
    at_home = _elsewhere("ko", "KR", datetime(2026, 11, 27, 12, tzinfo=UTC))
    assert not [one.name for one in at_home["first"] if one.name.endswith("(한국)")]


def test_an_operator_changes_and_adds_and_mistakes_are_named(tmp_path: Path) -> None:
    own = tmp_path / "self_help.toml"
    own.write_text(
        'tiktok = { confidence = "confirmed", date = "2026-12" }\ndiscord = { in_use = false }\n', encoding="utf-8"
    )
    changed = self_help_over(tmp_path)
    assert changed["tiktok"].confirmed and changed["tiktok"].steps and "discord" not in changed
    for text, named in (
        ('tiktok = { steps = [{ en = "only" }] }', "tiktok.steps"),
        ('tiktok = { with = ["somebody"] }', "tiktok.with"),
        ('new = { name = { en = "N", ko = "N" } }', "new.steps"),
        ('tiktok = { pages = [{ to = "http://x.example" }] }', "tiktok.pages"),
    ):
        own.write_text(text, encoding="utf-8")
        with pytest.raises(RouteFileError, match=named):
            self_help_over(tmp_path)
