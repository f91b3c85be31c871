"""Pictures that cannot be inspected are recorded as that, and everything else goes on."""

import struct
import zlib
from pathlib import Path

import pytest

from monitor.demo.run import DemoRun
from monitor.demo.world.pictures import copies
from monitor.demo.world.plan import PLACES
from tests.support.demo_run import demo, until
from tests.support.waves import encoded, photo

COPIES = 4
PAGE = b"<!doctype html><title>not a picture</title>"


def bomb(side: int = 20_000) -> bytes:
    """A valid PNG of `side` x `side` black pixels, 1 bit each: some kilobytes that would become 400 megapixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(side * (1 + side // 8)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def bad_pictures() -> dict[str, bytes]:
    whole = copies(1)[0].data
    return {
        "broken": whole[:200],
        "noise": b"\xff\xd8" + bytes(4000),
        "empty": b"",
        "bomb": bomb(),
        "page": PAGE,
    }


def post_badly(run: DemoRun) -> tuple[int, int]:
    """Bad and mislabelled media in every place. Returns how many are bad, and how many are sound under a wrong name."""
    bad, sound, now = 0, 0, run.world.clock.now()
    telegram, x = run.world.telegram_world, run.world.x_world
    good_but_mislabelled = encoded(photo(9))
    for place in PLACES[:2]:
        room = run.world.room(place)
        for data in bad_pictures().values():
            telegram.post(room, "", telegram.files.photo({"y": (800, 600, data)}), at=now)
            telegram.post(room, "", telegram.files.document(data, "image/png", "picture.png"), at=now)
            bad += 2
        telegram.post(room, "", telegram.files.document(good_but_mislabelled, "image/jpeg", "picture.jpg"), at=now)
        sound += 1
    for place in PLACES[2:]:
        room = run.world.room(place)
        for data in bad_pictures().values():
            x.post(room, "", [data], at=now)
            bad += 1
        x.post(room, "", [good_but_mislabelled], at=now)
        sound += 1
    return bad, sound


@pytest.mark.timeout(400)
async def test_bad_pictures_are_not_inspected_and_disturb_nothing(tmp_path: Path) -> None:
    async with demo(tmp_path, "sqlite", samples=copies(1)[:COPIES]) as run:
        bad, sound = post_badly(run)
        await run.driver.prepare()

        async def all_seen() -> bool:
            found = await run.driver.summary()
            return bool(found["media_inspected"] + found["not_inspected"] >= bad + sound + COPIES)

        await until(all_seen)
        found = await run.driver.summary()
        assert found["not_inspected"] == bad
        assert found["media_inspected"] == sound + COPIES
        assert found["sightings"] == COPIES
        assert all(source["unavailable"] is None and source["read_at"] for source in found["sources"])
        run.programs.check()
