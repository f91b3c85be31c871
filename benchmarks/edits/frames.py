"""Something laid around it."""

from functools import partial

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from benchmarks.edits.canvas import RESAMPLE, Edit, Picture, Rng, covering, font


def bordered(rng: Rng, image: Picture, __: Picture, *, share: float) -> Picture:
    """A border of one colour all around."""
    colour = tuple(int(v) for v in rng.integers(0, 256, 3))
    return ImageOps.expand(image, round(share * min(image.size)), colour)


def boxed(_: Rng, image: Picture, __: Picture, *, ratio: float) -> Picture:
    """Black bars above and below (or at the sides) up to the shape `ratio`, width by height."""
    width, height = image.size
    size = (width, round(width / ratio)) if width / height > ratio else (round(height * ratio), height)
    return ImageOps.pad(image, size, RESAMPLE, color="black")


def boxed_in_blur(_: Rng, image: Picture, __: Picture, *, ratio: float) -> Picture:
    """The same, with the picture itself, blurred, in place of the bars."""
    width, height = image.size
    size = (width, round(width / ratio)) if width / height > ratio else (round(height * ratio), height)
    ground = covering(image, size).filter(ImageFilter.GaussianBlur(max(size) / 30))
    ground.paste(image, ((size[0] - width) // 2, (size[1] - height) // 2))
    return ground


def polaroid(_: Rng, image: Picture, __: Picture) -> Picture:
    """A white frame with a wide lower edge and words on it."""
    edge = min(image.size) // 14
    framed = Image.new("RGB", (image.width + 2 * edge, image.height + 6 * edge), (248, 246, 240))
    framed.paste(image, (edge, edge))
    draw = ImageDraw.Draw(framed)
    draw.text((2 * edge, image.height + 2.5 * edge), "summer", fill=(60, 60, 80), font=font(2 * edge))
    return framed


def screenshot(rng: Rng, image: Picture, _: Picture, *, dark: bool) -> Picture:
    """A phone's screen: status bar, the poster's name, the picture as wide as the screen, buttons, comments."""
    ground, ink = ((18, 18, 20), (230, 230, 235)) if dark else ((255, 255, 255), (25, 25, 30))
    width, height = 540, 1100
    screen = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(screen)
    draw.text((20, 8), "9:41", fill=ink, font=font(18))
    draw.rectangle((480, 12, 515, 26), outline=ink, width=2)
    draw.ellipse((16, 52, 60, 96), fill=tuple(int(v) for v in rng.integers(0, 256, 3)))
    draw.text((74, 62), "somebody · 2 h", fill=ink, font=font(20))
    shown = image.resize((width, round(image.height * width / image.width)), RESAMPLE)
    if shown.height > 760:
        shown = shown.crop((0, 0, width, 760)) if shown.height < 800 else ImageOps.contain(shown, (width, 760))
    top = 112
    screen.paste(shown, ((width - shown.width) // 2, top))
    y = top + shown.height + 14
    for x in (20, 70, 120):
        draw.ellipse((x, y, x + 28, y + 28), outline=ink, width=3)
    for line in range(8):
        draw.text((20, y + 46 + 30 * line), "a comment " * int(rng.integers(1, 5)), fill=ink, font=font(18))
    return screen


EDITS: dict[str, Edit] = {
    "border 5 %": partial(bordered, share=0.05),
    "border 15 %": partial(bordered, share=0.15),
    "letterbox": partial(boxed, ratio=9 / 16),
    "pillarbox": partial(boxed, ratio=21 / 9),
    "blurred letterbox": partial(boxed_in_blur, ratio=9 / 16),
    "polaroid": polaroid,
    "screenshot light": partial(screenshot, dark=False),
    "screenshot dark": partial(screenshot, dark=True),
}
