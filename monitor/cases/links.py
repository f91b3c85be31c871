"""Links that the person knows already."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_if_there, lock_rows
from db.models.cases import Case, Fingerprint, KnownLink
from db.queries.stops import why_paused
from db.types import new_id
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.facts import PictureKind
from monitor.model.records.link import LinkRecord
from monitor.model.states import CaseState, LinkState, RoutedReason, move_link
from monitor.platforms.base import Link
from monitor.platforms.links import links_in, names_comment, parse_link
from monitor.work import tasks

MOST_LINKS = 200


def read_link_text(url: str, *, room: bool = False) -> Link | None:
    """What a link names; None: no post of a platform that we know. RuleBroken(LINK_TO_COMMENT, LINK_UNREADABLE,
    ONE_AT_A_TIME).

    `room`: it may be no address, but the title of a closed room.
    """
    if len(links_in(url)) > 1:
        raise RuleBroken(Refusal.ONE_AT_A_TIME)
    if names_comment(url):
        # The post above it is somebody else's: its media must not join the watch.
        raise RuleBroken(Refusal.LINK_TO_COMMENT)
    link = parse_link(url)
    titled = room and any(map(str.isalnum, url))
    if link is None and not titled and not is_address(url):
        raise RuleBroken(Refusal.LINK_UNREADABLE, "enter the address of the post, beginning with https://")
    return link


def is_address(url: str) -> bool:
    """Whether it is written as an address, and not as a title."""
    return bool(links_in(url))


def link_text(url: str) -> str:
    """What is kept: the link without the words around it, else the title as it was written."""
    links = links_in(url)
    return links[0] if len(links) == 1 else url.strip()


async def enter_link(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    *,
    url: str,
    kind: PictureKind,
    room: bool = False,
    first: bool = False,
) -> KnownLink:
    """Keep a link that the person knows. A public one is read once the case is vouched for; others never are.

    `room`: it may be the title of a closed room. `first`: the caller knows that the case holds no such link, and not
    too many.
    """
    link = read_link_text(url, room=room)
    url = link_text(url)
    there = select(KnownLink).where(KnownLink.case_id == case.id, KnownLink.state != LinkState.REMOVED)
    known: Sequence[KnownLink] = [] if first else (await session.scalars(there)).all()
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
        reason=None if public else _why_routed(link, titled=link is None and not is_address(url)),
        kind=kind,
        payload=b"",
        entered_by=context.by.advocate_id,
        entered_at=context.now(),
    )
    row.payload = context.seal_record(case.id, row.id, LinkRecord.of(url, link))
    session.add(row)
    if not first:  # who knows that comes with many, and writes them together
        await session.flush()
    await context.record(session, case.id, EntryKind.LINK_ENTERED, link=row.id, kind=kind, public=public)
    if not public:
        await context.record(session, case.id, EntryKind.LINK_ROUTED, link=row.id, reason=row.reason)
    elif case.state == CaseState.VOUCHED and row.platform is not None and row.platform in context.accounts:
        await context.enqueue(session, tasks.read_link(row.id, context.accounts[row.platform]))
    return row


async def remove_link(session: AsyncSession, context: DomainContext, case: Case, link_id: str) -> None:
    """Forget its address, and stop comparing with what was read there. What was found stays with the centre.

    Raises NotFound, also where it was removed before.
    """
    link = await lock_if_there(session, KnownLink, link_id)
    if link is None or link.case_id != case.id or link.state == LinkState.REMOVED:
        raise NotFound("there is no such link")
    link.state, link.payload, link.reason = move_link(link.state, LinkState.REMOVED), b"", None
    joined = select(Fingerprint).where(
        Fingerprint.case_id == case.id, Fingerprint.link_id == link.id, Fingerprint.removed_at.is_(None)
    )
    rows = await lock_rows(session, joined)
    for row in rows:
        row.removed_at, row.payload = context.now(), b""
    await session.flush()
    await context.record(session, case.id, EntryKind.LINK_REMOVED, link=link.id, fingerprints=[row.id for row in rows])
    for row in rows:
        await context.resolve(session, AlertKind.FINGERPRINT_QUARANTINED, row.id)


async def why_links_wait(
    session: AsyncSession, context: DomainContext, case: Case, rows: Sequence[KnownLink]
) -> Mapping[str, str]:
    """What each link that is still to be read waits for, by its id: what stands in its way first.

    vouching; platform: it is not read here now; go-on: the person paused everything; work: it is stopped; turn: nothing
    but its turn.
    """
    stopped = await why_paused(session, case.id) is not None
    entered = [row for row in rows if row.state == LinkState.ENTERED and row.public]
    return {row.id: _waits_for(context, case, row, stopped=stopped) for row in entered}


def _waits_for(context: DomainContext, case: Case, row: KnownLink, *, stopped: bool) -> str:
    if case.state != CaseState.VOUCHED:
        return "vouching"
    if row.platform not in context.accounts:
        return "platform"
    if case.watching_paused_at is not None:
        return "go-on"
    return "work" if stopped else "turn"


def _why_routed(link: Link | None, *, titled: bool) -> RoutedReason:
    if titled:
        return RoutedReason.ROOM_NAME
    return RoutedReason.OTHER_SITE if link is None else RoutedReason.MEMBERS_ONLY
