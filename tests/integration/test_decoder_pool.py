"""Real decoder processes, real bombs, real signals: a bad picture costs itself and nothing else."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from monitor.core.errors import DecoderUnavailable, NotInspected
from monitor.fingerprints.decoder import protocol
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.fingerprints.image import hash_picture
from monitor.fingerprints.media import hash_medium as inspect_medium
from tests.support.bad_files import BadFile, bad_files, png_bomb
from tests.support.clips import gif, raw_gif, scenes, video, webp
from tests.support.waves import encoded, photo

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads processes from /proc")


@pytest.fixture
async def pool() -> AsyncIterator[DecoderPool]:
    async with DecoderPool(2) as running:
        yield running


async def reason(pool: DecoderPool, data: bytes, **options: Any) -> str:
    """Why `data` was not inspected."""
    with pytest.raises(NotInspected) as refusal:
        await pool.inspect(data, **options)
    return refusal.value.reason


def until(condition: Callable[[], object]) -> None:
    """Wait until `condition` holds."""
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def until_gone(*pids: int) -> None:
    """Wait until none of the processes runs any more."""
    until(lambda: not any(_runs(pid) for pid in pids))


def environment(pid: int) -> bytes:
    """The environment that a process was started with; nothing where not even its own user may read it."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except PermissionError:
        return b""


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_pool_gives_what_the_process_itself_would(pool: DecoderPool) -> None:
    pictures = [encoded(photo(seed), "JPEG", quality=80) for seed in range(6)]

    found = await asyncio.gather(*(pool.inspect(data) for data in pictures))

    assert found == [hash_picture(data) for data in pictures]


async def test_pool_starts_lazily_and_no_more_than_its_size(pool: DecoderPool) -> None:
    assert pool.pids == ()

    await asyncio.gather(*(pool.inspect(encoded(photo(seed))) for seed in range(6)))

    assert 1 <= len(pool.pids) <= 2


@pytest.mark.parametrize("bad", bad_files(), ids=lambda bad: bad.name)
async def test_bad_file_ends_in_its_reason(pool: DecoderPool, bad: BadFile) -> None:
    if bad.reason is None:
        assert (await pool.inspect(bad.data)).width == 320
    else:
        assert await reason(pool, bad.data) == bad.reason


async def test_bad_files_do_not_disturb_the_pictures_between_them(pool: DecoderPool) -> None:
    good = encoded(photo(1), "JPEG")
    expected = hash_picture(good)

    jobs = [pool.inspect(data) for bad in bad_files() for data in (bad.data, good)]
    answers = await asyncio.gather(*jobs, return_exceptions=True)

    assert all(answer == expected for answer in answers[1::2])


async def test_too_large_file_never_reaches_a_decoder(pool: DecoderPool) -> None:
    assert await reason(pool, encoded(photo(1)), max_bytes=1000) == "too-large"
    assert pool.pids == ()


async def test_hung_decoder_costs_one_picture_and_is_replaced() -> None:
    async with DecoderPool(1, time_limit=2.0) as pool:
        good = encoded(photo(1))
        await pool.inspect(good)
        (first,) = pool.pids
        os.kill(first, signal.SIGSTOP)

        # Larger than a pipe holds, so that writing blocks as well.
        assert await reason(pool, encoded(photo(2, 1200, 900))) == "hung"

        assert (await pool.inspect(good)).width == 480
        assert first not in pool.pids
        assert not _runs(first)


async def test_picture_survives_the_crash_of_a_decoder_that_others_had_used() -> None:
    async with DecoderPool(1) as pool:
        good = encoded(photo(1))
        await pool.inspect(good)
        (first,) = pool.pids
        os.kill(first, signal.SIGSTOP)

        job = asyncio.create_task(pool.inspect(good))
        await asyncio.to_thread(until, lambda: not pool._idle)  # it has the picture
        os.kill(first, signal.SIGKILL)

        assert await job == hash_picture(good)
        assert first not in pool.pids


async def test_picture_that_crashes_a_fresh_decoder_is_not_inspected() -> None:
    async with DecoderPool(1) as pool:
        job = asyncio.create_task(pool.inspect(encoded(photo(1, 2400, 1800))))
        await asyncio.to_thread(until, lambda: pool.pids)
        os.kill(pool.pids[0], signal.SIGSEGV)

        with pytest.raises(NotInspected) as refusal:
            await job

        assert refusal.value.reason == "crashed"
        assert (await pool.inspect(encoded(photo(2)))).width == 480


async def test_decoder_that_died_while_idle_costs_nothing() -> None:
    async with DecoderPool(1) as pool:
        await pool.inspect(encoded(photo(1)))
        os.kill(pool.pids[0], signal.SIGKILL)
        until_gone(*pool.pids)

        assert (await pool.inspect(encoded(photo(2)))).width == 480


async def test_picture_that_needs_more_memory_than_allowed_is_out_of_memory() -> None:
    async with DecoderPool(1, memory_limit=160 * 2**20) as pool:
        assert await reason(pool, png_bomb(7000)) == "out-of-memory"

        assert (await pool.inspect(encoded(photo(1)))).width == 480


async def test_largest_accepted_picture_fits_the_memory_limit(pool: DecoderPool) -> None:
    plain = Image.new("RGBA", (8160, 6120), (200, 30, 60, 128))
    exif = Image.Exif()
    exif[0x0112] = 6

    hashed = await pool.inspect(encoded(plain, compress_level=1, exif=exif))

    assert (hashed.width, hashed.height) == (6120, 8160)


async def test_largest_accepted_heic_fits_the_memory_limit(pool: DecoderPool) -> None:
    quick = {
        "preset": "ultrafast",
        "x265:sao": "1",
        "x265:ctu": "64",
    }  # the quickest, but for what takes memory to decode
    plain = encoded(photo(1, 1020, 764).resize((8160, 6120)), "HEIF", quality=10, enc_params=quick)

    assert (await pool.inspect(plain)).width == 8160


async def test_largest_accepted_frames_fit_the_memory_limit(pool: DecoderPool) -> None:
    wide = photo(1, 1024, 576).resize((4096, 2304))
    # As many frames kept for reference as the format allows.
    data = video([wide, wide.rotate(180), *[wide] * 20], options={"x264-params": "ref=16:bframes=8", "level": "6.2"})

    hashed = await pool.inspect(data)

    assert (hashed.width, hashed.height) == (4096, 2304)


async def test_pool_reads_videos_and_animations(pool: DecoderPool) -> None:
    made = scenes(1, 2, size=(160, 120))
    media = [video(made), video(made, "webm"), gif(made[::5]), webp(made[::5])]

    found = await asyncio.gather(*(pool.inspect(data) for data in media))

    assert found == [inspect_medium(data) for data in media]
    assert all(one.kind == "video" and one.frames for one in found)


async def test_longest_answer_fits_the_pipe(pool: DecoderPool) -> None:
    framed = [Image.new("RGB", (160, 120)) for _ in range(320)]
    for number, picture in enumerate(framed):
        picture.paste(photo(number, 120, 80), (20, 20))

    hashed = await pool.inspect(gif(framed))

    assert len(hashed.frames) > 250
    assert all(len(frame.views) == 16 for frame in hashed.frames)


async def test_videos_have_a_time_limit_of_their_own() -> None:
    async with DecoderPool(1, time_limit=0.001) as pool:
        assert (await pool.inspect(video(scenes(1)))).kind == "video"
    async with DecoderPool(1, video_time_limit=0.001) as pool:
        assert (await pool.inspect(encoded(photo(1)))).kind == "image"
        assert await reason(pool, raw_gif(64, 64, 100_000)) == "hung"


async def test_many_tiny_pictures_end_in_time(pool: DecoderPool) -> None:
    hashed = await pool.inspect(raw_gif(64, 64, 100_000))

    assert hashed.partial


async def test_closing_blames_no_picture() -> None:
    pool = DecoderPool(1)
    await pool.inspect(encoded(photo(1)))
    (pid,) = pool.pids
    os.kill(pid, signal.SIGSTOP)
    job = asyncio.create_task(pool.inspect(encoded(photo(2))))
    await asyncio.to_thread(until, lambda: not pool._idle)  # it has the picture

    await pool.close()

    with pytest.raises(DecoderUnavailable):
        await job
    with pytest.raises(DecoderUnavailable):
        await pool.inspect(encoded(photo(1)))
    assert not _runs(pid)


async def test_closing_twice_or_unused_is_fine() -> None:
    pool = DecoderPool(1)
    await pool.close()
    await pool.close()


def test_one_pool_serves_several_event_loops() -> None:
    pool = DecoderPool(1)
    data = encoded(photo(1))

    async def first() -> None:
        await pool.inspect(data)

    async def second() -> None:
        await pool.inspect(data)
        await pool.close()

    asyncio.run(first())
    asyncio.run(second())


def test_decoders_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import asyncio, sys, time\n"
        "from pathlib import Path\n"
        "from monitor.fingerprints.decoder.pool import DecoderPool\n"
        "async def main():\n"
        "    pool = DecoderPool(2)\n"
        "    data = Path(sys.argv[1]).read_bytes()\n"
        "    await asyncio.gather(*(pool.inspect(data) for _ in range(4)))\n"
        "    print(*pool.pids, flush=True)\n"
        "    time.sleep(60)\n"
        "print('main runs once', flush=True)\n"
        "asyncio.run(main())\n"
    )
    picture = tmp_path / "picture.png"
    picture.write_bytes(encoded(photo(1)))
    parent = subprocess.Popen(
        [sys.executable, str(script), str(picture)], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": "."}
    )
    assert parent.stdout is not None
    with parent, parent.stdout:
        assert parent.stdout.readline() == b"main runs once\n"
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert pids
        parent.kill()

    until_gone(*pids)


async def test_decoder_knows_no_secret_of_its_parent(pool: DecoderPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIKIMI_TEST_SECRET", "test-only")

    await pool.inspect(encoded(photo(1)))

    for pid in pool.pids:
        assert b"JIKIMI_TEST_SECRET" not in environment(pid)


async def test_keyboard_interrupt_of_the_terminal_does_not_reach_decoders(pool: DecoderPool) -> None:
    await pool.inspect(encoded(photo(1)))

    assert all(os.getpgid(pid) != os.getpgid(0) for pid in pool.pids)


@pytest.mark.parametrize(
    "reply",
    [b"", b"[]", b"{}", b"null", b'{"reason": "x"', b'{"width": 1, "height": 1, "format": "JPEG", "sha256": "00"}'],
)
def test_reply_that_no_decoder_would_give_is_refused(reply: bytes) -> None:
    with pytest.raises(ValueError):
        protocol.unpack(reply)


def test_reply_survives_the_wire() -> None:
    hashed = hash_picture(encoded(photo(1)))

    assert protocol.unpack(protocol.pack(hashed)) == hashed
    answer = protocol.unpack(protocol.pack(NotInspected("broken")))
    assert isinstance(answer, NotInspected)
    assert answer.reason == "broken"
