"""Whether a file was cut off, by what its own structure says. Nothing is decoded."""

_BOX = 8


def is_cut(data: bytes, kind: str) -> bool:
    """Whether the file ends before it should. `kind` as file_types.sniff says. False also where that cannot be told."""
    if kind in ("MP4", "MOV"):
        return _boxes_end(data) > len(data)
    if kind == "GIF":
        return b";" not in data[-16:]
    return kind == "WEBM" and _segment_end(data) > len(data)


def _boxes_end(data: bytes) -> int:
    """Where the last box of the top level says that it ends."""
    at = 0
    while at + _BOX <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + _BOX : at + 16], "big")
        if size == 0:
            return len(data)  # to the end of the file, wherever that is
        if size < _BOX:
            return len(data)
        at += size
    return at


def _segment_end(data: bytes) -> int:
    """Where the segment after the EBML header says that it ends; 0 when it does not (a stream of unknown length)."""
    header, at = _vint(data, 4)
    start = at + header
    if data[start : start + 4] != b"\x18\x53\x80\x67":
        return 0
    size, begin = _vint(data, start + 4)
    unknown = size == (1 << 7 * (begin - start - 4)) - 1
    return 0 if unknown else begin + size


def _vint(data: bytes, at: int) -> tuple[int, int]:
    """EBML's number of 1 to 8 bytes, and where it ends."""
    if at >= len(data) or data[at] == 0:
        return 0, at + 1
    length = 9 - data[at].bit_length()
    return int.from_bytes(data[at : at + length], "big") & ((1 << 7 * length) - 1), at + length
