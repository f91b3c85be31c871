"""Whose fault is it that media cannot be read: their own, or their host's?

A host that is down must not use up the tries of every medium that it keeps, and one bad file must not look like a
host that is down. So after failures with no answer between them a medium that was read before is asked for. Of several
hosts (X keeps photos and videos apart, Telegram has data centres) each is judged for itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from monitor.core.errors import NotInspected, PlatformFault
from monitor.platforms.base import Media, MediaKind, Platform
from monitor.sources.media_reader import HOST_DOWN, READ_FAILED, MediaReader, ReadMedium

MOST_IN_A_ROW = 3
"""Failures after which a host that did not answer in between is asked no more: each may take half a minute."""


class MediaHost:
    """What one look at a page learns about one host of its media."""

    def __init__(self, reader: MediaReader, platform: Platform, known: Media | None, last: Media) -> None:
        """`known`: a medium of the source that was read from there before; None where there is none. The `last` of the
        page stands in for it: three bad files in a row must not look like a host that is down."""
        self._reader, self._platform = reader, platform
        self.known = known
        """A medium that can be read, as far as is known."""
        self.answered = False
        """Within this look."""
        self._last, self._key = last, (platform.name, last.host)
        self._answers = reader.answers[self._key]
        self.failed: list[ReadMedium] = []
        self.down = False

    async def look(self, one: ReadMedium) -> None:
        """After each medium of it: is it of use to go on? May ask for one more medium, and raise PlatformError."""
        if self._reader.answers[self._key] > self._answers:
            self._heard(one.media)
        if one.outcome == READ_FAILED:
            self.failed.append(one)
        self.down = len(self.failed) == MOST_IN_A_ROW and not await self._answering()

    async def look_last(self) -> None:
        """At the end: are the last failures the host's? May ask for one more medium."""
        self.down = self.down or (bool(self.failed) and not await self._answering())

    async def _answering(self) -> bool:
        failed = {one.media.id for one in self.failed}
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
        self._answers, self.known, self.answered = self._reader.answers[self._key], media, True
        self.failed.clear()


class MediaHosts:
    """The hosts of a page's media."""

    def __init__(
        self, reader: MediaReader, platform: Platform, known: Mapping[str, Media], media: Sequence[Media]
    ) -> None:
        """`known`: by host, a medium of the source that was read before; `media` of the page."""
        last = {one.host: one for one in media if one.kind is not MediaKind.UNSUPPORTED}
        self._hosts = {host: MediaHost(reader, platform, known.get(host), one) for host, one in last.items()}

    @property
    def known(self) -> dict[str, Media]:
        """By host, a medium that can be read, as far as is known."""
        return {name: host.known for name, host in self._hosts.items() if host.known is not None}

    @property
    def all_down(self) -> bool:
        """Nothing of this page can be read."""
        return bool(self._hosts) and all(host.down for host in self._hosts.values())

    @property
    def some_answered(self) -> bool:
        """The fault is not the line's: at least one host gave something."""
        return any(host.answered for host in self._hosts.values())

    @property
    def any_down(self) -> bool:
        """Something of this page waits for its host."""
        return any(host.down for host in self._hosts.values())

    def is_down(self, media: Media) -> bool:
        """Is it of no use to ask for this medium?"""
        return media.kind is not MediaKind.UNSUPPORTED and self._hosts[media.host].down

    async def look(self, one: ReadMedium) -> None:
        """After each medium. May ask for one more medium, and raise PlatformError."""
        if one.media.kind is not MediaKind.UNSUPPORTED:
            await self._hosts[one.media.host].look(one)

    async def look_last(self) -> None:
        """At the end. May ask for one more medium of a host, and raise PlatformError."""
        for host in self._hosts.values():
            await host.look_last()

    def pass_over(self, one: ReadMedium) -> None:
        """It was not asked for, since its host is down."""
        self._hosts[one.media.host].failed.append(one)

    def blamed(self, read: Sequence[ReadMedium], *, beside_others: bool = False) -> list[ReadMedium]:
        """The same media, the last failures marked as their hosts'. `beside_others`: other hosts answer, so what waits
        for those that are down holds nothing up."""
        failed = {id(one): host for host in self._hosts.values() for one in host.failed}
        return [_blamed(one, failed[id(one)], beside_others) if id(one) in failed else one for one in read]


def _blamed(one: ReadMedium, host: MediaHost, beside_others: bool) -> ReadMedium:
    return replace(one, host_failed=True, outcome=HOST_DOWN if beside_others and host.down else one.outcome)
