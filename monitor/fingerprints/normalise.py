"""The server rule: the pixels a browser would show, so that a hash made on a person's device agrees within 2 bits.

Upright by EXIF, ICC profile to sRGB (relative colorimetric), transparency over white, RGB. Leaving one out costs up to
12 bits (ICC), 76 (transparency) or 140 (EXIF).
"""

import io
from contextlib import suppress
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageOps

from monitor.errors import NotInspected
from monitor.fingerprints.guards import BROKEN
from monitor.fingerprints.pdq import LONG_SIDE, target_size


@lru_cache(1)
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def shown(image: Image.Image) -> Image.Image:
    """`image` as a browser shows it: RGB, upright. Loads the pixels; raises NotInspected("broken") if it cannot."""
    if image.format == "JPEG":
        # libjpeg decodes straight to 1/2, 1/4 or 1/8 where that leaves at least the hashed size: 0 to 2 bits off.
        image.draft(None, target_size(*image.size) if max(image.size) > LONG_SIDE else image.size)
    try:
        image.load()
    except BROKEN as error:
        raise NotInspected("broken") from error
    profile = image.info.get("icc_profile")
    image = _eight_bits(image)
    with suppress(*BROKEN):  # malformed EXIF turns nothing
        image = ImageOps.exif_transpose(image)
    if image.has_transparency_data and image.mode != "RGBA":
        image = image.convert("RGBA")
    if profile:
        image = _to_srgb(image, profile)
    if image.mode == "RGBA":
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image)
        return white
    return image if image.mode == "RGB" else image.convert("RGB")


def is_turned(image: Image.Image) -> bool:
    """Whether EXIF says that width and height change places."""
    try:
        return image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
    except BROKEN:
        return False


def _eight_bits(image: Image.Image) -> Image.Image:
    """Sixteen-bit greys scaled down to eight; Pillow's own conversion would clip them to white."""
    if not image.mode.startswith("I"):
        return image
    values: np.ndarray[Any, Any] = np.asarray(image)
    grey = Image.fromarray(np.clip(values >> 8, 0, 255).astype(np.uint8))
    grey.info = {key: value for key, value in image.info.items() if key == "exif"}
    return grey


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Colours moved to sRGB. A profile that is broken or of another colour space is ignored, as browsers do."""
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
