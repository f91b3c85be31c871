"""Pictures put side by side without a gap are told apart by the line where everything changes."""

import numpy as np
import pytest
from PIL import Image

from monitor.fingerprints.regions.box_hashing import plane_of
from monitor.fingerprints.regions.boxes import Box
from monitor.fingerprints.regions.queries import Part, query_regions_of
from monitor.fingerprints.regions.seams import MARGIN, beside_seams
from tests.support.scenes import scene


def joined(*pictures: Image.Image, down: bool = False) -> Image.Image:
    """Pictures of one height (or width) in a row (or column)."""
    across = 0 if down else 1
    return Image.fromarray(np.concatenate([np.asarray(one) for one in pictures], axis=across))


def has(boxes: tuple[Box, ...], wanted: Box) -> bool:
    """Within 1 % of a side."""
    return any(max(abs(one - other) for one, other in zip(box, wanted, strict=True)) <= 0.01 for box in boxes)


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_two_pictures_side_by_side(seed: int, down: bool) -> None:
    one = scene(seed)
    other = scene(seed + 20).crop((0, 0, one.width, round(0.7 * one.height)) if down else (0, 0, 300, one.height))
    sheet = joined(one, other, down=down)
    at = one.height / sheet.height if down else one.width / sheet.width

    found = beside_seams(plane_of(sheet))

    assert has(found, (0, 0, 1, at) if down else (0, 0, at, 1))
    assert has(found, (0, at, 1, 1) if down else (at, 0, 1, 1))


def test_four_quarters() -> None:
    one, two, three, four = (scene(seed).resize((300, 200)) for seed in range(40, 44))

    found = beside_seams(plane_of(joined(joined(one, two), joined(three, four), down=True)))

    for quarter in [(0, 0, 0.5, 0.5), (0.5, 0, 1, 0.5), (0, 0.5, 0.5, 1), (0.5, 0.5, 1, 1)]:
        assert has(found, quarter)


def test_what_is_beside_a_seam_is_queried_and_never_twice() -> None:
    sheet = joined(scene(3), scene(4))

    queries = query_regions_of(sheet)
    upright = queries[(queries["part"] == Part.RECTANGLE) & (queries["orientation"] == 0)]["box"].tolist()

    assert has(tuple(upright), (0, 0, 0.5, 1)) and has(tuple(upright), (0.5, 0, 1, 1))
    for number, box in enumerate(upright):
        others = upright[:number]
        assert all(max(abs(a - b) for a, b in zip(box, other, strict=True)) > 0.019 for other in others)


def test_tiny_and_flat_pictures_and_slivers_have_no_seam() -> None:
    assert beside_seams(np.zeros((20, 200), np.float32)) == ()
    assert beside_seams(np.zeros((200, 200), np.float32)) == ()
    sliver = np.zeros((200, 200), np.float32)
    sliver[:, : int(200 * MARGIN) - 2] = 255
    assert beside_seams(sliver) == ()
