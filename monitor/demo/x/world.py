"""The state of the make-believe X: accounts, posts, photos, and the notices handed in by form.

Nothing here speaks HTTP: `monitor.demo.x.double` shows this world to whoever asks. Change it from the double's own
event loop only.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
"""X's ids are milliseconds since this moment, shifted left by 22 bits."""


@dataclass(slots=True)
class Account:
    """An account. Protected ones show nothing to an app; suspended ones to nobody."""

    id: str
    username: str
    name: str
    protected: bool = False
    suspended: bool = False


@dataclass(slots=True)
class MediaFile:
    """A medium of a post. `kind`: photo, video or animated_gif; `large` is the smaller size, when it differs."""

    key: str
    name: str
    body: bytes
    kind: str = "photo"
    large: bytes | None = None


@dataclass(slots=True)
class XPost:
    """A post. `withheld` lists countries; `repost` marks what exclude=retweets leaves out."""

    id: str
    account: Account
    text: str
    at: datetime
    media: list[MediaFile]
    repost: bool = False
    withheld: list[str] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)
    """Every id this post has had, oldest first: an edit gives it a new one."""
    fields: dict[str, Any] = field(default_factory=dict)
    """What else X says of it to those who ask for the field."""
    beside: list[MediaFile] = field(default_factory=list)
    """Media that are not attached: those of its article."""


@dataclass(frozen=True, slots=True)
class XCall:
    """One request that reached the double."""

    method: str
    path: str
    query: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True)
class FormSubmission:
    """One form that was handed in."""

    reference: str
    fields: Mapping[str, str]
    post_urls: tuple[str, ...]


OnForm = Callable[[Mapping[str, str]], Awaitable[None] | None]


class XWorld:
    """Everything the double knows."""

    def __init__(self, *, bearer: str = "test-bearer", now: Callable[[], datetime] | None = None) -> None:
        """`bearer` is the one valid token. `now` gives the domain's time, aware; without it, the real one."""
        self.bearer = bearer
        self.now = now or (lambda: datetime.now(UTC))
        self.accounts: dict[str, Account] = {}
        self.posts: dict[str, XPost] = {}
        self.calls: list[XCall] = []
        self.submissions: list[FormSubmission] = []
        self.on_form: OnForm | None = None

    def account(self, username: str, *, name: str = "") -> Account:
        """A new account."""
        account = Account(id=str(1_000_000 + len(self.accounts)), username=username, name=name or username)
        self.accounts[account.id] = account
        return account

    def post(
        self,
        account: Account,
        text: str,
        photos: Sequence[bytes] = (),
        *,
        at: datetime | None = None,
        kind: str = "photo",
        repost: bool = False,
    ) -> XPost:
        """A new post with up to four media, made now or `at` an earlier time."""
        moment = at or self.now()
        post_id = self._new_id(moment)
        media = [self._medium(int(post_id) + number, body, kind) for number, body in enumerate(photos)]
        post = XPost(post_id, account, text, moment, media, repost=repost, versions=[post_id])
        self.posts[post_id] = post
        return post

    def remove(self, post_id: str) -> None:
        """The post and its media are gone. Removing what is gone changes nothing."""
        self.posts.pop(post_id, None)

    def by_username(self, username: str) -> Account | None:
        """Names are matched without case."""
        wanted = username.lower()
        return next((account for account in self.accounts.values() if account.username.lower() == wanted), None)

    def by_id(self, post_id: str) -> XPost | None:
        """The post, also by an id that it had before an edit."""
        return self.posts.get(post_id) or next((p for p in self.posts.values() if post_id in p.versions), None)

    def file(self, name: str) -> MediaFile | None:
        """A medium of a post that is still there."""
        held = (medium for post in self.posts.values() for medium in (*post.media, *post.beside))
        return next((medium for medium in held if medium.name == name), None)

    def submit(self, fields: Mapping[str, str], post_urls: Sequence[str]) -> FormSubmission:
        """Take a form in."""
        reference = f"TID-{len(self.submissions) + 1:06d}"
        submission = FormSubmission(reference, dict(fields), tuple(post_urls))
        self.submissions.append(submission)
        return submission

    def _new_id(self, moment: datetime) -> str:
        number = (int(moment.timestamp() * 1000) - SNOWFLAKE_EPOCH_MS) << 22
        while str(number) in self.posts:
            number += 8  # room for the keys of this post's media
        return str(number)

    def _medium(self, number: int, body: bytes, kind: str) -> MediaFile:
        prefix = {"photo": "3", "video": "7", "animated_gif": "16"}[kind]
        return MediaFile(key=f"{prefix}_{number}", name=f"F{number:x}", body=body, kind=kind)
