"""Whose fault is it that media cannot be read: their own, or their host's?

A host that is down must not use up the tries of every medium that it keeps, and one bad file must not look like a
host that is down. So after failures with no answer between them a medium that was read before is asked for.
"""

from collections.abc import Sequence
from dataclasses import replace

from monitor.core.errors import NotInspected, PlatformFault
from monitor.platforms.base import Media, Platform
from monitor.sources.media_reader import READ_FAILED, MediaReader, ReadMedium

MOST_IN_A_ROW = 3
"""Failures after which a host that did not answer in between is asked no more: each may take half a minute."""


class MediaHost:
    """What one look at a page learns about the host of its media."""

    def __init__(self, reader: MediaReader, platform: Platform, known: Media | None, last: Media | None = None) -> None:
        """`known`: a medium of the source that was read before; None where there is none. `last` of the page stands in
        for it: three bad files in a row must not look like a host that is down."""
        self._reader, self._platform = reader, platform
        self.known = known
        """A medium that can be read, as far as is known."""
        self._last = last
        self._answers = reader.answers[platform.name]
        self._failed: list[ReadMedium] = []
        self._down = False

    async def is_down(self, one: ReadMedium) -> bool:
        """After each medium: whether to go on is of no use. May ask for one more medium, and raise PlatformError."""
        if self._reader.answers[self._platform.name] > self._answers:
            self._heard(one.media)
        if one.outcome == READ_FAILED:
            self._failed.append(one)
        self._down = len(self._failed) == MOST_IN_A_ROW and not await self._answering()
        return self._down

    async def was_down(self) -> bool:
        """At the end: whether the last failures are the host's. May ask for one more medium."""
        return self._down or (bool(self._failed) and not await self._answering())

    def blamed(self, read: Sequence[ReadMedium]) -> list[ReadMedium]:
        """The same media, the last failures marked as the host's."""
        failed = {id(one) for one in self._failed}
        return [replace(one, host_failed=True) if id(one) in failed else one for one in read]

    async def _answering(self) -> bool:
        failed = {one.media.id for one in self._failed}
        for media in (self.known, self._last):
            if media is None or media.id in failed:
                continue
            try:
                await self._reader.fetch(self._platform, media)
            except NotInspected:
                pass  # a plain no is an answer too
            except PlatformFault:
                continue
            self._heard(media)
            return True
        return False

    def _heard(self, media: Media) -> None:
        self._answers, self.known = self._reader.answers[self._platform.name], media
        self._failed.clear()
