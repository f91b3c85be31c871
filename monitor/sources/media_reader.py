"""One medium is read into memory and hashed; its bytes are gone afterwards."""

import asyncio
import hashlib
import logging
import time
from collections import Counter
from dataclasses import dataclass, replace

from db.models.sources import INSPECTED, PARTIAL
from monitor.core.errors import JikimiError, NotInspected, PlatformFault
from monitor.fingerprints.decoder.pool import DecoderPool, SetAside
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.platforms.base import Media, MediaKind, Platform, Post
from monitor.sources.decoded_media import Decoded, DecodedMedia, StillDecoding
from monitor.sources.turns import Turn

log = logging.getLogger(__name__)

READ_FAILED = "read-failed"
FAILED = "failed"
"""It was read, and comparing or keeping it failed for a reason that nobody foresaw."""
PUT_OFF = "put-off"
"""It was not inspected, or not to the end, because others had their turn: nothing is known of it yet."""

CHANGED = "changed"
"""It was put into an older post and nobody read it yet: a recheck saw it, and the next crawl reads it."""

HOST_DOWN = "host-down"
"""Its host answers nobody while others do: it waits for it, and holds nothing else up."""

BROKEN_OFF = ("hung", "crashed", "out-of-memory", FAILED, CHANGED)
"""Outcomes that a busy or faulty machine may have caused as well as the file: it is tried again, a few times."""


@dataclass(frozen=True, slots=True)
class ReadMedium:
    """One medium that was inspected: its hashes, or why there are none."""

    post: Post
    media: Media
    hashed: HashedMedium | None
    outcome: str
    left_out: bool = False
    """It was not even begun, or broken off by the end of the turn: it comes first in the next."""
    host_failed: bool = False
    """Reading it failed because its host answers nobody: that is no try of its own."""


class MediaReader:
    """Inspects media, none larger than `max_bytes`."""

    def __init__(self, decoders: DecoderPool, max_bytes: int) -> None:
        self._decoders, self._max_bytes = decoders, max_bytes
        self._decoded = DecodedMedia(BROKEN_OFF)
        self.forget = self._decoded.forget
        """See DecodedMedia."""
        self.answers: Counter[tuple[str, str]] = Counter()
        """By platform and host: how often a medium's bytes came."""

    async def fetch(self, platform: Platform, media: Media) -> bytes:
        """The bytes of a medium. Raises NotInspected and PlatformError."""
        data = await platform.read(media, max_bytes=self._max_bytes)
        self.answers[platform.name, media.host] += 1
        return data

    async def _fetch_fitting(self, platform: Platform, media: Media) -> tuple[bytes, Media]:
        """The same, or the best lesser form where it is too large, which shows a part of it; and which it was."""
        try:
            return await self.fetch(platform, media), media
        except NotInspected as error:
            if error.reason != "too-large":
                raise
            too_large = error
        for lesser in media.lesser:
            try:
                return await self.fetch(platform, lesser), lesser
            except NotInspected:
                continue
        raise too_large

    async def read(self, platform: Platform, post: Post, media: Media, *, closely: bool = False) -> ReadMedium:
        """Read one medium and hash it, `closely` when it joins a watch. Passing faults of this medium are an outcome;
        others are raised."""
        if media.kind is MediaKind.UNSUPPORTED:
            return ReadMedium(post, media, None, media.unread)
        try:
            data, form = await self._fetch_fitting(platform, media)
            hashed = await self._decoders.inspect(data, max_bytes=self._max_bytes, closely=closely, source=post.url)
            return _told(post, media, _as_form(hashed, form, media))
        except NotInspected as error:
            return _told(post, media, error)
        except PlatformFault:
            return ReadMedium(post, media, None, READ_FAILED)
        except JikimiError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever nobody foresaw costs this medium, and none after it
            return _unforeseen(post, media, error)

    async def read_in_turn(self, platform: Platform, post: Post, media: Media, turn: Turn) -> ReadMedium:
        """The same for a crawl. What was decoded in its source today is not read again; what would take others' turn
        is put off."""
        if media.kind is MediaKind.UNSUPPORTED:
            return ReadMedium(post, media, None, media.unread)
        by_id = f"id {media.id}"
        try:
            if (known := self._decoded.find(turn, by_id)) is not None:
                return _told(post, media, _as_form(known, media, media))
            if turn.over:
                return ReadMedium(post, media, None, PUT_OFF, left_out=True)
            data, form = await self._fetch_fitting(platform, media)
            by_bytes = f"sha256 {await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())}"
            # The bytes are those of the lesser form, which may stand elsewhere for itself.
            keys = (by_id, by_bytes) if form is media else (by_bytes,)
            if (known := self._decoded.find(turn, by_bytes)) is None:
                known = await self._decode(data, turn, keys)
            self._decoded.keep(turn, keys, known)
            return _told(post, media, _as_form(known, form, media))
        except NotInspected as error:
            return _told(post, media, error)
        except PlatformFault:
            return ReadMedium(post, media, None, READ_FAILED)
        except StillDecoding:
            return ReadMedium(post, media, None, PUT_OFF)
        except SetAside as long:
            return ReadMedium(post, media, None, PUT_OFF, left_out=turn.over and long.later is None)
        except JikimiError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever nobody foresaw costs this medium, and none after it
            return _unforeseen(post, media, error)

    async def _decode(self, data: bytes, turn: Turn, keys: tuple[str, ...]) -> Decoded:
        """Raises SetAside when it takes longer than the turn's patience; DecoderUnavailable."""
        began = time.monotonic()
        try:
            return await self._decoders.inspect(
                data,
                max_bytes=self._max_bytes,
                faces=turn.faces,
                points=turn.points,
                squares=turn.squares,
                source=turn.source_id,
                patience=turn.patience,
            )
        except NotInspected as error:
            return error
        except SetAside as long:
            if long.later is not None:
                self._decoded.expect(turn, keys, long.later)
            raise
        finally:
            turn.spend(time.monotonic() - began)


def _unforeseen(post: Post, media: Media, error: Exception) -> ReadMedium:
    log.error("medium not read", extra={"reason": type(error).__name__}, exc_info=error)
    return ReadMedium(post, media, None, FAILED)


def _as_form(decoded: Decoded, form: Media, media: Media) -> Decoded:
    """What was decoded of this form of a medium: of a lesser one it is a part."""
    if not isinstance(decoded, HashedMedium):
        return decoded
    return replace(decoded, variant=form.variant, partial=decoded.partial or form is not media)


def _told(post: Post, media: Media, decoded: Decoded) -> ReadMedium:
    if isinstance(decoded, NotInspected):
        return ReadMedium(post, media, None, decoded.reason[:32])
    return ReadMedium(post, media, decoded, PARTIAL if decoded.partial else INSPECTED)
