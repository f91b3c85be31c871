"""The server rule: the pixels a browser would show, so that a hash made on a person's device agrees within 2 bits.

Upright by EXIF, ICC profile to sRGB (relative colorimetric), transparency over white. Leaving one out costs up to 12
bits (ICC), 76 (transparency) or 140 (EXIF). A picture that is blank over white is shown over black: white pictures that
lie in their transparency are posted for apps with a dark ground, and over white they have no hash to agree on.

Hashes need nothing but luma, so a JPEG without a profile is decoded to its luma alone: colours would be made, for a
quarter of the cost, only to be weighed back into what they came from.
"""

import io
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache, partial

import numpy as np
from PIL import Image, ImageCms, ImageFile, ImageOps

from monitor.fingerprints.containers.guards import BROKEN, failed
from monitor.fingerprints.hashes.pdq import LONG_SIDE, target_size

_ORIENTATION = 0x0112
"""The EXIF tag."""


@lru_cache(1)
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


_STRIP = 256
_FLAT = 16
"""Levels of luma, from darkest to brightest, below which a picture shows nothing."""


def shown(image: Image.Image, least: int = LONG_SIDE) -> Image.Image:
    """`image` as a browser shows it: RGB or L, upright, its longer side at least `least` pixels where it has so many.
    Loads the pixels and closes `image`.

    Raises NotInspected("broken") or MemoryError. At most two copies of the picture are in memory at a time.
    """
    profile = image.info.get("icc_profile")
    if image.format == "JPEG":
        # libjpeg decodes straight to 1/2, 1/4 or 1/8 where that leaves at least so many pixels: 0 to 2 bits off.
        size = target_size(*image.size, least)
        image.draft(None if profile else "L", size)
    drawn = _drawn(image)
    try:
        image.load()
    except BROKEN as error:
        raise failed(error, image.format or "", image.width * image.height) from error
    bare = partial(_see_through_beside, drawn=drawn)
    for step in (_eight_bits, _upright, _plain_mode, bare, partial(_to_srgb, profile=profile), _over_ground):
        following = step(image)
        if following is not image:
            image.close()
        image = following
    return image


def is_turned(image: Image.Image) -> bool:
    """Whether width and height of the unloaded `image` change places when it is shown, by its EXIF."""
    if image.format == "TIFF":
        return False  # Pillow turns these itself when they are loaded, and tells the turned size from the start
    try:
        return image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
    except BROKEN:
        return False


def _strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """The picture in strips, each with the row it starts at: what is made of it never doubles it."""
    for top in range(0, image.height, _STRIP):
        yield top, image.crop((0, top, image.width, min(top + _STRIP, image.height)))


def _eight_bits(image: Image.Image) -> Image.Image:
    """Greys of 16 bits scaled down to eight, those of 32 bits and floats by what they hold themselves, since nothing
    says what white is. Pillow's own conversion would clip them to white or black."""
    if not image.mode.startswith(("I", "F")):
        return image
    low, high = (0.0, 255.0 * 256) if image.mode.startswith("I;16") else _range(image)
    step = (high - low) / 255 or 1.0
    grey = Image.new("L", image.size)
    for top, strip in _strips(image):
        values = np.nan_to_num(np.asarray(strip).astype(np.float64), nan=low, posinf=high, neginf=low)
        grey.paste(Image.fromarray(np.clip((values - low) / step, 0, 255).astype(np.uint8)), (0, top))
    grey.info = {key: value for key, value in image.info.items() if key == "exif"}
    return grey


def _range(image: Image.Image) -> tuple[float, float]:
    """The least and the largest finite value."""
    low, high = np.inf, -np.inf
    for _, strip in _strips(image):
        values = np.asarray(strip)
        values = values[np.isfinite(values)]
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    return (low, high) if low <= high else (0.0, 0.0)


def _upright(image: Image.Image) -> Image.Image:
    turned = None
    with suppress(*BROKEN):  # malformed EXIF turns nothing
        # Asked first, because exif_transpose copies a picture that is upright already.
        if image.getexif().get(_ORIENTATION, 1) != 1:
            turned = ImageOps.exif_transpose(image)
    return turned or image


def _plain_mode(image: Image.Image) -> Image.Image:
    """Palettes and greys with transparency become RGBA, so that no transparency is lost on the way."""
    return image.convert("RGBA") if image.has_transparency_data and image.mode != "RGBA" else image


def _drawn(image: Image.Image) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of the part of an unloaded GIF's canvas that its picture covers; None: all of it."""
    if image.format != "GIF" or not isinstance(image, ImageFile.ImageFile) or not image.tile:
        return None
    _, extents, *_ = image.tile[0]
    return extents if extents and extents != (0, 0, *image.size) else None


def _see_through_beside(image: Image.Image, drawn: tuple[int, int, int, int] | None) -> Image.Image:
    """Browsers leave transparent what the picture does not cover; Pillow paints it with the table's first colour."""
    if drawn is None:
        return image
    whole = image.convert("RGBA")
    alpha = Image.new("L", whole.size, 0)
    alpha.paste(whole.getchannel("A").crop(drawn), drawn)
    whole.putalpha(alpha)
    return whole


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours moved to sRGB. A profile that is broken or of another colour space is ignored, as browsers do."""
    if not profile:
        return image
    try:
        converted = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            _srgb(),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGBA" if image.mode == "RGBA" else "RGB",
        )
    except (ImageCms.PyCMSError, *BROKEN):
        return image
    return converted if converted is not None else image


def _over_ground(image: Image.Image) -> Image.Image:
    """RGB or L, transparency over white; over black where all is white on white."""
    if image.mode != "RGBA":
        return image if image.mode in ("RGB", "L") else image.convert("RGB")
    over = _over(image, "white")
    if not _is_flat(over) or image.getchannel("A").getextrema() == (255, 255):
        return over
    del over  # two whole copies at a time are enough
    over = _over(image, "black")
    if not _is_flat(over):
        return over
    del over
    return _over(image, "white")


def _over(image: Image.Image, colour: str) -> Image.Image:
    """In strips, because the blend needs a mask of its own."""
    ground = Image.new("RGB", image.size, colour)
    for top, strip in _strips(image):
        ground.paste(strip, (0, top), mask=strip)
    return ground


def _is_flat(image: Image.Image) -> bool:
    low, high = 255, 0
    for _, strip in _strips(image):
        darkest, brightest = strip.convert("L").getextrema()
        # Numbers: only of a picture with several bands they would be pairs.
        low, high = min(low, int(darkest)), max(high, int(brightest))  # type: ignore[arg-type]
        if high - low >= _FLAT:
            return False
    return True
