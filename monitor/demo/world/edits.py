"""What people do to a copy before they post it. Each edit's strength varies with the generator it is given."""

import io
from collections.abc import Callable

from PIL import Image, ImageEnhance

from monitor.demo.world.paint import Rng

Edit = Callable[[Rng, Image.Image], bytes]


def jpeg(image: Image.Image, quality: int) -> bytes:
    """Encoded; `quality` in Pillow's 1 to 95."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def png(image: Image.Image) -> bytes:
    """Encoded fast rather than small."""
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _saved(rng: Rng, image: Image.Image) -> bytes:
    return jpeg(image, int(rng.integers(70, 91)))


def re_encoded(rng: Rng, image: Image.Image) -> bytes:
    """Saved again, worse."""
    return jpeg(image, int(rng.integers(30, 61)))


def resized(rng: Rng, image: Image.Image) -> bytes:
    """Smaller, as platforms do."""
    scale = float(rng.uniform(0.4, 0.8))
    size = (round(image.width * scale), round(image.height * scale))
    return _saved(rng, image.resize(size, Image.Resampling.LANCZOS))


def mirrored(rng: Rng, image: Image.Image) -> bytes:
    """Left and right swapped."""
    return _saved(rng, image.transpose(Image.Transpose.FLIP_LEFT_RIGHT))


def rotated(rng: Rng, image: Image.Image) -> bytes:
    """A quarter turn, either way."""
    turn = Image.Transpose.ROTATE_90 if rng.random() < 0.5 else Image.Transpose.ROTATE_270
    return _saved(rng, image.transpose(turn))


def letterboxed(rng: Rng, image: Image.Image) -> bytes:
    """Bars of one colour above and below, or at both sides."""
    share = float(rng.uniform(0.08, 0.22))
    colour = (int(rng.choice([0, 16, 255])),) * 3
    beside, above = (0, round(image.height * share)) if rng.random() < 0.5 else (round(image.width * share), 0)
    boxed = Image.new("RGB", (image.width + 2 * beside, image.height + 2 * above), colour)
    boxed.paste(image, (beside, above))
    return _saved(rng, boxed)


def brightness(rng: Rng, image: Image.Image) -> bytes:
    """Darker or lighter."""
    factor = float(rng.uniform(0.65, 0.85) if rng.random() < 0.5 else rng.uniform(1.15, 1.3))
    return _saved(rng, ImageEnhance.Brightness(image).enhance(factor))


EDITS: dict[str, Edit] = {
    "re-encoded": re_encoded,
    "resized": resized,
    "mirrored": mirrored,
    "rotated 90": rotated,
    "letterboxed": letterboxed,
    "brightness": brightness,
}
