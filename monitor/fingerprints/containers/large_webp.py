"""Large lossy WebPs in a fifth of the memory: libwebp's own door keeps three copies of four bytes a pixel.

FFmpeg gives the planes as they are coded, and of those only luma is taken: hashes need nothing else.
"""

from PIL import Image

from monitor.fingerprints.containers.guards import LARGE, MAX_PIXELS, webp_pixels

_ICC, _ALPHA, _MOVES = 0x20, 0x10, 0x02
_LUMA = [min(255, max(0, round((level - 16) * 255 / 219))) for level in range(256)]
"""WebP stores luma from 16 to 235. Within 1 level of libwebp's on average, more only where it clips colours."""


def large_webp(data: bytes) -> Image.Image | None:
    """The luma (mode L, EXIF in `info`) of a still WebP above LARGE pixels; None for all other files: those that are
    small, lossless, transparent, moving, or have a colour profile, and those that open_guarded refuses.

    Raises NotInspected("broken") or MemoryError.
    """
    if not LARGE < webp_pixels(data) <= MAX_PIXELS or not _is_plain(data):
        return None
    import av  # only the decoders need it

    from monitor.fingerprints.containers.video_container import av_errors_translated

    context = av.CodecContext.create("webp", "r")
    context.thread_count = 1
    context.options = {"max_pixels": str(MAX_PIXELS)}
    with av_errors_translated():
        frames = [*context.decode(av.Packet(data)), *context.decode(None)]
        if not frames or frames[0].format.name != "yuv420p" or frames[0].is_corrupt:
            return None
        plane, size = frames[0].planes[0], (frames[0].width, frames[0].height)
        # A plane is a buffer, which the types do not tell.
        image = Image.frombuffer("L", size, plane, "raw", "L", plane.line_size, 1).point(_LUMA)  # type: ignore[arg-type]
    image.format = "WEBP"
    if exif := _exif(data):
        image.info["exif"] = exif
    return image


def _is_plain(data: bytes) -> bool:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return False
    return data[12:16] == b"VP8 " or (data[12:16] == b"VP8X" and not data[20] & (_ICC | _ALPHA | _MOVES))


def _exif(data: bytes) -> bytes:
    """The body of the EXIF chunk, empty where there is none."""
    at = 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"EXIF":
            return data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
    return b""
