"""What is recorded of a post when it is observed, beside its place and its medium's hashes.

Who wrote it, whose it hands on, the platform's own answer, how right the clock was, and what observed it.
"""

from datetime import datetime
from typing import Any, Self

from pydantic import AwareDatetime, Field

from monitor import __version__
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.model.records.record import RecordPart
from monitor.platforms.base import ForwardOrigin, Media, Post

MOST_RESPONSE = 256 * 1024
"""Bytes of an answer that are kept; a post of a long page behind a link may be larger, and its hash stands alone."""
TOO_LARGE, DELETED = "too-large", "deleted"


class ForwardPart(RecordPart):
    """See monitor.platforms.base.ForwardOrigin."""

    channel_id: str | None
    user_id: str | None
    handle: str | None
    name: str | None
    post_id: str | None
    at: AwareDatetime | None

    @classmethod
    def of(cls, origin: ForwardOrigin) -> Self:
        """The record of it."""
        return cls(
            channel_id=origin.channel_id,
            user_id=origin.user_id,
            handle=origin.handle,
            name=origin.name,
            post_id=origin.post_id,
            at=origin.at,
        )


class LargestPart(RecordPart):
    """The form of most detail that the platform keeps, hashed once before a notice: what police obtain matches it."""

    variant: str
    """In the platform's words."""
    size: int | None = Field(default=None, ge=0)
    """Bytes."""
    sha256: str | None = None
    reason: str | None = None
    """Why it was not hashed, as a code."""


class ObservedPart(RecordPart):
    """One observation."""

    at: AwareDatetime
    status: str
    """How the platform answered, as a code."""
    author_handle: str | None
    author_name: str | None
    forwarded: ForwardPart | None
    response: str | None = Field(repr=False)
    """The canonical response, JSON in UTF-8; its SHA-256 stands beside it."""
    response_left_out: str | None
    """Why it is not here: too-large, or deleted with the post."""
    variant: str
    """Which form of the medium was hashed, in the platform's words."""
    size: int | None = Field(ge=0)
    """Its bytes."""
    algorithm: str | None
    """Of the perceptual hashes."""
    distance: int | None
    """Bits between the registered picture's hash and the post's."""
    clock_offset: float | None
    """Seconds that the platform's clock was ahead of this machine's, as its answer told."""
    collector: str
    """The account that it was read with, by the name that does not give it away."""
    tool: str
    """Program and version."""
    largest: LargestPart | None = None

    @classmethod
    def of(
        cls,
        post: Post,
        *,
        at: datetime,
        collector: str,
        media: Media | None = None,
        hashed: HashedMedium | None = None,
        distance: int | None = None,
        largest: LargestPart | None = None,
    ) -> Self:
        """What `post` showed at `at`; `hashed`: what was inspected of its medium."""
        # What was kept of an earlier inspection does not name its form: a whole one was what is read first.
        whole = media.variant if media is not None and hashed is not None and not hashed.partial else ""
        fits = 0 < len(post.response) <= MOST_RESPONSE
        return cls(
            at=at,
            status="found",
            author_handle=post.author_handle,
            author_name=post.author_name,
            forwarded=ForwardPart.of(post.forwarded) if post.forwarded is not None else None,
            response=post.response.decode() if fits else None,
            response_left_out=TOO_LARGE if post.response and not fits else None,
            variant="" if hashed is None else hashed.variant or whole,
            size=hashed.size or None if hashed is not None else None,
            algorithm=None if hashed is None else "pdq, phash",
            distance=distance,
            clock_offset=None if post.clock_offset is None else round(post.clock_offset.total_seconds(), 3),
            collector=collector,
            tool=f"jikimi {__version__}",
            largest=largest,
        )

    def without_text(self) -> Self:
        """What may stay of a deleted post where the platform's terms keep its text and names from staying."""
        gone = {"author_handle": None, "author_name": None, "response": None, "response_left_out": DELETED}
        origin = self.forwarded and self.forwarded.model_copy(update={"handle": None, "name": None})
        return self.model_copy(update={**gone, "forwarded": origin})

    def for_ledger(self, *, names: bool) -> dict[str, Any]:
        """Without the answer itself; `names`: with the names of author and origin."""
        kept = self if names else self.without_text()
        return kept.model_dump(mode="json", exclude={"response", "response_left_out"})


def address_of(platform: str, url: str, post_id: str) -> str:
    """The address of a post without anybody's name, where the platform has one: X finds posts by their number alone."""
    return f"https://x.com/i/status/{post_id}" if platform == "x" else url
