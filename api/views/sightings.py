"""From a sighting's rows to what is shown of it. Never a picture."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.schemas.sightings import OfferView, ReleasedSighting, SightingView
from db.models.messages import SightingQuestion
from db.models.sightings import Sighting
from db.queries.tenants import SourceName
from monitor.context.context import DomainContext
from monitor.model.facts import PersonsWord
from monitor.model.records.sighting import SightingRecord
from monitor.notices.ranking import RankedRoute
from monitor.notices.removal_rules import what_is_gone
from monitor.notices.texts import BROUGHT_WORDS, NO_TEXT, in_language
from monitor.sightings.own_pages import is_own


def _shared(
    context: DomainContext, row: Sighting, source: SourceName, *, own: bool
) -> tuple[SightingRecord, dict[str, Any]]:
    evidence = context.open_record(SightingRecord, row.case_id, row.id, row.evidence)
    return evidence, {
        "sighting_id": row.id,
        "case_id": row.case_id,
        "platform": source.platform,
        "source": source.handle,
        "post_id": row.post_id,
        "url": evidence.url,
        "posted_at": row.posted_at,
        "found_at": row.found_at,
        "kind": row.kind,
        "state": row.state,
        "presence": row.presence,
        "looked_at": row.looked_at,
        "removed_at": row.removed_at,
        "gone": what_is_gone(row.presence, removed=row.removed_at is not None),
        "came_back_at": row.came_back_at,
        "own_page": own,
    }


async def released_view(
    session: AsyncSession, context: DomainContext, row: Sighting, source: SourceName
) -> ReleasedSighting:
    """For the person."""
    own = await is_own(session, context, row)
    return ReleasedSighting(**_shared(context, row, source, own=own)[1])


async def sighting_view(
    session: AsyncSession,
    context: DomainContext,
    row: Sighting,
    source: SourceName,
    question: SightingQuestion | None = None,
) -> SightingView:
    """For an advocate. `question`: what the person was asked about it."""
    evidence, shared = _shared(context, row, source, own=await is_own(session, context, row))
    return SightingView(
        **shared,
        media_id=row.media_id,
        verdict=row.verdict,
        distance=row.distance,
        quality=row.quality,
        how=row.how,
        identical=row.identical,
        caption=evidence.caption or None,
        decided_at=row.decided_at,
        basis=row.basis,
        dismissal=row.dismissal,
        released=row.released_at is not None,
        item_id=row.item_id,
        by_itself_at=row.by_itself_at,
        second_view=row.second_view,
        asked_at=None if question is None else question.asked_at,
        person_says=None if question is None or question.answer is None else PersonsWord(question.answer),
    )


def offer_view(ranked: RankedRoute, language: str) -> OfferView:
    """A judged route in its place."""
    one, route = ranked.judged, ranked.route
    return OfferView(
        route=route.name,
        channel=route.channel,
        allowed=one.allowed,
        reason=one.reason,
        explanation=one.explain(language),
        missing=list(one.missing),
        law=route.law,
        deadline_hours=route.deadline_hours,
        confirmed=route.confirmed,
        title=in_language(route.title, language),
        ticked=ranked.ticked,
        why=list(ranked.explain(language)),
        doubts=list(route.doubts),
        poster_learns=in_language(route.poster_learns or NO_TEXT, language),
        warning=in_language(route.warning or NO_TEXT, language),
        counsel=[in_language(words, language) for words in route.counsel],
        bring=[in_language(BROUGHT_WORDS[name], language) for name in route.by_person],
    )
