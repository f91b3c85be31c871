"""A decoded video frame as a browser shows it: RGB, upright, its pixels square, at most 512 a side."""

from typing import Any

import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from PIL import Image

from monitor.fingerprints.hashes.pdq import LONG_SIDE, target_size

_HD_HEIGHT = 720
"""Browsers take a video that does not say its colour matrix for BT.709 from this height on, else for BT.601."""
_UNSPECIFIED = 2
_GREATEST_RATIO = 16
"""Pixels longer than this are a mistake of the file and taken for square."""
_T = Image.Transpose
_TURNS: dict[tuple[int, int, int, int], _T] = {
    (0, 1, -1, 0): _T.ROTATE_270,
    (-1, 0, 0, -1): _T.ROTATE_180,
    (0, -1, 1, 0): _T.ROTATE_90,
    (-1, 0, 0, 1): _T.FLIP_LEFT_RIGHT,
    (1, 0, 0, -1): _T.FLIP_TOP_BOTTOM,
    (0, 1, 1, 0): _T.TRANSPOSE,
    (0, -1, -1, 0): _T.TRANSVERSE,
}
"""What undoes the signs (a, b, c, d) of a display matrix, which moves the point (x, y) to (a x + c y, b x + d y)."""


class Shots:
    """Turns the frames of one video into pictures."""

    def __init__(self, ratio: float) -> None:
        """`ratio`: width of a pixel by its height."""
        self._ratio = ratio if 1 / _GREATEST_RATIO <= ratio <= _GREATEST_RATIO else 1.0
        self._scaler = VideoReformatter()

    def size(self, frame: VideoFrame) -> tuple[int, int]:
        """Width and height as shown, before shrinking."""
        width = max(1, round(frame.width * self._ratio))
        return (frame.height, width) if _turn(frame) in _SIDEWAYS else (width, frame.height)

    def picture(self, frame: VideoFrame) -> Image.Image:
        """May raise what FFmpeg raises."""
        alpha = any(component.is_alpha for component in frame.format.components)
        return _over_white(self._scaled(frame, LONG_SIDE, "rgba" if alpha else "rgb24"))

    def grey(self, frame: VideoFrame, side: int) -> Image.Image:
        """The luma at most `side` pixels wide and high, which costs little. May raise what FFmpeg raises."""
        if any(component.is_alpha for component in frame.format.components):
            return _over_white(self._scaled(frame, side, "rgba")).convert("L")
        return self._scaled(frame, side, "gray")

    def _scaled(self, frame: VideoFrame, side: int, pixels: str) -> Image.Image:
        width, height = target_size(max(1, round(frame.width * self._ratio)), frame.height, side)
        hd = frame.height >= _HD_HEIGHT
        scaled = self._scaler.reformat(
            frame,
            width,
            height,
            pixels,
            src_colorspace=(Colorspace.ITU709 if hd else Colorspace.ITU601)
            if frame.colorspace == _UNSPECIFIED
            else None,
            dst_color_range=ColorRange.JPEG,
            interpolation=Interpolation.AREA | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT,
            threads=1,
        )
        image = Image.fromarray(np.ascontiguousarray(scaled.to_ndarray()))
        turn = _turn(frame)
        return image if turn is None else image.transpose(turn)


def _over_white(image: Image.Image) -> Image.Image:
    """RGB of RGB or RGBA, transparency over white. For pictures that are small already."""
    if image.mode == "RGB":
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


_SIDEWAYS = (_T.ROTATE_90, _T.ROTATE_270, _T.TRANSPOSE, _T.TRANSVERSE)


def _turn(frame: VideoFrame) -> Image.Transpose | None:
    """How to turn the frame so that it stands as its display matrix says; oblique matrices turn nothing."""
    matrix: Any = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return None
    values = np.frombuffer(bytes(matrix), np.int32)
    if len(values) != 9:
        return None
    four = values[[0, 1, 3, 4]].astype(np.int64)
    a, b, c, d = np.where(np.abs(four) > np.abs(four).max() // 2, np.sign(four), 0).tolist()
    return _TURNS.get((a, b, c, d))
