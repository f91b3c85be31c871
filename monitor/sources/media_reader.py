"""One medium is read into memory and hashed; its bytes are gone afterwards."""

from dataclasses import dataclass

from db.models.sources import INSPECTED, PARTIAL
from monitor.core.errors import NotInspected, PlatformFault
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.platforms.base import Media, MediaKind, Platform, Post

READ_FAILED = "read-failed"
FAILED = "failed"
"""It was read, and comparing or keeping it failed for a reason that nobody foresaw."""

BROKEN_OFF = ("hung", "crashed", "out-of-memory", FAILED)
"""Outcomes that a busy or faulty machine may have caused as well as the file: it is tried again, a few times."""


@dataclass(frozen=True, slots=True)
class ReadMedium:
    """One medium that was inspected: its hashes, or why there are none."""

    post: Post
    media: Media
    hashed: HashedMedium | None
    outcome: str


@dataclass(frozen=True, slots=True)
class MediaReader:
    """Inspects media, none larger than `max_bytes`."""

    decoders: DecoderPool
    max_bytes: int

    async def read(self, platform: Platform, post: Post, media: Media, *, closely: bool = False) -> ReadMedium:
        """Read one medium and hash it, `closely` when it joins a watch. Passing faults of this medium are an outcome;
        others are raised."""
        if media.kind is MediaKind.UNSUPPORTED:
            return ReadMedium(post, media, None, "unsupported")
        try:
            data = await platform.read(media, max_bytes=self.max_bytes)
            hashed = await self.decoders.inspect(data, max_bytes=self.max_bytes, closely=closely)
            return ReadMedium(post, media, hashed, PARTIAL if hashed.partial else INSPECTED)
        except NotInspected as error:
            return ReadMedium(post, media, None, error.reason[:32])
        except PlatformFault:
            return ReadMedium(post, media, None, READ_FAILED)
