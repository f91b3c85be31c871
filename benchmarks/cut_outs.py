"""What cut-outs find and what they mistake: `cut_outs.py --photos DIR`, over the portraits in DIR/people.

A portrait is a photo in which a face is found. Its head is cut out and pasted on another photo at 25 and 40 % of the
width, and its face is blended over another's (OpenCV's seamlessClone); each picture is saved as a JPEG of 85. Limits
and boxes were chosen on the even-numbered photos; the figures that count are of the odd ones (--half odd, the default).
The box is the one that is found, and, beside it, one as a hand draws it: off by 6 % of the face either way and 10 % in
size (one standard deviation).

Same person in another photo: DIR/people/PERSON/OCCASION.jpg, compared across a person's own photos.
"""

import argparse
import math
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting  # first: it keeps libraries to one core

# isort: split
import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.edits import decoded, encoded
from monitor.fingerprints.cut_outs.boxes import Face
from monitor.fingerprints.cut_outs.codes import CutOut, register_cut_out
from monitor.fingerprints.cut_outs.faces import faces_in
from monitor.fingerprints.cut_outs.queries import FaceQueries, face_queries_of
from monitor.fingerprints.image import hash_picture
from monitor.matching.cut_out_index import CUT_OUT_WITHIN

Rng = np.random.Generator
LEAST_PORTRAITS = 30
"""With fewer a figure is "not measured"."""
TIMES = 3
"""How often each edit is made of each portrait, on another photo each time."""
_SIDE = 1280


def head_pasted(image: Image.Image, face: Face, other: Image.Image, rng: Rng, share: float) -> Image.Image:
    """The head in an oval, `share` of the other photo's width, on its face or in its upper middle."""
    half, up, down = 0.62 * face.height, 0.86 * face.height, 0.62 * face.height
    box = (
        max(0, face.x - half),
        max(0, face.y - up),
        min(image.width, face.x + half),
        min(image.height, face.y + down),
    )
    head = image.crop(tuple(round(side) for side in box))  # type: ignore[arg-type]  # four
    ground = _within(other)
    scale = share * ground.width / head.width
    size = max(1, round(head.width * scale)), max(1, round(head.height * scale))
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).ellipse((1, 1, size[0] - 2, size[1] - 2), fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(size[0] / 60))
    where = next(iter(faces_in(ground, closely=True)), Face(ground.width / 2, 0.35 * ground.height, 0.3 * ground.width))
    x, y = where.x - size[0] / 2 + rng.normal(0, 8), where.y - size[1] / 2 + rng.normal(0, 8)
    place = (
        round(min(max(0, x), max(0, ground.width - size[0]))),
        round(min(max(0, y), max(0, ground.height - size[1]))),
    )
    ground.paste(head.resize(size, Image.Resampling.LANCZOS), place, mask)
    return ground


def face_swapped(image: Image.Image, face: Face, other: Image.Image, rng: Rng) -> Image.Image | None:
    """The inner face blended over the other's; None where the other photo shows no face that is found."""
    ground = _within(other)
    if not (found := faces_in(ground, closely=True)):
        return None
    target = found[0]
    scale = face.height / target.height
    matrix = (scale, 0, face.x - scale * target.x, 0, scale, face.y - scale * target.y)
    laid = image.transform(ground.size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)
    mask = Image.new("L", ground.size)
    across, down = 0.38 * target.height, 0.47 * target.height
    oval = (target.x - across, target.y - down, target.x + across, target.y + down)
    ImageDraw.Draw(mask).ellipse(oval, fill=255)
    room = Image.new("L", ground.size)
    room.paste(mask.crop((3, 3, ground.width - 3, ground.height - 3)), (3, 3))
    if (box := room.getbbox()) is None:
        return None
    centre = (box[0] + box[2]) // 2, (box[1] + box[3]) // 2
    pictures = [np.ascontiguousarray(np.asarray(one)) for one in (laid, ground)]
    return Image.fromarray(cv2.seamlessClone(*pictures, np.asarray(room), centre, cv2.NORMAL_CLONE))


def _within(image: Image.Image) -> Image.Image:
    ground = image.copy()
    ground.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    return ground


def drawn_by_hand(image: Image.Image, face: Face, rng: Rng) -> CutOut | None:
    """The cut-out of a box that a person draws."""
    x, y = face.x + rng.normal(0, 0.06) * face.height, face.y + rng.normal(0, 0.06) * face.height
    left, top, right, bottom = Face(x, y, face.height * math.exp(rng.normal(0, 0.1))).box
    left, top = max(0.0, left), max(0.0, top)
    return register_cut_out(image, (left, top, right - left, bottom - top))


def distance(faces: FaceQueries, cut_out: CutOut) -> int:
    """Bits of 256 between the nearest two boxes; 256 where no face was found."""
    if not len(faces):
        return 256
    bits = np.bitwise_count(faces["code"][:, None] ^ cut_out.table[None]).sum(axis=2, dtype=np.int32)
    return int(bits.min())


def interval(found: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, in percent."""
    if not of:
        return 0.0, 100.0
    z, share = 1.96, found / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return 100 * max(0.0, middle - half), 100 * min(1.0, middle + half)


def faces_of(data: bytes) -> FaceQueries:
    """As the decoder lays them: through the very path that a post takes."""
    from monitor.fingerprints.cut_outs.queries import unpack_faces

    return unpack_faces(hash_picture(data, faces=True).faces)


def same_person(folder: Path) -> tuple[int, int, int] | None:
    """People, pairs of different photos of one person, and pairs within the limit; None without such folders."""
    people = pairs = within = 0
    for person in sorted(path for path in folder.iterdir() if path.is_dir()):
        photos = [decoded(path.read_bytes()) for path in sorted(person.iterdir()) if path.is_file()]
        cut_outs = [register_cut_out(photo, "auto") for photo in photos]
        shown = [face_queries_of(photo) for photo in photos]
        counted = [
            distance(faces, cut_out)
            for own, cut_out in enumerate(cut_outs)
            for other, faces in enumerate(shown)
            if cut_out is not None and own != other and len(faces)
        ]
        people, pairs = people + bool(counted), pairs + len(counted)
        within += sum(bits <= CUT_OUT_WITHIN for bits in counted)
    return (people, pairs, within) if pairs else None


def main() -> None:
    parser = reporting.parser(__doc__ or "", photos=True)
    parser.add_argument("--half", choices=("odd", "even"), default="odd", help="odd: held out (default); even: tuning")
    options = parser.parse_args()
    folder = options.photos / "people"
    paths = sorted(path for path in folder.iterdir() if path.is_file())[1 if options.half == "odd" else 0 :: 2]
    photos = [decoded(path.read_bytes()) for path in paths]
    found = {number: faces for number, photo in enumerate(photos) if (faces := faces_in(photo, closely=True))}
    boxes: dict[str, dict[int, CutOut]] = {"found": {}, "by hand": {}}
    for number, faces in found.items():
        rng = np.random.default_rng((options.seed, number))
        for how, made in (
            ("found", register_cut_out(photos[number], "auto")),
            ("by hand", drawn_by_hand(photos[number], faces[0], rng)),
        ):
            if made is not None:
                boxes[how][number] = made
    portraits = len(boxes["found"])
    nearest: dict[tuple[str, str], list[int]] = defaultdict(list)
    others: list[int] = []

    def count(edit: str, data: bytes, own: int, beside: int) -> None:
        shown = faces_of(data)
        for how, cut_outs in boxes.items():
            for number, cut_out in cut_outs.items():
                bits = distance(shown, cut_out)
                if number == own:
                    nearest[edit, how].append(bits)
                elif number != beside and len(shown):
                    others.append(bits)

    for number in boxes["found"]:
        for time in range(TIMES):
            rng = np.random.default_rng((options.seed, number, time))
            beside = int(rng.choice([one for one in range(len(photos)) if one != number]))
            face = found[number][0]
            for share in (0.25, 0.4):
                made = head_pasted(photos[number], face, photos[beside], rng, share)
                count(f"head pasted at {share:.0%}", encoded(made, "JPEG", quality=85), number, beside)
            if (swapped := face_swapped(photos[number], face, photos[beside], rng)) is not None:
                count("face swapped by blending", encoded(swapped, "JPEG", quality=85), number, beside)
    report(options, portraits, len(paths), nearest, others, same_person(folder))


def report(
    options: argparse.Namespace,
    portraits: int,
    photos: int,
    nearest: dict[tuple[str, str], list[int]],
    others: list[int],
    same: tuple[int, int, int] | None,
) -> None:
    """Tables and the JSON line."""
    rows, figures = [], {}
    for (edit, how), bits in nearest.items():
        hits = sum(one <= CUT_OUT_WITHIN for one in bits)
        # The edits of one portrait are no independent tries: the interval is that of as many portraits.
        low, high = interval(round(hits / len(bits) * portraits), portraits)
        missed = sum(one == 256 for one in bits)
        measured = portraits >= LEAST_PORTRAITS
        share = round(100 * hits / len(bits), 1)
        told = share if measured else f"not measured ({share} of few)"
        rows.append((edit, how, len(bits), told, f"{low:.0f} to {high:.0f}", round(100 * missed / len(bits), 1)))
        figures[f"{edit}, box {how}"] = {"found": share, "measured": measured, "from": low, "to": high, "n": len(bits)}
    heads = ["edit", "box", "n", "found, %", "95 % interval", "no face found, %"]
    reporting.table(heads, rows)
    wrong = sum(bits <= CUT_OUT_WITHIN for bits in others)
    print(f"{options.half} half: {portraits} portraits of {photos} photos; limit {CUT_OUT_WITHIN} bits")
    pairs = max(1, len(others))
    print(
        f"{len(others)} pairs of different persons: {wrong} within the limit (95 % bound {_bound(wrong) / pairs:.1e}), "
        f"least distance {min(others, default=0)}; within 64: {sum(b <= 64 for b in others)}, 68: "
        f"{sum(b <= 68 for b in others)}, 72: {sum(b <= 72 for b in others)}"
    )
    if same is None or same[0] < LEAST_PORTRAITS:
        print(f"same person in another photo: not measured ({0 if same is None else same[0]} people)")
    else:
        low, high = interval(same[2], same[1])
        print(
            f"same person in another photo: {same[2]} of {same[1]} pairs ({low:.2f} to {high:.2f} %), {same[0]} people"
        )
    reporting.finish(
        {
            "half": options.half,
            "portraits": portraits,
            "limit": CUT_OUT_WITHIN,
            "edits": figures,
            "pairs": len(others),
            "wrong_review": wrong,
            "bound_95": _bound(wrong) / pairs,
            "least": min(others, default=None),
            "same_person": None if same is None else dict(zip(("people", "pairs", "within"), same, strict=True)),
        }
    )


def _bound(seen: int) -> float:
    """The upper end of 95 % for a count (Poisson), as far as it is needed."""
    return {0: 3.0, 1: 4.74, 2: 6.3, 3: 7.75}.get(seen, seen + 2 * math.sqrt(seen) + 2)


if __name__ == "__main__":
    main()
