"""A box that is near counts by itself, or when others put the registered picture in the same place."""

from collections.abc import Sequence

import numpy as np
import pytest

from monitor.fingerprints.regions.boxes import Box, RegisteredBox, SetName
from monitor.fingerprints.regions.queries import NO_TILE, QUERY_REGION, Part, QueryRegions
from monitor.matching import geometric_verification
from monitor.matching.geometric_verification import (
    INLIER_WITHIN,
    LIMITS,
    LONE_WITHIN,
    LONE_WITHIN_SLIM,
    NEEDED,
    TILE_ALONE_FROM,
    RegionHit,
)

WHERE: tuple[Box, ...] = ((0.1, 0.1, 0.5, 0.5), (0.3, 0.1, 0.7, 0.5), (0.3, 0.4, 0.7, 0.8), (0.5, 0.5, 0.8, 0.8))


def seen_at(box: Box, *, scale: float = 0.8, left: float = 0.15, top: float = 0.05, mirrored: bool = False) -> Box:
    """Where a registered box lies in a post that shows the registered picture smaller, and aside."""
    a, b, c, d = box
    if mirrored:
        a, c = 1 - c, 1 - a
    return a * scale + left, b * scale + top, c * scale + left, d * scale + top


def queries(boxes: Sequence[Box], part: Part, orientation: int = 0, angle: int = 0) -> QueryRegions:
    """A query at each box."""
    made = np.zeros(len(boxes), QUERY_REGION)
    made["part"], made["orientation"], made["angle"], made["tile"], made["detail"] = (
        part,
        orientation,
        angle,
        NO_TILE,
        90,
    )
    made["box"] = boxes
    return made


def hits(bits: Sequence[int]) -> list[RegionHit]:
    """Query region number n on the registered box WHERE[n]."""
    return [RegionHit(0, n, RegisteredBox("square", WHERE[n]), distance) for n, distance in enumerate(bits)]


def verified(near: list[RegionHit], seen: QueryRegions, set_name: SetName = "full") -> list[RegionHit]:
    """Those that count."""
    return geometric_verification.verified(near, seen, set_name)


@pytest.mark.parametrize(("set_name", "lone"), [("full", LONE_WITHIN), ("slim", LONE_WITHIN_SLIM)])
@pytest.mark.parametrize("part", LONE_WITHIN)
def test_a_lone_box_counts_up_to_its_limit(part: Part, set_name: SetName, lone: dict[Part, int]) -> None:
    query = queries([seen_at(WHERE[0])], part)

    def near(distance: int) -> list[RegionHit]:
        return [RegionHit(0, 0, RegisteredBox("square" if part is Part.SQUARE else "whole", WHERE[0]), distance)]

    (found,) = verified(near(lone[part]), query, set_name)
    assert (found.limit, found.inliers) == (lone[part], 0)
    assert verified(near(lone[part] + 1), query, set_name) == []


def test_a_plain_tile_counts_only_where_another_box_bears_it_out() -> None:
    query = queries([seen_at(box) for box in WHERE], Part.TILE)
    query["detail"] = TILE_ALONE_FROM - 1

    assert verified(hits([0]), query) == []
    assert len(verified(hits([LIMITS[Part.TILE]] * 2), query)) == 2
    query["detail"] = TILE_ALONE_FROM
    assert len(verified(hits([0]), query)) == 1


@pytest.mark.parametrize("part", [Part.INNER_SQUARE, Part.RECTANGLE])
def test_neither_a_square_within_a_rectangle_nor_a_rectangle_that_fits_a_square_counts_by_itself(part: Part) -> None:
    assert verified(hits([0]), queries([seen_at(WHERE[0])], part)) == []


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("part", [Part.TILE, Part.SQUARE, Part.RECTANGLE, Part.INNER_SQUARE, Part.TURNED_SQUARE])
def test_boxes_that_agree_bear_each_other_out(part: Part, mirrored: bool) -> None:
    needed = 1 + NEEDED.get(part, 1)
    query = queries([seen_at(box, mirrored=mirrored) for box in WHERE], part, orientation=int(mirrored))

    found = verified(hits([LIMITS[part]] * needed), query)

    assert [hit.inliers for hit in found] == [needed - 1] * needed
    assert verified(hits([LIMITS[part]] * (needed - 1)), query) == []
    assert verified(hits([LIMITS[part] + 1] * needed), query) == []


def test_a_witness_may_be_farther_off_than_what_it_bears_out() -> None:
    query = queries([seen_at(box) for box in WHERE], Part.SQUARE)

    (found,) = verified(hits([LIMITS[Part.SQUARE], INLIER_WITHIN]), query)

    assert (found.query, found.limit, found.inliers) == (0, LIMITS[Part.SQUARE], 1)


@pytest.mark.parametrize(
    "other",
    [
        seen_at(WHERE[1], left=0.25),  # elsewhere
        seen_at(WHERE[1], scale=0.95),  # of another size
        seen_at(WHERE[1], top=0.09),  # a little lower
    ],
)
def test_boxes_that_disagree_bear_nothing_out(other: Box) -> None:
    query = queries([seen_at(WHERE[0]), other], Part.SQUARE)

    assert verified(hits([LIMITS[Part.SQUARE]] * 2), query) == []


@pytest.mark.parametrize(("field", "value"), [("orientation", 1), ("angle", 5)])
def test_boxes_turned_in_different_ways_bear_nothing_out(field: str, value: int) -> None:
    query = queries([seen_at(box) for box in WHERE[:2]], Part.SQUARE)
    query[field][1] = value

    assert verified(hits([LIMITS[Part.SQUARE]] * 2), query) == []


def test_neither_the_same_query_nor_a_box_that_hardly_moved_is_an_inlier() -> None:
    near = [RegisteredBox("square", WHERE[0]), RegisteredBox("square", (0.12, 0.1, 0.52, 0.5))]
    limit = LIMITS[Part.SQUARE]
    moved = queries([seen_at(box.box) for box in near], Part.SQUARE)

    assert verified([RegionHit(0, number, box, limit) for number, box in enumerate(near)], moved) == []
    assert verified([RegionHit(0, 0, box, limit) for box in near], moved) == []


def test_very_many_hits_are_compared_by_the_nearest() -> None:
    query = queries([seen_at(box) for box in WHERE], Part.SQUARE)
    many = hits([10, 11, 12, 13]) * 500

    assert verified(many, query)[0].distance == 10
