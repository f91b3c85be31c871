"""What is written down when a fingerprint fits: the sighting with its evidence and its ledger entry."""

from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.sightings import MOST_HOW, Sighting
from db.models.sources import Source
from db.types import new_id
from monitor.context.context import DomainContext
from monitor.evidence.entry_kinds import EntryKind
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.matching.verdict import Match
from monitor.model.records.sighting import SightingRecord
from monitor.model.states import SightingState
from monitor.platforms.base import Media, PlatformName, Post


def shortened(how: str) -> str:
    """A reason no longer than its column: what is said last is left out, whole parts of it where there are any."""
    if len(how) <= MOST_HOW:
        return how
    parts, _, _ = how[: MOST_HOW + 2].rpartition("; ")
    return parts or how[: MOST_HOW + 1].rpartition(" ")[0] or how[:MOST_HOW]


async def write_match(
    session: AsyncSession,
    context: DomainContext,
    source_id: str,
    post: Post,
    media: Media,
    hashed: HashedMedium,
    match: Match,
) -> bool:
    """Write the sighting of a match; False when it was known already."""
    return await write_sighting(
        session,
        context,
        case_id=match.case_id,
        source_id=source_id,
        post=post,
        media=media,
        hashed=hashed,
        kind=match.kind,
        verdict=match.verdict,
        how=match.how,
        match=match,
    )


async def write_sighting(
    session: AsyncSession,
    context: DomainContext,
    *,
    case_id: str,
    source_id: str,
    post: Post,
    media: Media,
    hashed: HashedMedium,
    kind: str,
    verdict: str,
    how: str,
    match: Match | None,
) -> bool:
    """Write a sighting with its evidence and its ledger entry; False when it was known already."""
    sighting_id, how = new_id(), shortened(how)
    evidence = SightingRecord.of(post, media, hashed)
    new = await insert_unless_there(
        session,
        Sighting,
        id=sighting_id,
        case_id=case_id,
        source_id=source_id,
        post_id=post.id,
        media_id=media.id,
        fingerprint_id=match and match.fingerprint_id,
        kind=kind,
        verdict=verdict,
        distance=match and match.distance,
        quality=match and match.quality,
        identical=bool(match and match.identical),
        how=how,
        evidence=context.seal_record(case_id, sighting_id, evidence),
        posted_at=post.posted_at,
        found_at=context.now(),
        state=SightingState.OPEN,
        looks=0,
        gone_looks=0,
    )
    if new:
        source = await session.get_one(Source, source_id)
        await context.record(
            session,
            case_id,
            EntryKind.SIGHTING_FOUND,
            sighting=sighting_id,
            platform=PlatformName(source.platform),
            source=source.handle,
            source_remote_id=source.remote_id,
            post=post.id,
            posted_at=post.posted_at.isoformat(),
            verdict=verdict,
            how=how,
            distance=match and match.distance,
            fingerprint=match and match.fingerprint_id,
            evidence=evidence.for_ledger(),
        )
    return new
