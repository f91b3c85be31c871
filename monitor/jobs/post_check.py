"""One check of a reported post: how it stands, and what stands in the picture's place. Nothing is written here."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from db.models.sources import Source
from db.queries.consents import consents, fingerprints_with
from db.session import Database
from monitor.context.context import DomainContext
from monitor.core.errors import DecoderUnavailable, PlatformError, SourceUnavailable, WorkStopped
from monitor.core.leave import asking
from monitor.matching.verdict import judge
from monitor.model.records.sighting import SightingRecord
from monitor.model.states import Purpose
from monitor.platforms.base import Platform, PlatformName, PostStatus, Presence, SourceRef
from monitor.platforms.second_view import SecondLook, SecondView, contradicts
from monitor.sightings.rate_gate import FoundMatch
from monitor.sightings.same_picture import Likeness, compare
from monitor.sources.accounts import Accounts
from monitor.sources.media_reader import MediaReader, ReadMedium
from monitor.sources.names import resolved
from monitor.watch.cache import WatchCache
from monitor.watch.opening import watched

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CheckWanted:
    """What to check, and what was confirmed there."""

    ref: SourceRef
    case_id: str
    source_id: str
    post_id: str
    media_id: str
    kind: str
    evidence: SightingRecord = field(repr=False)
    matched: str | None
    """The fingerprint that it matched."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check showed. Where other media stand in the picture's place, these were read and compared."""

    status: PostStatus
    same: ReadMedium | None = None
    """The confirmed picture, put there anew."""
    like: tuple[tuple[ReadMedium, str], ...] = ()
    """What may be the confirmed picture, changed; with the reason."""
    found: tuple[FoundMatch, ...] = ()
    """What else of the case stands there."""
    by: frozenset[str] = frozenset()
    """Ids of the fingerprints, beside the confirmed picture's own, by which that was told."""
    second: SecondLook | None = None
    """What was seen without the account; None where nobody looked so."""


class PostCheck:
    """Asks how a post stands, and compares what stands in the picture's place. It writes nothing."""

    def __init__(
        self,
        database: Database,
        context: DomainContext,
        accounts: Accounts,
        reader: MediaReader,
        second_view: SecondView | None = None,
    ) -> None:
        """`reader` reads what stands in a picture's place, in memory; `second_view`: None where there is none."""
        self._database, self._context, self._accounts, self._reader = database, context, accounts, reader
        self._second_view = second_view
        self._watches = WatchCache(context)

    async def check(
        self, platform: PlatformName, prepare: Callable[[], Awaitable[CheckWanted | None]]
    ) -> Checked | None:
        """One check; whatever goes wrong is UNKNOWN, never gone. None when `prepare` says that nothing may be asked."""
        checked = await self._by_account(platform, prepare)
        if checked is None or self._second_view is None or platform not in self._second_view.platforms:
            return checked
        # After the account was given back: others need it. And asked once more, for this is another request.
        wanted = await prepare()
        if wanted is None:
            return None
        name = checked.status.handle or wanted.ref.handle
        return agreed(checked, await self._second_view.look(name, checked.status.post_id or wanted.post_id))

    async def _by_account(
        self, platform: PlatformName, prepare: Callable[[], Awaitable[CheckWanted | None]]
    ) -> Checked | None:
        try:
            async with self._accounts.use(platform) as adapter:
                # Asked again now that the account is free: a consent may have been withdrawn while others had it.
                wanted = await prepare()
                if wanted is None:
                    return None
                with asking(partial(self._may_go_on, wanted)):
                    status, read = await self._ask(adapter, wanted)
            if status.presence is not Presence.REPLACED:
                return Checked(blocked(_edited(status, wanted.evidence)))
            return await self._compare(wanted, status, read)
        except WorkStopped:
            # Nothing is known of the copy: what became of the right to ask is noted, and no check is counted.
            await prepare()
            return None
        except SourceUnavailable as error:
            return unknown(f"source-{error.reason}")
        except (PlatformError, DecoderUnavailable) as error:
            return unknown(type(error).__name__)
        except SQLAlchemyError:
            raise
        except Exception as error:  # one whole check: it is said, and made again in its time, not by the sweeper
            log.error("post not checked", extra={"reason": type(error).__name__}, exc_info=error)
            return unknown("unforeseen")

    async def _ask(self, adapter: Platform, wanted: CheckWanted) -> tuple[PostStatus, list[ReadMedium] | None]:
        """How the post stands, and what stands in the picture's place where another does."""
        ref = await self._known(wanted, adapter)
        status = await adapter.post_status(ref, wanted.post_id, (wanted.media_id,))
        return status, await self._read(adapter, wanted) if status.presence is Presence.REPLACED else None

    async def _may_go_on(self, wanted: CheckWanted) -> bool:
        asked = {"case_id": wanted.case_id, "source_id": wanted.source_id, "purpose": Purpose.FOLLOW}
        async with self._database.read() as session:
            return await consents(session, **asked, now=self._context.now())

    async def _known(self, wanted: CheckWanted, adapter: Platform) -> SourceRef:
        """The source as this account knows it: after a new login that of the one before is of no use."""
        async with self._database.read() as session:
            source = await session.get_one(Source, wanted.source_id)
        if source.remote_id is None or source.account is None:
            return wanted.ref
        return await resolved(self._database, source, adapter, self._context.now())

    async def _read(self, adapter: Platform, wanted: CheckWanted) -> list[ReadMedium] | None:
        """Look at what stands in the picture's place; None when the post changed again at this moment."""
        post = await adapter.post(wanted.ref, wanted.post_id)
        if post is None or not post.media or wanted.media_id in {media.id for media in post.media}:
            return None
        return [await self._reader.read(adapter, post, media) for media in post.media]

    async def _compare(self, wanted: CheckWanted, status: PostStatus, read: list[ReadMedium] | None) -> Checked:
        """Is it the confirmed picture once more, or another one of the case? What cannot be told is UNKNOWN."""
        if read is None:
            return unknown("changed-meanwhile")
        async with self._database.read() as session:
            rows = await fingerprints_with(session, [wanted.matched] if wanted.matched else [])
            registered = await asyncio.to_thread(
                watched, self._context, [row for row in rows if row.removed_at is None]
            )
            ours = await self._watches.watch(session, wanted.source_id, self._context.now(), case_id=wanted.case_id)
        self._watches.forget(wanted.source_id, wanted.case_id)
        like: list[tuple[ReadMedium, str]] = []
        found: list[FoundMatch] = []
        for one in read:
            if one.hashed is None:
                continue
            # In a thread: the process answers others meanwhile.
            told = await asyncio.to_thread(compare, wanted.evidence, one.hashed, registered)
            if told.likeness is Likeness.SAME:
                return Checked(replace(status, presence=Presence.EDITED, reason="same-picture"), same=one)
            post = replace(one.post, id=wanted.post_id)
            matches = await asyncio.to_thread(judge, one.hashed, ours.watch)
            found += [FoundMatch(match, post, one.media, one.hashed) for match in matches]
            if told.likeness is Likeness.LIKE:
                like.append((one, told.how))
        if any(one.hashed is None or one.hashed.partial for one in read):
            status = replace(status, presence=Presence.UNKNOWN, reason="media-unreadable")
        by = frozenset(one.fingerprint_id for one in registered)
        return Checked(status, like=tuple(like), found=tuple(found), by=by)


def agreed(checked: Checked, second: SecondLook) -> Checked:
    """Both must agree on "gone" where both can see: what one of them still sees is not gone, and nobody knows more."""
    told = replace(checked, second=second)
    if contradicts(checked.status.presence, second.sight):
        return replace(told, status=replace(checked.status, presence=Presence.UNKNOWN, reason="views-disagree"))
    return told


def unknown(reason: str) -> Checked:
    """Nothing is known of the copy."""
    return Checked(PostStatus(Presence.UNKNOWN, reason))


def _edited(status: PostStatus, evidence: SightingRecord) -> PostStatus:
    """A post that was changed since its picture was confirmed, and still shows it."""
    if status.presence is not Presence.LIVE or status.edited_at is None:
        return status
    if evidence.edited_at is not None and status.edited_at <= evidence.edited_at:
        return status
    return replace(status, presence=Presence.EDITED)


def blocked(status: PostStatus) -> PostStatus:
    """A post that is withheld in some countries is not removed, and no more restricted than that."""
    if status.presence is not Presence.RESTRICTED or not status.countries or status.for_all:
        return status
    return replace(status, presence=Presence.BLOCKED)
