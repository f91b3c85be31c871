"""A link that the person knows, as it is sealed."""

from typing import ClassVar, Self

from monitor.model.records.record import Record
from monitor.platforms.base import Link


class LinkRecord(Record):
    """The address as the person entered it, and the post that it names."""

    PLACE: ClassVar[str] = "link:{}"

    url: str
    handle: str | None
    """None: the link names no post of a platform that we know. Empty: it is an invitation."""
    post_id: str | None

    @classmethod
    def of(cls, url: str, link: Link | None) -> Self:
        """`link`: what was read from `url`."""
        if link is None:
            return cls(url=url, handle=None, post_id=None)
        return cls(url=url, handle=link.handle, post_id=link.post_id)

    def names(self, link: Link) -> bool:
        """Whether it names this post of the same platform; a post is spelled in many ways (http, /s/, ?single)."""
        if not link.post_id or self.handle is None:
            return False
        return (self.handle.lower(), self.post_id) == (link.handle.lower(), link.post_id)
