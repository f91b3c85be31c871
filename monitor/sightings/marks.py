"""Sightings get keyed hashes of what links them, so that counting opens none of them.

Made by the worker shortly after a sighting was found, and for those of older programs; never in the transaction that
writes a sighting. The key is one of the installation: a mark tells nothing without it, and it opens nothing.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.cases import Case
from db.models.linking import SightingMark
from db.models.sightings import Sighting
from db.models.sources import Source
from db.session import Database
from monitor.context.context import DomainContext
from monitor.core.errors import CryptoError, RecordInvalid
from monitor.keys.envelope import Key
from monitor.model.linking import MarkKind
from monitor.model.records.sighting import SightingRecord

log = logging.getLogger(__name__)

KEY = "system:linking"
AT_A_TIME = 200


def marks_of(record: SightingRecord, *, remote_id: str | None, platform: str, key: Key) -> dict[MarkKind, str]:
    """What this sighting has in common with others of the same. `remote_id`: of the channel or account it stands in.

    An account is left out where it is the channel itself: that is counted by its row already.
    """
    found = {MarkKind.FILE: key.tag(record.media_sha256, MarkKind.FILE)}
    if record.author_id and record.author_id != remote_id:
        found[MarkKind.ACCOUNT] = key.tag(f"{platform}:{record.author_id}", MarkKind.ACCOUNT)
    forwarded = record.observed and record.observed.forwarded
    origin = forwarded and (forwarded.channel_id or forwarded.user_id)
    if origin:
        found[MarkKind.ORIGIN] = key.tag(f"{platform}:{origin}", MarkKind.ORIGIN)
    return found


async def mark_sightings(database: Database, context: DomainContext) -> int:
    """Mark what is not marked yet, a few hundred at a time; drop the marks of erased cases. Returns how many."""
    async with database.begin() as session:
        await _drop_erased(session)
    async with database.read() as session:
        rows = await _unmarked(session)
    if not rows:
        return 0
    made = await asyncio.to_thread(_make, context, rows)
    async with database.begin() as session:
        lives = set(await session.scalars(select(Case.id).where(Case.id.in_(_cases(rows)), Case.state == "vouched")))
        for sighting, marks in made:
            if sighting.case_id not in lives:
                continue  # erased while it was opened
            for kind, mark in marks.items():
                await insert_unless_there(session, SightingMark, sighting_id=sighting.id, kind=kind, mark=mark)
    return len(made)


async def _unmarked(session: AsyncSession) -> Sequence[tuple[Sighting, str, str | None]]:
    """Sightings of vouched cases without marks, each with its platform and the channel's number."""
    marked = exists().where(SightingMark.sighting_id == Sighting.id, SightingMark.kind == MarkKind.FILE)
    query = select(Sighting, Source.platform, Source.remote_id).join(Source, Source.id == Sighting.source_id)
    query = query.join(Case, Case.id == Sighting.case_id).where(Case.state == "vouched", ~marked.correlate(Sighting))
    rows = await session.execute(query.order_by(Sighting.found_at, Sighting.id).limit(AT_A_TIME))
    return [(sighting, platform, remote_id) for sighting, platform, remote_id in rows]


def _make(
    context: DomainContext, rows: Iterable[tuple[Sighting, str, str | None]]
) -> list[tuple[Sighting, dict[MarkKind, str]]]:
    """Open each once. One that does not open is marked as such, or it would be tried for ever."""
    rows = list(rows)
    context.keys.create(KEY)
    held = context.holding(_cases(rows), KEY)
    key, made = held.keys.get(KEY), []
    for sighting, platform, remote_id in rows:
        try:
            record = held.open_record(SightingRecord, sighting.case_id, sighting.id, sighting.evidence)
            marks = marks_of(record, remote_id=remote_id, platform=platform, key=key)
        except (CryptoError, RecordInvalid) as error:
            # Its type only: the message may quote what was opened.
            log.error("sighting not marked", extra={"sighting_id": sighting.id, "reason": type(error).__name__})
            marks = {MarkKind.FILE: ""}
        made.append((sighting, marks))
    return made


async def _drop_erased(session: AsyncSession) -> None:
    gone = select(Sighting.id).join(Case, Case.id == Sighting.case_id).where(Case.state == "erased")
    await session.execute(delete(SightingMark).where(SightingMark.sighting_id.in_(gone)))


def _cases(rows: Iterable[tuple[Sighting, str, str | None]]) -> set[str]:
    return {sighting.case_id for sighting, _, _ in rows}
