"""An outage, and what else happens to a medium at the same time: nothing that was not inspected is passed over."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

import pytest

from db.models.sources import Inspection
from db.session import Database
from monitor.core.errors import PlatformFault
from monitor.fingerprints.decoder.pool import SetAside
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.platforms.base import Media, MediaKind, Post
from monitor.sources.media_reader import PUT_OFF
from tests.integration.seen.test_crawl_turns import Counting, crawler, named, rows, source
from tests.support.domain_world import DomainWorld
from tests.support.seen_world import OTHERS, PICTURES, found, inspected, new_case, post, show, source_of


def fail_media(world: DomainWorld, wrong: Callable[[Media], bool]) -> None:
    """From now on the media that `wrong` names cannot be read."""

    async def read(media: Media, *, max_bytes: int) -> bytes:
        world.platform.calls.append("read")
        if wrong(media):
            raise PlatformFault("http-503")
        assert isinstance(media.token, bytes)
        return media.token

    world.platform.read = read  # type: ignore[method-assign]  # a platform in memory


async def test_long_medium_whose_host_was_down_before_is_not_passed_over(sqlite_world: DomainWorld) -> None:
    world, decoders = sqlite_world, Counting()
    case_id = await new_case(world, picture=PICTURES[0])
    show(world, named(1, "document:5", PICTURES[0]))
    works, source_id = crawler(world, decoders), await source_of(world)
    fail_media(world, lambda media: True)
    await works.crawl(source_id)
    assert await rows(world) == {"1": ("read-failed", 0)}
    fail_media(world, lambda media: False)
    later: Future[HashedMedium] = Future()
    decoders.answers = [SetAside(later)]
    await works.crawl(source_id)
    assert await rows(world) == {"1": (PUT_OFF, 0)}
    assert (await source(world)).cursor == "1"
    later.set_result(inspected(PICTURES[0]))
    await works.crawl(source_id)
    assert await found(world, case_id) == ["1"]
