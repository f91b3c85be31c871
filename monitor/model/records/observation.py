"""A post as it stood when a notice about it was about to leave, as it is sealed."""

from typing import Any, ClassVar, Self

from pydantic import AwareDatetime

from monitor.model.records.observed import ObservedPart, address_of
from monitor.model.records.record import Record
from monitor.platforms.base import Post


class ObservationRecord(Record):
    """Facts and hashes, never a picture."""

    PLACE: ClassVar[str] = "observation:{}"

    url: str
    post_id: str
    """As it is now: on X an edited post has a new one."""
    caption: str | None
    author_id: str | None
    group_id: str | None
    posted_at: AwareDatetime
    edited_at: AwareDatetime | None
    response_sha256: str
    media_id: str
    """The copy's, as it was confirmed."""
    media_ids: tuple[str, ...]
    """What the post shows."""
    observed: ObservedPart

    @classmethod
    def of(cls, post: Post, media_id: str, observed: ObservedPart) -> Self:
        """The record of what stands at `post` now."""
        return cls(
            url=post.url,
            post_id=post.id,
            caption=post.caption,
            author_id=post.author_id,
            group_id=post.group_id,
            posted_at=post.posted_at,
            edited_at=post.edited_at,
            response_sha256=post.response_sha256,
            media_id=media_id,
            media_ids=tuple(one.id for one in post.media),
            observed=observed,
        )

    def without_text(self, platform: str) -> Self:
        """Ids, times and hashes."""
        url = address_of(platform, self.url, self.post_id)
        return self.model_copy(update={"url": url, "caption": None, "observed": self.observed.without_text()})

    def for_ledger(self, platform: str) -> dict[str, Any]:
        """In the ledger, which is never rewritten: of X without text and names."""
        names = platform != "x"
        kept = self if names else self.without_text(platform)
        facts = kept.model_dump(mode="json", exclude={"record_version", "observed"})
        return facts | {"observed": self.observed.for_ledger(names=names)}
