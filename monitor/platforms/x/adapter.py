"""X through its API v2: watched accounts, their photos and videos, and whether a post is still there.

X charges per post and user returned and nothing for empty or failed calls, so nothing is asked for twice.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from yarl import URL

from monitor.core.clock import Clock
from monitor.core.clock_watch import ClockWatch
from monitor.core.errors import ConfigError, NotInspected, PlatformError, PlatformFault, RateLimited, SourceUnavailable
from monitor.platforms.base import (
    Cooldowns,
    Media,
    MediaKind,
    Page,
    PlatformName,
    Post,
    PostStatus,
    Presence,
    SourceRef,
)
from monitor.platforms.x.api import XApi
from monitor.platforms.x.carried import Json
from monitor.platforms.x.cursor import Cursor, id_before
from monitor.platforms.x.hosts import check_hosts
from monitor.platforms.x.parsing import (
    PartialError,
    author_of,
    find_post,
    media_of,
    posts_of,
    problem_for,
    to_post_or_rest,
)
from monitor.platforms.x.presence import status_of
from monitor.platforms.x.variants import Upload

MAX_CALLS = 40
"""Calls for one page. A timeline reaches back 3,200 posts, which is 32 full answers."""
FIRST_DAY = datetime(2010, 11, 6, tzinfo=UTC)
"""The earliest start_time that the API takes."""
START_MARGIN = timedelta(seconds=30)
"""start_time is never asked closer to now than this, so that clocks that differ a little do not make it a mistake."""
PHOTO_SIZES = ("orig", "large")
"""`orig` is the upload; `large` has at most 2048 pixels a side and stands in where the upload is too large."""
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,20}")
_ID = re.compile(r"[0-9]{1,19}")
_UNAVAILABLE = {
    PartialError.NOT_FOUND: "gone",
    PartialError.NOT_AUTHORIZED: "private",
    PartialError.SUSPENDED: "restricted",
}


@dataclass(slots=True)
class _Found:
    """What the calls for one page brought so far."""

    posts: dict[int, Json] = field(default_factory=dict)
    media: dict[str, Json] = field(default_factory=dict)
    complete: bool = False


class X:
    """X as a Platform. Account names have no leading @; ids are text."""

    name = PlatformName.X

    def __init__(
        self,
        *,
        bearer_token: str,
        api_base: str,
        media_hosts: tuple[str, ...],
        written_approval: str,
        cooldowns: Cooldowns,
        clock: Clock,
        timeout: float = 30.0,
        clocks: ClockWatch | None = None,
    ) -> None:
        """`timeout` in real seconds for one call. Raises ConfigError for a real host without `written_approval`."""
        if not bearer_token.strip():
            raise ConfigError("[x] bearer_token: is empty")
        self._hosts = check_hosts(api_base, media_hosts, written_approval)
        self.account = x_account(bearer_token)
        """See Platform."""
        self._clock, self._clocks = clock, clocks or ClockWatch()
        self._api = XApi(
            bearer_token=bearer_token.strip(),
            hosts=self._hosts,
            cooldowns=cooldowns,
            clock=clock,
            timeout=timeout,
            clocks=self._clocks,
        )

    connected = False
    """See Platform: every call stands for itself."""

    async def check(self) -> str:
        """Ask for a post that never existed: it costs nothing, and only a valid token gets that answer."""
        answer = await self._api.posts(["1"])
        if problem_for(answer, "1") is None and "data" not in answer:
            raise PlatformFault("unreadable-answer")
        return f"X answers at {URL(self._hosts.api_origin).authority}, the token is valid ({self.account})"

    async def resolve(self, handle: str) -> SourceRef:
        """See Platform. Costs one user read. Protected accounts are not public: SourceUnavailable("private")."""
        if not _HANDLE.fullmatch(handle):
            raise SourceUnavailable("not-a-channel")
        answer = await self._api.user(handle)
        user = answer.get("data")
        if user is None:
            raise _unavailable(answer, handle)
        try:
            remote_id, username, title = str(user["id"]), str(user["username"]), user.get("name")
        except (KeyError, TypeError, AttributeError):
            raise PlatformFault("unreadable-answer") from None
        if not _ID.fullmatch(remote_id):
            raise PlatformFault("unreadable-answer")
        if user.get("protected"):
            raise SourceUnavailable("private")
        return SourceRef(platform=PlatformName.X, handle=username, remote_id=remote_id, title=title)

    async def page(self, source: SourceRef, cursor: str | None, *, since: datetime, limit: int = 100) -> Page:
        """See Platform. Reposts are left out; an edited post comes as a new one, as X gives it a new id.

        With more than `limit` new posts the newest come first and `more` is True: the cursor remembers the older ones.
        """
        user_id = source.remote_id or (await self.resolve(source.handle)).remote_id or ""
        place, limit = Cursor.parse(cursor), max(1, limit)
        since = max(FIRST_DAY, since.replace(microsecond=0))  # X counts in seconds here
        start = min(since, self._clock.now() - START_MARGIN)
        found = await self._collect(user_id, place, start, limit)
        if not found.posts and not found.complete:
            raise PlatformFault("endless-pages")
        newest = sorted(found.posts, reverse=True)[:limit]
        complete = found.complete and len(newest) == len(found.posts)
        place = place.advance(newest, complete=complete, floor=id_before(since))
        whose: dict[str, Any] = {"handle": source.handle, "name": source.title, "clock_offset": self._clocks.last("x")}
        posts = (to_post_or_rest(found.posts[number], found.media, **whose) for number in sorted(newest))
        return Page(
            # What START_MARGIN brought too much is dropped here.
            posts=tuple(post for post in posts if cursor is not None or post.posted_at >= since),
            cursor=str(place) if place.after is not None else None,
            more=not complete,
        )

    async def _collect(self, user_id: str, place: Cursor, start: datetime, limit: int) -> _Found:
        """Follow X's pages, newest first, until `limit` posts are there or none is left."""
        bounds: dict[str, Any] = {"since_id": place.after} if place.after is not None else {"start_time": start}
        if place.before is not None:
            bounds["until_id"] = place.before
        found, token = _Found(), None
        for _ in range(MAX_CALLS):
            size = min(100, max(5, limit - len(found.posts)))
            try:
                answer = await self._api.timeline(user_id, **bounds, max_results=size, pagination_token=token)
            except RateLimited:
                if not found.posts:
                    raise
                break  # What was paid for is kept; the next call meets the cooldown.
            if "data" not in answer and problem_for(answer, user_id) is not None:
                raise _unavailable(answer, user_id)
            found.posts.update((int(post["id"]), post) for post in posts_of(answer))
            found.media.update(media_of(answer))
            token = (answer.get("meta") or {}).get("next_token")
            found.complete = not token
            if found.complete or len(found.posts) >= limit:
                break
        return found

    async def read(self, media: Media, *, max_bytes: int) -> bytes:
        """See Platform. What is too large or no longer kept is read in X's next smaller size."""
        failure = NotInspected(media.unread)
        for address in _addresses(media):
            try:
                return await self._api.medium(address, max_bytes=max_bytes)
            except NotInspected as error:
                failure = error
                if error.reason not in {"too-large", "gone"}:
                    break
            except ValueError:
                break  # X named something that is no address.
        raise failure

    async def post(self, source: SourceRef, post_id: str) -> Post | None:
        """See Platform. None also for a post of another account: X finds posts by id alone, whatever the link says."""
        if not _ID.fullmatch(post_id):
            return None
        # One user more: who wrote it is told under the name that they have now.
        answer = await self._api.posts([post_id], with_author=True)
        post = find_post(answer, post_id)
        if post is not None:
            if source.remote_id is not None and post.get("author_id") != source.remote_id:
                return None
            author = author_of(answer, post) or {}
            handle, name = author.get("username"), author.get("name")
            return to_post_or_rest(
                post,
                media_of(answer),
                handle=handle if isinstance(handle, str) and _HANDLE.fullmatch(handle) else source.handle,
                name=name if isinstance(name, str) else source.title,
                clock_offset=self._clocks.last("x"),
            )
        problem = problem_for(answer, post_id)
        if problem is PartialError.NOT_FOUND:
            return None
        if problem in _UNAVAILABLE:
            raise SourceUnavailable(_UNAVAILABLE[problem])
        raise PlatformFault("unreadable-answer")

    async def post_status(self, source: SourceRef, post_id: str, media_ids: tuple[str, ...]) -> PostStatus:
        """See Platform. A passing fault is UNKNOWN with its code; waits, credit and login are raised."""
        if not _ID.fullmatch(post_id):
            return PostStatus(Presence.UNKNOWN, "not-an-id")
        try:
            return status_of(await self._api.posts([post_id]), post_id, media_ids, handle=source.handle)
        except PlatformFault as fault:
            return PostStatus(Presence.UNKNOWN, str(fault))

    async def standing(self, source: SourceRef, post_ids: Sequence[str]) -> Mapping[str, tuple[str, ...] | None] | None:
        """See Platform: never asked, since X charges for every post that it returns."""
        return None

    async def close(self) -> None:
        """See Platform."""
        await self._api.close()


def x_account(bearer_token: str) -> str:
    """A name for the token that does not give it away."""
    return "x:" + hashlib.sha256(bearer_token.strip().encode()).hexdigest()[:12]


def _addresses(media: Media) -> list[URL]:
    """Where the bytes of a medium are, the best place first; none for what X did not hand out or names wrongly."""
    try:
        if media.kind is MediaKind.PHOTO and isinstance(media.token, str):
            return [URL(media.token).update_query(name=size) for size in PHOTO_SIZES]
        if media.kind is MediaKind.PHOTO and isinstance(media.token, Upload):
            return [URL(media.token.url).update_query(name=PHOTO_SIZES[0])]
        if media.kind is MediaKind.VIDEO and isinstance(media.token, tuple):
            return [URL(variant.url) for variant in media.token]
    except ValueError:
        pass
    return []


def _unavailable(answer: Json, asked: str) -> PlatformError:
    problem = problem_for(answer, asked)
    if problem in _UNAVAILABLE:
        return SourceUnavailable(_UNAVAILABLE[problem])
    return PlatformFault("unreadable-answer")
