"""What a file is, told by its content; names and MIME types are ignored."""

PICTURES = frozenset({"JPEG", "PNG", "WEBP", "BMP", "TIFF", "AVIF", "HEIF", "GIF"})
"""In Pillow's words. Some of them may hold an animation: see `may_move`."""
VIDEOS = frozenset({"MP4", "MOV", "WEBM"})
"""MP4 stands for all of its family (3GP, M4V, ...), WEBM for Matroska too."""

_STILL_BRANDS = {b"avif": "AVIF", b"avis": "AVIF"} | dict.fromkeys(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "HEIF"
)
_ANY_STILL = frozenset({b"mif1", b"msf1", b"mif2", b"miaf"})
"""Brands that say "a picture" and leave its coding to the compatible brands."""
_OLD_MOVIE_ATOMS = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
"""How QuickTime files began before they had brands."""


def sniff(data: bytes) -> str | None:
    """A name of PICTURES or VIDEOS by the first bytes, or None for anything that we do not read."""
    head = data[:32]
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head.startswith(b"BM"):
        return "BMP"
    if head.startswith((b"II*\0", b"MM\0*")):
        return "TIFF"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "WEBM"
    if head[4:8] == b"ftyp":
        return _of_brands(data)
    return "MOV" if head[4:8] in _OLD_MOVIE_ATOMS else None


def may_move(data: bytes) -> bool:
    """Whether this may show more than one picture. A GIF tells only when it is taken apart."""
    kind = sniff(data)
    if kind in VIDEOS or kind == "GIF":
        return True
    if kind == "WEBP":
        return data[12:16] == b"VP8X" and bool(data[20:21]) and bool(data[20] & 0x02)
    if kind == "PNG":
        # The animation's chunk stands before the pixels'.
        end = data.find(b"IDAT")
        return data.find(b"acTL", 0, end if end >= 0 else len(data)) >= 0
    return kind == "AVIF" and b"avis" in _brands(data)


def _of_brands(data: bytes) -> str:
    major, *others = _brands(data)
    if major in _STILL_BRANDS:
        return _STILL_BRANDS[major]
    if major in _ANY_STILL:
        return next((_STILL_BRANDS[brand] for brand in others if brand in _STILL_BRANDS), "HEIF")
    return "MOV" if major == b"qt  " else "MP4"


def _brands(data: bytes) -> list[bytes]:
    """The major brand of an ftyp box, then the compatible ones."""
    size = min(int.from_bytes(data[:4], "big"), 256)
    return [data[8:12], *(data[at : at + 4] for at in range(16, size - 3, 4))]
