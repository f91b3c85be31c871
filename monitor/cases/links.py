"""Links that the person knows already."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, KnownLink
from db.types import new_id
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.facts import PictureKind
from monitor.model.records.link import LinkRecord
from monitor.model.states import CaseState, LinkState, RoutedReason
from monitor.platforms.base import Link
from monitor.platforms.links import names_comment, parse_link
from monitor.work import tasks

MOST_LINKS = 200


async def enter_link(
    session: AsyncSession, context: DomainContext, case: Case, *, url: str, kind: PictureKind, room: bool = False
) -> KnownLink:
    """Keep a link that the person knows. A public one is read once the case is vouched for; others never are.

    `room`: it may be no address, but the title of a closed room.
    """
    if names_comment(url):
        # The post above it is somebody else's: its media must not join the watch.
        raise RuleBroken(Refusal.LINK_TO_COMMENT)
    link = parse_link(url)
    titled = room and link is None and not url.lower().startswith(("https://", "http://"))
    if link is None and not titled and not url.lower().startswith(("https://", "http://")):
        raise RuleBroken(Refusal.LINK_UNREADABLE, "enter the address of the post, beginning with https://")
    known = (await session.scalars(select(KnownLink).where(KnownLink.case_id == case.id))).all()
    for one in known:
        # What it names counts, else the text.
        record = context.open_record(LinkRecord, case.id, one.id, one.payload)
        if record.url == url or (link is not None and one.platform == link.platform and record.names(link)):
            return one
    if len(known) >= MOST_LINKS:
        raise RuleBroken(Refusal.TOO_MANY_LINKS, f"a case holds at most {MOST_LINKS} links")
    public = link is not None and link.public
    row = KnownLink(
        id=new_id(),
        case_id=case.id,
        platform=None if link is None else link.platform,
        public=public,
        state=LinkState.ENTERED if public else LinkState.ROUTED,
        reason=None if public else _why_routed(link, titled=titled),
        kind=kind,
        payload=b"",
        entered_by=context.by.advocate_id,
        entered_at=context.now(),
    )
    row.payload = context.seal_record(case.id, row.id, LinkRecord.of(url, link))
    session.add(row)
    await session.flush()
    await context.record(session, case.id, EntryKind.LINK_ENTERED, link=row.id, kind=kind, public=public)
    if not public:
        await context.record(session, case.id, EntryKind.LINK_ROUTED, link=row.id, reason=row.reason)
    elif case.state == CaseState.VOUCHED and row.platform is not None and row.platform in context.accounts:
        await context.enqueue(session, tasks.read_link(row.id, context.accounts[row.platform]))
    return row


def _why_routed(link: Link | None, *, titled: bool) -> RoutedReason:
    if titled:
        return RoutedReason.ROOM_NAME
    return RoutedReason.OTHER_SITE if link is None else RoutedReason.MEMBERS_ONLY
