"""Regions: the boxes, their codes, what a gate refuses, and what comes back from keeping."""

import numpy as np
import pytest
from PIL import Image

from monitor.fingerprints.hashes.pdq import _DCT, codes_of
from monitor.fingerprints.regions.box_hashing import (
    MIN_DETAIL,
    PLANE_SIDE,
    Boxes,
    Floats,
    detail_of,
    plane_of,
    turned_coefficients,
)
from monitor.fingerprints.regions.boxes import MOST_BOXES, PARTS, SETS, TILES, Box, SetName, lattice, layout
from monitor.fingerprints.regions.codes import Regions, register_regions
from tests.support.scenes import scene


@pytest.mark.parametrize("set_name", SETS)
@pytest.mark.parametrize("size", [(500, 375), (375, 500), (400, 400), (1920, 1080), (3000, 500), (1, 65535)])
def test_boxes_lie_within_the_picture_and_are_not_too_many(set_name: SetName, size: tuple[int, int]) -> None:
    boxes = layout(set_name, *size)
    assert len(boxes) <= MOST_BOXES[set_name]
    for one in boxes:
        left, top, right, bottom = one.box
        assert -1e-9 <= left < right <= 1 + 1e-9
        assert -1e-9 <= top < bottom <= 1 + 1e-9


def test_sets_keep_to_their_size() -> None:
    assert 32 * MOST_BOXES["slim"] <= 2048
    assert 33 * MOST_BOXES["full"] <= 16384


def test_squares_are_square_in_pixels() -> None:
    for one in layout("full", 640, 360):
        if one.family == "square":
            left, top, right, bottom = one.box
            assert (right - left) * 640 == pytest.approx((bottom - top) * 360)


def test_tiles_and_parts_name_different_boxes() -> None:
    assert len(set(TILES)) == len(TILES)
    assert len(set(PARTS)) == len(PARTS)


def test_lattice_covers_its_slack_evenly() -> None:
    squares = lattice(400, 300, (0, 0, 1, 1), 0.8, 3)
    assert len(squares) == 9
    assert squares[0][1] == pytest.approx(0)
    assert squares[-1][3] == pytest.approx(1)
    assert squares[4][0] + squares[4][2] == pytest.approx(1)


def coefficients(plane: Floats, boxes: list[Box]) -> Floats:
    return Boxes(plane.shape[1], plane.shape[0], boxes).coefficients(plane)


def test_coefficients_are_those_of_64_by_64_averaged_cells() -> None:
    plane = np.random.default_rng(1).uniform(0, 255, (128, 192)).astype(np.float32)
    box = (0.0, 0.0, 2 / 3, 1.0)  # 128 x 128 pixels: cells of 2 x 2
    cells = plane[:, :128].reshape(64, 2, 64, 2).mean(axis=(1, 3))
    assert np.allclose(coefficients(plane, [box])[0], _DCT @ cells @ _DCT.T, atol=1e-2)


def test_edges_between_pixels_are_weighed_by_their_share() -> None:
    plane = np.random.default_rng(2).uniform(0, 255, (96, 96)).astype(np.float32)
    fine = np.kron(plane, np.ones((4, 4), np.float32))
    box = (0.1302, 0.26, 0.77, 0.9114)
    assert np.allclose(coefficients(plane, [box]), coefficients(fine, [box]), atol=0.5)


@pytest.mark.parametrize("orientation", range(8))
def test_turned_coefficients_are_those_of_the_turned_picture(orientation: int) -> None:
    plane = np.random.default_rng(3).uniform(0, 255, (64, 64)).astype(np.float32)
    back = plane.T if orientation & 4 else plane
    back = back[:, ::-1] if orientation & 1 else back
    back = back[::-1] if orientation & 2 else back
    whole = [(0.0, 0.0, 1.0, 1.0)]
    expected = coefficients(np.ascontiguousarray(back), whole)
    assert np.allclose(turned_coefficients(coefficients(plane, whole), orientation), expected, atol=0.05)


def test_plane_is_never_enlarged_and_never_too_large() -> None:
    assert max(plane_of(Image.new("RGB", (1000, 700))).shape) == PLANE_SIDE
    assert plane_of(Image.new("RGB", (90, 70))).shape == (70, 90)


def test_plain_boxes_are_refused() -> None:
    flat = np.full((64, 64), 120, np.float32)
    edge = flat.copy()
    edge[:, 32:] = 140
    grain = np.random.default_rng(4).normal(120, 40, (64, 64)).astype(np.float32)
    whole = [(0.0, 0.0, 1.0, 1.0)]
    details = [int(detail_of(coefficients(each, whole))[0]) for each in (flat, edge, grain)]
    assert details[0] < MIN_DETAIL
    assert details[1] < MIN_DETAIL
    assert details[2] >= MIN_DETAIL


def test_a_flat_picture_has_no_regions() -> None:
    assert register_regions(Image.new("RGB", (300, 200), "grey"), "full").numbers == ()


@pytest.mark.parametrize("set_name", SETS)
def test_regions_survive_being_kept(set_name: SetName) -> None:
    regions = register_regions(scene(1), set_name)
    assert len(regions.numbers) > 20
    assert Regions.from_json(regions.as_json()) == regions
    assert regions.table.shape == (len(regions.numbers), 32)


def test_codes_never_stand_in_a_representation() -> None:
    regions = register_regions(scene(1), "slim")
    assert "codes" not in repr(regions)


@pytest.mark.parametrize(
    "changed",
    [
        {"version": "regions-0"},
        {"set": "huge"},
        {"size": [0, 10]},
        {"size": [10]},
        {"boxes": [5, 4]},
        {"boxes": [0, 100_000]},
        {"boxes": [True]},
        {"codes": "AAAA"},
        {"codes": "not base64!"},
        {"codes": None},
    ],
)
def test_what_is_no_region_set_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Regions.from_json(register_regions(scene(1), "slim").as_json() | changed)


def test_codes_hold_as_many_ones_as_pdq_gives() -> None:
    plane = plane_of(scene(2))
    codes = codes_of(coefficients(plane, [(0.0, 0.0, 1.0, 1.0)]))
    assert int(np.unpackbits(codes).sum()) == 128
