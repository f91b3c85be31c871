"""The canvas of a GIF holds its first picture, whatever the header says; a tag in any encoding is no mistake."""

import struct
from typing import Any

import av
import pytest

from monitor.core.errors import NotInspected
from monitor.fingerprints.containers.gif_canvas import as_browsers_draw
from monitor.fingerprints.containers.guards import open_guarded
from monitor.fingerprints.hashes.normalise import shown
from monitor.fingerprints.media import hash_medium
from monitor.fingerprints.video.clip import Clip
from tests.support.clips import commented, gif, on_canvas, scenes, tagged, video
from tests.support.waves import encoded, photo

PICTURES = [photo(seed, 240, 180) for seed in (1, 2, 3)]


@pytest.mark.parametrize("canvas", [(100, 80), (1, 1), (0, 0), (0, 180), (240, 0), (239, 180)])
@pytest.mark.parametrize("moves", [True, False], ids=["moving", "still"])
def test_header_hides_nothing_of_a_gif(canvas: tuple[int, int], moves: bool) -> None:
    plain = gif(PICTURES) if moves else encoded(PICTURES[0], "GIF")

    told, hidden = hash_medium(plain), hash_medium(on_canvas(plain, *canvas))

    assert (hidden.width, hidden.height) == (240, 180)
    assert (hidden.views, hidden.frames, hidden.kind) == (told.views, told.frames, told.kind)
    assert hidden.sha256 != told.sha256  # it is told of the file as it was posted


def test_canvas_that_holds_the_first_picture_stays() -> None:
    data = gif(PICTURES)

    assert as_browsers_draw(data) is data
    assert as_browsers_draw(on_canvas(data, 500, 400))[6:10] == struct.pack("<HH", 500, 400)


def test_canvas_grows_by_where_the_picture_stands() -> None:
    data = bytearray(on_canvas(gif(PICTURES), 10, 10))
    at = data.index(b"\x2c\0\0\0\0" + struct.pack("<HH", 240, 180))
    data[at + 1 : at + 5] = struct.pack("<HH", 7, 9)

    assert as_browsers_draw(bytes(data))[6:10] == struct.pack("<HH", 247, 189)


@pytest.mark.parametrize("colours", [256, 64])
def test_background_of_the_header_is_not_drawn(colours: int) -> None:
    """Beside its first picture a canvas is see-through, as in browsers, whatever the header's background."""
    tables = [one.quantize(colours) for one in PICTURES]
    data = bytearray(on_canvas(gif(tables), 480, 360))
    written = [
        as_browsers_draw(bytes(data[:11]) + bytes([number]) + bytes(data[12:])) for number in (0, 9, colours - 1)
    ]

    frames = [list(Clip(one, "GIF")) for one in written]

    assert {frame.image.getpixel((470, 350)) for found in frames for frame in found} == {(255, 255, 255)}
    plain = [frame.image for frame in Clip(gif(tables), "GIF")]
    for found in frames:
        assert [frame.image.crop((0, 0, 240, 180)).tobytes() for frame in found] == [one.tobytes() for one in plain]


def test_still_is_see_through_beside_its_picture() -> None:
    table = PICTURES[0].quantize(256)
    still = on_canvas(encoded(table, "GIF"), 480, 360)

    upright = shown(open_guarded(still))

    assert upright.getpixel((470, 350)) == (255, 255, 255)
    assert upright.crop((0, 0, 240, 180)).tobytes() == table.convert("RGB").tobytes()


def test_header_is_written_anew_only_where_it_misleads() -> None:
    whole = gif(PICTURES)
    for data in (whole, on_canvas(whole, 480, 360)[:11], b"GIF89a" + bytes(7)):
        assert as_browsers_draw(data) is data
    # Pixels may look like a control; what is written then shows the same.
    odd = commented(whole, b"\x21\xf9\x04\x08")
    assert as_browsers_draw(odd) != odd
    assert hash_medium(odd).frames == hash_medium(whole).frames


def test_gif_of_very_many_pictures_does_not_grow_beyond_a_decoder() -> None:
    one = b"\x21\xf9\x04\x08\x02\0\0\0\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x4c\x01\0"
    head = b"GIF89a" + struct.pack("<HHBBB", 9, 9, 0x87, 0, 0) + bytes(768)
    few, many = head + one * 100 + b";", head + one * 100_000 + b";"

    assert len(as_browsers_draw(few)) == len(few) - 768 + 100 * 768
    assert as_browsers_draw(many) is many


def test_comment_in_front_of_the_first_picture_is_stepped_over() -> None:
    data = commented(on_canvas(gif(PICTURES), 0, 0), b"x" * 3000)

    assert as_browsers_draw(data)[6:10] == struct.pack("<HH", 240, 180)


def test_cut_and_made_up_files_keep_their_header() -> None:
    data = on_canvas(gif(PICTURES), 0, 0)

    first = data.index(b"\x2c\0\0\0\0")
    for end in range(first + 9):
        assert as_browsers_draw(data[:end]) == data[:end]
    assert as_browsers_draw(b"GIF89a" + bytes(40)) == b"GIF89a" + bytes(40)
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
