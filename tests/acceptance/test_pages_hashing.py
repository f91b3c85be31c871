"""Hashing in a real browser through the real file input: it agrees with the server, offline, and refuses honestly."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Page, Request, expect

from api.assets.store import assets
from monitor.demo.world.pictures import feed, registered
from monitor.fingerprints.hashes.values import MIN_QUALITY
from monitor.fingerprints.image import hash_picture
from tests.support.pages_pictures import distance, file, hashes, to_pictures
from tests.support.pages_world import visiting

_SAME_WITHIN = 2
"""Bits of 256: decoders differ a little, and the server lets libjpeg shrink large JPEGs while decoding."""


@asynccontextmanager
async def _at_pictures(folder: Path, chromium_path: str) -> AsyncIterator[Page]:
    """A visitor at the step where photos are chosen, the Worker ready."""
    async with visiting(folder, chromium_path) as (_, page):
        await to_pictures(page)
        yield page


def _variants() -> dict[str, bytes]:
    """One photo as files that are decoded in different ways."""
    photo = Image.open(io.BytesIO(registered(7)[0])).convert("RGB")
    small = photo.resize((480, 360), Image.Resampling.LANCZOS)
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned right
    clear = small.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))

    def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
        out = io.BytesIO()
        image.save(out, kind, **options)
        return out.getvalue()

    return {
        "plain.png": saved(small, "PNG"),
        "turned.jpg": saved(small, "JPEG", quality=90, exif=exif),
        "transparent.png": saved(clear, "PNG"),
        "palette.png": saved(small.quantize(64), "PNG"),
        "grey.jpg": saved(small.convert("L"), "JPEG", quality=90),
        "lossless.webp": saved(small, "WEBP", lossless=True),
        "large.png": saved(photo.resize((2600, 1950), Image.Resampling.LANCZOS), "PNG"),
        "large.jpg": saved(photo.resize((4000, 3000), Image.Resampling.LANCZOS), "JPEG", quality=90),
    }


async def test_browser_and_server_agree_on_every_sample(tmp_path: Path, chromium_path: str) -> None:
    samples = [*registered(5), *(sample.data for sample in feed(5)[:16])]
    fit = [data for data in samples if hash_picture(data).whole.quality >= MIN_QUALITY]
    assert len(fit) >= 10
    async with _at_pictures(tmp_path, chromium_path) as page:
        found = await hashes(page, [file(f"{number}.jpg", data) for number, data in enumerate(fit)])
        apart = [distance(one, hash_picture(data).whole.hex) for one, data in zip(found, fit, strict=True)]
        assert max(apart) <= _SAME_WITHIN, apart


async def test_orientation_transparency_palettes_and_size_agree(tmp_path: Path, chromium_path: str) -> None:
    async with _at_pictures(tmp_path, chromium_path) as page:
        variants = _variants()
        found = await hashes(page, [file(name, data, "") for name, data in variants.items()])
        apart = {
            name: distance(one, hash_picture(data).whole.hex)
            for (name, data), one in zip(variants.items(), found, strict=True)
        }
        assert max(apart.values()) <= _SAME_WITHIN, apart


async def test_hashing_works_offline_and_sends_not_one_byte(tmp_path: Path, chromium_path: str) -> None:
    async with _at_pictures(tmp_path, chromium_path) as page:
        asked: list[Request] = []
        page.context.on("request", lambda request: asked.append(request))
        await page.context.set_offline(True)
        (found,) = await hashes(page, [file("photo.jpg", registered(3)[1])])
        await page.locator("#kind-0-intimate").check()
        await page.locator("#keep-pictures").click()
        await expect(page.locator("#kept-pictures li")).to_have_count(1)
        assert asked == []
        assert distance(found, hash_picture(registered(3)[1]).whole.hex) <= _SAME_WITHIN


async def test_files_that_cannot_be_used_are_explained(tmp_path: Path, chromium_path: str) -> None:
    flat = io.BytesIO()
    Image.new("RGB", (600, 400), "white").save(flat, "PNG")
    files = [
        file("phone.heic", b"\x00\x00\x00\x18ftypheic" + bytes(64), "image/heic"),
        file("flat.png", flat.getvalue(), "image/png"),
        file("broken.jpg", b"\xff\xd8\xff\xe0 broken"),
        file("empty.jpg", b""),
    ]
    async with _at_pictures(tmp_path, chromium_path) as page:
        assert await hashes(page, files) == []
        said = page.locator("#refused li")
        await expect(said).to_have_count(4)
        await expect(said.nth(0)).to_contain_text("HEIC")
        await expect(said.nth(1)).to_contain_text("too little detail")
        await expect(said.nth(2)).to_contain_text("not a photo or video that your browser can read")
        await expect(said.nth(3)).to_contain_text("not a photo or video that your browser can read")


async def test_browser_that_falsifies_pixels_is_refused(tmp_path: Path, chromium_path: str) -> None:
    # What Tor Browser does: every read of a canvas gives random pixels.
    falsified = """
      OffscreenCanvasRenderingContext2D.prototype.getImageData = function (x, y, width, height) {
        const pixels = new Uint8ClampedArray(width * height * 4);
        for (let i = 0; i < pixels.length; i++) pixels[i] = Math.random() * 256;
        return new ImageData(pixels, width, height);
      };
    """
    async with visiting(tmp_path, chromium_path) as (_, page):

        async def falsify(route: Any) -> None:
            answer = await route.fetch()
            await route.fulfill(response=answer, body=falsified + await answer.text())

        await page.context.route(f"**{assets().address('worker pdq/worker.mjs')}", falsify)
        await to_pictures(page)
        assert await hashes(page, [file("photo.jpg", registered(3)[0])]) == []
        await expect(page.locator("#refused")).to_contain_text("changes what a page reads from pictures")
