"""The link in the mail of a notice: made, checked, ended. It leads to a page without an account.

What opens it is a keyed tag over its id, so that nothing that opens anything is stored; the row says whether it still
does. In the mail it stands behind a `#`, which no browser sends to a server: no log of a proxy ever holds it.
"""

import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.cases import Case
from db.models.notices import Notice
from db.models.platform_side import PlatformLink
from db.queries.notices import lock_message
from db.queries.platform_side import link_about
from db.queries.stops import why_paused
from db.types import new_id
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.by import By, Door
from monitor.evidence.entry_kinds import EntryKind
from monitor.keys.envelope import Key
from monitor.model.notice_states import NoticeState
from monitor.model.records.notice import NoticeRecord
from monitor.model.states import CaseState
from monitor.notices.link_block import with_link
from monitor.notices.platform_calls import CallEvent, call_platforms
from monitor.notices.route import Channel
from monitor.notices.route_table import ROUTES
from monitor.work import tasks

LINKS = "system:platform-links"
"""Name of the key that signs links, makes codes and hides addresses."""
LASTS = timedelta(days=60)
PATH = "/platform"
ALIVE = frozenset({NoticeState.SENDING, NoticeState.SENT, NoticeState.LAPSED, NoticeState.IN_DOUBT})
"""States of a notice whose mail may be in somebody's hands, and that still wants an answer."""
CODE_LASTS = timedelta(minutes=30)
"""From when it was asked for: greylisting takes a quarter of an hour."""
BETWEEN_CODES = timedelta(minutes=2)
CODES_A_DAY = 5
MOST_TRIES = 5
_LINK = re.compile(r"(?:.*#)?(?P<id>[a-z2-7]{26})\.(?P<tag>[0-9a-f]{40})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LinkText:
    """What somebody brought: the id of a link and what is to prove it."""

    id: str
    tag: str = field(repr=False)


def link_text(text: str) -> LinkText | None:
    """Read `ID.TAG`, or a whole link; None for anything else."""
    found = _LINK.fullmatch(text.strip())
    return None if found is None else LinkText(found["id"], found["tag"])


def tag_of(key: Key, link_id: str) -> str:
    """160 bits that prove a link."""
    return key.tag(link_id, "link")[:40]


def is_genuine(key: Key, told: LinkText) -> bool:
    """Was it signed here?"""
    return hmac.compare_digest(tag_of(key, told.id).encode(), told.tag.encode())


def recipient_tag(key: Key, address: str) -> str:
    """By which an address is found again without standing in the database."""
    return key.tag(address.strip().casefold(), "recipient")


async def keep_link(session: AsyncSession, context: DomainContext, notice: Notice, recipient: str) -> None:
    """The link of a notice that leaves by mail, good for 60 days from now. The notice is held by the caller."""
    if not context.links_at or ROUTES[notice.route].channel is not Channel.EMAIL:
        return
    expires_at, tag = context.now() + LASTS, recipient_tag(context.keys.create(LINKS), recipient)
    about = {"case_id": notice.case_id, "notice_id": notice.id}
    if not await insert_unless_there(
        session, PlatformLink, id=new_id(), **about, recipient_tag=tag, expires_at=expires_at
    ):
        link = await link_about(session, notice.id)
        if link is not None:
            link.expires_at, link.recipient_tag = expires_at, tag


NONE_KNOWN: Mapping[str, PlatformLink | None] = MappingProxyType({})


async def leaving_text(
    session: AsyncSession,
    context: DomainContext,
    notice: Notice,
    record: NoticeRecord,
    links: Mapping[str, PlatformLink | None] = NONE_KNOWN,
) -> str:
    """The text of the mail as it leaves: what was written, and the link under it. For whoever looks before as well.

    `links`: those that were read already, by their notice.
    """
    link = links[notice.id] if notice.id in links else await link_about(session, notice.id)
    if link is None or link.revoked_at is not None or not context.links_at:
        return record.body
    key = context.keys.create(LINKS)
    address = f"{context.links_at}{PATH}#{link.id}.{tag_of(key, link.id)}"
    return with_link(record.body, notice.language, address, days=LASTS.days)


async def open_link(
    session: AsyncSession, context: DomainContext, key: Key, told: LinkText, *, lock: bool = False
) -> tuple[PlatformLink, Notice] | None:
    """The notice behind a link; None whatever the reason, and nothing tells which. `lock`: to answer it."""
    if not is_genuine(key, told):
        return None
    link = await session.get(PlatformLink, told.id)
    if link is None:
        return None
    if lock:
        await lock_message(session, link.notice_id)
        await session.refresh(link)
    notice = await session.get(Notice, link.notice_id)
    if notice is None or not await is_alive(session, context, link, notice):
        return None
    return link, notice


async def is_alive(session: AsyncSession, context: DomainContext, link: PlatformLink, notice: Notice) -> bool:
    """Does the link still lead anywhere? That of a mail about several copies, until the last of them is over."""
    over = link.revoked_at is not None or context.now() >= link.expires_at
    if over or not await open_ones(session, notice):
        return False
    case = await session.get_one(Case, notice.case_id)
    return case.state == CaseState.VOUCHED and await why_paused(session, case.id) is None


async def open_ones(session: AsyncSession, notice: Notice) -> Sequence[Notice]:
    """What a notice's mail asked for and that still stands: itself, and those that its mail carried."""
    query = select(Notice).where((Notice.id == notice.id) | (Notice.together_id == notice.id), Notice.state.in_(ALIVE))
    rows = (await session.scalars(query.order_by(Notice.id))).all()
    return sorted(rows, key=lambda row: row.id != notice.id)


async def revoke_link(session: AsyncSession, context: DomainContext, notice: Notice, *, by: str) -> None:
    """An advocate ends the link of a notice, which they hold. Again changes nothing."""
    link = await link_about(session, notice.id)
    if link is None:
        raise RuleBroken(Refusal.NO_PLATFORM_LINK, "this notice has no link")
    if link.revoked_at is None:
        link.revoked_at, link.code_nonce = context.now(), None
        await call_platforms(session, context, notice, CallEvent.OVER)
        await context.record(
            session, notice.case_id, EntryKind.PLATFORM_LINK_REVOKED, notice=notice.id, link=link.id, by=by
        )


def code_of(key: Key, link: PlatformLink) -> str | None:
    """Eight digits; None where no code is good."""
    if link.code_nonce is None:
        return None
    number = int(key.tag(f"{link.id}|{link.code_number}|{link.code_nonce}", "code"), 16)
    return f"{number % 10**8:08d}"


async def ask_code(session: AsyncSession, context: DomainContext, link: PlatformLink, notice: Notice) -> None:
    """Have a code mailed to the notice's own recipient. The notice is held.

    A code that is good is mailed once more, so that nobody who merely has the link takes it from whoever reads the
    mailbox. Raises RuleBroken: CODE_TOO_SOON, CODES_USED_UP.
    """
    now = datetime.now(UTC)  # about people at screens: real time
    if link.code_at is not None and now - link.code_at < BETWEEN_CODES:
        raise RuleBroken(Refusal.CODE_TOO_SOON, "a code was mailed just now")
    if link.codes_since is None or now - link.codes_since >= timedelta(days=1):
        link.codes_since, link.codes_today = now, 0
    if link.codes_today >= CODES_A_DAY:
        raise RuleBroken(Refusal.CODES_USED_UP, f"at most {CODES_A_DAY} codes a day are mailed for a notice")
    if not is_good(link, now):
        link.code_nonce, link.code_tries = secrets.token_hex(16), 0
        link.code_number += 1
    link.codes_today, link.code_at = link.codes_today + 1, now
    acting = context.acting(By.platform(notice.platform, Door.LINK))
    await acting.record(session, notice.case_id, EntryKind.PLATFORM_CODE_ASKED, notice=notice.id, link=link.id)
    await context.enqueue(session, tasks.mail_code(link.id, int(now.timestamp() * 1000)))


def try_code(key: Key, link: PlatformLink, typed: str) -> bool:
    """Is it the code? A right one is used up, a wrong one counts, after five the code is good for nothing.

    The caller holds the notice, and commits either way.
    """
    if not is_good(link, datetime.now(UTC)):
        return False
    link.code_tries += 1
    digits = "".join(each for each in typed if each.isdecimal())
    # Full-width digits of a Korean keyboard are decimal too.
    said = "".join(str(int(each)) for each in digits)
    right = hmac.compare_digest((code_of(key, link) or "").encode(), said.encode())
    if right or link.code_tries >= MOST_TRIES:
        link.code_nonce = None
    return right


def is_good(link: PlatformLink, now: datetime) -> bool:
    """Is there a code that can still be typed? `now` in real time."""
    asked = link.code_at
    fresh = link.code_nonce is not None and asked is not None and now - asked < CODE_LASTS
    return fresh and link.code_tries < MOST_TRIES
