"""A decoder works for one source at a time and does not live long; a medium that takes long holds up nobody else's."""

import asyncio
from pathlib import Path

import pytest

from monitor.core.errors import DecoderUnavailable, NotInspected
from monitor.fingerprints.decoder.long_work import REMEMBERED, LongWork
from monitor.fingerprints.decoder.pool import DecoderPool, SetAside
from tests.support.clips import raw_gif
from tests.support.waves import encoded, photo

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads processes from /proc")
GOOD = encoded(photo(1), "JPEG")
LONG = raw_gif(64, 64, 700_000)
"""Takes as long as a decoder may."""


async def pid_of(pool: DecoderPool, source: str) -> int:
    """Of the decoder that looks at a picture of `source`."""
    await pool.inspect(GOOD, source=source)
    return pool._idle[-1].pid


async def set_aside(pool: DecoderPool, source: str) -> SetAside:
    with pytest.raises(SetAside) as told:
        await pool.inspect(LONG, source=source, patience=0.1)
    return told.value


async def test_decoder_is_replaced_after_so_many_media() -> None:
    async with DecoderPool(1, most_media=2) as pool:
        first = await pid_of(pool, "a")
        await pool.inspect(GOOD, source="a")
        assert pool.pids == ()
        assert await pid_of(pool, "a") != first


async def test_each_source_has_its_decoder_while_there_are_enough() -> None:
    async with DecoderPool(2) as pool:
        a, b = await pid_of(pool, "a"), await pid_of(pool, "b")
        assert a != b
        assert [await pid_of(pool, source) for source in "abba"] == [a, b, b, a]
        assert await pid_of(pool, "c") in (a, b)
        assert len(pool.pids) == 2


async def test_decoder_that_read_a_broken_file_never_serves_another_source() -> None:
    async with DecoderPool(1) as pool:
        first = await pid_of(pool, "a")
        assert await pid_of(pool, "b") == first
        with pytest.raises(NotInspected):
            await pool.inspect(GOOD[:200], source="b")
        assert await pid_of(pool, "b") == first
        assert await pid_of(pool, "a") != first


async def test_long_medium_goes_on_beside_the_others() -> None:
    async with DecoderPool(1) as pool:
        told = await set_aside(pool, "a")
        assert told.later is not None
        # The pool has one decoder for ordinary work, and it is free.
        assert (await pool.inspect(GOOD, source="b")).width == 480
        assert not told.later.done()
        assert len(pool.pids) == 2
    with pytest.raises(DecoderUnavailable):
        told.later.result()


async def test_second_long_medium_is_ended_and_says_nothing_of_the_medium() -> None:
    async with DecoderPool(1) as pool:
        first, second = await set_aside(pool, "a"), await set_aside(pool, "b")
        assert first.later is not None and second.later is None
        assert (await pool.inspect(GOOD, source="b")).width == 480
        assert not first.later.done()


async def test_medium_within_its_patience_is_just_decoded() -> None:
    async with DecoderPool(1) as pool:
        found = await asyncio.gather(*(pool.inspect(GOOD, source="a", patience=60) for _ in range(3)))
    assert [one.width for one in found] == [480] * 3


async def test_medium_set_aside_ends_as_any_other() -> None:
    async with DecoderPool(1) as pool:
        with pytest.raises(SetAside) as told:
            await pool.inspect(encoded(photo(2, 2400, 1800)), source="a", patience=0.0)
        later = told.value.later
        assert later is not None
        assert (await asyncio.wrap_future(later)).width == 2400
        assert len(pool.pids) <= 1


def test_long_work_goes_to_whoever_was_turned_away() -> None:
    place = LongWork()
    assert place.take("hostile", 0)
    assert not place.take("hostile", 1)
    assert not place.take("honest", 2)
    place.leave()
    assert not place.take("hostile", 3)
    assert place.take("honest", 4)
    place.leave()
    assert place.take("hostile", 5)


def test_source_that_never_comes_back_holds_the_place_for_nobody() -> None:
    place = LongWork()
    assert place.take("a", 0)
    assert not place.take("gone", 1)
    place.leave()
    assert not place.take("a", 2)
    assert place.take("a", 2 + REMEMBERED)
