"""Which vouched cases hold the same whole picture, as the worker knows that opens fingerprints to watch with anyway.

Codes are in this process's memory and nowhere else. Nothing that could be compared is written for it: fingerprints of
two centres lie sealed under the keys of their cases, and no table holds anything that is equal where they are near.
See docs/decisions/0093-the-same-picture-in-two-cases-is-said-and-not-which.md.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, Fingerprint
from db.models.people import Organisation
from db.queries.consents import fingerprints_with
from monitor.context.context import DomainContext
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION, FRAMES_SET
from monitor.matching.index import HashIndex
from monitor.matching.verdict import CONFIDENT_WITHIN
from monitor.watch.opening import watched

_OPENED_AT_ONCE = 200

Pair = tuple[str, str]
"""Two cases, the lower id first."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A picture that counts: whose, and whether its centre compares with others."""

    fingerprint_id: str
    case_id: str
    organisation_id: str
    compares: bool


@dataclass(slots=True)
class SamePictures:
    """Of one process. Opens each picture once, and compares only after something has changed."""

    context: DomainContext
    _codes: dict[str, bytes] = field(default_factory=dict, repr=False)
    _compared: frozenset[Registered] = frozenset()

    async def found(self, session: AsyncSession) -> Sequence[Pair]:
        """Pairs of cases, where anything is new since the last time; give it a session that only reads."""
        rows = await _registered(session)
        if frozenset(rows) == self._compared:
            return ()
        there = {one.fingerprint_id for one in rows}
        for gone in self._codes.keys() - there:
            del self._codes[gone]
        missing = sorted(there - self._codes.keys())
        for start in range(0, len(missing), _OPENED_AT_ONCE):
            sealed = await fingerprints_with(session, missing[start : start + _OPENED_AT_ONCE])
            opened = await asyncio.to_thread(watched, self.context, sealed)
            self._codes |= {one.fingerprint_id: one.code for one in opened}
        pairs = await asyncio.to_thread(pairs_of, rows, self._codes)
        self._compared = frozenset(one for one in rows if one.fingerprint_id in self._codes)
        return pairs


def pairs_of(rows: Sequence[Registered], codes: Mapping[str, bytes]) -> Sequence[Pair]:
    """Every two cases with whole pictures at most 31 bits apart: of one centre, or of two that both compare."""
    known = [one for one in rows if one.fingerprint_id in codes]
    given = [codes[one.fingerprint_id] for one in known]
    if not known:
        return ()
    near = HashIndex([one.fingerprint_id for one in known], given).rows_within(given, CONFIDENT_WITHIN)
    found: set[Pair] = set()
    for mine, hits in zip(known, near, strict=True):
        for row, _ in hits:
            other = known[row]
            both = mine.organisation_id == other.organisation_id or (mine.compares and other.compares)
            if mine.case_id < other.case_id and both:
                found.add((mine.case_id, other.case_id))
    return sorted(found)


async def _registered(session: AsyncSession) -> Sequence[Registered]:
    """Pictures that persons registered in vouched cases that are not on hold: neither what joined a watch, nor videos,
    nor what is in quarantine or of another version."""
    lives = (Case.state == "vouched", Case.frozen_at.is_(None))
    counts = (
        Fingerprint.origin == "registered",
        Fingerprint.removed_at.is_(None),
        Fingerprint.quarantined_at.is_(None),
        Fingerprint.version == FINGERPRINT_VERSION,
        Fingerprint.set_name != FRAMES_SET,
    )
    query = (
        select(Fingerprint.id, Case.id, Organisation.id, Organisation.compares_pictures_at)
        .join(Case, Case.id == Fingerprint.case_id)
        .join(Organisation, Organisation.id == Case.organisation_id)
        .where(*lives, *counts)
        .order_by(Fingerprint.id)
    )
    return [Registered(row[0], row[1], row[2], row[3] is not None) for row in await session.execute(query)]
