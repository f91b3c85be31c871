"""`fingerprint` and `scan` as a person runs them: files in, JSON lines out, no database, no network."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.app_screens import chat, in_pixels, overlap
from monitor.commands import fingerprint, scan
from monitor.core.errors import ConfigError
from monitor.demo.world.pictures import feed, registered
from tests.support.bad_files import bad_files
from tests.support.scenes import jpeg, scene
from tests.support.waves import bits_apart, encoded, photo


def run(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, the lines printed and what was said on standard error."""
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers()
    for command in (fingerprint, scan):
        command.add_parser(subparsers)
    arguments = parser.parse_args(words)
    code = arguments.run(arguments)
    out, err = capfd.readouterr()
    return code, [json.loads(line) for line in out.splitlines()], err


@pytest.fixture
def originals(tmp_path: Path) -> list[str]:
    paths = [tmp_path / f"사진 {number}.jpg" for number in range(3)]
    for path, data in zip(paths, registered(4), strict=True):
        path.write_bytes(data)
    return [str(path) for path in paths]


@pytest.fixture
def fingerprints(tmp_path: Path, originals: list[str], capfd: pytest.CaptureFixture[str]) -> str:
    _, lines, _ = run(capfd, "fingerprint", *originals)
    path = tmp_path / "F.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return str(path)


def test_fingerprint_prints_one_line_a_file_in_order(originals: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    code, lines, _ = run(capfd, "fingerprint", *originals, "--set", "full")

    assert code == 0
    assert [line["file"] for line in lines] == originals
    fields = ["file", "kind", "quality", "pdq", "set", "size", "regions", "points", "version", "regions_version"]
    for line, size in zip(lines, ([1280, 960], [960, 1280], [1200, 900]), strict=True):
        assert list(line) == fields
        assert (line["kind"], line["set"], line["size"], line["version"]) == ("image", "full", size, "pdq-1")
        assert len(line["regions"]) > 64
        assert all(len(bytes.fromhex(one["pdq"])) == 32 and 0 <= one["box"] < 400 for one in line["regions"])
        assert line["quality"] >= 50
        assert len(bytes.fromhex(line["pdq"])) == 32


def test_screenshot_is_told_its_photo_is_cut_out_or_it_is_kept(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    screen, place = chat(np.random.default_rng(5), scene(41, (640, 640)), dark=False)
    path, photo_path = tmp_path / "chat.jpg", tmp_path / "photo.png"
    path.write_bytes(jpeg(screen, 92))
    photo_path.write_bytes(encoded(screen.crop(place)))

    _, (whole,), said = run(capfd, "fingerprint", str(path))
    _, (cut,), quiet = run(capfd, "fingerprint", "--photo-only", str(path))
    _, (kept,), nothing = run(capfd, "fingerprint", "--as-is", str(path))
    _, (photo_line,), _ = run(capfd, "fingerprint", str(photo_path))

    assert "chat.jpg: looks like a screenshot" in said and "--photo-only" in said and "--as-is" in said
    assert overlap(in_pixels(whole["area"], screen), place) > 0.9
    assert quiet == nothing == "" and kept == whole and "area" not in cut
    assert bits_apart(bytes.fromhex(cut["pdq"]), bytes.fromhex(photo_line["pdq"])) <= 31
    assert bits_apart(bytes.fromhex(whole["pdq"]), bytes.fromhex(photo_line["pdq"])) > 60
    path.with_suffix(".jsonl").write_text(json.dumps(whole))
    _, (line,), _ = run(capfd, "scan", "--fingerprints", str(path.with_suffix(".jsonl")), str(path))
    assert (line["verdict"], line["distance"]) == ("confident", 0)


def test_fingerprint_says_why_a_file_has_none(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    flat = tmp_path / "flat.png"
    flat.write_bytes(encoded(Image.new("RGB", (300, 200), "red")))

    code, lines, _ = run(capfd, "fingerprint", str(flat), str(tmp_path / "missing.jpg"), str(tmp_path))

    assert code == 1
    assert [line["reason"] for line in lines] == ["flat-picture", "missing", "unreadable"]
    assert "quality 0 of 100" in lines[0]["detail"]


def test_scan_finds_the_copies_of_a_feed_and_nothing_else(
    tmp_path: Path, fingerprints: str, originals: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    samples = feed(4)
    media = []
    for sample in samples:
        path = tmp_path / sample.name
        path.write_bytes(sample.data)
        media.append(str(path))

    code, lines, _ = run(capfd, "scan", "--fingerprints", fingerprints, *media)

    assert code == 0
    assert [line["file"] for line in lines] == media
    for sample, line in zip(samples, lines, strict=True):
        assert set(line) == {"file", "verdict", "fingerprint", "distance", "how", "ms"}
        if sample.copy_of is None:
            assert (line["verdict"], line["fingerprint"]) == ("no", None)
        else:
            assert line["verdict"] in ("confident", "review")
            assert line["fingerprint"] == originals[sample.copy_of]


def test_bad_files_are_not_inspected_with_a_reason_and_disturb_nothing(
    tmp_path: Path, fingerprints: str, originals: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    media, expected = [str(tmp_path / "missing.jpg")], ["missing"]
    for bad in bad_files():
        path = tmp_path / bad.name
        path.write_bytes(bad.data)
        media += [str(path), originals[0]]
        expected += [bad.reason or "", ""]

    code, lines, _ = run(capfd, "scan", "--fingerprints", fingerprints, *media)

    assert code == 0
    assert [line.get("reason", "") for line in lines] == expected
    for line, reason in zip(lines, expected, strict=True):
        assert (line["verdict"] == "not_inspected") == bool(reason)
        if line["file"] == originals[0]:
            assert (line["verdict"], line["distance"]) == ("confident", 0)


GOOD = {"file": "a.jpg", "kind": "image", "quality": 90, "pdq": "ab" * 32, "regions": [], "version": "pdq-1"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not json", "line 2: not a JSON object"),
        ("[1]", "line 2: not a JSON object"),
        (json.dumps(GOOD | {"pdq": "ab"}), 'line 2: "pdq" must be 64 hexadecimal digits'),
        (json.dumps(GOOD | {"pdq": None}), 'line 2: "pdq" must be 64 hexadecimal digits'),
        (json.dumps(GOOD | {"quality": "high"}), 'line 2: "quality" must be a whole number from 0 to 100'),
        (json.dumps(GOOD | {"version": "pdq-0"}), 'line 2: "version" must be "pdq-1"'),
        (json.dumps(GOOD | {"kind": "sound"}), 'line 2: "kind" must be "image" or "video"'),
        (json.dumps(GOOD | {"file": 3}), 'line 2: "file" must be the name'),
    ],
)
def test_wrong_fingerprint_line_is_named_with_what_is_allowed(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "F.jsonl"
    path.write_text(json.dumps(GOOD) + "\n" + line + "\n")

    with pytest.raises(ConfigError) as error:
        scan.run(argparse.Namespace(fingerprints=str(path), media=["a.jpg"]))

    assert str(error.value).startswith(f"{path}, {said}")


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_unreadable_fingerprint_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "F.jsonl"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError, match=r"F\.jsonl: cannot be read"):
        scan.run(argparse.Namespace(fingerprints=str(path), media=["a.jpg"]))


def test_plain_and_refused_fingerprints_are_left_out_aloud(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "p.png"
    picture.write_bytes(encoded(photo(1)))
    path = tmp_path / "F.jsonl"
    plain = GOOD | {"quality": 12}
    broken = GOOD | {"pdq": None, "quality": None, "kind": None, "reason": "broken"}
    path.write_text(json.dumps(plain) + "\n\n" + json.dumps(broken) + "\n")

    code, lines, err = run(capfd, "scan", "--fingerprints", str(path), str(picture))

    assert code == 0
    assert lines[0]["verdict"] == "no"
    assert "line 1: skipped, quality 12 is below 50" in err
    assert "line 3: skipped, it has no fingerprint (broken)" in err


def test_commands_need_no_database_driver_and_no_network(
    tmp_path: Path, fingerprints: str, originals: list[str]
) -> None:
    script = tmp_path / "offline.py"
    script.write_text(
        "import argparse, socket, sys\n"
        "from monitor.commands import fingerprint, scan\n"
        "def refuse(*args): raise AssertionError('network')\n"
        "socket.socket.connect = refuse\n"
        "parser = argparse.ArgumentParser()\n"
        "scan.add_parser(parser.add_subparsers())\n"
        "args = parser.parse_args(sys.argv[1:])\n"
        "code = args.run(args)\n"
        "loaded = {'sqlalchemy', 'dbos', 'telethon', 'tweepy', 'httpx'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
        "sys.exit(code)\n"
    )

    done = subprocess.run(
        [sys.executable, str(script), "scan", "--fingerprints", fingerprints, *originals],
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["verdict"] for line in done.stdout.splitlines()] == ["confident"] * 3


@pytest.mark.parametrize("command", ["scan", "fingerprint"])
def test_pipe_or_device_is_refused_and_not_waited_for(
    tmp_path: Path, fingerprints: str, capfd: pytest.CaptureFixture[str], command: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    words = ["scan", "--fingerprints", fingerprints] if command == "scan" else ["fingerprint"]

    _, lines, _ = run(capfd, *words, str(tmp_path / "pipe"), "/dev/zero")

    assert [line["reason"] for line in lines] == ["no-regular-file"] * 2


def test_fingerprints_from_a_pipe_are_refused_and_not_waited_for(
    tmp_path: Path, originals: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(ConfigError, match="no regular file"):
        run(capfd, "scan", "--fingerprints", str(tmp_path / "pipe"), *originals)
