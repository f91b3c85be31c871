"""What Jikimi knows of a platform: values that cross the border, and the port every adapter fills.

An adapter turns the platform's answers into these values and its errors into `monitor.core.errors`.
It stores nothing, logs no content, and never writes media to disk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class PlatformName(StrEnum):
    """The platforms that Jikimi can watch."""

    TELEGRAM = "telegram"
    X = "x"


class MediaKind(StrEnum):
    """What a medium is, as far as the platform says. The decoder trusts content only."""

    PHOTO = "photo"
    DOCUMENT = "document"
    """A file that claims to be an image."""
    VIDEO = "video"
    """A file that claims to be a video; animations that platforms keep as videos too."""
    UNSUPPORTED = "unsupported"
    """Seen but not readable here (story, paid media, sound): recorded as not inspected."""


class Presence(StrEnum):
    """What one check of a post showed."""

    LIVE = "live"
    EDITED = "edited"
    """Still there, in a post that was changed since, perhaps under another media id."""
    DELETED = "deleted"
    """The whole post is gone."""
    TAKEN_OUT = "taken-out"
    """The post stands, and no picture is in it any more."""
    REPLACED = "replaced"
    """The post stands with other media than the ones asked for. Whether it is the same picture once more, nobody knows
    before these were compared."""
    RESTRICTED = "restricted"
    """Still there, but withheld for some viewers or regions."""
    BLOCKED = "blocked"
    """Still there, but withheld in some countries only. Adapters say RESTRICTED, and which countries."""
    LOGIN = "login"
    """Hidden behind a login, a follow request or a suspended account."""
    UNKNOWN = "unknown"
    """The check failed. Never taken for gone."""


@dataclass(frozen=True, slots=True)
class SourceRef:
    """A public channel or account, as the adapter needs it.

    `handle` has no leading @. `remote_id` is the platform's numeric id as text; `access` is Telegram's access hash,
    which belongs to the account that resolved it. Both are None until the source was resolved.
    """

    platform: PlatformName
    handle: str
    remote_id: str | None = None
    access: str | None = field(default=None, repr=False)
    title: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Media:
    """One medium of a post. `id` is the platform's own media id: it changes when the picture is swapped.

    `token` is the adapter's own handle for reading the bytes; it lives only as long as the page it came with.
    """

    id: str
    kind: MediaKind
    mime: str | None = None
    size: int | None = None
    """Bytes, when the platform says so."""
    token: object = field(default=None, repr=False, compare=False)
    host: str = field(default="", compare=False)
    """Where its bytes are kept, as far as that is known: what is kept together fails together."""
    unread: str = "unsupported"
    """Why it cannot be read, where it is UNSUPPORTED: a short code."""
    variant: str = field(default="", compare=False)
    """Which of the forms that the platform keeps `read` gives, in the platform's words."""
    largest: "Media | None" = field(default=None, repr=False, compare=False)
    """The form of most detail, exactly, where `read` gives or may give another one."""
    lesser: "tuple[Media, ...]" = field(default=(), repr=False, compare=False)
    """Smaller forms of the same, the best first, for when this one is too large: what they show is a part of it."""


def nearness(media_id: str) -> int:
    """0 for what a post itself shows, more for what belongs to somebody else and is shown there too: what its link
    leads to, or what it quotes (1), and what stands on the page behind that link (2)."""
    return {"preview": 1, "card": 1, "quoted": 1, "page": 2}.get(media_id.partition(":")[0], 0)


@dataclass(frozen=True, slots=True)
class ForwardOrigin:
    """Whose post a post hands on, as far as the platform says. Numbers are text."""

    channel_id: str | None = None
    user_id: str | None = None
    handle: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    post_id: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One message or post. Times are aware and in UTC."""

    id: str
    url: str = field(repr=False)
    posted_at: datetime
    media: tuple[Media, ...]
    edited_at: datetime | None = None
    author_id: str | None = field(default=None, repr=False)
    caption: str | None = field(default=None, repr=False)
    group_id: str | None = None
    """Album or thread: posts that share it belong together."""
    response_sha256: str = ""
    """SHA-256 (hex) of `response`."""
    response: bytes = field(default=b"", repr=False)
    """The canonical response: JSON without file references and thumbnails, and without people who only passed by."""
    author_handle: str | None = field(default=None, repr=False)
    author_name: str | None = field(default=None, repr=False)
    """As it is displayed."""
    forwarded: ForwardOrigin | None = field(default=None, repr=False)
    clock_offset: timedelta | None = field(default=None, compare=False)
    """The platform's clock minus this machine's when it answered; None where it did not tell."""


@dataclass(frozen=True, slots=True)
class Page:
    """Posts after a cursor, oldest first, edits of recent posts included. An empty page keeps the cursor."""

    posts: tuple[Post, ...]
    cursor: str | None
    more: bool = False
    """True when the platform has further posts after `cursor` right now."""


@dataclass(frozen=True, slots=True)
class PostStatus:
    """What one check of a post showed, and why, in a short code (`message-empty`, `http-503`, ...)."""

    presence: Presence
    reason: str
    media_ids: tuple[str, ...] = ()
    """What the post shows now."""
    response_sha256: str = ""
    url: str = field(default="", repr=False)
    """The address under which the post is found now; empty where it was not found."""
    handle: str = field(default="", repr=False)
    """The channel's or account's name as it is now; empty where the answer does not tell."""
    post_id: str = ""
    """The number under which it stands now: on X an edited post has a new one."""
    edited_at: datetime | None = None
    for_all: bool = False
    """RESTRICTED, and for every viewer."""
    countries: tuple[str, ...] = ()
    """RESTRICTED in these countries (ISO 3166-1 alpha-2), as far as the platform names them."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link to one post, taken apart. `public` is False for links that only members can open: never read."""

    platform: PlatformName
    handle: str
    post_id: str
    public: bool = True


@dataclass(frozen=True, slots=True)
class Stop:
    """Why an account is asked nothing any more, but for a probe now and then."""

    reason: str
    probes: int
    """Made since it stopped."""
    probe_at: datetime
    """When the next may be made."""


class Cooldowns(Protocol):
    """What one account must wait for: methods, each until when, and an end of the whole account.

    Kept outside the process, so that a restart does not forget a ban.
    """

    async def until(self, method: str) -> datetime | None:
        """When `method` may be called again; None when it may be called now."""

    async def set(self, method: str, until: datetime) -> None:
        """Remember that `method` must wait."""

    async def stop(self) -> Stop | None:
        """Why the account is stopped; None when it is not."""

    async def set_stop(self, stop: Stop | None) -> None:
        """Remember that it is, or that it is not any more."""


class MemoryCooldowns:
    """Cooldowns for tests and for commands that run once."""

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}
        self._stop: Stop | None = None

    async def until(self, method: str) -> datetime | None:
        """See Cooldowns."""
        return self._until.get(method)

    async def set(self, method: str, until: datetime) -> None:
        """See Cooldowns."""
        self._until[method] = until

    async def stop(self) -> Stop | None:
        """See Cooldowns."""
        return self._stop

    async def set_stop(self, stop: Stop | None) -> None:
        """See Cooldowns."""
        self._stop = stop


class Platform(Protocol):
    """A platform as the chain sees it. Every method may raise any `monitor.core.errors.PlatformError`."""

    name: PlatformName

    @property
    def account(self) -> str:
        """Key of the login this adapter works with; one account does one thing at a time."""

    @property
    def connected(self) -> bool:
        """Whether it holds a connection that is worth keeping."""

    async def check(self) -> str:
        """Prove that the login works; returns one line without secrets for `monitor check`."""

    async def resolve(self, handle: str) -> SourceRef:
        """Look a public source up by name. Rationed by the platforms: call once and store the answer."""

    async def page(self, source: SourceRef, cursor: str | None, *, since: datetime, limit: int = 100) -> Page:
        """Posts after `cursor`; without a cursor, posts not older than `since`."""

    async def read(self, media: Media, *, max_bytes: int) -> bytes:
        """The bytes of a medium, in memory only. Raises NotInspected when it cannot or must not be read."""

    async def post(self, source: SourceRef, post_id: str) -> Post | None:
        """One post by id, with readable media; None when the platform says it does not exist."""

    async def post_status(self, source: SourceRef, post_id: str, media_ids: tuple[str, ...]) -> PostStatus:
        """Is the post still there, with one of these media? Errors become UNKNOWN or are raised, never DELETED."""

    async def standing(self, source: SourceRef, post_ids: Sequence[str]) -> Mapping[str, tuple[str, ...] | None] | None:
        """What these posts (at most 100) show, by their media's ids; None where asking would cost.

        A post that the platform says was deleted has None. One that the answer leaves out, that is withheld, or that
        holds what cannot be read, is not among them: nothing can be said of its media.
        """

    async def close(self) -> None:
        """Let go of connections."""
