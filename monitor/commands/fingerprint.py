"""`python -m monitor fingerprint FILE...`: hashes of pictures as JSON lines."""

import argparse
import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.commands.media_files import Inspected

_DESCRIPTION = """Prints one JSON object a line: file, kind, quality (0 to 100), pdq (64 hexadecimal digits), regions,
version. A picture too plain to be told from others, or a file that is no picture, has a "reason"; the exit code is then
1. Nothing leaves this machine."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = subparsers.add_parser("fingerprint", help="print the fingerprints of pictures", description=_DESCRIPTION)
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument(
        "--set",
        choices=("slim", "full"),
        default="slim",
        help="how many regions of each picture to fingerprint; this version fingerprints the whole picture only, "
        "so both give the same and regions is empty",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the fingerprints; 0 when every file has one that can be watched, else 1."""
    return asyncio.run(_run(args.files))


async def _run(files: list[str]) -> int:
    from monitor.commands.media_files import inspect_files

    code = 0
    async for inspected in inspect_files(files, closely=True):
        line = describe(inspected)
        code = 1 if "reason" in line else code
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    return code


def describe(inspected: "Inspected") -> dict[str, Any]:
    """The line of one file."""
    from monitor.errors import NotInspected, RuleBroken
    from monitor.fingerprints.image import FINGERPRINT_VERSION, register

    line: dict[str, Any] = {
        "file": inspected.file,
        "kind": "image",
        "quality": None,
        "pdq": None,
        "regions": [],
        "version": FINGERPRINT_VERSION,
    }
    if isinstance(inspected.outcome, NotInspected):
        return line | {"kind": None, "reason": inspected.outcome.reason}
    whole = inspected.outcome.whole
    line |= {"kind": inspected.outcome.kind, "quality": whole.quality, "pdq": whole.hex}
    try:
        register(whole)
    except RuleBroken as refusal:
        line |= {"reason": refusal.reason, "detail": refusal.detail}
    return line
