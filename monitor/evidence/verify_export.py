"""Verifying an export, offline: no database, no case key, only the file and the public key. Format: docs/ledger.md."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from monitor.core.errors import LedgerBroken
from monitor.evidence.chain import Entry, Head, Seal, commitment_to, export_message, sha256
from monitor.evidence.chain_check import check_case
from monitor.evidence.export import FORMAT, OLD_FORMAT
from monitor.evidence.faults import ChainFault, VerifyReport, What
from monitor.evidence.rows import StoredEntry
from monitor.evidence.signatures import genuine


def verify_export(file: Path, public_key: Ed25519PublicKey | None = None) -> VerifyReport:
    """Check an export. Without `public_key` the file's own is used, which proves only that the file agrees with itself.

    Raises LedgerBroken when the file is no export at all or was made with another key.
    """
    document = _load(file)
    case_id = _of(document, "case_id")
    try:
        key = Ed25519PublicKey.from_public_bytes(_hex(_of(document, "public_key")))
    except ValueError:
        raise LedgerBroken("the export's public_key is not a key: 64 hex digits are expected") from None
    if public_key is not None and public_key.public_bytes_raw() != key.public_bytes_raw():
        raise LedgerBroken("the export was signed with another key than the one given")

    rows = [_stored(case_id, value) for value in document["entries"]]
    seals = [_read_seal(case_id, value) for value in document["seals"]]
    closing = Head(case_id, _count(document), _of(document, "head_hash"), _of(document, "exported_at"))
    payloads = bool(document["payloads"])
    closed = _closes(
        key, _of(document, "signature"), export_message(closing, payloads=payloads, version=document["format"])
    )
    heads = [seal.head for seal in seals if genuine(seal, key)] + ([closing] if closed else [])
    report = check_case(case_id, rows, heads, payloads_kept=payloads)
    fault = report.fault or _opened_fault(case_id, document["entries"]) or _outside_fault(closing, closed, len(rows))
    if fault is None and (bad := next((seal for seal in seals if not genuine(seal, key)), None)):
        fault = ChainFault(What.SIGNATURE_BAD, "a seal was not signed with this key", case_id, bad.head.count)
    return VerifyReport((replace(report, fault=fault),))


def _load(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_bytes())
    except OSError as error:
        raise LedgerBroken(f"the export cannot be read: {error.strerror}") from None
    except json.JSONDecodeError as error:
        raise LedgerBroken(f"the export is damaged: line {error.lineno} is not JSON") from None
    except (ValueError, RecursionError):
        raise LedgerBroken("the export is damaged: this is not JSON") from None
    if not isinstance(document, dict) or document.get("format") not in (FORMAT, OLD_FORMAT):
        raise LedgerBroken(f"this is not an export in the format {FORMAT}")
    if not isinstance(document.get("payloads"), bool):
        raise LedgerBroken("the export is damaged: payloads is neither true nor false")
    for name in ("entries", "seals"):
        values = document.get(name)
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise LedgerBroken(f"the export is damaged: {name} is not a list of objects")
    return document


def _outside_fault(closing: Head, closed: bool, count: int) -> ChainFault | None:
    """What only the closing signature can tell."""
    if not closed:
        detail = "the closing signature does not cover this count, head_hash, exported_at and payloads"
        return ChainFault(What.SIGNATURE_BAD, detail, closing.case_id, count)
    if count > closing.count:
        return ChainFault(
            What.REWRITTEN, "it was added after the export was signed", closing.case_id, closing.count + 1
        )
    return None


def _opened_fault(case_id: str, entries: Sequence[Mapping[str, Any]]) -> ChainFault | None:
    """The first entry whose plain text is there and is not the one that its hash covers."""
    for number, value in enumerate(entries, 1):
        if "plain" not in value and "salt" not in value:
            continue
        try:
            fits = commitment_to(_hex(_of(value, "salt")), _of(value, "plain").encode()) == value.get("commitment")
        except ValueError:
            fits = False
        if not fits:
            return ChainFault(What.PAYLOAD_CHANGED, "its plain text is not the one that was hashed", case_id, number)
    return None


def _closes(key: Ed25519PublicKey, signature: str, message: bytes) -> bool:
    try:
        key.verify(_hex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _stored(case_id: str, value: Mapping[str, Any]) -> StoredEntry:
    texts = (_of(value, name) for name in ("at", "kind", "payload_sha256", "prev_hash"))
    entry = Entry(case_id, _count(value, "seq"), *texts)
    if "commitment" in value:
        entry = replace(entry, commitment=_of(value, "commitment"))
    return StoredEntry(entry, _of(value, "entry_hash"), _content(value.get("payload")))


def _content(payload: Any) -> str | None:
    if payload is None:
        return None
    try:
        content = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError, TypeError):
        return "not base64"
    # Base64 has several spellings of the same bytes; only the one that `export` writes is unchanged.
    return sha256(content) if base64.b64encode(content).decode() == payload else "not base64"


def _read_seal(case_id: str, value: Mapping[str, Any]) -> Seal:
    head = Head(case_id, _count(value), _of(value, "head_hash"), _of(value, "at"))
    return Seal(head, _of(value, "previous"), _of(value, "signature"))


def _hex(value: str) -> bytes:
    """Bytes from lower-case hex without blanks. Raises ValueError for any other spelling."""
    data = bytes.fromhex(value)
    if data.hex() != value:
        raise ValueError("not in lower-case hex")
    return data


def _of(value: Mapping[str, Any], name: str) -> str:
    """A text field; whatever is not text becomes one that no honest export could hold."""
    found = value.get(name)
    return found if isinstance(found, str) else "?"


def _count(value: Mapping[str, Any], name: str = "count") -> int:
    found = value.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0
