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
    PngImagePlugin,
    TiffImagePlugin,  # noqa: F401
    WebPImagePlugin,  # noqa: F401
)

from monitor.core.errors import NotInspected
from monitor.fingerprints.containers.file_types import sniff
from monitor.fingerprints.containers.gif_canvas import as_browsers_draw

pillow_heif.register_heif_opener(
    thumbnails=False, depth_images=False, aux_images=False, save_to_12bit=False, decode_threads=1
)

MAX_BYTES = 20 * 2**20
"""Default cap of a file. Telegram's photos stay below 10 MB, X's below 5 MB; documents can be anything."""

MAX_PIXELS = 50_000_000
"""50 megapixels (8192 x 6144, the largest phones): two 4-byte copies of it still fit a decoder of 512 MB."""

# Editors write histories and maps into photos that inflate to more than Pillow's 1 MB; browsers never look at them.
PngImagePlugin.MAX_TEXT_CHUNK = 16 * 2**20
PngImagePlugin.MAX_TEXT_MEMORY = 64 * 2**20

_JPEG_END = b"\xff\xd9"

_SILENT = frozenset({"WEBP", "AVIF", "HEIF"})
"""Formats whose libraries say of a lack of memory no more than that they failed."""
LARGE = 24_000_000
"""Pixels above which such a failure is called a lack of memory: below, all of them fit 512 MB."""

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


def failed(error: Exception, kind: str, pixels: int) -> NotInspected | MemoryError:
    """What to raise where a picture of that format and size failed with one of BROKEN."""
    if kind in _SILENT and pixels > LARGE:
        return MemoryError(str(error))
    return NotInspected("broken")


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
    kind = sniff(data) or ""
    # WebP's decoder takes memory for all pixels when it is opened.
    claimed = webp_pixels(data) if kind == "WEBP" else 0
    if claimed > MAX_PIXELS:
        raise NotInspected("too-many-pixels")
    if kind == "JPEG" and not data.endswith(_JPEG_END):
        # Without its end Pillow refuses a JPEG whole; with it, what is missing is grey, as in a browser.
        data += _JPEG_END
    if kind == "GIF":
        data = as_browsers_draw(data)
    try:
        image = Image.open(io.BytesIO(data), formats=[kind])
    except BROKEN as error:
        raise failed(error, kind, claimed) from error
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise NotInspected("too-many-pixels")
    return image


def webp_pixels(data: bytes) -> int:
    """Pixels that the header claims; 0 where it is cut."""
    head, body = data[12:16], data[20:30]
    if len(body) < 10:
        return 0
    if head == b"VP8X":
        return (int.from_bytes(body[4:7], "little") + 1) * (int.from_bytes(body[7:10], "little") + 1)
    if head == b"VP8L":
        sides = int.from_bytes(body[1:5], "little")
        return ((sides & 0x3FFF) + 1) * ((sides >> 14 & 0x3FFF) + 1)
    width, height = int.from_bytes(body[6:8], "little"), int.from_bytes(body[8:10], "little")
    return (width & 0x3FFF) * (height & 0x3FFF)
