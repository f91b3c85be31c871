"""An outage, and what else happens to a medium at the same time: nothing that was not inspected is passed over."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

from sqlalchemy import select

from db.models.sources import Alert
from monitor.core.errors import PlatformFault
from monitor.fingerprints.decoder.pool import SetAside
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.platforms.base import Media, MediaKind, Post, SourceRef
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


def kept_at(number: int, host: str, data: bytes) -> Post:
    """A post with one medium, at one of several hosts."""
    return replace(post(number), media=(Media(f"photo:{number}", MediaKind.PHOTO, token=data, host=host),))


async def test_one_host_of_several_that_is_down_loses_nothing_and_holds_nothing_up(sqlite_world: DomainWorld) -> None:
    world, decoders = sqlite_world, Counting()
    case_id = await new_case(world, picture=PICTURES[0])
    works, source_id = crawler(world, decoders), await source_of(world)
    show(world, *(kept_at(number, "videos", OTHERS[number]) for number in (1, 2, 4)), kept_at(3, "photos", PICTURES[0]))
    show(world, kept_at(5, "videos", PICTURES[0]))
    fail_media(world, lambda media: media.host == "videos")
    await works.crawl(source_id)
    assert await found(world, case_id) == ["3"]
    assert await rows(world) == {"3": ("inspected", 1), **dict.fromkeys("1245", ("host-down", 0))}
    assert await open_alerts(world) == []  # once may be anything
    for _ in range(8):
        world.clock.move(minutes=15)
        await works.crawl(source_id)
    assert await open_alerts(world) == [("source-unavailable", "MediaHostDown")]
    show(world, kept_at(6, "photos", PICTURES[0]))
    world.clock.move(hours=20)
    await crawler(world, decoders).crawl(source_id)
    assert await found(world, case_id) == ["3", "6"]
    fail_media(world, lambda media: False)
    for _ in range(2):
        world.clock.move(minutes=15)
        await works.crawl(source_id)
    assert await found(world, case_id) == ["3", "5", "6"]
    assert await open_alerts(world) == []
    assert (await source(world)).unavailable is None


async def test_alert_of_a_host_is_raised_once_however_long_it_is_down(sqlite_world: DomainWorld) -> None:
    world, decoders = sqlite_world, Counting()
    await new_case(world, picture=PICTURES[0])
    works, source_id = crawler(world, decoders), await source_of(world)
    show(world, *(kept_at(number, "videos", OTHERS[number]) for number in (1, 2, 4)), kept_at(3, "photos", PICTURES[0]))
    fail_media(world, lambda media: media.host == "videos")
    raised = set()
    for _ in range(20):
        world.clock.move(minutes=15)
        await works.crawl(source_id)
        async with world.database.read() as session:
            raised |= set(await session.scalars(select(Alert.raised_at).where(Alert.resolved_at.is_(None))))
    assert len(raised) == 1


async def test_bad_file_at_a_host_of_its_own_is_tried_for_days_and_blames_nobody(sqlite_world: DomainWorld) -> None:
    world, decoders = sqlite_world, Counting()
    await new_case(world, picture=PICTURES[0])
    works, source_id = crawler(world, decoders), await source_of(world)
    show(world, kept_at(1, "videos", OTHERS[1]), kept_at(2, "photos", OTHERS[2]))
    fail_media(world, lambda media: media.host == "videos")
    for _ in range(9):
        await works.crawl(source_id)
        assert (await source(world)).unavailable is None
        assert await open_alerts(world) == []
        world.clock.move(days=1)
    assert await rows(world) == {"1": ("read-failed", 3), "2": ("inspected", 1)}


async def open_alerts(world: DomainWorld) -> list[tuple[str, str]]:
    async with world.database.read() as session:
        rows = (await session.scalars(select(Alert).where(Alert.resolved_at.is_(None)))).all()
    return sorted((row.kind, row.reason) for row in rows)


async def test_posts_that_cannot_be_had_for_a_while_lose_nothing_that_was_put_off(sqlite_world: DomainWorld) -> None:
    """The platform's list of posts may answer while its look-up of single posts does not."""
    world, decoders = sqlite_world, Counting()
    case_id = await new_case(world, picture=PICTURES[0])
    show(world, named(1, "document:5", PICTURES[0]), post(2, OTHERS[0]))
    decoders.answers = [SetAside(None)]
    works, source_id = crawler(world, decoders), await source_of(world)
    await works.crawl(source_id)
    assert (await source(world)).cursor == "2"
    reach = world.platform.post

    async def unreachable(source: SourceRef, post_id: str) -> Post | None:
        raise PlatformFault("http-503")

    world.platform.post = unreachable  # type: ignore[method-assign]  # a platform in memory
    for _ in range(12):
        world.clock.move(minutes=15)
        await works.crawl(source_id)
    world.platform.post = reach  # type: ignore[method-assign]
    await works.crawl(source_id)
    assert await found(world, case_id) == ["1"]


async def test_post_that_alone_cannot_be_had_is_given_up(sqlite_world: DomainWorld) -> None:
    world, decoders = sqlite_world, Counting()
    case_id = await new_case(world, picture=PICTURES[0])
    show(world, named(1, "document:5", OTHERS[0]), named(2, "document:6", PICTURES[0]))
    decoders.answers = [SetAside(None), SetAside(None)]
    works, source_id = crawler(world, decoders), await source_of(world)
    await works.crawl(source_id)
    reach = world.platform.post

    async def bad(source: SourceRef, post_id: str) -> Post | None:
        if post_id == "1":
            raise PlatformFault("unreadable-answer")
        return await reach(source, post_id)

    world.platform.post = bad  # type: ignore[method-assign]  # a platform in memory
    await works.crawl(source_id)
    assert (await rows(world), await found(world, case_id)) == ({"1": (PUT_OFF, 1), "2": ("inspected", 1)}, ["2"])
    for _ in range(9):
        world.clock.move(days=1)
        await works.crawl(source_id)
    assert (await rows(world))["1"] == (PUT_OFF, 3)
