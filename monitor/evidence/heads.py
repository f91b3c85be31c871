"""The heads file: every signed head, one JSON line each, outside the database.

A line names the SHA-256 of the line before it inside what it signs, so lines can only be lost from the end, and what
is lost there is missed by the database's copy of the latest seals and by the heads that the key store keeps.
"""

import fcntl
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from monitor.core.errors import LedgerBroken
from monitor.evidence.chain import GENESIS, Head, Seal, sha256
from monitor.evidence.signatures import Sign, genuine
from monitor.keys.envelope import canonical_json
from monitor.keys.kept_heads import KeptHead


class HeadsRefused(LedgerBroken):
    """The heads file is not the one that the heads in the key store continue; nothing was signed."""


def to_line(seal: Seal) -> bytes:
    """A seal as its line, without the newline."""
    head = seal.head
    value: dict[str, Any] = {
        "at": head.at,
        "case": head.case_id,
        "count": head.count,
        "head": head.head_hash,
        "previous": seal.previous,
        "signature": seal.signature,
    }
    return canonical_json({**value, "restored": True} if seal.restored else value)


def from_line(line: bytes) -> Seal | None:
    """The seal on a line; None unless it is byte for byte what `to_line` writes."""
    try:
        value = json.loads(line)
        head = Head(str(value["case"]), int(value["count"]), str(value["head"]), str(value["at"]))
        seal = Seal(head, str(value["previous"]), str(value["signature"]), value.get("restored") is True)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    return seal if not seal.malformed() and to_line(seal) == line else None


@dataclass(frozen=True, slots=True)
class HeadsFile:
    """The whole lines of a heads file. A torn last line (a crash in mid-write) is left out: nothing relied on it."""

    lines: tuple[bytes, ...]
    exists: bool
    content: bytes = b""

    def holds(self, kept: KeptHead) -> bool:
        """Does this very line stand at this very place?"""
        return self.content[: kept.end].endswith(kept.line + b"\n") and len(self.content) >= kept.end


def read_heads(file: Path) -> HeadsFile:
    """Read the heads file; a missing one is an empty one that does not exist. Raises OSError when unreadable."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return HeadsFile((), exists=False)
    return HeadsFile(tuple(content.split(b"\n")[:-1]), exists=True, content=content)


def with_ends(file: HeadsFile) -> list[tuple[bytes, int]]:
    """Each line, and how many bytes of the file end with it."""
    found, end = [], 0
    for line in file.lines:
        end += len(line) + 1
        found.append((line, end))
    return found


def append_heads(
    file: Path, heads: Sequence[Head], sign: Sign, *, after: KeptHead | None, public_key: Ed25519PublicKey
) -> list[KeptHead]:
    """Sign `heads` onto the end of the file with one write, and wait until they are on disk.

    `after`: the newest head that the key store keeps; the file must hold it, and nothing may follow it but seals of
    ours that are chained to it. Without one the whole file is looked at so. Processes take turns by a lock on the
    file. Raises HeadsRefused, or OSError (a full disk), and leaves no part of a line behind.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_APPEND | (os.O_CREAT if after is None else 0), 0o600)
    except FileNotFoundError:
        raise HeadsRefused(
            f"the heads file {file} is missing, but heads were signed before: put it back from its copy (or at the "
            "place that [ledger] heads_file names now). Nothing is signed until then"
        ) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        size, previous = _continued(descriptor, file, after, public_key)
        kept, data = [], b""
        for head in heads:
            line = to_line(sign(head, previous))
            previous, data = sha256(line), data + line + b"\n"
            kept.append(KeptHead(head.case_id, head.count, line, size + len(data)))
        if os.write(descriptor, data) != len(data):
            os.ftruncate(descriptor, size)
            raise OSError("the heads file could not be written whole: the disk is full")
        os.fsync(descriptor)
        if size == 0:
            _sync_folder(file.parent)
    finally:
        os.close(descriptor)
    return kept


def _continued(descriptor: int, file: Path, after: KeptHead | None, public_key: Ed25519PublicKey) -> tuple[int, str]:
    """Hold the file against `after`, and cut off what a crash left of a line.

    Returns the size that stays and the hash of the last line.
    """
    start, previous = 0, GENESIS
    if after is not None:
        line = after.line + b"\n"
        if after.end < len(line) or os.pread(descriptor, len(line), after.end - len(line)) != line:
            raise HeadsRefused(
                f"the heads file {file} is older or another one: it lacks the seal of {after.chain}, entry "
                f"{after.count}, that the key store keeps. Put the newest copy back. Nothing is signed until then"
            )
        start, previous = after.end, sha256(after.line)
    tail = os.pread(descriptor, os.fstat(descriptor).st_size - start, start)
    whole = tail[: tail.rfind(b"\n") + 1]
    for line in whole.split(b"\n")[:-1]:
        seal = from_line(line)
        if seal is None or seal.previous != previous or not genuine(seal, public_key):
            raise HeadsRefused(
                f"the heads file {file} was changed after its last known seal: put the newest copy back, or take the "
                "lines out that do not belong there. Nothing is signed until then"
            )
        previous = sha256(line)
    if len(whole) < len(tail):
        os.ftruncate(descriptor, start + len(whole))
    return start + len(whole), previous


def _sync_folder(folder: Path) -> None:
    """A new file is only safe once its folder's entry is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
