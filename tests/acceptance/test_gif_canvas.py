"""GIFs whose header lies about their size: the server sees what a browser draws."""

import struct
from base64 import b64encode
from pathlib import Path

from monitor.fingerprints.media import hash_medium
from tests.support.clips import commented, gif, on_canvas
from tests.support.pages_pictures import distance, file, hashes, to_pictures
from tests.support.pages_world import visiting
from tests.support.waves import encoded, photo

_WITHIN = 2
"""Bits of 256."""
_SIZE = """async (data) => {
  const picture = new Image();
  picture.src = "data:image/gif;base64," + data;
  await picture.decode();
  return [picture.naturalWidth, picture.naturalHeight];
}"""


def _files() -> dict[str, bytes]:
    moving = gif([photo(seed, 400, 300) for seed in (1, 2, 3)])
    still = encoded(photo(4, 400, 300), "GIF")
    apart = bytearray(on_canvas(still, 10, 10))
    at = apart.index(b"\x2c\0\0\0\0" + struct.pack("<HH", 400, 300))
    apart[at + 1 : at + 5] = struct.pack("<HH", 5, 7)
    return {
        "as it should be": moving,
        "smaller": on_canvas(moving, 100, 80),
        "a point": on_canvas(moving, 1, 1),
        "nothing": on_canvas(moving, 0, 0),
        "no height": on_canvas(moving, 400, 0),
        "wider": on_canvas(moving, 450, 100),
        "a still in nothing": on_canvas(still, 0, 0),
        "a still in a point": on_canvas(still, 1, 1),
        "a still apart": bytes(apart),
        "Photoshop's comment": commented(moving, b"Adobe Photoshop\xa8 5.2"),
    }


async def test_canvas_is_what_a_browser_draws(tmp_path: Path, chromium_path: str) -> None:
    files = _files()
    async with visiting(tmp_path, chromium_path) as (_, page):
        await page.goto("about:blank")
        sizes = [await page.evaluate(_SIZE, b64encode(data).decode()) for data in files.values()]
        await to_pictures(page)
        drawn = await hashes(
            page, [file(f"{number}.gif", data, "image/gif") for number, data in enumerate(files.values())]
        )
    assert len(drawn) == len(files)
    for (name, data), size, code in zip(files.items(), sizes, drawn, strict=True):
        hashed = hash_medium(data)
        apart = distance(code, hashed.whole.hex)
        print(name, size, apart)
        assert [hashed.width, hashed.height] == size, name
        assert apart <= _WITHIN, name
