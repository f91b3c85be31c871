"""A *no* teaches: what an advocate dismissed as not the picture does not come again by the same boxes.

The dismissed sightings themselves are what is known: their sealed evidence holds which registered boxes fitted, and the
codes of the post's. So it is the case's own, goes with it, and is taken back when the sighting is opened again.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Self

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.sightings import Sighting
from monitor.context.context import DomainContext
from monitor.fingerprints.hashes.values import parse_code
from monitor.matching.verdict import FittingBox, Match, Verdict, bits_apart
from monitor.model.records.sighting import FittingPart, SightingRecord
from monitor.model.states import Dismissal, SightingState

MOST_TAUGHT = 100
"""Dismissed sightings of a fingerprint that are remembered, the latest first: each is opened for it."""
SAME_CODE = 31
"""Bits within which two posts show the same thing in a box."""
BETTER_BY = 6
"""Bits by which a box that fits better than the dismissed one is another matter: it may be a copy."""
_SAME_BOX = 1e-6


def fitting_parts(boxes: Sequence[FittingBox]) -> tuple[FittingPart, ...]:
    """As a sighting's evidence keeps them."""
    return tuple(FittingPart(box=one.box, code=one.code.hex(), distance=one.distance) for one in boxes)


def is_taught(boxes: Sequence[FittingBox], taught: Sequence[FittingPart]) -> bool:
    """Whether each of the boxes was dismissed before with nearly the same in the post. Of none nothing is known."""
    return bool(boxes) and all(any(_same(one, other) for other in taught) for one in boxes)


def _same(one: FittingBox, other: FittingPart) -> bool:
    at_one_place = all(abs(a - b) <= _SAME_BOX for a, b in zip(one.box, other.box, strict=True))
    return (
        at_one_place
        and one.distance > other.distance - BETTER_BY
        and bits_apart(one.code, parse_code(other.code)) <= SAME_CODE
    )


class TaughtPairs:
    """What advocates said no to, of some fingerprints."""

    def __init__(self, parts: Mapping[str, Sequence[FittingPart]]) -> None:
        self._parts = parts

    @classmethod
    async def of(cls, session: AsyncSession, context: DomainContext, matches: Sequence[Match]) -> Self:
        """Of those that pictures fit for review now. `context` with the keys of their cases in hand."""
        parts: defaultdict[str, list[FittingPart]] = defaultdict(list)
        for fingerprint_id in sorted({match.fingerprint_id for match in matches if match.boxes}):
            said_no = (
                Sighting.fingerprint_id == fingerprint_id,
                Sighting.state == SightingState.DISMISSED,
                Sighting.dismissal == Dismissal.NOT_THE_PICTURE,
            )
            rows = select(Sighting).where(*said_no).order_by(Sighting.decided_at.desc(), Sighting.id).limit(MOST_TAUGHT)
            for row in await session.scalars(rows):
                parts[fingerprint_id] += context.open_record(SightingRecord, row.case_id, row.id, row.evidence).fitting
        return cls(parts)

    def cover(self, match: Match) -> bool:
        """Is this what was dismissed before? Never what is confident or identical."""
        if match.verdict is not Verdict.REVIEW or match.identical:
            return False
        return is_taught(match.boxes, self._parts.get(match.fingerprint_id, ()))
