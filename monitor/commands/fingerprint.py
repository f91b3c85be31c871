"""`python -m monitor fingerprint FILE...`: hashes of pictures as JSON lines."""

import argparse
import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.commands.media_files import HashedFile
    from monitor.fingerprints.cut_outs.codes import CutOut, Drawn
    from monitor.fingerprints.decoder.protocol import Wish
    from monitor.fingerprints.hashes.values import FrameViews, HashedMedium
    from monitor.fingerprints.regions.codes import Regions

_DESCRIPTION = """Prints one JSON object a line: file, kind (image or video), quality (0 to 100), pdq (64 hexadecimal
digits), set (slim or full), size (width and height), regions (a list of box and pdq), points (40 bytes each, in base64:
see monitor.fingerprints.points.features), version and regions_version; of a video also frames (a list of at, in
seconds, pdq and quality) and clip (points of some of them: version, size, and frames, a list of at and points, or
null); with --cut-out also cut_out (version, box, from 0 to 1 of the picture, and boxes, a list of
box and pdq), null where there is no face or the box shows too little. A screenshot, chat, story, gallery or letterbox
has an area, where in it the photo lies, and is told on standard error: copies are found far better by the photo alone.
A picture too plain to be told from others, or a file that is no picture, has a "reason"; the exit code is then 1.
Nothing leaves this machine."""
_FAR = 1e6
"""Pixels: no picture is so large."""
MOST_FRAMES = 300
"""Of a video; of more, evenly spread ones are printed."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = subparsers.add_parser("fingerprint", help="print the fingerprints of pictures", description=_DESCRIPTION)
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument(
        "--set",
        choices=("slim", "full"),
        default="slim",
        help="how many parts of each picture to fingerprint: slim (at most 64) finds the common crops and edits, "
        "full (at most 232) finds more, and more about the picture could be guessed from it",
    )
    parser.add_argument(
        "--cut-out",
        type=_drawn,
        metavar="auto|X,Y,W,H",
        help="experimental: also fingerprint a box around one face, so that a copy of it on another body is found: "
        "auto, around the largest face that is found, or the box's left, top, width and height in pixels. It compares "
        "pixels and tells no person from another",
    )
    frames = parser.add_mutually_exclusive_group()
    frames.add_argument(
        "--photo-only", action="store_true", help="of a screenshot, chat, story or letterbox only the photo in it"
    )
    frames.add_argument("--as-is", action="store_true", help="screenshots as they are; nothing is said about them")
    parser.set_defaults(run=run)


def _drawn(text: str) -> "Drawn":
    if text == "auto":
        return "auto"
    try:
        left, top, width, height = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError("auto, or four numbers as X,Y,W,H") from None
    if not (0 <= left < _FAR and 0 <= top < _FAR and 0 < width < _FAR and 0 < height < _FAR):
        raise argparse.ArgumentTypeError("X and Y are at least 0, W and H above 0, all in pixels")
    return left, top, width, height


def run(args: argparse.Namespace) -> int:
    """Print the fingerprints; 0 when every file has one that can be watched, else 1."""
    from monitor.fingerprints.decoder.protocol import Wish

    wish = Wish(args.set, closely=True, cut_out=args.cut_out, photo_only=args.photo_only)
    return asyncio.run(_run(args.files, wish, as_is=args.as_is))


async def _run(files: list[str], wish: "Wish", *, as_is: bool) -> int:
    from monitor.commands.media_files import inspect_files

    photo_only, code = wish.photo_only, 0
    async for inspected in inspect_files(files, wish):
        line = fingerprint_line(inspected)
        if wish.cut_out is not None and line["kind"] == "image":
            line["cut_out"] = _cut_out(inspected)
        code = 1 if "reason" in line else code
        if "area" in line and not as_is:
            sys.stderr.write(_offer(inspected.file, line["area"], photo_only=photo_only))
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    return code


def fingerprint_line(inspected: "HashedFile") -> dict[str, Any]:
    """The line of one file."""
    from monitor.core.errors import NotInspected, RuleBroken
    from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION
    from monitor.fingerprints.image import register
    from monitor.fingerprints.regions.codes import REGIONS_VERSION

    line: dict[str, Any] = {
        "file": inspected.file,
        "kind": "image",
        "quality": None,
        "pdq": None,
        "set": None,
        "size": None,
        "regions": [],
        "points": "",
        "version": FINGERPRINT_VERSION,
        "regions_version": REGIONS_VERSION,
    }
    if isinstance(inspected.outcome, NotInspected):
        return line | {"kind": None, "reason": inspected.outcome.reason}
    found = inspected.outcome
    line |= {"kind": found.kind, "size": [found.width, found.height]}
    whole = found.whole
    if found.kind == "video":
        frames = _telling(found)
        whole = frames[0].views[0].hash if frames else whole
        line["frames"] = [_frame(frame) for frame in frames]
        clip = found.clip and found.clip.only_at([0.0, *(frame.at for frame in frames[1:])])
        line["clip"] = clip and clip.as_json()
    line |= {"quality": whole.quality, "pdq": whole.hex}
    try:
        register(whole)
    except RuleBroken as refusal:
        return line | {"reason": refusal.reason, "detail": refusal.detail}
    if found.regions is not None:
        regions = found.regions
        line |= {} if regions.area is None else {"area": list(regions.area)}
        line |= {"set": regions.set_name, "size": [regions.width, regions.height], "regions": _listed(regions)}
        line["points"] = regions.as_json()["points"]
    return line


def _offer(file: str, area: list[float], *, photo_only: bool) -> str:
    place = ", ".join(f"{round(100 * side)} %" for side in area)
    if photo_only:
        return f"{file}: still looks like several pictures or a screenshot; cut the photo out yourself ({place})\n"
    return (
        f"{file}: looks like a screenshot, chat, story, gallery or letterbox; the photo in it lies at {place} (left, "
        "top, right, bottom). Copies are found far better by the photo alone: use --photo-only, or --as-is for all\n"
    )


def _cut_out(inspected: "HashedFile") -> dict[str, Any] | None:
    from monitor.core.errors import NotInspected
    from monitor.fingerprints.cut_outs.codes import CUT_OUT_VERSION

    if isinstance(inspected.outcome, NotInspected) or (found := inspected.outcome.cut_out) is None:
        return None
    return {"version": CUT_OUT_VERSION, "box": list(found.box), "boxes": _listed(found)}


def _listed(regions: "Regions | CutOut") -> list[dict[str, Any]]:
    codes = [bytes(code).hex() for code in regions.table]
    return [{"box": number, "pdq": code} for number, code in zip(regions.numbers, codes, strict=True)]


def _telling(video: "HashedMedium") -> "list[FrameViews]":
    """The frames that are not too plain to be told from others, at most MOST_FRAMES."""
    from monitor.fingerprints.hashes.values import MIN_QUALITY

    frames = [frame for frame in video.frames if frame.views[0].hash.quality >= MIN_QUALITY]
    count = min(len(frames), MOST_FRAMES)
    return [frames[number * len(frames) // count] for number in range(count)]


def _frame(frame: "FrameViews") -> dict[str, Any]:
    code = frame.views[0].hash
    return {"at": round(frame.at, 3), "pdq": code.hex, "quality": code.quality}
