"""Reading the lines that `fingerprint` printed."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.errors import ConfigError
from monitor.fingerprints.values import FINGERPRINT_VERSION, MIN_QUALITY, parse_code
from monitor.matching.watch import Watched, WatchSet


@dataclass(frozen=True, slots=True)
class FingerprintFile:
    """What was read. In `watch`, `case_id` is the file a fingerprint was registered under."""

    watch: WatchSet
    skipped: tuple[str, ...]
    """Lines without a usable fingerprint, and why."""


def read_fingerprints(path: str) -> FingerprintFile:
    """Raises ConfigError that names the file, the line and what is allowed."""
    try:
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
    return FingerprintFile(WatchSet(watched), tuple(skipped))


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

    file, code, quality = fields.get("file"), fields.get("pdq"), fields.get("quality")
    if not isinstance(file, str):
        raise wrong("file", "the name the picture was registered under")
    if fields.get("kind", "image") not in ("image", "video"):
        raise wrong("kind", '"image" or "video"')
    if fields.get("version") != FINGERPRINT_VERSION:
        raise wrong("version", f'"{FINGERPRINT_VERSION}"; fingerprint the picture again with this version')
    if not isinstance(quality, int) or isinstance(quality, bool) or not 0 <= quality <= 100:
        raise wrong("quality", "a whole number from 0 to 100")
    try:
        parsed = parse_code(code) if isinstance(code, str) else b""
    except ValueError:
        parsed = b""
    if not parsed:
        raise wrong("pdq", "64 hexadecimal digits")
    return Watched(fingerprint_id=str(number), case_id=file, code=parsed, kind="intimate"), quality
