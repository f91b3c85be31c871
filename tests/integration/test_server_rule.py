"""The server sees what a browser shows: EXIF, colour profiles, transparency, palettes, CMYK, sixteen bits."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageEnhance, PngImagePlugin

from monitor.core.errors import NotInspected, RuleBroken
from monitor.fingerprints.containers import large_webp
from monitor.fingerprints.containers.guards import failed, open_guarded
from monitor.fingerprints.hashes.normalise import shown
from monitor.fingerprints.hashes.values import Hash
from monitor.fingerprints.image import hash_picture, register
from tests.support.waves import bits_apart, encoded, photo

T = Image.Transpose
STORED_AS = {
    1: None,
    2: T.FLIP_LEFT_RIGHT,
    3: T.ROTATE_180,
    4: T.FLIP_TOP_BOTTOM,
    5: T.TRANSPOSE,
    6: T.ROTATE_90,
    7: T.TRANSVERSE,
    8: T.ROTATE_270,
}
"""How the pixels lie in a file of each EXIF orientation, so that a viewer shows the picture upright."""


def pixels(data: bytes) -> np.ndarray:
    """What is shown of a file."""
    return np.asarray(shown(Image.open(io.BytesIO(data))))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(orientation: int) -> None:
    image = photo(1, 480, 320)
    turn = STORED_AS[orientation]
    stored = image if turn is None else image.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation

    hashed = hash_picture(encoded(stored, exif=exif))

    assert (hashed.width, hashed.height) == (480, 320)
    assert hashed.whole == hash_picture(encoded(image)).whole


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_size_is_that_of_what_is_shown(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(photo(1, 240, 160), kind, exif=exif)

    hashed = hash_picture(data, "slim")

    height, width = pixels(data).shape[:2]
    assert (hashed.width, hashed.height) == (width, height)
    assert hashed.regions is not None
    assert (hashed.regions.width, hashed.regions.height) == (width, height)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_tiff_is_turned_once(orientation: int) -> None:
    image = photo(1, 480, 320)
    turn = STORED_AS[orientation]
    stored = image if turn is None else image.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation

    hashed = hash_picture(encoded(stored, "TIFF", exif=exif))

    assert (hashed.width, hashed.height) == (480, 320)
    assert hashed.whole == hash_picture(encoded(image)).whole


def test_malformed_exif_turns_nothing() -> None:
    image = photo(1)

    assert (
        hash_picture(encoded(image, exif=b"Exif\0\0II*\0\xff\xff\xff\xff")).whole == hash_picture(encoded(image)).whole
    )


def test_wide_gamut_profile_is_converted_to_srgb() -> None:
    image = photo(2)
    wide = _profile_with_swapped_primaries()

    tagged = pixels(encoded(image, icc_profile=wide))

    assert np.abs(tagged.astype(int) - np.asarray(image)).max() > 60


def test_srgb_profile_changes_at_most_a_level() -> None:
    image = photo(2)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    tagged = pixels(encoded(image, icc_profile=srgb))

    assert np.abs(tagged.astype(int) - np.asarray(image)).max() <= 1


@pytest.mark.parametrize("profile", [b"no profile at all", b"\0" * 200])
def test_broken_profile_is_ignored(profile: bytes) -> None:
    image = photo(2)

    assert np.array_equal(pixels(encoded(image, icc_profile=profile)), np.asarray(image))


def test_transparency_is_shown_over_white() -> None:
    image = photo(3)
    alpha = Image.linear_gradient("L").resize(image.size)
    see_through = image.copy()
    see_through.putalpha(alpha)
    share = np.asarray(alpha, np.float64)[..., None] / 255

    expected = np.asarray(image) * share + 255 * (1 - share)

    assert np.abs(pixels(encoded(see_through)) - expected).max() <= 1


@pytest.mark.parametrize("mode", ["LA", "P", "RGB", "L", "1"])
def test_transparent_colour_or_grey_is_shown_as_white(mode: str) -> None:
    if mode == "LA":
        data = encoded(Image.new("LA", (40, 30), (0, 0)))
    elif mode == "RGB":
        data = encoded(Image.new("RGB", (40, 30), (1, 2, 3)), transparency=(1, 2, 3))
    else:
        data = encoded(Image.new(mode, (40, 30), 0), transparency=0)

    assert pixels(data).min() == 255


def test_palette_shows_its_colours() -> None:
    image = photo(4).quantize(64)

    assert np.array_equal(pixels(encoded(image)), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("options", [{"progressive": True}, {"subsampling": 0}, {"quality": 95}], ids=str)
def test_kinds_of_jpeg_agree(options: dict[str, object]) -> None:
    image = photo(5)

    found = hash_picture(encoded(image, "JPEG", **options)).whole

    assert bits_apart(found.code, hash_picture(encoded(image)).whole.code) <= 8


def test_cmyk_jpeg_agrees() -> None:
    image = photo(5)

    hashed = hash_picture(encoded(image.convert("CMYK"), "JPEG", quality=95))

    assert hashed.format == "JPEG"
    assert bits_apart(hashed.whole.code, hash_picture(encoded(image)).whole.code) <= 8


@pytest.mark.parametrize("options", [{}, {"subsampling": 0}, {"keep_rgb": True}, {"progressive": True}])
@pytest.mark.parametrize("colour", [1, 3])
def test_jpeg_read_as_luma_alone_agrees_with_its_colours(options: dict[str, int], colour: int) -> None:
    vivid = ImageEnhance.Color(photo(14, 700, 500)).enhance(colour)
    data = encoded(vivid, "JPEG", quality=90, **options)
    in_colour = Image.open(io.BytesIO(data)).convert("RGB")

    with Image.open(io.BytesIO(data)) as image:
        assert shown(image).mode == "L"
    assert bits_apart(hash_picture(data).whole.code, hash_picture(encoded(in_colour)).whole.code) <= 2


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    grey = photo(6).convert("L")
    deep = Image.fromarray(np.asarray(grey, np.uint16) * 257)

    assert hash_picture(encoded(deep)).whole == hash_picture(encoded(grey)).whole


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF"])
def test_every_format_is_read_by_its_content(kind: str) -> None:
    image = photo(7)

    hashed = hash_picture(encoded(image, kind))

    assert hashed.format == kind
    assert bits_apart(hashed.whole.code, hash_picture(encoded(image)).whole.code) <= 12


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_animation_shows_its_first_frame(kind: str) -> None:
    first, second = photo(8), photo(9)

    moving = hash_picture(encoded(first, kind, save_all=True, append_images=[second], duration=80))

    assert bits_apart(moving.whole.code, hash_picture(encoded(first)).whole.code) <= 12


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "TIFF", "BMP"])
@pytest.mark.parametrize("part", [0.02, 0.3, 0.9])
def test_truncated_file_is_broken(kind: str, part: float) -> None:
    data = encoded(photo(7), kind)

    with pytest.raises(NotInspected, match="broken"):
        hash_picture(data[: int(len(data) * part)])


@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_without_its_end_is_shown(progressive: bool) -> None:
    data = encoded(photo(7), "JPEG", progressive=progressive)

    assert hash_picture(data[:-2]).whole == hash_picture(data).whole
    assert hash_picture(data[:-1]).whole == hash_picture(data).whole


def test_jpeg_cut_in_the_middle_is_shown_as_far_as_it_goes() -> None:
    data = encoded(photo(7), "JPEG", subsampling=0)
    whole, cut = pixels(data), np.asarray(shown(open_guarded(data[: len(data) // 2])))

    half = whole.shape[0] // 4
    assert np.array_equal(whole[:half], cut[:half])
    assert np.ptp(cut[-16:], axis=(0, 1)).max() <= 2


@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_cut_within_its_header_is_broken(progressive: bool) -> None:
    data = encoded(photo(7), "JPEG", progressive=progressive)
    for end in range(3, data.index(b"\xff\xda"), 7):
        with pytest.raises(NotInspected, match="broken"):
            hash_picture(data[:end])


def _with_text(size: int, count: int = 1) -> bytes:
    """A PNG with texts that inflate to `size` bytes each."""
    info = PngImagePlugin.PngInfo()
    for number in range(count):
        info.add_text(f"history{number}", "x" * size, zip=True)
    return encoded(photo(7), pnginfo=info)


def test_png_with_a_long_text_or_profile_is_inspected() -> None:
    sound = hash_picture(encoded(photo(7))).whole

    assert hash_picture(_with_text(3 * 2**20)).whole == sound
    assert hash_picture(encoded(photo(7), icc_profile=bytes(2 * 2**20))).whole == sound


@pytest.mark.parametrize(("size", "count"), [(17 * 2**20, 1), (15 * 2**20, 5)])
def test_png_whose_texts_are_a_bomb_is_broken(size: int, count: int) -> None:
    with pytest.raises(NotInspected, match="broken"):
        hash_picture(_with_text(size, count))


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "HEIF"])
def test_large_picture_that_fails_in_a_silent_library_lacked_memory(kind: str) -> None:
    assert isinstance(failed(RuntimeError("no reason"), kind, 48_800_000), MemoryError)
    assert isinstance(failed(RuntimeError("no reason"), kind, 12_000_000), NotInspected)
    assert isinstance(failed(RuntimeError("no reason"), "PNG", 48_800_000), NotInspected)


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": Image.Exif().tobytes() + b"II*"}], ids=str)
def test_webp_that_claims_too_many_pixels_is_refused_before_it_takes_memory(options: dict[str, object]) -> None:
    data = encoded(Image.new("RGB", (16_000, 3200)), "WEBP", method=0, quality=1, **options)

    with pytest.raises(NotInspected, match="too-many-pixels"):
        open_guarded(data)
    # Its first 30 bytes are enough: no decoder was asked.
    with pytest.raises(NotInspected, match="too-many-pixels"):
        open_guarded(data[:30])


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_white_picture_that_lies_in_its_transparency_is_shown_over_black(kind: str, mode: str) -> None:
    grey = photo(3).convert("L")
    white = Image.new(mode[:-1], grey.size, "white")
    white.putalpha(grey)

    hidden = hash_picture(encoded(white, kind, **({"lossless": True} if kind == "WEBP" else {})))

    assert bits_apart(hidden.whole.code, hash_picture(encoded(grey)).whole.code) <= 2
    assert hidden.whole.quality >= 50


@pytest.mark.parametrize("most", [1.0, 255.0, 70_000.0])
@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_tiff_of_32_bits_is_scaled_by_its_own_range(kind: type, most: float) -> None:
    grey = photo(3).convert("L")
    if kind is np.int32:
        most *= 1000
    values: NDArray[Any] = (np.asarray(grey) * (most / 255)).astype(kind)
    if kind is np.float32:
        values[0, 0], values[0, 1] = np.nan, np.inf

    found = hash_picture(encoded(Image.fromarray(values), "TIFF"))

    assert bits_apart(found.whole.code, hash_picture(encoded(grey)).whole.code) <= 2
    assert found.whole.quality >= 50


def test_large_webp_is_the_same_by_its_luma_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(4):
        exif = Image.Exif()
        exif[0x0112] = 6 if seed % 2 else 1
        data = encoded(photo(seed, 640, 480), "WEBP", quality=85, **({"exif": exif} if seed else {}))
        expected = hash_picture(data)
        with monkeypatch.context() as small:
            small.setattr(large_webp, "LARGE", 1000)

            found = hash_picture(data)

        assert (found.width, found.height, found.format) == (expected.width, expected.height, "WEBP")
        assert bits_apart(found.whole.code, expected.whole.code) <= 4


def test_header_that_claims_too_many_pixels_is_refused_before_decoding() -> None:
    data = bytearray(encoded(photo(7)))
    struct.pack_into(">II", data, 16, 20_000, 20_000)

    with pytest.raises(NotInspected):
        hash_picture(bytes(data))


def test_flat_picture_is_refused_with_an_explanation() -> None:
    with pytest.raises(RuleBroken) as refusal:
        register(hash_picture(encoded(Image.new("RGB", (640, 480), "grey"))))

    assert refusal.value.reason == "flat-picture"
    assert "quality 0 of 100, at least 50" in refusal.value.detail


def test_hash_from_a_device_is_held_to_the_same_limit() -> None:
    assert register(Hash(bytes(32), 50)).quality == 50
    with pytest.raises(RuleBroken):
        register(Hash(bytes(32), 49))


def _profile_with_swapped_primaries() -> bytes:
    """An RGB profile whose red is sRGB's blue: valid, and far from sRGB."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile)
