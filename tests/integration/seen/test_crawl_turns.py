"""A medium is decoded once a day and source; a source that takes long gives way; what it leaves is no clean bill."""

from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from db.models.cases import Case
from db.models.sources import Inspection, Source
from monitor.cases.fingerprints import add_fingerprint
from monitor.core.errors import NotInspected
from monitor.fingerprints.decoder.pool import SetAside
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.fingerprints.regions.codes import register_regions
from monitor.jobs.crawl import Crawler
from monitor.model.facts import PictureKind
from monitor.platforms.base import Media, MediaKind, Page, Post, SourceRef
from monitor.sources.decoded_media import MOST_STILLS, DecodedMedia
from monitor.sources.inspection_log import note
from monitor.sources.media_reader import BROKEN_OFF, PUT_OFF, ReadMedium
from monitor.sources.turns import Turn
from tests.support.domain_world import START, DomainWorld
from tests.support.older_regions import with_squares
from tests.support.seen_world import (
    OTHERS,
    PICTURES,
    found,
    inspected,
    new_case,
    post,
    show,
    source_of,
    watch,
    withdraw,
)

NO_TIME = 1e-9
"""A turn that the first decoding uses up."""


class Counting:
    """Decodes where it stands, and counts; `answers` come first."""

    def __init__(self) -> None:
        self.decoded: list[tuple[str, bytes]] = []
        self.answers: list[Exception] = []
        self.sought: list[tuple[bool, bool]] = []

    async def inspect(
        self, data: bytes, *, source: str = "", points: bool = True, squares: bool = True, **_: object
    ) -> HashedMedium:
        self.decoded.append((source, data))
        self.sought.append((points, squares))
        if self.answers:
            raise self.answers.pop(0)
        return inspected(data)


def crawler(world: DomainWorld, decoders: Counting, **options: Any) -> Crawler:
    return Crawler(
        world.database,
        world.context,
        world.accounts,
        decoders,  # type: ignore[arg-type]  # what a pool does, without processes
        first_look=timedelta(days=7),
        max_media_bytes=20_000_000,
        **options,
    )


def named(number: int, media_id: str, data: bytes) -> Post:
    """A post with one document."""
    return replace(post(number), media=(Media(media_id, MediaKind.DOCUMENT, token=data),))


async def rows(world: DomainWorld) -> dict[str, tuple[str, int]]:
    """What is on record: outcome and tries by post."""
    async with world.database.read() as session:
        return {row.post_id: (row.outcome, row.tries) for row in await session.scalars(select(Inspection))}


async def source(world: DomainWorld) -> Source:
    async with world.database.read() as session:
        return await session.get_one(Source, await source_of(world))


def turns_asked(world: DomainWorld) -> list[str]:
    return [str(task.arguments[0]) for task in world.tasks if "-for-turn-" in task.id]


@pytest.mark.parametrize("ids", [("document:5",) * 3, ("document:5", "document:6", "document:7")], ids=["id", "bytes"])
async def test_forward_is_decoded_once_and_found_in_every_post(sqlite_world: DomainWorld, ids: tuple[str, ...]) -> None:
    world, decoders = sqlite_world, Counting()
    case_id = await new_case(world, picture=PICTURES[0])
    show(world, *(named(number, media_id, PICTURES[0]) for number, media_id in enumerate(ids, 1)))
    works = crawler(world, decoders)
    await works.crawl(await source_of(world))
    assert [data for _, data in decoders.decoded] == [PICTURES[0]]
    assert await rows(world) == {"1": ("inspected", 1), "2": ("inspected", 1), "3": ("inspected", 1)}
    assert await found(world, case_id) == ["1", "2", "3"]
    show(world, named(4, ids[0], PICTURES[0]), named(5, "document:9", PICTURES[0]))
    await works.crawl(await source_of(world))
    assert len(decoders.decoded) == 1
    assert await found(world, case_id) == ["1", "2", "3", "4", "5"]


async def test_what_nothing_watched_could_use_is_looked_for_once_somebody_has_it(sqlite_world: DomainWorld) -> None:
    """A forward of what was decoded without points is decoded again for whoever registered some since then."""
    world, decoders = sqlite_world, Counting()
    await new_case(world, picture=PICTURES[0])
    works = crawler(world, decoders)
    show(world, named(1, "document:5", PICTURES[0]))
    await works.crawl(await source_of(world))
    assert decoders.sought == [(False, False)]
    async with world.database.begin() as session:
        case = await session.get_one(Case, await new_case(world, source=None))
        await watch(world, session, case, "channel")
        image = Image.open(BytesIO(PICTURES[1])).convert("RGB")
        for number, regions in enumerate((register_regions(image, "slim"), with_squares(image, "slim"))):
            whole = inspected(PICTURES[1 + number]).whole
            await add_fingerprint(
                session,
                world.context,
                case,
                pdq=whole.hex,
                quality=whole.quality,
                kind=PictureKind.INTIMATE,
                set_name="slim",
                regions=regions,
            )
    show(world, named(2, "document:5", PICTURES[0]), named(3, "document:5", PICTURES[0]))
    await works.crawl(await source_of(world))
    assert decoders.sought == [(False, False), (True, True)]


async def test_same_medium_in_another_source_or_on_another_day_is_decoded_again(sqlite_world: DomainWorld) -> None:
    world, decoders = sqlite_world, Counting()
    await new_case(world, picture=PICTURES[0])
    works, first = crawler(world, decoders), await source_of(world)
    show(world, named(1, "document:5", OTHERS[0]))
    await works.crawl(first)
    await new_case(world, picture=PICTURES[0], source="another")
    async with world.database.read() as session:
        other = (await session.scalars(select(Source.id).where(Source.handle == "another"))).one()
    await works.crawl(other)
    assert [source for source, _ in decoders.decoded] == [first, other]
    world.clock.move(days=1)
    show(world, named(2, "document:5", OTHERS[0]))
    await works.crawl(first)
    assert [source for source, _ in decoders.decoded] == [first, other, first]


async def test_failure_is_remembered_for_its_forwards_and_tried_again_by_a_later_crawl(
    sqlite_world: DomainWorld,
) -> None:
    world, decoders = sqlite_world, Counting()
    await new_case(world, picture=PICTURES[0])
    show(world, *(named(number, "document:5", OTHERS[0]) for number in (1, 2, 3)))
    works = crawler(world, decoders)
    for _ in range(3):
        decoders.answers = [NotInspected("hung")]
        await works.crawl(await source_of(world))
    assert len(decoders.decoded) == 3
    assert await rows(world) == {"1": ("hung", 3), "2": ("hung", 3), "3": ("hung", 3)}


async def test_what_a_turn_leaves_is_put_off_and_looked_at_in_the_next(world: DomainWorld) -> None:
    decoders = Counting()
    case_id = await new_case(world, picture=PICTURES[0])
    show(world, post(1, OTHERS[0]), post(2, OTHERS[1]), post(3, PICTURES[0]))
    works, source_id = crawler(world, decoders, turn=NO_TIME), await source_of(world)
    world.tasks.clear()
    await works.crawl(source_id)
    assert await rows(world) == {"1": ("inspected", 1), "2": (PUT_OFF, 0), "3": (PUT_OFF, 0)}
    assert (await source(world)).cursor is None
    assert turns_asked(world) == [source_id]
    for _ in range(2):
        await works.crawl(source_id)
    assert await rows(world) == {"1": ("inspected", 1), "2": ("inspected", 1), "3": ("inspected", 1)}
    assert await found(world, case_id) == ["3"]
    row = await source(world)
    assert (row.cursor, row.posts_seen) == ("3", 3)
    assert turns_asked(world) == [source_id] * 2
    # The page stayed in hand: reading it again may cost.
    assert world.platform.calls.count("page") == 1
    assert world.platform.calls.count("post") == 0


async def test_another_process_goes_on_where_a_turn_ended(sqlite_world: DomainWorld) -> None:
    world, decoders = sqlite_world, Counting()
    case_id = await new_case(world, picture=PICTURES[0])
    show(world, post(1, OTHERS[0]), post(2, PICTURES[0]))
    for _ in range(2):
        await crawler(world, decoders, turn=NO_TIME).crawl(await source_of(world))
    assert await found(world, case_id) == ["2"]
    assert len(decoders.decoded) == 2


async def test_page_in_hand_ends_with_the_consent(sqlite_world: DomainWorld) -> None:
    world, decoders = sqlite_world, Counting()
    case_id = await new_case(world, picture=PICTURES[0])
    show(world, post(1, OTHERS[0]), post(2, PICTURES[0]))
    works = crawler(world, decoders, turn=NO_TIME)
    await works.crawl(await source_of(world))
    assert works._in_hand
    await withdraw(world, case_id)
    await works.crawl(await source_of(world))
    await works.prune()
    assert len(decoders.decoded) == 1
    assert works._in_hand == {} and works._reader._decoded._entries == {}


async def test_long_medium_goes_on_beside_the_crawl_and_is_found_by_a_later_one(sqlite_world: DomainWorld) -> None:
    world, decoders = sqlite_world, Counting()
    case_id = await new_case(world, picture=PICTURES[0])
    show(world, named(1, "document:5", PICTURES[0]), post(2, OTHERS[0]), named(3, "document:6", PICTURES[0]))
    later: Future[HashedMedium] = Future()
    decoders.answers = [SetAside(later)]
    works = crawler(world, decoders)
    await works.crawl(await source_of(world))
    expected = {"1": (PUT_OFF, 0), "2": ("inspected", 1), "3": (PUT_OFF, 0)}
    assert (await rows(world), (await source(world)).cursor) == (expected, "3")
    await works.crawl(await source_of(world))
    assert (await rows(world), len(decoders.decoded)) == (expected, 2)
    later.set_result(inspected(PICTURES[0]))
    await works.crawl(await source_of(world))
    assert await found(world, case_id) == ["1", "3"]
    assert len(decoders.decoded) == 2


async def test_medium_that_found_no_place_is_tried_again_until_it_has_one(sqlite_world: DomainWorld) -> None:
    world, decoders = sqlite_world, Counting()
    case_id = await new_case(world, picture=PICTURES[0])
    show(world, named(1, "document:5", PICTURES[0]))
    works = crawler(world, decoders)
    for _ in range(5):
        decoders.answers = [SetAside(None)]
        await works.crawl(await source_of(world))
        assert await rows(world) == {"1": (PUT_OFF, 0)}
    await works.crawl(await source_of(world))
    assert await rows(world) == {"1": ("inspected", 1)}
    assert await found(world, case_id) == ["1"]


async def test_putting_off_takes_back_nothing_that_was_found(sqlite_world: DomainWorld) -> None:
    world, decoders = sqlite_world, Counting()
    await new_case(world, picture=PICTURES[0])
    show(world, post(1, OTHERS[0]))
    await crawler(world, decoders).crawl(await source_of(world))
    one = ReadMedium(post(1), Media("photo:10", MediaKind.PHOTO), None, PUT_OFF)
    async with world.database.begin() as session:
        await note(session, await source_of(world), one, START)
    assert await rows(world) == {"1": ("inspected", 1)}


async def test_hostile_source_lets_ten_honest_ones_have_their_turn(sqlite_world: DomainWorld) -> None:
    """The account's queue as the engine runs it: one after the other, who comes first goes first."""
    world, decoders = sqlite_world, Counting()
    names = ["hostile", *(f"honest{number}" for number in range(10))]
    for name in names:
        await new_case(world, picture=PICTURES[0], source=name)
    shown = {name: [named(1, f"document:{name}", OTHERS[at] + b" ")] for at, name in enumerate(names)}
    shown["hostile"] = [named(number, f"document:{number}", OTHERS[number]) for number in range(1, 9)]

    async def page(ref: SourceRef, cursor: str | None, *, since: object, limit: int = 100) -> Page:
        new = [one for one in shown[ref.handle] if cursor is None or int(one.id) > int(cursor)]
        return Page(tuple(new), new[-1].id if new else cursor)

    world.platform.page = page  # type: ignore[method-assign,assignment]  # a fake is changed, nothing of ours
    async with world.database.read() as session:
        ids = {row.handle: row.id for row in await session.scalars(select(Source))}
    works = crawler(world, decoders, turn=NO_TIME)
    world.tasks.clear()
    queue = [ids[name] for name in names]
    while queue:
        await works.crawl(queue.pop(0))
        queue += turns_asked(world)
        world.tasks.clear()
    order = [source_id == ids["hostile"] for source_id, _ in decoders.decoded]
    assert order == [True, *[False] * 10, *[True] * 7]


def test_no_turn_holds_up_others_for_ten_seconds() -> None:
    turn, waited = Turn("source", START.date()), 0.0
    while not turn.over:
        patience = turn.patience
        assert patience is not None
        waited += patience
        turn.spend(patience)
    assert waited < 10
    short = Turn("source", START.date(), left=0.3)
    assert short.patience == 1.0


def test_memory_of_what_was_decoded_is_bounded() -> None:
    memory, turn, one = DecodedMedia(BROKEN_OFF), Turn("source", START.date()), inspected(OTHERS[0])
    for number in range(MOST_STILLS + 10):
        memory.keep(turn, (f"id {number}",), replace(one))
    assert len(memory._entries) == memory._stills == MOST_STILLS
    assert memory.find(turn, "id 9") is None
    assert memory.find(turn, f"id {MOST_STILLS}") == one
