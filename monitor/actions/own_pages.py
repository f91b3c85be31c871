"""Pages that are the person's own are named once. What stands there is marked, and no platform is told of it."""

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.own import OwnPage
from db.queries.actors import Actor
from db.types import new_id
from monitor.actions.access import only_the_person
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.records.own_page import OwnPageRecord
from monitor.notices.stopping import stop_unsent
from monitor.platforms.base import PlatformName
from monitor.platforms.links import names_in, source_handle
from monitor.sightings.own_pages import own_page_rows, own_sightings

MOST_OWN_PAGES = 30


async def name_own_page(
    session: AsyncSession, context: DomainContext, case: Case, *, platform: PlatformName, source: str
) -> tuple[OwnPage, int]:
    """Keep it sealed, with who entered it, and withdraw the notices about it that have not left; returns how many.

    The same again changes nothing. Raises RuleBroken: SOURCE_UNREADABLE, TOO_MANY_OWN_PAGES.
    """
    handle = source_handle(platform, source)
    if handle is None and len(names_in(source)) > 1:
        raise RuleBroken(Refusal.ONE_AT_A_TIME)
    if handle is None:
        raise RuleBroken(Refusal.SOURCE_UNREADABLE, "name a public channel or account, such as @name or its link")
    record = OwnPageRecord(platform=platform, handle=handle.lower())
    known = await own_page_rows(session, context, case.id)
    for row, told in known:
        if told == record:
            return row, 0
    if len(known) >= MOST_OWN_PAGES:
        raise RuleBroken(Refusal.TOO_MANY_OWN_PAGES, f"at most {MOST_OWN_PAGES} pages of one's own")
    page = OwnPage(id=new_id(), case_id=case.id, payload=b"", entered_by=context.by.advocate_id, added_at=context.now())
    page.payload = context.seal_record(case.id, page.id, record)
    session.add(page)
    await session.flush()
    there, stopped = await own_sightings(session, context, case.id), 0
    if there:
        stopped = await stop_unsent(session, context, case.id, Refusal.OWN_PAGE, only=there)
    await context.record(session, case.id, EntryKind.OWN_PAGE_NAMED, own_page=page.id)
    return page, stopped


async def take_back_own_page(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, own_page_id: str
) -> None:
    """It is not the person's own after all, as they alone say: what stands there can be reported again.

    Raises NotFound, RuleBroken(ONLY_THE_PERSON).
    """
    only_the_person(actor)
    mine = (OwnPage.id == own_page_id, OwnPage.case_id == case.id)
    gone = await session.execute(delete(OwnPage).where(*mine).returning(OwnPage.id))
    if gone.first() is None:
        raise NotFound("there is no such page")
    await context.record(session, case.id, EntryKind.OWN_PAGE_TAKEN_BACK, own_page=own_page_id)
