"""One medium is read into memory and hashed; its bytes are gone afterwards."""

from dataclasses import dataclass

from db.models.sources import INSPECTED, PARTIAL
from monitor.core.errors import NotInspected, PlatformFault
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.fingerprints.hashes.values import Inspection
from monitor.platforms.base import Media, MediaKind, Platform, Post

READ_FAILED = "read-failed"
FAILED = "failed"
"""It was read, and comparing or keeping it failed for a reason that nobody foresaw."""

BROKEN_OFF = ("hung", "crashed", "out-of-memory", FAILED)
"""Outcomes that a busy or faulty machine may have caused as well as the file: it is tried again, a few times."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """One medium that was looked at: its hashes, or why there are none."""

    post: Post
    media: Media
    inspection: Inspection | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Inspector:
    """Looks at media, none larger than `max_bytes`."""

    decoders: DecoderPool
    max_bytes: int

    async def look_at(self, platform: Platform, post: Post, media: Media, *, closely: bool = False) -> Inspected:
        """Read one medium and hash it, `closely` when it joins a watch. Passing faults of this medium are an outcome;
        others are raised."""
        if media.kind is MediaKind.UNSUPPORTED:
            return Inspected(post, media, None, "unsupported")
        try:
            data = await platform.read(media, max_bytes=self.max_bytes)
            inspection = await self.decoders.inspect(data, max_bytes=self.max_bytes, closely=closely)
            return Inspected(post, media, inspection, PARTIAL if inspection.partial else INSPECTED)
        except NotInspected as error:
            return Inspected(post, media, None, error.reason[:32])
        except PlatformFault:
            return Inspected(post, media, None, READ_FAILED)
