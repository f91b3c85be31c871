"""Pictures of odd shapes against real decoders: what is long and narrow takes no more than it should."""

import resource
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from monitor.core.errors import NotInspected
from monitor.fingerprints.decoder.pool import MEMORY_LIMIT, DecoderPool
from tests.support.waves import bits_apart, encoded, photo

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads processes from /proc")


@pytest.fixture
async def pool() -> AsyncIterator[DecoderPool]:
    async with DecoderPool(1) as running:
        yield running


def resident(pid: int) -> int:
    """Bytes of memory that a process holds now."""
    return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * resource.getpagesize()


@pytest.mark.parametrize("size", [(1, 65_535), (65_535, 1), (300, 65_000), (700, 60_000), (60_000, 700)], ids=str)
async def test_ribbon_is_inspected(pool: DecoderPool, size: tuple[int, int]) -> None:
    ribbon = encoded(photo(1).resize(size, Image.Resampling.NEAREST), compress_level=1)

    hashed = await pool.inspect(ribbon)

    assert (hashed.width, hashed.height) == size


async def test_large_webp_is_inspected(pool: DecoderPool) -> None:
    picture = photo(1, 1008, 756)
    exif = Image.Exif()
    exif[0x0112] = 6
    large = encoded(picture.resize((8064, 6048)), "WEBP", quality=10, method=0, exif=exif)

    hashed = await pool.inspect(large)

    assert (hashed.width, hashed.height, hashed.format) == (6048, 8064, "WEBP")
    upright = encoded(picture.transpose(Image.Transpose.ROTATE_270))
    assert bits_apart(hashed.whole.code, (await pool.inspect(upright)).whole.code) <= 8


async def test_cut_large_webp_is_not_inspected(pool: DecoderPool) -> None:
    large = encoded(photo(1, 1008, 756).resize((8064, 6048)), "WEBP", quality=10, method=0)

    for end in (29, 31, 5000):
        with pytest.raises(NotInspected):
            await pool.inspect(large[:end])


async def test_picture_too_large_for_its_library_is_out_of_memory_and_not_broken(pool: DecoderPool) -> None:
    large = encoded(Image.new("RGB", (8064, 6048), "red"), "WEBP", lossless=True, method=0, quality=0)

    with pytest.raises(NotInspected, match="out-of-memory"):
        await pool.inspect(large)


async def test_many_ribbons_leave_a_decoder_small(pool: DecoderPool) -> None:
    picture = photo(1)
    sound = encoded(picture)
    await pool.inspect(sound)
    pids = pool.pids

    for number in range(60):
        size = (150 + number, 12_000 + 50 * number)
        await pool.inspect(encoded(picture.resize(size, Image.Resampling.NEAREST), compress_level=1))

    assert pool.pids == pids
    assert resident(pids[0]) < MEMORY_LIMIT / 2
    assert (await pool.inspect(sound)).width == picture.width
