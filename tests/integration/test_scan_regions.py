"""`fingerprint --set` and `scan`: copies of a part, with changed parts, within other pictures, and out of a video."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from monitor.demo.world.pictures import feed, registered
from tests.integration.test_scan_command import run
from tests.support.clips import scenes, video
from tests.support.waves import encoded, photo


def _original() -> Image.Image:
    return Image.open(io.BytesIO(registered(4)[0])).convert("RGB")


def _other() -> Image.Image:
    return Image.open(io.BytesIO(registered(9)[1])).convert("RGB")


def _crop(image: Image.Image) -> Image.Image:
    """70 % of each side, off the centre."""
    width, height = image.size
    return image.crop((round(0.05 * width), round(0.2 * height), round(0.75 * width), round(0.9 * height)))


def _collage(image: Image.Image) -> Image.Image:
    sheet = Image.new("RGB", (1300, 700), "white")
    sheet.paste(image.resize((600, 450)), (20, 100))
    sheet.paste(_other().resize((480, 640)), (720, 30))
    return sheet


def _lower_half_anew(image: Image.Image) -> Image.Image:
    width, height = image.size
    made = image.copy()
    made.paste(_other().resize((width, height)).crop((0, height // 2, width, height)), (0, height // 2))
    return made


EDITS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "crop": _crop,
    "mirrored crop": lambda image: ImageOps.mirror(_crop(image)),
    "collage": _collage,
    "lower half made anew": _lower_half_anew,
}


def _saved(path: Path, image: Image.Image) -> str:
    image.save(path, "JPEG", quality=85)
    return str(path)


def _kept(tmp_path: Path, lines: list[dict[str, Any]]) -> str:
    path = tmp_path / "F.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return str(path)


def test_full_set_finds_parts_and_changed_copies_and_nothing_else(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    original = tmp_path / "original.jpg"
    original.write_bytes(registered(4)[0])
    _, lines, _ = run(capfd, "fingerprint", "--set", "full", str(original))
    kept = _kept(tmp_path, lines)
    copies = [_saved(tmp_path / f"{name}.jpg", edit(_original())) for name, edit in EDITS.items()]
    others = [tmp_path / f"other-{number}.jpg" for number in range(4)]
    unrelated = [sample.data for sample in feed(11) if sample.copy_of is None][:3]
    for path, data in zip(others, [registered(9)[1], *unrelated], strict=True):
        path.write_bytes(data)

    _, found, _ = run(capfd, "scan", "--fingerprints", kept, *copies, *map(str, others))

    for line in found[: len(copies)]:
        assert (line["verdict"], line["fingerprint"]) == ("review", str(original)), line
        assert line["how"].startswith("region: registered ") and "more boxes fit" in line["how"], line
    assert [line["verdict"] for line in found[len(copies) :]] == ["no"] * len(others)


def test_line_without_regions_watches_the_whole_picture_only(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    original = tmp_path / "original.jpg"
    original.write_bytes(registered(4)[0])
    _, (line,), _ = run(capfd, "fingerprint", str(original))
    assert (line["set"], line["size"]) == ("slim", [1280, 960])
    assert 0 < len(line["regions"]) <= 64
    crop = _saved(tmp_path / "crop.jpg", _crop(_original()))

    _, found, _ = run(capfd, "scan", "--fingerprints", _kept(tmp_path, [line | {"regions": []}]), str(original), crop)

    assert [one["verdict"] for one in found] == ["confident", "no"]


def test_clip_cut_out_of_a_registered_video_is_found(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    frames = scenes(1, 2, 3)
    whole, clip, other = (tmp_path / name for name in ("whole.mp4", "clip.mp4", "other.jpg"))
    whole.write_bytes(video(frames))
    clip.write_bytes(video(frames[42:56]))
    other.write_bytes(encoded(photo(77)))
    code, (line,), _ = run(capfd, "fingerprint", str(whole))
    assert (code, line["kind"], line["regions"]) == (0, "video", [])
    assert 3 <= len(line["frames"]) <= 300 and line["frames"][0]["pdq"] == line["pdq"]

    _, found, _ = run(capfd, "scan", "--fingerprints", _kept(tmp_path, [line]), str(clip), str(other))

    assert found[0]["verdict"] in ("confident", "review") and found[1]["verdict"] == "no"
    assert "; registered video, second " in found[0]["how"]


def test_plain_frames_of_a_video_are_not_registered(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    ramp = np.linspace(0, 60, 320, dtype=np.uint8)
    plain = Image.fromarray(np.repeat(ramp[None], 240, 0)).convert("RGB")
    path = tmp_path / "title.mp4"
    path.write_bytes(video([plain] * 15 + scenes(5)))

    code, (line,), _ = run(capfd, "fingerprint", str(path))

    assert code == 0 and line["quality"] >= 50
    assert all(frame["quality"] >= 50 for frame in line["frames"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"regions": "x"}, '"regions" must be'),
        ({"regions": [{"box": 0, "pdq": "zz"}]}, "64 hexadecimal digits"),
        ({"regions": [{"box": 900, "pdq": "0f" * 32}]}, "box numbers ascend"),
        ({"set": "huge"}, "a set is one of slim, full"),
        ({"size": [0, 1]}, "between 1 and 65535"),
        ({"regions_version": "regions-9"}, "regions-2"),
        ({"kind": "video", "regions": [], "frames": [{}, {"at": -1}]}, '"frames" must be'),
    ],
)
def test_regions_that_were_not_printed_by_fingerprint_are_named(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    from monitor.commands.fingerprint_file import read_fingerprints
    from monitor.core.errors import ConfigError

    line = {"file": "a", "kind": "image", "quality": 80, "pdq": "0f" * 32, "version": "pdq-1", "set": "slim"}
    line |= {"size": [40, 30], "regions": [{"box": 0, "pdq": "0f" * 32}], "regions_version": "regions-1"}
    with pytest.raises(ConfigError) as refused:
        read_fingerprints(_kept(tmp_path, [line | change]))
    assert said in str(refused.value) and "line 1" in str(refused.value)
