"""Short videos in a real browser: hashed on the device as the server would, kept through the API, found again."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.async_api import Page, Request, expect
from sqlalchemy import select

from api.assets.store import assets
from db.models.cases import Fingerprint
from monitor.demo.world.pictures import registered
from monitor.fingerprints.hashes.values import MIN_QUALITY
from monitor.fingerprints.media import hash_medium
from monitor.matching.verdict import CONFIDENT_WITHIN, Verdict, judge
from monitor.matching.watch_set import Watched
from monitor.watch.opening import watched
from tests.support.clips import faststart, scenes, video
from tests.support.pages_pictures import distance, file, hashes, to_pictures
from tests.support.pages_world import PagesWorld, visiting
from tests.support.waves import encoded, photo

_SAME_WITHIN = 6
"""Bits of 256: decoders turn colours into RGB a little differently. A copy may be CONFIDENT_WITHIN bits away."""

_FALSIFIED = """
  OffscreenCanvasRenderingContext2D.prototype.getImageData = function (x, y, width, height) {
    const pixels = new Uint8ClampedArray(width * height * 4);
    for (let i = 0; i < pixels.length; i++) pixels[i] = Math.random() * 256;
    return new ImageData(pixels, width, height);
  };
"""
_NEVER_SEEKS = "Object.defineProperty(HTMLMediaElement.prototype, 'currentTime', { set() {}, get: () => 0 });"


async def _frames(page: Page, number: int = 0) -> list[tuple[float, str]]:
    """What was found of the chosen video, which the page shows nobody but this test."""
    one = page.locator("#pending-list li").nth(number)
    first = (0.0, str(await one.get_attribute("data-pdq")))
    rest = json.loads(str(await one.get_attribute("data-frames")))
    return [first, *((float(frame["at"]), str(frame["pdq"])) for frame in rest)]


def _apart(there: list[tuple[float, str]], data: bytes) -> list[int]:
    """Bits between each frame of the browser and the server's own at that second."""
    here = hash_medium(data, closely=True).frames
    nearest = [min(here, key=lambda frame, at=at: abs(frame.at - at)) for at, _ in there]  # type: ignore[misc]
    return [distance(code, one.views[0].hash.hex) for (_, code), one in zip(there, nearest, strict=True)]


async def _keep(page: Page, kind: str = "intimate") -> None:
    await page.locator(f"#kind-0-{kind}").check()
    await page.locator("#keep-pictures").click()


async def _open_case(page: Page) -> None:
    """From the photos and videos to the open case."""
    await page.locator("[data-next=step-places]").click()
    await page.locator("[data-next=step-notice]").click()
    await page.locator("#notice button[data-next]").click()
    await page.locator("#open button").first.click()
    await expect(page.locator("#wrote-down")).to_be_visible()
    passphrase = str(await page.locator("#new-passphrase").text_content())
    await page.locator("#wrote-down").click()
    await page.locator("#typed-number").fill(str(await page.locator("#new-case-id").text_content()))
    await page.locator("#typed").fill(passphrase)
    await page.locator("#type-back button").first.click()
    await expect(page.locator("#mine")).to_be_visible()


async def _registered(world: PagesWorld) -> Watched:
    """What the matcher gets of the one fingerprint there is."""
    async with world.services.database.read() as session:
        (row,) = (await session.scalars(select(Fingerprint).where(Fingerprint.removed_at.is_(None)))).all()
    (one,) = watched(world.context, [row])
    return one


def _of_server(data: bytes, one: Watched) -> Watched:
    """The same fingerprint, had the server made it."""
    made = hash_medium(data, closely=True)
    first, *rest = made.frames
    frames = tuple((frame.at, frame.views[0].hash.code) for frame in rest)
    return replace(one, code=first.views[0].hash.code, frames=frames, clip=made.clip)


def _files() -> dict[str, bytes]:
    """Videos as phones, browsers and services make them."""
    return {
        "plain.mp4": video(scenes(4, 5)),
        "recorded.webm": video(scenes(4, 5), "webm", container={"live": "1"}),  # does not say how long it is
        "vp8.webm": video(scenes(4, 5), "webm", codec="libvpx"),
        "turned.mov": video(scenes(4, 5), "mov", turned=90),
        "wide-pixels.mp4": video(scenes(4, 5), ratio=(4, 3)),
        "hd.mp4": video(scenes(4, 5, size=(1280, 720)), fps=10),
        "film.mp4": video(scenes(4, 5, fps=24), fps=24, gop=12),
    }


async def test_browser_and_server_agree_on_frames(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path) as (_, page):
        await to_pictures(page)
        files = _files()
        await hashes(page, [file(f"{number}.bin", data, "") for number, data in enumerate(files.values())])
        await expect(page.locator("#refused li")).to_have_count(0)
        for number, (name, data) in enumerate(files.items()):
            there = await _frames(page, number)
            apart = _apart(there, data)
            print(name, apart)
            assert len(there) == len(hash_medium(data, closely=True).frames), name
            assert max(apart) <= _SAME_WITHIN < CONFIDENT_WITHIN, (name, apart)


async def test_copies_and_pieces_of_a_registered_video_are_found(tmp_path: Path, chromium_path: str) -> None:
    frames = scenes(1, 2, 3)
    async with visiting(tmp_path, chromium_path) as (world, page):
        await to_pictures(page)
        await hashes(page, [file("mine.mp4", video(frames), "video/mp4")])
        await expect(page.locator("#pending-list legend")).to_have_text("mine.mp4 · video, 12 frames")
        await _keep(page)
        await expect(page.locator("#kept-pictures")).to_contain_text("Video 1 · Intimate video · 12")
        await _open_case(page)
        await page.locator("#parts-show").click()
        kept = page.locator("#kept-pictures li")
        await expect(kept).to_contain_text("Video 1 · Intimate video · 12 frames")
        one = await _registered(world)
        assert (one.set_name, one.kind, len(one.frames)) == ("frames", "intimate", 11)

        small = [frame.resize((240, 180), Image.Resampling.LANCZOS) for frame in frames]
        saved_again = video(small, "webm", options={"crf": "40", "b": "0"})
        for name, copy in (("saved again", saved_again), ("a piece", video(frames[42:56]))):
            (match,) = judge(hash_medium(copy), [one])
            print(name, match.distance, match.how)
            assert match.verdict in (Verdict.CONFIDENT, Verdict.REVIEW)
            assert "; registered video, second " in match.how
        pieces = [hash_medium(video(frames[start : start + 14])) for start in (0, 7, 23, 33, 46)]
        servers = _of_server(video(frames), one)
        verdicts = [[match.verdict for match in judge(piece, [one])] for piece in pieces]
        assert verdicts == [[match.verdict for match in judge(piece, [servers])] for piece in pieces]
        (turned,) = judge(
            hash_medium(video([frame.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for frame in frames])), [one]
        )
        assert turned.verdict is Verdict.CONFIDENT
        (still,) = judge(hash_medium(encoded(frames[20])), [one])
        assert still.verdict is Verdict.CONFIDENT
        assert judge(hash_medium(video(scenes(7, 8))), [one]) == ()

        # Points of a few frames, which find what the wholes do not; the server's own of the same frames are the same.
        assert one.clip is not None and servers.clip is not None
        assert [at for at, _ in one.clip.frames] == [at for at, _ in servers.clip.frames] == [0, 2, 4]
        near = [
            np.bitwise_count(point["code"] ^ servers.clip.points["code"]).sum(axis=1).min() for point in one.clip.points
        ]
        print("points", len(near), "of", len(servers.clip.points), "median", np.median(near))
        assert len(near) >= 0.9 * len(servers.clip.points) and np.median(near) <= 20
        cropped = hash_medium(video([frame.crop((70, 20, 294, 188)) for frame in frames]))
        (match,) = judge(cropped, [one])
        assert match.verdict is Verdict.REVIEW and match.how.startswith("region: registered points")
        assert judge(cropped, [replace(one, clip=None)]) == ()

        await kept.get_by_role("button", name="Remove").click()
        await kept.get_by_role("button", name="Yes, remove it").click()
        await expect(page.locator("#no-pictures")).to_be_visible()


async def test_hashing_a_video_works_offline_and_asks_the_network_nothing(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path) as (_, page):
        await to_pictures(page)
        asked: list[Request] = []
        page.context.on("request", lambda request: asked.append(request))
        await page.context.set_offline(True)
        await hashes(page, [file("mine.mp4", video(scenes(1, 2)), "video/mp4")])
        await _keep(page)
        await expect(page.locator("#kept-pictures li")).to_have_count(1)
        # The page reads the video from the device through an address that only this page knows.
        assert [request.url for request in asked if not request.url.startswith("blob:")] == []
        assert not any(request.post_data for request in asked)


async def test_what_a_file_is_decides_its_content_not_its_name(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path) as (_, page):
        await to_pictures(page)
        assert "video/quicktime" in str(await page.locator("#files").get_attribute("accept"))
        await hashes(page, [file("a.jpg", video(scenes(1))), file("b.mp4", registered(3)[0], "video/mp4")])
        await expect(page.locator("#pending-list legend")).to_have_text(["a.jpg · video, 4 frames", "b.mp4"])


async def test_flat_repeated_and_plain_frames_are_left_out(tmp_path: Path, chromium_path: str) -> None:
    still = scenes(6, seconds=0.1)[0]
    ramp = np.linspace(0, 60, 320, dtype=np.uint8)
    plain = Image.fromarray(np.repeat(ramp[None], 240, 0)).convert("RGB")
    black = Image.new("RGB", (320, 240))
    mixed = [black] * 10 + [plain] * 10 + [still] * 20 + scenes(5)
    async with visiting(tmp_path, chromium_path) as (_, page):
        await to_pictures(page)
        await hashes(page, [file("still.mp4", video([still] * 30)), file("mixed.mp4", video(mixed))])
        assert len(await _frames(page)) == 1
        await expect(page.locator("#pending-list legend").first).to_have_text("still.mp4 · video, 1 frame")
        fit = [
            one for one in hash_medium(video(mixed), closely=True).frames if one.views[0].hash.quality >= MIN_QUALITY
        ]
        seconds = [round(at, 1) for at, _ in await _frames(page, 1)]
        assert seconds[1:] == [round(one.at, 1) for one in fit][1:]


async def test_videos_that_cannot_be_used_are_explained(tmp_path: Path, chromium_path: str) -> None:
    good = video(scenes(1))
    at = good.index(b"mdat") + 40
    wide = photo(3, 4160, 2400)
    cases = {
        "black.mp4": (video([Image.new("RGB", (320, 240))] * 20), "No frame of this video has enough detail"),
        "broken.mp4": (good[:32] + bytes(500), "cannot read this video"),
        "cut.mp4": (good[:at], "cannot read this video"),
        "broken.webm": (b"\x1a\x45\xdf\xa3" + bytes(400), "cannot read this video"),
        "unknown.mp4": (video(scenes(1), codec="mpeg4"), "cannot read this video"),
        "long.mp4": (video([photo(1, 64, 48)] * 602, fps=1), "10 minutes at most"),
        "huge.mp4": (video([wide, wide]), "larger than 4K"),
    }
    async with visiting(tmp_path, chromium_path) as (_, page):
        await to_pictures(page)
        assert await hashes(page, [file(name, data, "video/mp4") for name, (data, _) in cases.items()]) == []
        said = page.locator("#refused li")
        await expect(said).to_have_count(len(cases))
        for number, (name, (_, words)) in enumerate(cases.items()):
            await expect(said.nth(number)).to_contain_text(f"{name}: ")
            await expect(said.nth(number)).to_contain_text(words)
        code = await page.evaluate(
            """async () => {
              const { framesOf } = await import("/static/pdq/frames.mjs");
              return framesOf({ size: 2 ** 30 + 1 }, null, {}).catch((error) => error.message);
            }"""
        )
        assert code == "video-large"


async def test_damaged_video_is_kept_as_far_as_it_can_be_read(tmp_path: Path, chromium_path: str) -> None:
    data = faststart(scenes(*range(1, 9)), gop=20)
    async with visiting(tmp_path, chromium_path) as (_, page):
        await to_pictures(page)
        assert len(await hashes(page, [file("cut.mp4", data[: len(data) * 6 // 10])])) == 1
        await expect(page.locator("#refused li")).to_contain_text("cut.mp4: Only the first")
        there = await _frames(page)
        assert 8 <= len(there) < 32 and max(_apart(there, data)) <= _SAME_WITHIN


async def test_long_video_shows_its_progress_and_can_be_stopped(tmp_path: Path, chromium_path: str) -> None:
    frames = scenes(*range(1, 16), size=(1280, 720), fps=2)
    async with visiting(tmp_path, chromium_path) as (_, page):
        await to_pictures(page)
        await page.locator("#files").set_input_files(
            [file("long.mp4", video(frames, fps=2)), file("b.jpg", encoded(photo(3)))]
        )
        await expect(page.locator("#hashing")).to_contain_text("long.mp4")
        await expect(page.locator("#hashing .hint")).to_have_text(re.compile(r"long\.mp4 · [1-9]\d* of 60 frames"))
        await page.locator("[data-next=step-places]").click()
        await expect(page.locator("#said")).to_contain_text("still making fingerprints")
        await page.locator("#stop").click()
        await expect(page.locator("#files")).to_be_enabled()
        await expect(page.locator("#hashing")).to_be_hidden()
        await expect(page.locator("#refused li")).to_have_count(1)
        await expect(page.locator("#refused li")).to_contain_text("Stopped")
        await expect(page.locator("#files")).to_be_focused()
        await expect(page.locator("#pending-list li")).to_have_count(0)
        assert len(await hashes(page, [file("short.mp4", video(scenes(2)))])) == 1


async def test_long_video_keeps_the_page_answering(tmp_path: Path, chromium_path: str) -> None:
    frames = scenes(*range(1, 6), size=(1920, 1080), fps=2)
    async with visiting(tmp_path, chromium_path) as (_, page):
        await to_pictures(page)
        await page.evaluate(
            """() => {
              window.stalls = [];
              let last = performance.now();
              setInterval(() => { const now = performance.now(); window.stalls.push(now - last); last = now; }, 10);
            }"""
        )
        path = tmp_path / "hd.mp4"
        path.write_bytes(video(frames, fps=2))  # bytes handed over by the test itself would stall the page
        assert len(await hashes(page, [str(path)])) == 1
        stalls: list[float] = await page.evaluate("window.stalls")
        print(f"{len(await _frames(page))} frames in {sum(stalls):.0f} ms, longest stall {max(stalls):.0f} ms")
        assert max(stalls) < sum(stalls) / 4  # a page that waits for the hashing stalls for all of it


async def test_move_that_never_ends_is_given_up(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path) as (_, page):
        await page.add_init_script(_NEVER_SEEKS)
        await page.clock.install()
        await to_pictures(page)
        await page.locator("#files").set_input_files([file("mine.mp4", video(scenes(1)))])
        await expect(page.locator("#hashing .hint")).to_contain_text("0 of 4 frames")
        await page.clock.fast_forward(21_000)
        await expect(page.locator("#refused li")).to_contain_text("did not get any further")
        await expect(page.locator("#files")).to_be_enabled()


async def test_browser_that_falsifies_pixels_gets_no_video(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path) as (_, page):

        async def falsify(route: Any) -> None:
            answer = await route.fetch()
            await route.fulfill(response=answer, body=_FALSIFIED + await answer.text())

        await page.context.route(f"**{assets().address('worker pdq/worker.mjs')}", falsify)
        await to_pictures(page)
        assert await hashes(page, [file("mine.mp4", video(scenes(1)))]) == []
        await expect(page.locator("#refused")).to_contain_text("changes what a page reads from pictures")


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_first_choice_of_the_set_is_not_under_the_header(
    tmp_path: Path, chromium_path: str, language: str
) -> None:
    async with visiting(tmp_path, chromium_path, viewport={"width": 390, "height": 700}) as (_, page):
        await page.goto(f"/case?lang={language}")
        await to_pictures(page)
        for name in ("set-slim", "files", "set-whole"):
            await page.evaluate("() => window.scrollTo(0, document.body.scrollHeight)")
            await page.locator(f"#{name}").focus()
            top, bar = await page.evaluate(
                """(id) => [id, null].map((one) => one ? document.getElementById(one).getBoundingClientRect().top
                  : document.querySelector(".exit").getBoundingClientRect().bottom)""",
                name,
            )
            assert top >= bar, name
