"""The sketch beside a reason: the boxes that the reason names, in frames of the right shape, and how it was turned."""

import re

import numpy as np
import pytest

from monitor.fingerprints.hashes.values import ORIENTATIONS
from monitor.fingerprints.image import hash_picture
from monitor.matching.sketch import SIDE, sketch
from monitor.matching.verdict import judge
from monitor.matching.watch_set import Watched
from tests.support.waves import encoded, photo

_REGION = (
    "region: registered square (25-75 % across, 10-60 % down) in a rectangle in the post (40-90 % across, 0-100 % down)"
    "{}: 41 of 256 bits differ (limit 46), detail 33 (least 12); 7 more boxes fit"
)


def _whole(turn: str) -> str:
    return f"whole picture{', ' + turn if turn else ''}: 12 of 256 bits differ (limit 31), quality 88"


def test_boxes_of_a_region_are_shaded_where_the_reason_says() -> None:
    drawn = sketch(_REGION.format(""), 800, 400)
    assert drawn is not None
    assert (drawn.posted.width, drawn.posted.height) == (SIDE, SIDE / 2)
    assert drawn.posted.box == (38.4, 0, 48, 48)
    # A square of the post fits a box of equal shares: nothing being stretched, the registered picture is square too.
    assert (drawn.compared.width, drawn.compared.height) == (SIDE, SIDE)
    assert drawn.compared.box == (24, 9.6, 48, 48)
    assert drawn.compared.flag == drawn.posted.flag == ""


def test_mirrored_region_has_its_flag_mirrored_in_the_post_only() -> None:
    drawn = sketch(_REGION.format(", mirrored"), 800, 400)
    assert drawn is not None
    assert drawn.compared.flag.startswith("matrix(1 0 0 1 48.0 33.6)")
    assert drawn.posted.flag.startswith("matrix(-1 0 0 1 62.4 24.0)")


@pytest.mark.parametrize("number", range(1, 8))
def test_flag_is_turned_as_the_post_is_and_the_matcher_turns_it_back(number: int) -> None:
    drawn = sketch(_whole(ORIENTATIONS[number]), 400, 300)
    assert drawn is not None
    found = re.match(r"matrix\((\S+) (\S+) (\S+) (\S+) ", drawn.posted.flag)
    assert found is not None
    a, b, c, d = (int(value) for value in found.groups())
    turned = np.array([[a, c], [b, d]])
    # As values.ORIENTATIONS says: transposed first, then flipped left-right, then top-bottom.
    back = np.array([[0, 1], [1, 0]]) if number & 4 else np.eye(2)
    back = np.diag([-1 if number & 1 else 1, -1 if number & 2 else 1]) @ back
    assert (back @ turned == np.eye(2)).all()
    assert (drawn.compared.width < drawn.compared.height) == bool(number & 4)


@pytest.mark.parametrize(("width", "height"), [(0, 0), (10, 100_000), (100_000, 10)])
def test_no_claimed_size_makes_a_frame_that_is_not_seen(width: int, height: int) -> None:
    for how in (_whole(""), _REGION.format("")):
        drawn = sketch(how, width, height)
        assert drawn is not None
        assert min(drawn.compared.width, drawn.compared.height, drawn.posted.width, drawn.posted.height) > SIDE / 4


@pytest.mark.parametrize("how", ["the person entered this link", "something new", ""])
def test_nothing_is_drawn_where_no_pictures_were_compared(how: str) -> None:
    assert sketch(how, 800, 600) is None


def test_what_the_matcher_says_now_is_drawn() -> None:
    regions = hash_picture(encoded(photo(3)), "full").regions
    one = Watched(fingerprint_id="a", case_id="b", code=bytes(32), kind="intimate", regions=regions)
    width, height = photo(3).size
    crop = photo(3).crop((width // 20, height // 5, width * 3 // 4, height * 9 // 10))
    matches = judge(hash_picture(encoded(crop)), [one])
    assert matches
    for match in matches:
        assert sketch(match.how, *crop.size) is not None
