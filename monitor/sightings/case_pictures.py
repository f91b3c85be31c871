"""The pictures of a case and their copies, opened to tell which of them show the same."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Fingerprint
from db.models.sightings import Sighting
from monitor.context.context import DomainContext
from monitor.core.errors import JikimiError
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION, parse_code
from monitor.matching.verdict import Verdict
from monitor.model.records.fingerprint import FingerprintRecord
from monitor.model.records.sighting import SightingRecord
from monitor.sightings.age import YOUNG
from monitor.sightings.family import CasePictures, Found, Picture
from monitor.sightings.looking_alike import NOTHING, Shown

Answer = TypeVar("Answer")


async def asked_of(
    session: AsyncSession,
    context: DomainContext,
    case_id: str,
    ask: Callable[[CasePictures], Answer],
    *,
    also: Sequence[Picture] = (),
) -> Answer:
    """What `ask` answers about everything of the case, removed fingerprints too: their copies are still theirs. `also`:
    what is not registered yet.

    A case may hold thousands of copies, and long videos, so they are opened and compared in a thread.
    """
    of_pictures = (Fingerprint.id, Fingerprint.origin, Fingerprint.age_group, Fingerprint.sighting_id)
    more = (Fingerprint.removed_at, Fingerprint.version, Fingerprint.payload)
    query = select(*of_pictures, *more).where(Fingerprint.case_id == case_id)
    pictures = (await session.execute(query)).all()
    of_copies = (Sighting.id, Sighting.age_group, Sighting.fingerprint_id, Sighting.alike_id, Sighting.item_id)
    query_copies = select(*of_copies, Sighting.verdict, Sighting.evidence).where(Sighting.case_id == case_id)
    copies = (await session.execute(query_copies)).all()

    def answered() -> Answer:
        with_key = context.holding([case_id])
        known = CasePictures(
            [
                *also,
                *(
                    Picture(
                        id_,
                        origin,
                        age,
                        sighting,
                        shown_by_print(with_key, case_id, id_, version, payload),
                        removed=removed_at is not None,
                    )
                    for id_, origin, age, sighting, removed_at, version, payload in pictures
                ),
            ],
            [
                Found(
                    id_,
                    age,
                    leader,
                    frozenset(name for name in (id_, alike, item) if name is not None),
                    shown_by_copy(with_key, case_id, id_, evidence),
                    sure=verdict == Verdict.CONFIDENT,
                )
                for id_, age, leader, alike, item, verdict, evidence in copies
            ],
        )
        return ask(known)

    return await asyncio.to_thread(answered)


def counted_otherwise(context: DomainContext, rows: Sequence[Fingerprint]) -> dict[str, str]:
    """Registered picture -> the AgeGroup that counts for its copies, where that is not what was said of it: another
    picture that shows the same was said to be a minor's. `rows`: those in use of one case that may be told of.

    It opens at length: call it in a thread.
    """
    told = {row.id: row.age_group for row in rows if row.origin != "beside"}
    own = [row.id for row in rows if row.origin == "registered"]
    if not own or not any(age in YOUNG for age in told.values()):
        return {}
    with_key = context.holding({row.case_id for row in rows})
    pictures = [
        Picture(
            row.id,
            row.origin,
            row.age_group,
            None,
            shown_by_print(with_key, row.case_id, row.id, row.version, row.payload),
        )
        for row in rows
    ]
    protection = CasePictures(pictures, ()).protection(told)
    return {one: protection[one] for one in own if protection.get(one, told[one]) != told[one]}


def shown_by_print(context: DomainContext, case_id: str, row_id: str, version: str, payload: bytes) -> Shown:
    """What a fingerprint shows; nothing where it was removed, is damaged, or its bits mean something else."""
    if version != FINGERPRINT_VERSION or not payload:
        return NOTHING
    try:
        record = context.open_record(FingerprintRecord, case_id, row_id, payload)
        return Shown(tuple(parse_code(code) for code in record.codes), bool(record.frames), record.quality)
    except (JikimiError, ValueError):
        return NOTHING  # it fits nothing, and keeps no other one


def shown_by_copy(context: DomainContext, case_id: str, row_id: str, evidence: bytes) -> Shown:
    """What stood there when it was found; nothing as with a fingerprint."""
    try:
        record = context.open_record(SightingRecord, case_id, row_id, evidence)
        codes = tuple(parse_code(code) for code in (record.pdq, *(code for _, code in record.frames)))
    except (JikimiError, ValueError):
        return NOTHING
    return Shown(codes, bool(record.frames), record.quality) if record.version == FINGERPRINT_VERSION else NOTHING
