"""What is written down when a fingerprint fits: the sighting with its evidence and its ledger entry."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.sightings import MOST_HOW, Sighting
from db.models.sources import Source
from db.types import new_id
from monitor.context.context import DomainContext
from monitor.evidence.entry_kinds import EntryKind
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.matching.verdict import FittingBox, Match
from monitor.model.records.observed import ObservedPart
from monitor.model.records.sighting import SightingRecord
from monitor.model.states import SightingState
from monitor.platforms.base import Media, PlatformName, Post
from monitor.sightings.age import age_told
from monitor.sightings.age_found import age_when_found
from monitor.sightings.alike import alike
from monitor.sightings.items import ask_to_resend, known_item, note_reupload
from monitor.sightings.taught import fitting_parts

NAMES_FIT = "two of the person's words stand together in the text of the post"
"""Why a sighting is there of which no picture was compared. It is stored: never change it."""


def shortened(how: str) -> str:
    """A reason no longer than its column: what is said last is left out, whole parts of it where there are any."""
    if len(how) <= MOST_HOW:
        return how
    parts, _, _ = how[: MOST_HOW + 2].rpartition("; ")
    return parts or how[: MOST_HOW + 1].rpartition(" ")[0] or how[:MOST_HOW]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """What stands in place of a match where there is none: of an entered link, of a changed copy."""

    case_id: str
    kind: str
    verdict: str = "review"
    how: str = "the person entered this link"
    fingerprint_id: None = None
    distance: None = None
    quality: None = None
    identical: bool = False
    boxes: tuple[FittingBox, ...] = ()
    age_group: str | None = None
    """Of the copy in whose place it stands, as it was told of that one's picture."""


async def write_sighting(
    session: AsyncSession,
    context: DomainContext,
    source_id: str,
    post: Post,
    media: Media,
    hashed: HashedMedium,
    match: Match | Unmatched,
) -> bool:
    """Write a sighting with its evidence and its ledger entry; False when it was known already."""
    sighting_id, how = new_id(), shortened(match.how)
    source = await session.get_one(Source, source_id)
    seen = ObservedPart.of(
        post,
        at=context.now(),
        collector=context.accounts.get(source.platform, source.platform),
        media=media,
        hashed=hashed,
        distance=match.distance,
    )
    evidence = SightingRecord.of(
        post,
        media,
        hashed,
        seen,
        fitting_parts(match.boxes) if hashed.kind == "image" else (),
        place_title=source.title or None,
    )
    item_id = await known_item(session, match.case_id, match.fingerprint_id, identical=match.identical)
    alike_id = await alike(session, context, match.case_id, sighting_id, evidence)
    told = match.age_group if isinstance(match, Unmatched) else await age_told(session, match.fingerprint_id)
    age = await age_when_found(
        session,
        context,
        match.case_id,
        hashed,
        told=told,
        alike_id=alike_id,
        item_id=item_id,
        fingerprint_id=match.fingerprint_id,
    )
    new = await insert_unless_there(
        session,
        Sighting,
        id=sighting_id,
        case_id=match.case_id,
        source_id=source_id,
        post_id=post.id,
        media_id=media.id,
        fingerprint_id=match.fingerprint_id,
        kind=match.kind,
        age_group=age,
        verdict=match.verdict,
        distance=match.distance,
        quality=match.quality,
        identical=match.identical,
        how=how,
        evidence=context.seal_record(match.case_id, sighting_id, evidence),
        posted_at=post.posted_at,
        found_at=context.now(),
        state=SightingState.OPEN,
        looks=0,
        gone_looks=0,
        item_id=item_id,
        alike_id=alike_id,
        named=how == NAMES_FIT,
        follow_look=0,
    )
    if new:
        await context.record(
            session,
            match.case_id,
            EntryKind.SIGHTING_FOUND,
            sighting=sighting_id,
            platform=PlatformName(source.platform),
            # A name on X is content of X's: its number stays.
            source=None if source.platform == PlatformName.X else source.handle,
            source_remote_id=source.remote_id,
            post=post.id,
            posted_at=post.posted_at.isoformat(),
            verdict=match.verdict,
            how=how,
            distance=match.distance,
            fingerprint=match.fingerprint_id,
            evidence=evidence.for_ledger(source.platform, post.id),
        )
    if new and item_id is not None:
        await note_reupload(session, context, match.case_id, sighting_id, item_id)
        await ask_to_resend(session, context, match.case_id, sighting_id)
    return new
