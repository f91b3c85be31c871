"""Saved again."""

from functools import partial

from benchmarks.edits.canvas import RESAMPLE, Edit, Picture, Rng, decoded, encoded, scaled, within


def as_file(_: Rng, image: Picture, __: Picture, *, kind: str, quality: int) -> bytes:
    """Saved again."""
    return encoded(image, kind, quality=quality)


def as_palette(_: Rng, image: Picture, __: Picture) -> bytes:
    """64 colours, as a GIF."""
    return encoded(image.quantize(64), "GIF")


def through_telegram(_: Rng, image: Picture, __: Picture) -> bytes:
    """Telegram's photos: at most 1280 pixels, JPEG of about 80."""
    return encoded(within(image, 1280), "JPEG", quality=80)


def through_x(_: Rng, image: Picture, __: Picture) -> bytes:
    """X's medium size: at most 1200 pixels, JPEG of about 85 with halved colours."""
    return encoded(within(image, 1200), "JPEG", quality=85, subsampling=2)


def saved_four_times(_: Rng, image: Picture, __: Picture) -> Picture:
    """Passed on again and again, each time a little smaller."""
    for quality in (80, 70, 60, 50):
        image = decoded(encoded(image.resize(scaled(image, 0.93, 0.93), RESAMPLE), "JPEG", quality=quality))
    return image


EDITS: dict[str, Edit] = {
    "jpeg 70": partial(as_file, kind="JPEG", quality=70),
    "jpeg 30": partial(as_file, kind="JPEG", quality=30),
    "jpeg 15": partial(as_file, kind="JPEG", quality=15),
    "webp 40": partial(as_file, kind="WEBP", quality=40),
    "palette 64": as_palette,
    "telegram": through_telegram,
    "x": through_x,
    "saved four times": saved_four_times,
}
