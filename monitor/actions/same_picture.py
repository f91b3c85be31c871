"""Two vouched cases hold the same whole picture: the leads of both are asked who this is, and told nothing more.

See docs/decisions/0093-the-same-picture-in-two-cases-is-said-and-not-which.md.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.locking import lock_rows
from db.models.cases import Case
from db.models.oversight import SamePicture
from db.models.people import Organisation
from db.queries.actors import AdvocateActor
from db.session import Database
from monitor.cases.stops import leads_only
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.states import CaseState
from monitor.watch.same_pictures import Pair, SamePictures

_KEY = "system:same-pictures"


async def tell_same_pictures(database: Database, context: DomainContext, pictures: SamePictures) -> None:
    """Look for them, and tell each pair once: a later look at the same two tells nobody again."""
    async with database.read() as session:
        pairs = await pictures.found(session)
        tags = {_tag(context, pair): pair for pair in pairs}
        known = set()
        if tags:
            # Few, since each was looked at by somebody.
            known = set((await session.scalars(select(SamePicture.pair))).all()) & tags.keys()
    for tag in sorted(tags.keys() - known):
        async with database.begin() as session:
            await _tell(session, context, tag, tags[tag])


async def _tell(session: AsyncSession, context: DomainContext, tag: str, pair: Pair) -> None:
    cases = await lock_rows(session, select(Case).where(Case.id.in_(pair)))
    live = [one for one in cases if one.state == CaseState.VOUCHED and one.frozen_at is None]
    if len(live) < len(pair):  # the next look finds them again
        return
    homes = {one.organisation_id for one in live}
    sharing = select(Organisation.id).where(Organisation.id.in_(homes), Organisation.compares_pictures_at.is_not(None))
    if len(homes) > 1 and len((await session.scalars(sharing)).all()) < len(homes):
        return
    if not await insert_unless_there(session, SamePicture, pair=tag, found_at=context.now()):
        return
    kind = AlertKind.SAME_PICTURE
    for case in live:
        await context.alert(session, kind, case.id, "whole-picture", organisation_id=case.organisation_id)
    for case in live:  # in the order of their ids, as ledgers are locked
        await context.record(session, case.id, EntryKind.SAME_PICTURE_FOUND)


async def picture_checked(session: AsyncSession, context: DomainContext, case: Case, actor: AdvocateActor) -> None:
    """A lead spoke with the person, and it is in order. The caller holds the case. Raises NotFound, LEADS_ONLY."""
    leads_only(actor)
    if case.organisation_id != actor.organisation_id:
        raise NotFound
    if await context.raised_at(session, AlertKind.SAME_PICTURE, case.id) is None:
        return
    await context.resolve(session, AlertKind.SAME_PICTURE, case.id)
    await context.record(session, case.id, EntryKind.SAME_PICTURE_CHECKED)


async def set_comparing(session: AsyncSession, context: DomainContext, actor: AdvocateActor, *, on: bool) -> None:
    """A lead lets whole pictures be compared with those of centres that do so, too, or does so no more."""
    leads_only(actor)
    home = await session.get_one(Organisation, actor.organisation_id)
    if (home.compares_pictures_at is not None) == on:
        return
    home.compares_pictures_at = context.now() if on else None
    await session.flush()
    facts = {"organisation": home.id, "compares_pictures": on}
    await context.record_installation(session, EntryKind.ORGANISATION_CHANGED, **facts)


async def is_comparing(session: AsyncSession, actor: AdvocateActor) -> bool:
    """Whether the own centre's pictures are compared with other centres'."""
    return (await session.get_one(Organisation, actor.organisation_id)).compares_pictures_at is not None


def _tag(context: DomainContext, pair: Pair) -> str:
    return context.keys.create(_KEY).tag("|".join(pair), "same-picture")
