"""The bytes that are hashed and signed. docs/ledger.md describes them for programs in other languages.

Everything is lines of ASCII, each ended by one newline, so that any language can build them without a JSON library.
No field may hold a newline; the patterns below keep it so.
"""

import hashlib
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64
"""The previous hash of the first entry, and of the first line of the heads file."""

_CASE = re.compile(r"[A-Za-z0-9_-]{1,32}")
_KIND = re.compile(r"[a-z0-9-]{1,64}")
_HASH = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_SIGNATURE = re.compile(r"[0-9a-f]{128}")


def sha256(data: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def timestamp(at: datetime) -> str:
    """An aware time as the chain writes it: UTC, six decimals, `2026-01-01T00:00:00.000000Z`."""
    if at.tzinfo is None:
        raise ValueError("a naive time has no place in the ledger; times are aware and in UTC")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it is hashed: the payload itself is only here through its hash."""

    case_id: str
    seq: int
    at: str
    kind: str
    payload_sha256: str
    prev_hash: str

    def malformed(self) -> str | None:
        """The first field that no honest entry could hold, None when all are in form."""
        checks = {
            "case_id": _CASE.fullmatch(self.case_id),
            "seq": self.seq >= 1,
            "at": _TIME.fullmatch(self.at),
            "kind": _KIND.fullmatch(self.kind),
            "payload_sha256": _HASH.fullmatch(self.payload_sha256),
            "prev_hash": _HASH.fullmatch(self.prev_hash),
        }
        return next((name for name, good in checks.items() if not good), None)

    def hash(self) -> str:
        """The entry's hash. Raises ValueError when a field is malformed."""
        if field := self.malformed():
            raise ValueError(f"malformed {field}")
        lines = ("jikimi-ledger-1", self.case_id, self.seq, self.at, self.kind, self.payload_sha256, self.prev_hash)
        return sha256("".join(f"{line}\n" for line in lines).encode("ascii"))


@dataclass(frozen=True, slots=True)
class Head:
    """How far a case's chain had come at a time."""

    case_id: str
    count: int
    head_hash: str
    at: str


@dataclass(frozen=True, slots=True)
class Seal:
    """A signed head. `previous` is the hash of the heads file's line before it, so that no line can be taken out."""

    head: Head
    previous: str
    signature: str

    def fields(self) -> dict[str, Any]:
        """Every field by its name, the head's among them."""
        return {**asdict(self.head), "previous": self.previous, "signature": self.signature}

    def malformed(self) -> bool:
        """True when some field could not be in an honest seal."""
        head = self.head
        return not (
            _CASE.fullmatch(head.case_id)
            and head.count >= 1
            and _HASH.fullmatch(head.head_hash)
            and _TIME.fullmatch(head.at)
            and _HASH.fullmatch(self.previous)
            and _SIGNATURE.fullmatch(self.signature)
        )


def seal_message(head: Head, previous: str) -> bytes:
    """What the signature of a seal covers."""
    return _message("jikimi-ledger-seal-1", head, previous)


def export_message(head: Head, *, payloads: bool) -> bytes:
    """What the closing signature of an export covers; `at` is the time of the export."""
    return _message("jikimi-ledger-export-1", head, "with-payloads" if payloads else "without-payloads")


def _message(what: str, head: Head, *more: str) -> bytes:
    lines = (what, head.case_id, head.count, head.head_hash, head.at, *more)
    return "".join(f"{line}\n" for line in lines).encode("ascii")
