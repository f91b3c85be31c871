"""Whether a sighting stands on a page of the person's own: then no notice about it is written, and none leaves."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.own import OwnPage
from db.models.sightings import Sighting
from db.models.sources import Source
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.records.own_page import OwnPageRecord
from monitor.model.records.sighting import SightingRecord
from monitor.platforms.links import parse_link

Page = tuple[str, str]
"""Platform, and name in lower case."""


async def own_page_rows(
    session: AsyncSession, context: DomainContext, case_id: str
) -> Sequence[tuple[OwnPage, OwnPageRecord]]:
    """The pages that a case named, the oldest first."""
    rows = await session.scalars(
        select(OwnPage).where(OwnPage.case_id == case_id).order_by(OwnPage.added_at, OwnPage.id)
    )
    return [(row, context.open_record(OwnPageRecord, case_id, row.id, row.payload)) for row in rows]


async def own_pages(session: AsyncSession, context: DomainContext, case_id: str) -> frozenset[Page]:
    """Their platforms and names."""
    return frozenset((one.platform, one.handle) for _, one in await own_page_rows(session, context, case_id))


async def is_own(
    session: AsyncSession, context: DomainContext, sighting: Sighting, pages: Collection[Page] | None = None
) -> bool:
    """Does it stand there? By the source's name, and by the name in the post's own address: one account shows another's
    posts. `pages`: what `own_pages` gave for the same case."""
    pages = await own_pages(session, context, sighting.case_id) if pages is None else pages
    if not pages:
        return False
    source = await session.get_one(Source, sighting.source_id)
    if (source.platform, source.handle.lower()) in pages:
        return True
    url = context.open_record(SightingRecord, sighting.case_id, sighting.id, sighting.evidence).url
    return stands_on(pages, source.platform, source.handle, url)


def stands_on(pages: Collection[Page], platform: str, handle: str, url: str) -> bool:
    """Whether a post of this channel or account, at this address, is on one of the pages."""
    if (platform, handle.lower()) in pages:
        return True
    link = parse_link(url)
    return link is not None and (str(link.platform), link.handle.lower()) in pages


async def refuse_own(session: AsyncSession, context: DomainContext, sighting: Sighting) -> None:
    """RuleBroken(OWN_PAGE) where it stands on a page of the person's own."""
    if await is_own(session, context, sighting):
        raise RuleBroken(Refusal.OWN_PAGE, "the person named this page as their own: nobody is told to remove it")


async def own_sightings(session: AsyncSession, context: DomainContext, case_id: str) -> list[str]:
    """Ids of the case's sightings that stand there."""
    pages = await own_pages(session, context, case_id)
    if not pages:
        return []
    rows = await session.scalars(select(Sighting).where(Sighting.case_id == case_id).order_by(Sighting.id))
    return [row.id for row in rows if await is_own(session, context, row, pages)]
