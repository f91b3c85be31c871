"""Reading the lines that `fingerprint` printed."""

import base64
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.core.errors import ConfigError
from monitor.fingerprints.cut_outs.codes import CutOut
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION, MIN_QUALITY, WHOLE_SET, parse_code
from monitor.fingerprints.regions.codes import REGIONS_VERSION, Regions
from monitor.fingerprints.video.clip_points import ClipPoints
from monitor.matching.watch_set import Watched, WatchSet


@dataclass(frozen=True, slots=True)
class FingerprintFile:
    """What was read. In `watch`, `case_id` is the file a fingerprint was registered under."""

    watch: WatchSet
    skipped: tuple[str, ...]
    """Lines without a usable fingerprint, and why."""


def read_fingerprints(path: str) -> FingerprintFile:
    """Raises ConfigError that names the file, the line and what is allowed."""
    try:
        if not Path(path).is_file() and Path(path).exists():
            raise ConfigError(f"{path}: no regular file; give a file that `fingerprint` printed")
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError(f"{path}: cannot be read ({reason}); give a file that `fingerprint` printed") from None
    watched: list[Watched] = []
    skipped: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        fields = _object(path, number, line)
        if fields.get("pdq") is None and fields.get("reason"):
            skipped.append(f"line {number}: skipped, it has no fingerprint ({fields['reason']})")
            continue
        one, quality = _watched(path, number, fields)
        if quality < MIN_QUALITY:
            skipped.append(f"line {number}: skipped, quality {quality} is below {MIN_QUALITY}: it would match anything")
        else:
            watched.append(one)
    # A file is what one person registers: what its screenshots share is a template.
    return FingerprintFile(WatchSet(watched, one_case=True), tuple(skipped))


def _object(path: str, number: int, line: str) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise ConfigError(f"{path}, line {number}: not a JSON object; each line must be one that `fingerprint` printed")
    return fields


def _watched(path: str, number: int, fields: dict[str, Any]) -> tuple[Watched, int]:
    def wrong(key: str, allowed: str) -> ConfigError:
        return ConfigError(f'{path}, line {number}: "{key}" must be {allowed}')

    file, quality, kind = fields.get("file"), fields.get("quality"), fields.get("kind", "image")
    if not isinstance(file, str):
        raise wrong("file", "the name the picture was registered under")
    if kind not in ("image", "video"):
        raise wrong("kind", '"image" or "video"')
    if fields.get("version") != FINGERPRINT_VERSION:
        raise wrong("version", f'"{FINGERPRINT_VERSION}"; fingerprint the picture again with this version')
    if not isinstance(quality, int) or isinstance(quality, bool) or not 0 <= quality <= 100:
        raise wrong("quality", "a whole number from 0 to 100")
    code = _code(fields.get("pdq"))
    if code is None:
        raise wrong("pdq", "64 hexadecimal digits")
    try:
        regions = _regions(fields)
    except ValueError as error:
        raise wrong("regions", f"as `fingerprint` printed them: {error}") from None
    try:
        frames = _frames(fields.get("frames", [])) if kind == "video" else ()
    except ValueError as error:
        raise wrong("frames", f"as `fingerprint` printed them: {error}") from None
    try:
        clip = None if fields.get("clip") is None else ClipPoints.from_json(fields["clip"])
    except ValueError as error:
        raise wrong("clip", f"as `fingerprint` printed it: {error}") from None
    try:
        cut_out = _cut_out(fields.get("cut_out"))
    except ValueError as error:
        raise wrong("cut_out", f"as `fingerprint` printed it: {error}") from None
    one = Watched(
        fingerprint_id=str(number),
        case_id=file,
        code=code,
        kind="intimate",
        set_name=WHOLE_SET if regions is None else regions.set_name,
        regions=regions,
        frames=frames,
        clip=clip if kind == "video" else None,
        cut_out=cut_out,
    )
    return one, quality


def _code(text: Any) -> bytes | None:
    try:
        return parse_code(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _regions(fields: dict[str, Any]) -> Regions | None:
    """None without boxes. Raises ValueError for what `fingerprint` does not print."""
    listed = fields.get("regions", [])
    if not isinstance(listed, list):
        raise ValueError("a list")
    if not listed:
        return None
    boxes, codes = _boxes(listed)
    return Regions.from_json(
        {
            "version": fields.get("regions_version", REGIONS_VERSION),
            "set": fields.get("set"),
            "size": fields.get("size"),
            "boxes": boxes,
            "codes": codes,
            "points": fields.get("points", ""),
            "area": fields.get("area"),
        }
    )


def _boxes(listed: list[Any]) -> tuple[list[Any], str]:
    """Numbers of boxes, and their codes in base64."""
    boxes = [one.get("box") if isinstance(one, dict) else None for one in listed]
    codes = [_code(one.get("pdq")) if isinstance(one, dict) else None for one in listed]
    if None in codes:
        raise ValueError('each with a "box" and a "pdq" of 64 hexadecimal digits')
    return boxes, base64.b64encode(b"".join(code for code in codes if code)).decode("ascii")


def _cut_out(value: Any) -> CutOut | None:
    """None without one. Raises ValueError for what `fingerprint` does not print."""
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("boxes"), list):
        raise ValueError("an object with version, box and boxes")
    boxes, codes = _boxes(value["boxes"])
    return CutOut.from_json({"version": value.get("version"), "box": value.get("box"), "boxes": boxes, "codes": codes})


def _frames(listed: Any) -> tuple[tuple[float, bytes], ...]:
    """Those after the first: the first one's code is the video's. Plain ones would match anything."""
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise ValueError("a list of objects")
    frames = []
    for one in listed[1:]:
        at, code, quality = one.get("at"), _code(one.get("pdq")), one.get("quality")
        if type(at) not in (int, float) or not 0 <= at < math.inf or code is None or type(quality) is not int:
            raise ValueError('each with "at" in seconds, a "pdq" of 64 hexadecimal digits and a "quality"')
        if quality >= MIN_QUALITY:
            frames.append((float(at), code))
    return tuple(frames)
