"""Opening a video from memory, so that nothing it refers to is ever opened: no file, no address, no playlist."""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Any, NoReturn

import av
import av.error
import av.logging
from av.container import InputContainer
from av.video.stream import VideoStream

from monitor.core.errors import NotInspected
from monitor.fingerprints.containers.gif_canvas import as_browsers_draw

# FFmpeg's messages may quote the file.
av.logging.set_level(av.logging.PANIC)

MAX_FRAME_PIXELS = 4096 * 2304
"""Pixels of a video's frame: 4K in every usual shape. A decoder may keep 17 such frames, 240 MB, within its 512 MB."""

_DEMUXERS = {
    "MP4": "mov,mp4,m4a,3gp,3g2,mj2",
    "MOV": "mov,mp4,m4a,3gp,3g2,mj2",
    "WEBM": "matroska,webm",
    "GIF": "gif",
}
_DECODERS = ("h264", "hevc", "vp8", "vp9", "libdav1d", "mpeg4", "h263", "mjpeg", "gif", "libvpx", "libvpx-vp9")
_WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""FFmpeg's own decoders leave the transparency of a WebM out; these read it."""
CODEC_OPTIONS = {"max_pixels": str(MAX_FRAME_PIXELS), "threads": "1"}


@contextmanager
def av_errors_translated() -> Iterator[None]:
    """FFmpeg's errors as NotInspected("broken"); a lack of memory stays one."""
    try:
        yield
    except (av.error.MemoryError, MemoryError):
        raise MemoryError from None
    except (av.error.FFmpegError, ValueError, OverflowError, ArithmeticError, LookupError, UnicodeError) as error:
        raise NotInspected("broken") from error


@contextmanager
def open_container(data: bytes, kind: str) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The container and the video that a player would show. `kind` as file_types.sniff says.

    Raises NotInspected: broken, no-video (sound only, or a cover picture), unsupported (a codec that we do not read),
    too-many-pixels.
    """
    if kind == "GIF":
        data = as_browsers_draw(data)
        if prod(struct.unpack_from("<HH", data.ljust(10, b"\0"), 6)) > MAX_FRAME_PIXELS:
            raise NotInspected("too-many-pixels")
    options = CODEC_OPTIONS | {
        "format_whitelist": _DEMUXERS[kind],
        "codec_whitelist": ",".join(_DECODERS),
        "protocol_whitelist": "none",
    }
    with av_errors_translated():
        container = _opened(data, format=_DEMUXERS[kind].split(",")[0], options=options, io_open=_refuse)
    with container:
        with av_errors_translated():
            stream = _shown(container)
        yield container, stream


def _opened(data: bytes, **how: Any) -> InputContainer:
    """Titles, comments and handlers' names may be in any encoding: nobody reads them, so none of them is a mistake."""
    container: InputContainer
    try:
        # PyAV's own default refuses the file for one tag that is not UTF-8.
        container = av.open(io.BytesIO(data), "r", metadata_errors="surrogateescape", **how)
    except TypeError:
        # From PyAV 19 on there is no such argument, and tags are read like this always.
        container = av.open(io.BytesIO(data), "r", **how)
    return container


def decoder(stream: VideoStream) -> Any:
    """A decoder context of our own for `stream`, on one thread. Raises NotInspected as `opened` does."""
    context: Any = stream.codec_context
    name = context.codec.name
    if name not in _DECODERS:
        raise NotInspected("unsupported")
    if name in _WITH_ALPHA and _has_alpha(stream):
        extradata = context.extradata
        context = av.CodecContext.create(_WITH_ALPHA[name], "r")
        if extradata:
            context.extradata = extradata
    context.thread_count = 1
    context.options = {"max_pixels": CODEC_OPTIONS["max_pixels"]}
    return context


def _has_alpha(stream: VideoStream) -> bool:
    return any(key.lower() == "alpha_mode" and value == "1" for key, value in stream.metadata.items())


def _shown(container: InputContainer) -> VideoStream:
    """The first video that is no cover picture."""
    videos = [stream for stream in container.streams.video if not _is_cover(stream)]
    if not videos:
        raise NotInspected("no-video")
    for stream in container.streams:
        if stream is not videos[0]:
            stream.discard = av.stream.Discard.all
    stream = videos[0]
    if getattr(stream, "codec_context", None) is None:
        raise NotInspected("unsupported")
    if stream.width * stream.height > MAX_FRAME_PIXELS:
        raise NotInspected("too-many-pixels")
    return stream


def _is_cover(stream: VideoStream) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _refuse(url: str, flags: int, options: dict[str, str]) -> NoReturn:
    """Called when a file refers to another one."""
    raise PermissionError("a video may refer to nothing outside itself")
