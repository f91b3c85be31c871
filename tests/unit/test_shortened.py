"""A reason fits its column, and what is left of it can still be told."""

import pytest

from api.i18n import translations
from api.pages.how import tell
from monitor.matching.verdict import BENIGN_REMARK
from monitor.sightings.record import shortened

LONGEST = (
    "region: registered upper part (10-100 % across, 10-100 % down) in a square within a rectangle in the post turned "
    "back by 10 degrees (10-100 % across, 10-100 % down), mirrored and rotated 90 left: 100 of 256 bits differ (limit "
    f"100), detail 100 (least 100); 100 more boxes fit{BENIGN_REMARK}; 300 of 300 frames fit, from second 100 to 599"
)


@pytest.mark.parametrize(
    ("how", "kept"),
    [
        ("a" * 300, "a" * 300),
        ("a" * 301, "a" * 300),
        ("a" * 300 + " b", "a" * 300),
        ("a" * 298 + " bb", "a" * 298),
        ("a" * 200 + "; " + "b c " * 40, "a" * 200),
        ("a" * 299 + "; b", "a" * 299),
        ("a" * 300 + "; b", "a" * 300),
    ],
)
def test_reason_is_cut_between_parts_or_words(how: str, kept: str) -> None:
    assert shortened(how) == kept


def test_longest_reason_is_still_told_in_the_readers_language() -> None:
    assert len(LONGEST) > 300
    cut = shortened(LONGEST)
    assert len(cut) <= 300 and LONGEST.startswith(cut)
    gettext = translations("ko").gettext
    assert tell(cut, gettext).compared == tell(cut.removesuffix(BENIGN_REMARK), gettext).compared != ""
