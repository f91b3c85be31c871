"""What fakes are made by: a head or a face of the photo on another body, a person on another ground.

Every edit here needs a face. The other photo's own face is where the head goes; one without gets it where portraits
have theirs. Blending is OpenCV's: a swap as the oldest tools make it, not a model's.
"""

from functools import partial

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.edits.canvas import RESAMPLE, Edit, Picture, Rng, any_colour, chain, cut, within
from benchmarks.edits.faces import Face, face_of, inside, likely_face, oval
from benchmarks.edits.reencoding import through_telegram

HEAD = (1.35, 0.88, 0.66)
"""With hair and chin: face widths across, face heights up and down from the face's middle."""
SWAPPED = (0.42, 0.52)
"""Half the width and the height of what a swap replaces, in face widths and heights: brows to chin, no hair."""

LEAST_ACROSS = 0.16
"""Of the width, for the face that is swapped: who makes such a picture wants the face to be seen."""


def head_pasted(rng: Rng, image: Picture, other: Picture, *, share: float) -> Picture:
    """The head, `share` of the picture wide, on the body in the other photo."""
    head, mask = _head(image)
    ground = within(other, 1280).copy()
    scale = share * ground.width / head.width
    size = round(head.width * scale), round(head.height * scale)
    x, y = likely_face(other).centre
    shrunk = ground.width / other.width
    wobble = rng.uniform(-0.02, 0.02, 2) * ground.width
    place = round(x * shrunk - size[0] / 2 + wobble[0]), round(y * shrunk - size[1] / 2 + wobble[1])
    # the whole head stays in the picture, as whoever makes such a picture wants it
    place = tuple(max(0, min(at, room - side)) for at, room, side in zip(place, ground.size, size, strict=True))
    ground.paste(head.resize(size, RESAMPLE), place, mask.resize(size))
    return ground


def face_swapped(rng: Rng, image: Picture, other: Picture, *, blended: bool, degrees: float = 0) -> Picture:
    """The face over the face in the other photo: blended as OpenCV does, or its colours matched and its edge soft."""
    face = face_of(image)
    ground, target = _body(other)
    angle = degrees * rng.choice((-1, 1))
    laid = _laid(image, face, ground.size, target, angle)
    mask = _swapped_area(ground.size, target, angle)
    if blended:
        return _cloned(laid, ground, mask)
    inner = np.asarray(mask) > 0
    pixels, wanted = np.asarray(laid, np.float32), np.asarray(ground, np.float32)
    moved = pixels - pixels[inner].mean(0) + wanted[inner].mean(0)
    soft = mask.filter(ImageFilter.GaussianBlur(target.width * 0.05))
    return Image.composite(Image.fromarray(moved.clip(0, 255).astype(np.uint8)), ground, soft)


def cut_out(rng: Rng, image: Picture, other: Picture, *, plain: bool) -> Picture:
    """Head and shoulders on a ground of one colour, or on the other photo; moved and larger or smaller."""
    face = face_of(image)
    mask = Image.new("L", image.size)
    draw = ImageDraw.Draw(mask)
    draw.ellipse(face.box(*HEAD), fill=255)
    left, top, right, _ = face.box(3, -0.55, 0)
    draw.rounded_rectangle((left, top, right, image.height * 1.5), face.width, fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(max(image.size) / 300))
    size = image.size if plain else within(other, 1280).size
    ground = Image.new("RGB", size, any_colour(rng)) if plain else within(other, 1280).copy()
    scale = min(size[0] / image.width, size[1] / image.height) * rng.uniform(0.75, 1)
    shown = round(image.width * scale), round(image.height * scale)
    place = int(rng.integers(0, size[0] - shown[0] + 1)), size[1] - shown[1]
    ground.paste(image.resize(shown, RESAMPLE), place, mask.resize(shown))
    return ground


def head_sticker(rng: Rng, image: Picture, _: Picture, *, across: int = 512) -> Picture:
    """The head alone with a white edge, as messengers' stickers are, on their white or dark ground."""
    head, mask = _head(image)
    scale = across * 0.9 / max(head.size)
    size = round(head.width * scale), round(head.height * scale)
    sheet = Image.new("RGB", (across, across), "white" if rng.random() < 0.5 else (20, 24, 28))
    place = (across - size[0]) // 2, (across - size[1]) // 2
    grown = mask.resize(size).filter(ImageFilter.MaxFilter(9))
    sheet.paste("white", place, grown)
    sheet.paste(head.resize(size, RESAMPLE), place, mask.resize(size))
    return sheet


def _head(image: Picture) -> tuple[Picture, Picture]:
    """The head, and the mask that it is cut out by."""
    head = image.crop(inside(face_of(image).box(*HEAD), image))
    return head, oval(head.size, head.width / 20)


def _body(other: Picture) -> tuple[Picture, Face]:
    """The other photo with its face, cut to where that is large enough to be worth a swap."""
    face = likely_face(other)
    across = min(1.0, face.width / (LEAST_ACROSS * other.width))
    left = np.clip(face.centre[0] / other.width - across / 2, 0, 1 - across)
    top = np.clip(face.centre[1] / other.height - 0.35 * across, 0, 1 - across)
    part = cut(other, float(left), float(top), across, across)
    scale = 900 / max(part.size)
    moved = face.left - round(left * other.width), face.top - round(top * other.height)
    ground = part.resize((round(part.width * scale), round(part.height * scale)), RESAMPLE)
    return ground, Face(*(side * scale for side in (*moved, face.width, face.height)))


def _laid(image: Picture, face: Face, size: tuple[int, int], target: Face, angle: float) -> Picture:
    """`image` turned, scaled and moved so that its face lies over `target` in a picture of `size`."""
    scale = face.width / target.width
    cosine, sine = scale * np.cos(np.radians(angle)), scale * np.sin(np.radians(angle))
    (x, y), (u, v) = target.centre, face.centre
    matrix = (cosine, -sine, u - cosine * x + sine * y, sine, cosine, v - sine * x - cosine * y)
    return image.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)


def _swapped_area(size: tuple[int, int], target: Face, angle: float) -> Picture:
    mask = Image.new("L", size)
    x, y = target.centre
    y += 0.03 * target.height
    across, down = SWAPPED[0] * target.width, SWAPPED[1] * target.height
    ImageDraw.Draw(mask).ellipse((x - across, y - down, x + across, y + down), fill=255)
    mask = mask.rotate(-angle, center=(x, y))
    # OpenCV's blending wants a rim that is not replaced
    room = Image.new("L", size)
    room.paste(mask.crop((3, 3, size[0] - 3, size[1] - 3)), (3, 3))
    return room


def _cloned(laid: Picture, ground: Picture, mask: Picture) -> Picture:
    import cv2

    box = mask.getbbox()
    if box is None:
        return ground
    centre = (box[0] + box[2]) // 2, (box[1] + box[3]) // 2
    source, target = (np.ascontiguousarray(np.asarray(one)) for one in (laid, ground))
    return Image.fromarray(cv2.seamlessClone(source, target, np.asarray(mask), centre, cv2.NORMAL_CLONE))


EDITS: dict[str, Edit] = {
    "head pasted 25": partial(head_pasted, share=0.25),
    "head pasted 40": partial(head_pasted, share=0.4),
    "head pasted 25, telegram": chain(partial(head_pasted, share=0.25), through_telegram),
    "face swapped": partial(face_swapped, blended=True),
    "face swapped, turned 5": partial(face_swapped, blended=True, degrees=5),
    "face swapped, soft edge": partial(face_swapped, blended=False),
    "cut-out, plain ground": partial(cut_out, plain=True),
    "cut-out, another ground": partial(cut_out, plain=False),
    "sticker of the head": head_sticker,
}
