"""The canvas of a GIF holds its first picture, whatever the header says; a tag in any encoding is no mistake."""

import struct
from typing import Any

import av
import pytest

from monitor.core.errors import NotInspected
from monitor.fingerprints.containers.gif_canvas import with_canvas
from monitor.fingerprints.media import hash_medium
from tests.support.clips import commented, gif, on_canvas, scenes, tagged, video
from tests.support.waves import encoded, photo

PICTURES = [photo(seed, 240, 180) for seed in (1, 2, 3)]


@pytest.mark.parametrize("canvas", [(100, 80), (1, 1), (0, 0), (0, 180), (240, 0), (239, 180)])
@pytest.mark.parametrize("moves", [True, False], ids=["moving", "still"])
def test_header_hides_nothing_of_a_gif(canvas: tuple[int, int], moves: bool) -> None:
    plain = gif(PICTURES) if moves else encoded(PICTURES[0], "GIF")

    shown, hidden = hash_medium(plain), hash_medium(on_canvas(plain, *canvas))

    assert (hidden.width, hidden.height) == (240, 180)
    assert (hidden.views, hidden.frames, hidden.kind) == (shown.views, shown.frames, shown.kind)
    assert hidden.sha256 != shown.sha256  # it is told of the file as it was posted


def test_canvas_that_holds_the_first_picture_stays() -> None:
    data = gif(PICTURES)

    assert with_canvas(data) is data
    assert with_canvas(on_canvas(data, 500, 400))[6:10] == struct.pack("<HH", 500, 400)


def test_canvas_grows_by_where_the_picture_stands() -> None:
    data = bytearray(on_canvas(gif(PICTURES), 10, 10))
    at = data.index(b"\x2c\0\0\0\0" + struct.pack("<HH", 240, 180))
    data[at + 1 : at + 5] = struct.pack("<HH", 7, 9)

    assert with_canvas(bytes(data))[6:10] == struct.pack("<HH", 247, 189)


def test_comment_in_front_of_the_first_picture_is_stepped_over() -> None:
    data = commented(on_canvas(gif(PICTURES), 0, 0), b"x" * 3000)

    assert with_canvas(data)[6:10] == struct.pack("<HH", 240, 180)


def test_cut_and_made_up_files_keep_their_header() -> None:
    data = on_canvas(gif(PICTURES), 0, 0)

    first = data.index(b"\x2c\0\0\0\0")
    for end in range(first + 9):
        assert with_canvas(data[:end]) == data[:end]
    assert with_canvas(b"GIF89a" + bytes(40)) == b"GIF89a" + bytes(40)
    with pytest.raises(NotInspected, match="broken"):
        hash_medium(b"GIF89a" + bytes(40))


def test_enlarged_canvas_is_capped_as_every_other() -> None:
    data = bytearray(on_canvas(gif(PICTURES), 1, 1))
    at = data.index(b"\x2c\0\0\0\0")
    data[at + 5 : at + 9] = struct.pack("<HH", 60_000, 60_000)

    with pytest.raises(NotInspected, match="too-many-pixels"):
        hash_medium(bytes(data))


TAGS = {
    "euc-kr": "우리 집 영상".encode("euc-kr"),
    "latin-1": "Été à Nîmes".encode("latin-1"),
    "photoshop": b"Adobe Photoshop\xa8 5.2",
}


@pytest.mark.parametrize("tag", TAGS.values(), ids=TAGS)
@pytest.mark.parametrize("kind", ["mp4", "mov", "webm"])
def test_tag_in_any_encoding_is_no_mistake(kind: str, tag: bytes) -> None:
    frames = scenes(1, 2)

    plain, odd = hash_medium(video(frames, kind)), hash_medium(tagged(frames, kind, tag))

    assert odd.frames == plain.frames and not odd.partial


@pytest.mark.parametrize("tag", TAGS.values(), ids=TAGS)
def test_comment_in_any_encoding_is_no_mistake(tag: bytes) -> None:
    for plain in (gif(PICTURES), encoded(PICTURES[0], "GIF")):
        assert hash_medium(commented(plain, tag)).views == hash_medium(plain).views


def test_next_library_reads_tags_without_being_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    opens: Any = av.open

    def later(file: Any, mode: str, *, format: str, options: dict[str, str], io_open: Any) -> Any:
        """PyAV 19: no argument for it, and always like this."""
        return opens(file, mode, format=format, options=options, io_open=io_open, metadata_errors="surrogateescape")

    frames = scenes(1, 2)
    odd, plain = tagged(frames, "mp4", TAGS["euc-kr"]), video(frames)
    monkeypatch.setattr(av, "open", later)

    assert hash_medium(odd).frames == hash_medium(plain).frames
