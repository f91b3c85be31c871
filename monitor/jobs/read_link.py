"""Links that the person knows: the one post behind each is read once, and its media join the watch."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from itertools import groupby

from sqlalchemy.exc import SQLAlchemyError

from db.locking import lock_one
from db.models.cases import Case, KnownLink
from db.models.sources import PARTIAL
from db.queries.stops import why_paused
from db.session import Database
from db.types import new_id
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import (
    AccountStopped,
    CreditExhausted,
    DecoderUnavailable,
    PlatformError,
    RateLimited,
    SourceUnavailable,
    WorkStopped,
)
from monitor.core.leave import asking
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.history.backfill import request_case_backfill
from monitor.model.medium_hashes import MediumHashes
from monitor.model.records.link import LinkRecord
from monitor.model.states import CaseState, LinkState, move_link
from monitor.platforms.base import Platform, Post, nearness
from monitor.platforms.links import names_comment
from monitor.sightings.age import age_at
from monitor.sightings.record import Unmatched, write_sighting
from monitor.sources.accounts import Accounts
from monitor.sources.media_reader import READ_FAILED, MediaReader, ReadMedium
from monitor.sources.names import resolved
from monitor.sources.sources import locked, source_named
from monitor.watch.joining import join_watch, on_the_list
from monitor.work import tasks
from monitor.work.tasks import Task

log = logging.getLogger(__name__)

LINK_PATIENCE = timedelta(days=3)
"""How long a link is tried again after passing faults; then it is recorded as unavailable."""


class LinkReader:
    """The read_link job. It may run again after a death: nothing is doubled."""

    def __init__(self, database: Database, context: DomainContext, accounts: Accounts, reader: MediaReader) -> None:
        self._database, self._context, self._accounts, self._reader = database, context, accounts, reader

    async def read_link(self, link_id: str) -> None:
        """Read the one post behind a link that the person entered; its media join the watch."""
        with asking(partial(self._may_go_on, link_id)):
            await self._read_link(link_id)

    async def _may_go_on(self, link_id: str) -> bool:
        return await self._wanted_link(link_id) is not None

    async def _read_link(self, link_id: str) -> None:
        link = await self._wanted_link(link_id)
        if link is None or link.platform is None:
            return
        context = await asyncio.to_thread(self._context.holding, [link.case_id])
        record = context.open_record(LinkRecord, link.case_id, link.id, link.payload)
        if record.handle is None or record.post_id is None:
            return
        if names_comment(record.url):
            # Entered before such links were refused.
            await self._finish_link(
                link.id, source_id=None, read=(), reason=Refusal.LINK_TO_COMMENT.value, passing=False
            )
            return
        try:
            async with self._accounts.use(link.platform) as platform:
                if await self._wanted_link(link_id) is None:
                    return
                async with self._database.begin() as session:
                    source = await source_named(session, link.platform, record.handle, self._context.now())
                ref = await resolved(self._database, source, platform, self._context.now(), for_person=True)
                post = await platform.post(ref, record.post_id)
                read = await self._inspect(platform, post)
        except WorkStopped:
            return  # it stays entered; when work goes on, it is asked for anew
        except RateLimited as error:
            await self._read_later(link.id, link.platform, error.retry_after)
            return
        except (PlatformError, DecoderUnavailable) as error:
            passing = not isinstance(error, SourceUnavailable)
            if isinstance(error, AccountStopped | CreditExhausted):
                async with self._database.begin() as session:
                    await self._context.alert(session, AlertKind.ACCOUNT_STOPPED, link.platform, type(error).__name__)
            await self._finish_link(link.id, source_id=None, read=(), reason=type(error).__name__, passing=passing)
            return
        except SQLAlchemyError:
            raise
        except Exception as error:  # one whole job: it is said, and the link is tried again
            log.error("link not read", extra={"link_id": link.id}, exc_info=error)
            await self._finish_link(link.id, source_id=None, read=(), reason=type(error).__name__[:64], passing=True)
            return
        reason, failed = None if post else "gone", any(one.outcome == READ_FAILED for one in read)
        await self._finish_link(link.id, source_id=source.id, read=read, reason=reason, passing=failed)

    async def _read_later(self, link_id: str, platform: str, seconds: float) -> None:
        """Ask again under a new id: the engine runs no task twice."""
        again = tasks.read_link(link_id, self._context.accounts[platform])
        delay = self._context.clock.real_seconds(seconds)
        task = Task(f"{again.id}-{new_id()}", again.workflow, again.arguments, tasks.LATER, delay=delay)
        async with self._database.begin() as session:
            await self._context.enqueue(session, task)

    async def _inspect(self, platform: Platform, post: Post | None) -> list[ReadMedium]:
        """Closely, because the media join the case's watch: the post's own, else what it leads to or quotes."""
        read: list[ReadMedium] = []
        if post is None:
            return read
        for _, media in groupby(post.media, lambda one: nearness(one.id)):
            if any(one.hashed is not None for one in read):
                break
            read += [await self._reader.read(platform, post, one, closely=True) for one in media]
        return read

    async def _wanted_link(self, link_id: str) -> KnownLink | None:
        """The link, while it waits to be read and its case allows that."""
        async with self._database.read() as session:
            link = await session.get(KnownLink, link_id)
            case = None if link is None else await session.get(Case, link.case_id)
        if link is None or case is None or link.state != LinkState.ENTERED or case.state != CaseState.VOUCHED:
            return None
        if case.watching_paused_at is not None:
            return None  # the person paused everything; it is asked for anew when they let it go on
        async with self._database.read() as session:
            if await why_paused(session, case.id) is not None:
                return None
        return link if link.public else None

    async def _finish_link(
        self, link_id: str, *, source_id: str | None, read: Sequence[ReadMedium], reason: str | None, passing: bool
    ) -> None:
        """Keep what was seen. After a `passing` fault the link stays entered, and the sweeper lets it be read again."""
        seen = [one for one in read if one.hashed is not None]
        # Before the transaction, which keeps others waiting: the keys, and what is on the list of harmless pictures.
        async with self._database.read() as session:
            case_id = (await session.get_one(KnownLink, link_id)).case_id
            listed = [await on_the_list(session, MediumHashes.of(one.hashed)) for one in seen if one.hashed is not None]
        context = await asyncio.to_thread(self._context.holding, [case_id])
        async with self._database.begin() as session:
            if source_id is not None:
                # A crawl that finds the same post waits here, not in the middle of its sightings and ledgers.
                await locked(session, source_id)
            link = await lock_one(session, KnownLink, link_id)
            case = await session.get_one(Case, link.case_id)
            if link.state != LinkState.ENTERED or case.state != CaseState.VOUCHED:
                return
            if await why_paused(session, case.id) is not None or case.watching_paused_at is not None:
                return
            asked_at = max(link.entered_at, case.vouched_at or link.entered_at)
            if passing and context.now() - asked_at < LINK_PATIENCE:
                link.reason = reason or READ_FAILED
                return
            if seen:
                # What the case's sources showed before is compared with it too.
                await request_case_backfill(session, context, case.id)
            link.state = move_link(link.state, LinkState.READ if seen else LinkState.UNAVAILABLE)
            link.reason = reason or _looked_at(len(seen), of=len(read))
            link.read_at = context.now()
            for one, harmless in zip(seen, listed, strict=True):
                if one.hashed is None or source_id is None:
                    continue
                # What joins by the link follows the picture that stands there.
                at = partial(age_at, session, link.case_id, source_id)
                entered = Unmatched(link.case_id, link.kind)
                await write_sighting(session, context, source_id, one.post, one.media, one.hashed, entered)
                hashes = MediumHashes.of(one.hashed)
                refused = await join_watch(
                    session,
                    context,
                    hashes,
                    case_id=link.case_id,
                    kind=link.kind,
                    origin="link",
                    link_id=link.id,
                    age_group=await at(post_id=one.post.id, media_id=one.media.id),
                    listed=harmless,
                )
                # The person entered the link, so they are told where it does not help them, or not wholly.
                link.reason = refused or link.reason or (PARTIAL if one.outcome == PARTIAL else None)
            await context.record(
                session, link.case_id, EntryKind.LINK_READ, link=link.id, state=link.state, media=len(seen)
            )
            if seen:
                await context.resolve(session, AlertKind.ACCOUNT_STOPPED, link.platform or "")


def _looked_at(seen: int, *, of: int) -> str | None:
    """What the person is told of how much was looked at; None: all."""
    if not seen:
        return "not-inspected"
    return PARTIAL if seen < of else None
