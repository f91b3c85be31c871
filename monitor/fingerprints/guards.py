"""What is checked before a medium is decoded. The content decides what a file is; names and MIME types are ignored."""

import io
import struct
import zlib

import pillow_heif

# Registers these formats and no others: Image.open would else load every parser Pillow has.
from PIL import (
    AvifImagePlugin,  # noqa: F401
    BmpImagePlugin,  # noqa: F401
    GifImagePlugin,  # noqa: F401
    Image,
    JpegImagePlugin,  # noqa: F401
    PngImagePlugin,  # noqa: F401
    TiffImagePlugin,  # noqa: F401
    WebPImagePlugin,  # noqa: F401
)

from monitor.errors import NotInspected
from monitor.fingerprints.kinds import sniff

pillow_heif.register_heif_opener(
    thumbnails=False, depth_images=False, aux_images=False, save_to_12bit=False, decode_threads=1
)

MAX_BYTES = 20 * 2**20
"""Default cap of a file. Telegram's photos stay below 10 MB, X's below 5 MB; documents can be anything."""

MAX_PIXELS = 50_000_000
"""50 megapixels (8192 x 6144, the largest phones): two 4-byte copies of it still fit a decoder of 512 MB."""

BROKEN = (
    OSError,  # UnidentifiedImageError and truncated files among them
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    zlib.error,
)
"""What Pillow's parsers raise on malformed files."""


def check_bytes(data: bytes, max_bytes: int) -> None:
    """Refuse what needs no decoder to be refused. Raises NotInspected: empty, too-large or unsupported."""
    if not data:
        raise NotInspected("empty")
    if len(data) > max_bytes:
        raise NotInspected("too-large")
    if sniff(data) is None:
        raise NotInspected("unsupported")


def open_guarded(data: bytes) -> Image.Image:
    """The picture with its header read and its pixels not yet. Raises NotInspected: see check_bytes, and
    too-many-pixels or broken. An animation shows its first frame."""
    check_bytes(data, len(data))
    # Our own cap replaces Pillow's, which only warns at 89 megapixels.
    Image.MAX_IMAGE_PIXELS = None
    try:
        image = Image.open(io.BytesIO(data), formats=[sniff(data) or ""])
    except BROKEN as error:
        raise NotInspected("broken") from error
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise NotInspected("too-many-pixels")
    return image
