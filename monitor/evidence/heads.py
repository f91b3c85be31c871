"""The heads file: every signed head, one JSON line each, outside the database.

A line names the SHA-256 of the line before it inside what it signs, so lines can only be lost from the end, and what
is lost there is missed by the database's copy of the latest seals.
"""

import fcntl
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.evidence.chain import GENESIS, Head, Seal, sha256
from monitor.keys.envelope import canonical_json

_TAIL_BYTES = 8192  # far more than one line (about 400 bytes)


def to_line(seal: Seal) -> bytes:
    """A seal as its line, without the newline."""
    head = seal.head
    return canonical_json(
        {
            "at": head.at,
            "case": head.case_id,
            "count": head.count,
            "head": head.head_hash,
            "previous": seal.previous,
            "signature": seal.signature,
        }
    )


def from_line(line: bytes) -> Seal | None:
    """The seal on a line; None unless it is byte for byte what `to_line` writes."""
    try:
        value = json.loads(line)
        head = Head(str(value["case"]), int(value["count"]), str(value["head"]), str(value["at"]))
        seal = Seal(head, str(value["previous"]), str(value["signature"]))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return seal if not seal.malformed() and to_line(seal) == line else None


@dataclass(frozen=True, slots=True)
class HeadsFile:
    """The whole lines of a heads file. A torn last line (a crash in mid-write) is left out: nothing relied on it."""

    lines: tuple[bytes, ...]
    exists: bool


def read_heads(file: Path) -> HeadsFile:
    """Read the heads file; a missing one is an empty one that does not exist. Raises OSError when unreadable."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return HeadsFile((), exists=False)
    return HeadsFile(tuple(content.split(b"\n")[:-1]), exists=True)


def append_heads(file: Path, heads: Sequence[Head], sign: Callable[[Head, str], Seal]) -> list[Seal]:
    """Sign `heads` onto the end of the file with one write, and wait until they are on disk.

    Processes take turns by a lock on the file. Raises OSError (a full disk) and leaves no part of a line behind.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        size, previous = _whole_lines(descriptor)
        seals = []
        for head in heads:
            seal = sign(head, previous)
            seals.append(seal)
            previous = sha256(to_line(seal))
        data = b"".join(to_line(seal) + b"\n" for seal in seals)
        if os.write(descriptor, data) != len(data):
            os.ftruncate(descriptor, size)
            raise OSError("the heads file could not be written whole: the disk is full")
        os.fsync(descriptor)
        if size == 0:
            _sync_folder(file.parent)
    finally:
        os.close(descriptor)
    return seals


def _whole_lines(descriptor: int) -> tuple[int, str]:
    """Cut off what a crash left of a line; return the size that stays and the hash of the last line."""
    size = os.fstat(descriptor).st_size
    start = max(0, size - _TAIL_BYTES)
    tail = os.pread(descriptor, size - start, start)
    end = tail.rfind(b"\n") + 1
    if end == 0 and start > 0:
        raise OSError("the end of the heads file is damaged: it holds no whole line")
    if end < len(tail):
        os.ftruncate(descriptor, start + end)
    last = tail[:end].rstrip(b"\n").rpartition(b"\n")[2]
    return start + end, sha256(last) if end else GENESIS


def _sync_folder(folder: Path) -> None:
    """A new file is only safe once its folder's entry is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
