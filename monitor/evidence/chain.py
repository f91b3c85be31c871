"""The bytes that are hashed and signed. docs/ledger.md describes them for programs in other languages.

Everything is lines of ASCII, each ended by one newline, so that any language can build them without a JSON library.
No field may hold a newline; the patterns below keep it so.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64
"""The previous hash of the first entry, and of the first line of the heads file."""

INSTALLATION = "installation"
"""Stands where a case's id stands, for the chain that tells of no case: log-ins, advocates, settings, restores.

No case has this id: theirs have 26 characters.
"""

_CASE = re.compile(r"[A-Za-z0-9_-]{1,32}")
_KIND = re.compile(r"[a-z0-9-]{1,64}")
_HASH = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_SIGNATURE = re.compile(r"[0-9a-f]{128}")


SALT_BYTES = 32
"""Random, and sealed with what it salts: who guesses a payload cannot try the guess at the hash."""


def sha256(data: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def commitment_to(salt: bytes, plain: bytes) -> str:
    """What an entry's hash says of its plain payload."""
    return sha256(salt + plain)


def timestamp(at: datetime) -> str:
    """An aware time as the chain writes it: UTC, six decimals, `2026-01-01T00:00:00.000000Z`."""
    if at.tzinfo is None:
        raise ValueError("a naive time has no place in the ledger; times are aware and in UTC")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it is hashed: the payload itself is only here through its hashes."""

    case_id: str
    seq: int
    at: str
    kind: str
    payload_sha256: str
    prev_hash: str
    commitment: str | None = None
    """SHA-256 (hex) of salt and plain payload, by which one entry can be opened to somebody without any key.

    None: an entry of the first format, which has none.
    """

    def malformed(self) -> str | None:
        """The first field that no honest entry could hold, None when all are in form."""
        checks = {
            "case_id": _CASE.fullmatch(self.case_id),
            "seq": self.seq >= 1,
            "at": _TIME.fullmatch(self.at),
            "kind": _KIND.fullmatch(self.kind),
            "payload_sha256": _HASH.fullmatch(self.payload_sha256),
            "prev_hash": _HASH.fullmatch(self.prev_hash),
            "commitment": self.commitment is None or _HASH.fullmatch(self.commitment),
        }
        return next((name for name, good in checks.items() if not good), None)

    def hash(self) -> str:
        """The entry's hash. Raises ValueError when a field is malformed."""
        if field := self.malformed():
            raise ValueError(f"malformed {field}")
        contents = (self.payload_sha256,) if self.commitment is None else (self.commitment, self.payload_sha256)
        name = "jikimi-ledger-1" if self.commitment is None else "jikimi-ledger-2"
        lines = (name, self.case_id, self.seq, self.at, self.kind, *contents, self.prev_hash)
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
    restored: bool = False
    """The database was restored, and this is how far the chain goes since: its heads before this line are void.

    Of a chain that the older database does not hold the count is 0 and the hash GENESIS.
    """

    def fields(self) -> dict[str, Any]:
        """Every field by its name, the head's among them."""
        return {**asdict(self.head), "previous": self.previous, "signature": self.signature}

    def malformed(self) -> bool:
        """True when some field could not be in an honest seal."""
        head = self.head
        return not (
            _CASE.fullmatch(head.case_id)
            and (head.count >= 1 or (self.restored and head.count == 0 and head.head_hash == GENESIS))
            and _HASH.fullmatch(head.head_hash)
            and _TIME.fullmatch(head.at)
            and _HASH.fullmatch(self.previous)
            and _SIGNATURE.fullmatch(self.signature)
        )


def seal_message(head: Head, previous: str, *, restored: bool = False) -> bytes:
    """What the signature of a seal covers."""
    return _message("jikimi-ledger-restored-1" if restored else "jikimi-ledger-seal-1", head, previous)


def standing_heads(seals: Iterable[Seal]) -> dict[str, list[Head]]:
    """By chain, the heads that hold it to account, from seals in their order: a restore makes earlier ones void."""
    heads: dict[str, list[Head]] = {}
    for seal in seals:
        head, known = seal.head, heads.setdefault(seal.head.case_id, [])
        if seal.restored:
            known.clear()  # the chain may have gone on differently since the backup; this head covers all of it
        if head.count > 0:
            known.append(head)
    return {chain: known for chain, known in heads.items() if known}


def export_message(head: Head, *, payloads: bool, version: str = "jikimi-ledger-export-1") -> bytes:
    """What the closing signature of an export covers; `at` is the time of the export, `version` its format."""
    return _message(version, head, "with-payloads" if payloads else "without-payloads")


def _message(what: str, head: Head, *more: str) -> bytes:
    lines = (what, head.case_id, head.count, head.head_hash, head.at, *more)
    return "".join(f"{line}\n" for line in lines).encode("ascii")
