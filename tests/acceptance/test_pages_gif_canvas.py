"""GIFs whose header would mislead a decoder: the server sees what a browser draws."""

import io
import struct
from base64 import b64decode, b64encode
from pathlib import Path

from PIL import Image

from monitor.fingerprints.media import hash_medium
from tests.support.clips import commented, gif, on_canvas
from tests.support.pages_pictures import distance, file, hashes, to_pictures
from tests.support.pages_world import visiting
from tests.support.waves import encoded, photo

_WITHIN = 2
"""Bits of 256."""
_PICTURES = [photo(seed, 400, 300) for seed in (1, 2, 3)]
_SIZE = """async (data) => {
  const picture = new Image();
  picture.src = "data:image/gif;base64," + data;
  await picture.decode();
  return [picture.naturalWidth, picture.naturalHeight];
}"""
_FRAMES = """async (data) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const decoder = new ImageDecoder({ data: bytes, type: "image/gif" });
  await decoder.tracks.ready;
  await decoder.completed;
  const found = [];
  for (let index = 0; index < decoder.tracks.selectedTrack.frameCount; index++) {
    const { image } = await decoder.decode({ frameIndex: index });
    const canvas = new OffscreenCanvas(image.displayWidth, image.displayHeight);
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0);
    const drawn = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
    found.push(btoa(Array.from(drawn, (one) => String.fromCharCode(one)).join("")));
  }
  return found;
}"""


def _apart(data: bytes, x: int, y: int, canvas: tuple[int, int]) -> bytes:
    """The GIF with its first picture somewhere on its canvas."""
    made = bytearray(on_canvas(data, *canvas))
    at = made.index(b"\x2c\0\0\0\0" + struct.pack("<HH", 400, 300))
    made[at + 1 : at + 5] = struct.pack("<HH", x, y)
    return bytes(made)


def _cleared(colours: int, background: int, *, own: bool) -> bytes:
    """Pictures of which each is cleared after it was shown, all but the first of them small. `own`: each with a colour
    table of its own, beside the header's; else all by that."""
    whole = [one.quantize(colours) for one in _PICTURES]
    if not own:
        whole = [one.quantize(palette=whole[0]) for one in _PICTURES]
    header, table, _ = _taken_apart(whole[0])
    body = b""
    for number, picture in enumerate(whole):
        x, y = 40 * number, 30 * number
        cut = picture if number == 0 else picture.crop((x, y, 240, 200))
        _, its, pixels = _taken_apart(cut)
        assert own or its == table
        flags = header[10] & 0x87 if own else 0
        place = struct.pack("<HHHHB", x, y, *cut.size, flags)
        body += b"\x21\xf9\x04\x08\x0a\0\0\0\x2c" + place + (its if own else b"") + pixels
    return header[:11] + bytes([background]) + header[12:] + table + body + b";"


def _taken_apart(picture: Image.Image) -> tuple[bytes, bytes, bytes]:
    """Header, colour table and pixels of a still GIF."""
    out = io.BytesIO()
    picture.save(out, "GIF", optimize=False, interlace=0)
    data = out.getvalue()
    end = 13 + (3 << (data[10] & 7) + 1)
    at = data.index(b"\x2c\0\0\0\0" + struct.pack("<HH", *picture.size) + b"\0", end)
    return data[:13], data[13:end], data[at + 10 : -1]


def _files() -> dict[str, bytes]:
    moving, still = gif(_PICTURES), encoded(photo(4, 400, 300), "GIF")
    return {
        "as it should be": moving,
        "smaller": on_canvas(moving, 100, 80),
        "a point": on_canvas(moving, 1, 1),
        "nothing": on_canvas(moving, 0, 0),
        "no height": on_canvas(moving, 400, 0),
        "wider": on_canvas(moving, 450, 100),
        "apart": _apart(moving, 40, 30, (10, 10)),
        "apart on a canvas that holds it": _apart(moving, 40, 30, (600, 500)),
        "a still in nothing": on_canvas(still, 0, 0),
        "a still in a point": on_canvas(still, 1, 1),
        "a still apart": _apart(still, 40, 30, (10, 10)),
        "a still on a larger canvas": on_canvas(still, 600, 500),
        "Photoshop's comment": commented(moving, b"Adobe Photoshop\xa8 5.2"),
    }


async def test_canvas_is_what_a_browser_draws(tmp_path: Path, chromium_path: str) -> None:
    files = _files()
    async with visiting(tmp_path, chromium_path) as (_, page):
        await page.goto("about:blank")
        sizes = [await page.evaluate(_SIZE, b64encode(data).decode()) for data in files.values()]
        await to_pictures(page)
        chosen = [file(f"{number}.gif", data, "image/gif") for number, data in enumerate(files.values())]
        drawn = await hashes(page, chosen)
    assert len(drawn) == len(files)
    for (name, data), size, code in zip(files.items(), sizes, drawn, strict=True):
        hashed = hash_medium(data)
        apart = distance(code, hashed.whole.hex)
        print(name, size, apart)
        assert [hashed.width, hashed.height] == size, name
        assert apart <= _WITHIN, name


async def test_every_picture_is_what_a_browser_draws(tmp_path: Path, chromium_path: str) -> None:
    files = {
        f"{colours} colours, background {background}, own {own}": _cleared(colours, background, own=own)
        for colours, background, own in ((256, 9, True), (256, 200, False), (64, 9, True), (64, 9, False))
    }
    async with visiting(tmp_path, chromium_path) as (_, page):
        await to_pictures(page)
        drawn = {name: await page.evaluate(_FRAMES, b64encode(data).decode()) for name, data in files.items()}
    for name, data in files.items():
        frames = hash_medium(data).frames
        assert len(frames) == len(drawn[name]) == 3, name
        for frame, png in zip(frames, drawn[name], strict=True):
            there = hash_medium(b64decode(png)).whole.hex
            print(name, frame.at, distance(there, frame.views[0].hash.hex))
            assert distance(there, frame.views[0].hash.hex) <= _WITHIN, name
