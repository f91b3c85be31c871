"""A notice about a picture that was uploaded again names the first notice, with its number and date."""

from datetime import timedelta

import pytest

from monitor.notices.citing import FirstNotice
from monitor.notices.compose import compose
from monitor.notices.route import Channel
from monitor.notices.route_table import ROUTES
from tests.support.notice_builders import NOW, copy_for, intake_for

FIRST = FirstNotice("n" * 26, NOW - timedelta(days=3), "<first@jikimi.example>")


@pytest.mark.parametrize(
    ("route", "language", "said"),
    [
        ("us_tida", "en", f"the same picture as our notice {'n' * 26} of 2026-11-21 03:05 UTC"),
        ("kr_tba22_5", "ko", f"2026-11-21 12:05 KST (2026-11-21 03:05 UTC)에 보낸 신고({'n' * 26})와 같은 사진"),
        ("x_tida", "ko", "같은 사진을 다시 올린 것입니다"),
    ],
)
def test_notice_of_a_reupload_cites_the_first_in_its_own_language(route: str, language: str, said: str) -> None:
    one = ROUTES[route]
    asked = (copy_for(one), intake_for(one), one, language)
    assert said in compose(*asked, now=NOW, first=FIRST).body
    assert "n" * 26 not in compose(*asked, now=NOW).body


def test_report_inside_the_app_stays_as_short_as_it_was() -> None:
    one = ROUTES["telegram_report"]
    assert one.channel is Channel.TELEGRAM_REPORT
    asked = (copy_for(one), intake_for(one), one, "en")
    assert compose(*asked, now=NOW, first=FIRST) == compose(*asked, now=NOW)
