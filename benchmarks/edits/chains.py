"""Several one after another."""

from functools import partial

from benchmarks.edits.canvas import Edit, chain
from benchmarks.edits.chats import chat
from benchmarks.edits.collages import collage_filled
from benchmarks.edits.cropping import cropped
from benchmarks.edits.frames import screenshot
from benchmarks.edits.geometry import MIRROR, rotated
from benchmarks.edits.overlays import stickered, watermarked
from benchmarks.edits.reencoding import as_file, through_telegram
from benchmarks.edits.regions import body_replaced
from benchmarks.edits.resizing import squeezed, to_side
from benchmarks.edits.tone import filtered, gamma

_JPEG_50: Edit = partial(as_file, kind="JPEG", quality=50)
_DARK: Edit = partial(screenshot, dark=True)


def _crop(percent: int) -> Edit:
    return partial(cropped, area=percent / 100, centred=False)


def _body(percent: int) -> Edit:
    return partial(body_replaced, share=percent / 100)


EDITS: dict[str, Edit] = {
    "watermark, crop, telegram": chain(watermarked, _crop(85), through_telegram),
    "mirror, crop, jpeg 50": chain(MIRROR, _crop(85), _JPEG_50),
    "telegram, screenshot": chain(through_telegram, _DARK),
    "watermark, crop, telegram, screenshot": chain(watermarked, _crop(85), through_telegram, _DARK),
    "sticker, small, jpeg 40": chain(
        partial(stickered, area=0.08), partial(to_side, side=360), partial(as_file, kind="JPEG", quality=40)
    ),
    "body 20, mirror, telegram": chain(_body(20), MIRROR, through_telegram),
    "crop, collage, jpeg 50": chain(_crop(85), partial(collage_filled, vertical=False), _JPEG_50),
    "turned 2, crop 90, tone": chain(partial(rotated, degrees=2, zoomed=True), _crop(90), filtered),
    "turned 4, crop 80, tone": chain(
        partial(rotated, degrees=4, zoomed=True), _crop(80), partial(gamma, exponent=0.7), filtered
    ),
    "mirror, crop 85, watermark, telegram": chain(MIRROR, _crop(85), watermarked, through_telegram),
    "mirror, crop 70, watermark, telegram": chain(MIRROR, _crop(70), watermarked, through_telegram),
    "squeezed 0.9, crop, watermark": chain(partial(squeezed, across=0.9, down=1), _crop(85), watermarked),
    "squeezed 0.8, crop, watermark": chain(partial(squeezed, across=1, down=0.8), _crop(85), watermarked),
    "body 35, crop 80, telegram": chain(_body(35), _crop(80), through_telegram),
    "body 35, crop 50, telegram": chain(_body(35), _crop(50), through_telegram),
    "body 35, chat": chain(_body(35), partial(chat, dark=True), through_telegram),
}
