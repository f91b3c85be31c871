"""The decoder process: `python -m monitor.fingerprints.decoder.worker TIME_LIMIT MEMORY_LIMIT [faces]` (s, bytes).

Reads media from standard input, answers on standard output, ends when its parent does. It holds no secret: the
parent starts it with an environment of its own (see monitor.fingerprints.decoder.process), and before the first medium
it gives up what it may (see monitor.fingerprints.decoder.confinement).
"""

import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from monitor.core.errors import NotInspected
from monitor.fingerprints.decoder import protocol
from monitor.fingerprints.decoder.confinement import confine, load_what_comes_late
from monitor.fingerprints.decoder.protocol import Wish
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.fingerprints.media import hash_medium

_GRACE = 5.0
"""Seconds after which the process ends itself, should no parent be left to end it."""


def main(time_limit: float, memory_limit: int, *, finds_faces: bool = False) -> int:
    """Serve until standard input ends."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    # A library that prints must not end up in the middle of a reply.
    os.dup2(2, 1)
    load_what_comes_late(finds_faces=finds_faces)
    _limit_memory(memory_limit)
    held = confine()
    # The default action of SIGALRM ends the process even while a C library loops for ever.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    _send(replies, protocol.ready(held))
    while (asked := _receive(requests)) is not None:
        signal.setitimer(signal.ITIMER_REAL, time_limit + _GRACE)
        answer = _answer(*asked)
        signal.setitimer(signal.ITIMER_REAL, 0)
        del asked
        _send(replies, protocol.pack(answer))
        if isinstance(answer, NotInspected) and answer.reason in ("crashed", "out-of-memory"):
            return 1  # a fresh process takes over
    return 0


def _answer(data: bytes, wish: Wish) -> HashedMedium | NotInspected:
    """One whole job, so every error ends here."""
    try:
        return hash_medium(
            data,
            wish.set_name,
            closely=wish.closely,
            faces=wish.faces,
            cut_out=wish.cut_out,
            photo_only=wish.photo_only,
            points=wish.points,
            squares=wish.squares,
        )
    except NotInspected as error:
        return NotInspected(error.reason)
    except MemoryError:
        return NotInspected("out-of-memory")
    except Exception:  # noqa: BLE001 - a file that breaks us in an unforeseen way must cost itself only
        return NotInspected("crashed")


def _receive(requests: BinaryIO) -> tuple[bytes, Wish] | None:
    """The next file and what to make of it, or None when the parent is gone."""
    head = requests.read(protocol.REQUEST_HEAD.size)
    if len(head) < protocol.REQUEST_HEAD.size:
        return None
    length, wish = protocol.asked(head)
    data = requests.read(length)
    return (data, wish) if len(data) == length else None


def _send(replies: BinaryIO, reply: bytes) -> None:
    replies.write(protocol.REPLY_HEAD.pack(len(reply)) + reply)
    replies.flush()


def _limit_memory(limit: int) -> None:
    """Let no more than `limit` bytes become resident: the address space may grow by what is left of them, and beyond
    that an allocation fails instead of the machine."""
    with suppress(OSError, ValueError, IndexError):  # not every system counts it
        space, resident = (int(pages) for pages in Path("/proc/self/statm").read_text().split()[:2])
        most = (space - resident) * os.sysconf("SC_PAGE_SIZE") + limit
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        sys.exit(main(float(sys.argv[1]), int(sys.argv[2]), finds_faces="faces" in sys.argv[3:]))
