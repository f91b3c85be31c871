"""`python -m monitor scan --fingerprints F.jsonl MEDIA...`: are these pictures copies of fingerprinted ones?"""

import argparse
import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.commands.media_files import HashedFile
    from monitor.matching.watch_set import WatchSet

_DESCRIPTION = """Prints one JSON object a line: file, verdict (confident, review, no or not_inspected), fingerprint
(its registered file, or null), distance (bits of 256 to the nearest one), how (in words) and ms. Uses no database and
no network. A file that cannot be inspected has a "reason"."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = subparsers.add_parser("scan", help="compare pictures with fingerprints", description=_DESCRIPTION)
    parser.add_argument("--fingerprints", required=True, metavar="F.jsonl", help="lines printed by `fingerprint`")
    parser.add_argument("media", nargs="+", metavar="MEDIA")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the verdicts. 0 unless the fingerprints cannot be read (ConfigError)."""
    return asyncio.run(_run(args.fingerprints, args.media))


async def _run(fingerprints: str, media: list[str]) -> int:
    from monitor.commands.fingerprint_file import read_fingerprints
    from monitor.commands.media_files import inspect_files
    from monitor.fingerprints.decoder.protocol import Wish

    read = read_fingerprints(fingerprints)
    for skipped in read.skipped:
        sys.stderr.write(f"{fingerprints}, {skipped}\n")
    watch = read.watch
    wish = Wish(faces=bool(len(watch.cut_outs)), points=bool(len(watch.points)), squares=watch.has_squares)
    async for inspected in inspect_files(media, wish):
        sys.stdout.write(json.dumps(match_line(inspected, read.watch)) + "\n")
        sys.stdout.flush()
    return 0


def match_line(inspected: "HashedFile", watch: "WatchSet") -> dict[str, Any]:
    """The line of one file. In a set made by read_fingerprints, `case_id` holds the registered file's name."""
    import time

    from monitor.core.errors import NotInspected
    from monitor.matching.verdict import Verdict, nearest

    line: dict[str, Any] = {"file": inspected.file, "verdict": "not_inspected", "fingerprint": None, "distance": None}
    if isinstance(inspected.outcome, NotInspected):
        how = {"how": str(inspected.outcome), "ms": round(inspected.milliseconds, 1)}
        return line | how | {"reason": inspected.outcome.reason}
    start = time.perf_counter()
    match = nearest(inspected.outcome, watch)
    spent = inspected.milliseconds + (time.perf_counter() - start) * 1000
    if match is None:
        return line | {"verdict": "no", "how": "no fingerprint to compare with", "ms": round(spent, 1)}
    return line | {
        "verdict": str(match.verdict),
        "fingerprint": match.case_id if match.verdict is not Verdict.NO else None,
        "distance": match.distance,
        "how": match.how,
        "ms": round(spent, 1),
    }
