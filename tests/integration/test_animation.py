"""Animations count with every picture they hold; HEIC is read as the server rule says."""

import io
import time

import pillow_heif
import pytest
from PIL import Image, ImageCms

from monitor.core.errors import NotInspected
from monitor.fingerprints.media import hash_medium
from monitor.fingerprints.video.animation import Animation
from tests.support.clips import apng, gif, raw_gif, scenes, webp
from tests.support.waves import bits_apart, encoded, photo

ENCODERS = {"GIF": gif, "WEBP": webp, "PNG": apng}


def avif(frames: list[Image.Image], *, milliseconds: int = 100) -> bytes:
    return encoded(frames[0], "AVIF", save_all=True, append_images=frames[1:], duration=milliseconds, speed=10)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_every_picture_of_an_animation_counts(kind: str) -> None:
    pictures = [photo(seed, 240, 180) for seed in (1, 2, 3, 4)]

    hashed = hash_medium((ENCODERS | {"AVIF": avif})[kind](pictures, milliseconds=200))

    assert (hashed.kind, hashed.format, hashed.partial) == ("video", kind, False)
    assert (hashed.width, hashed.height) == (240, 180)
    assert [frame.at for frame in hashed.frames] == pytest.approx([0, 0.2, 0.4, 0.6], abs=0.02)
    assert hashed.seconds == pytest.approx(0.8, abs=0.05)
    for frame, picture in zip(hashed.frames, pictures, strict=True):
        assert bits_apart(frame.views[0].hash.code, hash_medium(encoded(picture)).whole.code) <= 16


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_animation_of_one_picture_is_a_picture(kind: str) -> None:
    hashed = hash_medium(encoded(photo(1), kind))

    assert (hashed.kind, hashed.frames, hashed.seconds) == ("image", (), 0)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_pictures_that_stay_the_same_count_once(kind: str) -> None:
    still = photo(2, 160, 120)
    pictures = [still, still.point(lambda level: min(255, level + 1)), still, photo(3, 160, 120)]

    assert len(hash_medium(ENCODERS[kind](pictures)).frames) == 2


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_long_animation_is_sampled_all_over(kind: str) -> None:
    pictures = scenes(1, 2, 3, 4, seconds=10, fps=10, size=(64, 48))

    hashed = hash_medium(ENCODERS[kind](pictures))

    assert 30 <= len(hashed.frames) <= 300
    assert hashed.frames[-1].at >= 39


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_cut_animation_keeps_what_it_holds(kind: str) -> None:
    data = ENCODERS[kind]([photo(seed, 240, 180) for seed in (1, 2, 3, 4)])
    kept = []

    for percent in range(5, 100, 5):
        try:
            hashed = hash_medium(data[: len(data) * percent // 100])
        except NotInspected as refusal:
            assert refusal.reason == "broken"
        else:
            assert hashed.partial
            kept.append(len(hashed.frames))

    # libwebp opens no file that is cut.
    assert kept == sorted(kept)
    assert kind == "WEBP" or kept[-1] >= 3


def test_gif_of_a_hundred_thousand_pictures_takes_seconds() -> None:
    start = time.process_time()

    hashed = hash_medium(raw_gif(32, 32, 100_000))

    assert hashed.partial and hashed.seconds == pytest.approx(2000, abs=1)
    assert time.process_time() - start < 10


def test_transparent_animation_is_shown_over_white() -> None:
    cut_out = photo(1, 120, 120).convert("RGBA")
    cut_out.putalpha(0)
    solid = photo(2, 120, 120).convert("RGBA")

    assert hash_medium(webp([cut_out, solid])).frames[0].at == pytest.approx(0.1)


def test_heic_is_read() -> None:
    picture = photo(1, 480, 360)

    hashed = hash_medium(encoded(picture, "HEIF", quality=90))

    assert (hashed.kind, hashed.format) == ("image", "HEIF")
    assert bits_apart(hashed.whole.code, hash_medium(encoded(picture)).whole.code) <= 6


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_turned_animation_has_the_size_of_its_frames(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(photo(1, 240, 160), kind, save_all=True, append_images=[photo(2, 240, 160)], exif=exif)
    turned = orientation > 4

    found = hash_medium(data)

    assert (found.width, found.height) == ((160, 240) if turned else (240, 160))
    assert next(iter(Animation(data))).image.size == (found.width, found.height)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_heic_stands_as_its_own_boxes_say_whatever_its_exif(orientation: int) -> None:
    # The encoder turns EXIF's orientation into the file's own box; phones write both.
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = photo(2, 480, 320)
    turns = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_270, 8: Image.Transpose.ROTATE_90}
    upright = picture if orientation == 1 else picture.transpose(turns[orientation])
    picture.info["exif"] = exif.tobytes()

    hashed = hash_medium(encoded(picture, "HEIF", quality=90))

    assert (hashed.width, hashed.height) == upright.size
    assert bits_apart(hashed.whole.code, hash_medium(encoded(upright)).whole.code) <= 8


def test_colour_profile_of_heic_is_converted() -> None:
    picture = photo(3, 320, 240)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()

    # A profile of another colour space is ignored, as in every other format.
    odd, plain = (encoded(picture, "HEIF", quality=95, icc_profile=one) for one in (profile, None))
    assert hash_medium(odd).whole == hash_medium(plain).whole


def test_heic_with_several_pictures_shows_its_primary_one() -> None:
    heif = pillow_heif.from_pillow(photo(4, 320, 240))
    heif.add_from_pillow(photo(5, 320, 240))
    out = io.BytesIO()
    heif.save(out, primary_index=1, quality=90)

    hashed = hash_medium(out.getvalue())

    assert bits_apart(hashed.whole.code, hash_medium(encoded(photo(5, 320, 240))).whole.code) <= 8


def test_heic_beyond_the_cap_of_pixels_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.fingerprints.containers.guards.MAX_PIXELS", 320 * 240 - 1)

    with pytest.raises(NotInspected, match="too-many-pixels"):
        hash_medium(encoded(photo(4, 320, 240), "HEIF"))


@pytest.mark.parametrize("percent", range(5, 100, 10))
def test_cut_heic_is_broken_or_shown(percent: int) -> None:
    data = encoded(photo(4, 320, 240), "HEIF")

    try:
        hash_medium(data[: len(data) * percent // 100])
    except NotInspected as refusal:
        assert refusal.reason == "broken"
