"""Frames of videos: which, when, and as a browser would show them. Every file is made here."""

import os
import struct
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray
from PIL import Image

from monitor.core.errors import NotInspected
from monitor.fingerprints.containers import video_container
from monitor.fingerprints.containers.file_types import sniff
from monitor.fingerprints.media import hash_medium
from monitor.fingerprints.video.clip import Clip
from monitor.fingerprints.video.frame_selection import Frame
from tests.support.clips import faststart, gif, raw_gif, scenes, video
from tests.support.waves import bits_apart, photo


def clip(data: bytes) -> Clip:
    return Clip(data, sniff(data) or "")


def times(data: bytes) -> list[float]:
    return [frame.at for frame in clip(data)]


def first(data: bytes) -> Image.Image:
    return next(iter(clip(data))).image


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean, in levels."""
    return float(np.abs(levels(one) - levels(other)).mean())


def levels(image: Image.Image) -> NDArray[Any]:
    return np.asarray(image.convert("RGB"), np.int16)


def reason(data: bytes) -> str:
    with pytest.raises(NotInspected) as refusal:
        hash_medium(data)
    return refusal.value.reason


@pytest.mark.parametrize(
    ("kind", "codec"),
    [
        ("mp4", "libx264"),
        ("mp4", "libx265"),
        ("mp4", "libsvtav1"),
        ("mp4", "mpeg4"),
        ("mov", "libx264"),
        ("webm", "libvpx-vp9"),
        ("webm", "libvpx"),
    ],
)
def test_one_frame_a_second_of_every_codec(kind: str, codec: str) -> None:
    made = scenes(1, 2, 3)

    found = list(clip(video(made, kind, codec=codec)))

    assert len(found) == 6
    for number, frame in enumerate(found):
        # Decoders leave frames out that no other needs, so the nearest one after the second counts.
        assert number <= frame.at <= number + 0.3
        assert difference(frame.image, made[round(frame.at * 10)]) < 8


def test_key_frames_are_sampled_beside_the_seconds() -> None:
    found = times(video(scenes(1, 2, 3), gop=8))

    assert {0.0, 0.8, 1.6, 2.4, 3.2, 4.0, 4.8, 5.6} <= set(found)
    assert all(0 < later - sooner <= 1.3 for sooner, later in pairwise(found))


def test_key_frames_a_second_apart_are_enough() -> None:
    assert times(video(scenes(1, 2, 3), gop=10)) == [0, 1, 2, 3, 4, 5]


def test_video_to_be_compared_with_is_sampled_twice_a_second() -> None:
    data = video(scenes(1, 2, 3))

    found = [frame.at for frame in hash_medium(data, closely=True).frames]

    assert len(found) == 12
    assert all(later - sooner <= 0.8 for sooner, later in pairwise(found))


def test_dead_frames_are_dropped() -> None:
    size = (320, 240)
    black, grey = Image.new("RGB", size), Image.new("RGB", size, (90, 90, 90))
    still = photo(4, *size)
    fade = [Image.blend(black, still, step / 10) for step in range(10)]
    made = [black] * 30 + fade + [still] * 40 + [grey] * 30 + [photo(5, *size)] * 10

    found = times(video(made, gop=10))

    assert 2 <= len(found) <= 4
    assert found[0] >= 3 and found[-1] == 11


def test_video_of_nothing_but_black_has_one_frame() -> None:
    hashed = hash_medium(video([Image.new("RGB", (64, 64))] * 20))

    assert len(hashed.frames) == 1
    assert hashed.whole.quality == 0


@pytest.mark.parametrize(
    ("degrees", "turn"), [(90, Image.Transpose.ROTATE_90), (180, Image.Transpose.ROTATE_180), (-90, 4)]
)
def test_turned_videos_stand_upright(degrees: float, turn: Image.Transpose) -> None:
    picture = photo(6, 320, 240)
    data = video([picture] * 3, "mov", turned=degrees)

    upright = picture.transpose(turn)
    assert difference(first(data), upright) < 5
    assert (hash_medium(data).width, hash_medium(data).height) == upright.size


def test_oblong_pixels_are_made_square() -> None:
    picture = photo(6, 160, 240)

    data = video([picture] * 3, ratio=(2, 1))

    assert first(data).size == (320, 240)
    assert (hash_medium(data).width, hash_medium(data).height) == (320, 240)
    assert difference(first(data), picture.resize((320, 240), Image.Resampling.BILINEAR)) < 6


def test_large_frames_are_shrunk_to_512() -> None:
    picture = photo(7, 1280, 720)
    data = video([picture] * 2)

    assert first(data).size == (512, 288)
    assert (hash_medium(data).width, hash_medium(data).height) == (1280, 720)
    assert difference(first(data), picture.resize((512, 288), Image.Resampling.BOX)) < 5


@pytest.mark.parametrize("matrix", [Colorspace.ITU601, Colorspace.ITU709])
@pytest.mark.parametrize("scale", [ColorRange.MPEG, ColorRange.JPEG])
def test_colours_follow_what_the_file_says(matrix: Colorspace, scale: ColorRange) -> None:
    colours = [(200, 40, 40), (40, 160, 60), (30, 60, 200), (230, 220, 60)]
    picture = Image.new("RGB", (64, 64))
    for number, colour in enumerate(colours):
        picture.paste(colour, (number % 2 * 32, number // 2 * 32, number % 2 * 32 + 32, number // 2 * 32 + 32))
    stated = {"colorspace": 1 if matrix is Colorspace.ITU709 else 6, "color_range": int(scale)}

    shown = first(video([picture] * 2, tags=stated | {"matrix": int(matrix)}, options={"crf": "1"}))

    for number, colour in enumerate(colours):
        seen = levels(shown)[number // 2 * 32 + 16, number % 2 * 32 + 16]
        assert np.abs(seen - colour).max() <= 6


@pytest.mark.parametrize(("height", "expected"), [(480, Colorspace.ITU601), (720, Colorspace.ITU709)])
def test_unstated_colours_follow_the_height_as_in_browsers(height: int, expected: Colorspace) -> None:
    green = Image.new("RGB", (64, height), (40, 160, 60))

    shown = first(video([green] * 2, tags={"matrix": int(expected)}, options={"crf": "1"}))

    assert np.abs(levels(shown)[100, 30] - (40, 160, 60)).max() <= 6


def test_transparency_of_a_video_sticker_is_shown_over_white() -> None:
    cut_out = photo(8, 256, 256).convert("RGBA")
    mask = Image.new("L", cut_out.size)
    mask.paste(255, (64, 64, 192, 192))
    cut_out.putalpha(mask)

    shown = levels(first(video([cut_out] * 5, "webm", pixels="yuva420p")))

    assert (shown[:48] >= 250).all()
    assert np.abs(shown[80:176, 80:176] - levels(photo(8, 256, 256))[80:176, 80:176]).mean() < 12


def test_frames_hash_as_the_pictures_they_show() -> None:
    pictures = [photo(seed, 480, 360) for seed in (1, 2)]
    hashed = hash_medium(video([picture for picture in pictures for _ in range(10)], options={"crf": "18"}))

    assert [frame.at for frame in hashed.frames] == [0, 1]
    for frame, picture in zip(hashed.frames, pictures, strict=True):
        clear = hash_medium(_png(picture))
        assert bits_apart(frame.views[0].hash.code, clear.whole.code) <= 12
    assert hashed.views == hashed.frames[0].views
    assert (hashed.kind, hashed.format, hashed.seconds) == ("video", "MP4", 2.0)


def test_long_video_is_sampled_in_part_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    data = video(scenes(1, 2, 3, seconds=300, fps=1), fps=1, gop=10)

    clip = Clip(data, "MP4")
    found = list(clip)

    assert clip.partial and clip.seconds == 900
    assert len(found) <= 300
    assert 590 <= found[-1].at <= 600


def test_spent_patience_leaves_only_key_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    data = video(scenes(1, 2, 3), gop=30)
    monkeypatch.setattr("monitor.fingerprints.video.frame_decoding.PATIENCE", -1.0)

    assert times(data) == [0, 3]


def test_spent_time_ends_in_what_there_was(monkeypatch: pytest.MonkeyPatch) -> None:
    clip = Clip(video(scenes(1, 2, 3), gop=10), "MP4")
    found: list[Frame] = []
    for frame in clip:
        found.append(frame)
        monkeypatch.setattr("monitor.fingerprints.video.frame_decoding.LIMIT", -1.0)

    assert clip.partial
    assert 1 <= len(found) < 6


@pytest.mark.parametrize("percent", range(5, 100, 5))
def test_cut_file_keeps_the_frames_before_the_cut(percent: int) -> None:
    made = scenes(1, 2, 3)
    for data in (faststart(made, gop=10), video(made, "webm", gop=10)):
        cut = data[: len(data) * percent // 100]
        try:
            hashed = hash_medium(cut)
        except NotInspected as refusal:
            assert refusal.reason == "broken"
            assert percent < 40
        else:
            assert hashed.partial
            assert hashed.frames[-1].at < 6


def test_whole_files_are_not_partial() -> None:
    made = scenes(1, 2)

    assert not hash_medium(video(made)).partial
    assert not hash_medium(video(made, "mov")).partial
    assert not hash_medium(video(made, "webm")).partial
    assert not hash_medium(gif(made[::4])).partial


def test_file_without_its_index_is_broken() -> None:
    data = video(scenes(1))

    assert reason(data[: len(data) // 2]) == "broken"


def test_damage_in_the_middle_costs_only_what_it_hits() -> None:
    data = bytearray(faststart(scenes(1, 2, 3), gop=10))
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)

    hashed = hash_medium(bytes(data))

    assert hashed.frames[0].at == 0 and hashed.frames[-1].at >= 4.9


def test_sound_without_pictures_is_no_video() -> None:
    assert reason(_sound()) == "no-video"


def test_frames_of_absurd_size_are_refused() -> None:
    assert reason(video([Image.new("RGB", (5120, 2880))])) == "too-many-pixels"
    assert reason(raw_gif(65535, 65535, 3)) == "too-many-pixels"


@pytest.mark.parametrize(
    "text",
    [
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"data:video/mp4;base64,AAAA",
        b"file:/etc/passwd",
        b"<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'></MPD>",
        b"[playlist]\nFile1=http://127.0.0.1:9/a.mp4\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
    ],
)
def test_playlists_are_refused_whatever_they_are_called(text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(video_container, "_refuse", lambda url, *_: opened.append(url))

    assert reason(text) == "unsupported"
    for kind in ("MP4", "WEBM", "GIF"):
        with pytest.raises(NotInspected):
            list(Clip(text, kind))
    assert opened == []


def test_reference_to_another_file_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(video_container, "_refuse", lambda url, *_: opened.append(url))
    data = video(scenes(1), "mov")
    # The samples are now said to lie in another file, named by an alias record.
    at = data.index(b"dref") + 4
    entry = data.index(b"url ", at)
    outside = data[:entry] + b"alis" + b"\0\0\0\0" + data[entry + 8 :]

    with pytest.raises(NotInspected):
        list(Clip(outside[: len(outside) // 2], "MOV"))
    list(Clip(outside, "MOV"))
    assert opened == []


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2", "MP4"),
        (b"\0\0\0\x14ftypqt  \0\0\2\0qt  ", "MOV"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "MOV"),
        (b"\0\0\0\x14ftyp3gp5\0\0\2\x003gp5", "MP4"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIF"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIF"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "AVIF"),
        (b"\0\0\0\x18ftypmsf1\0\0\0\0msf1hevc", "HEIF"),
        (b"\0\0\0\x14ftypavis\0\0\0\0avis", "AVIF"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86", "WEBM"),
        (b"RIFF\0\0\0\0AVI LIST", None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_content_tells_what_a_file_is(head: bytes, kind: str | None) -> None:
    assert sniff(head) == kind


def _png(image: Image.Image) -> bytes:
    from tests.support.waves import encoded

    return encoded(image)


def _sound() -> bytes:
    import io

    import av

    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream: Any = file.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), "fltp", "mono")
        frame.sample_rate = 8000
        for packet in [*stream.encode(frame), *stream.encode()]:
            file.mux(packet)
    return out.getvalue()


def test_length_that_a_header_makes_up_is_not_believed() -> None:
    data = video(scenes(1), "webm")
    at = data.index(b"\x44\x89\x88") + 3  # Matroska's Duration, a double in milliseconds
    hashed = hash_medium(data[:at] + struct.pack(">d", 1e15) + data[at + 8 :])
    assert (hashed.seconds, hashed.partial) == (86_400, True)


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="only Linux has these ranks")
def test_making_a_video_leaves_the_rank_of_this_thread_as_it_was() -> None:
    before = os.sched_getscheduler(0)
    video(scenes(1, seconds=0.2), codec="libsvtav1")
    assert os.sched_getscheduler(0) == before
