"""Exports verify with nothing but the public key, also for a verifier written from docs/ledger.md alone."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from monitor.core.errors import LedgerBroken
from monitor.evidence.export import export, write_export
from monitor.evidence.faults import What
from monitor.evidence.verify_export import verify_export
from tests.support.ledger_parts import BY, START, Evidence, open_evidence


@pytest.fixture
async def evidence(database_url: str, tmp_path: Path) -> AsyncIterator[Evidence]:
    """Case a with 5 entries, sealed at 3; case b with 2."""
    async with open_evidence(database_url, tmp_path) as opened:
        await opened.fill("a", 3)
        await opened.fill("b", 2)
        await opened.seal()
        await opened.fill("a", 2)
        yield opened


@pytest.fixture
async def document(evidence: Evidence) -> dict[str, Any]:
    return await _export(evidence)


async def _export(evidence: Evidence, *, payloads: bool = True) -> dict[str, Any]:
    now = START + timedelta(days=1)
    async with evidence.database.read() as session:
        return await export(
            session, "a", keys=evidence.keys, heads_file=evidence.heads_file, now=now, payloads=payloads
        )


async def test_export_verifies_with_the_public_key(
    evidence: Evidence, document: dict[str, Any], tmp_path: Path
) -> None:
    write_export(document, tmp_path / "a.json")
    report = verify_export(tmp_path / "a.json", evidence.keys.signing_key().public_key())
    assert str(report) == "ledger ok: 1 case, 5 entries, 5 sealed"
    with pytest.raises(FileExistsError):
        write_export(document, tmp_path / "a.json")


async def test_export_without_payloads_verifies(evidence: Evidence, tmp_path: Path) -> None:
    document = await _export(evidence, payloads=False)
    assert not any("payload" in entry for entry in document["entries"])
    write_export(document, tmp_path / "a.json")
    assert verify_export(tmp_path / "a.json").ok


async def test_export_of_an_erased_case_verifies(evidence: Evidence, tmp_path: Path) -> None:
    async with evidence.database.begin() as session:
        await evidence.ledger.destroy_payloads(session, "a", by=BY, at=START)
    evidence.keys.destroy("case:a")
    write_export(await _export(evidence), tmp_path / "a.json")
    assert str(verify_export(tmp_path / "a.json")) == "ledger ok: 1 case, 6 entries, 6 sealed"


async def test_export_holds_no_plain_text(document: dict[str, Any]) -> None:
    payloads = b"".join(base64.b64decode(entry["payload"]) for entry in document["entries"])
    assert b"look" not in payloads
    assert len(document["entries"]) == 5


async def test_verifier_written_from_the_document_agrees(document: dict[str, Any]) -> None:
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(document["public_key"]))
    case, previous = document["case_id"], "0" * 64
    for number, entry in enumerate(document["entries"], 1):
        assert entry["seq"] == number
        assert entry["prev_hash"] == previous
        assert hashlib.sha256(base64.b64decode(entry["payload"])).hexdigest() == entry["payload_sha256"]
        hashes = (entry["commitment"], entry["payload_sha256"], previous)
        fields = ("jikimi-ledger-2", case, number, entry["at"], entry["kind"], *hashes)
        previous = hashlib.sha256("".join(f"{field}\n" for field in fields).encode("ascii")).hexdigest()
        assert previous == entry["entry_hash"]
    for seal in document["seals"]:
        assert document["entries"][seal["count"] - 1]["entry_hash"] == seal["head_hash"]
        signed = ("jikimi-ledger-seal-1", case, seal["count"], seal["head_hash"], seal["at"], seal["previous"])
        key.verify(bytes.fromhex(seal["signature"]), "".join(f"{field}\n" for field in signed).encode("ascii"))
    assert (document["count"], document["head_hash"]) == (5, previous)
    closing = ("jikimi-ledger-export-2", case, 5, previous, document["exported_at"], "with-payloads")
    key.verify(bytes.fromhex(document["signature"]), "".join(f"{field}\n" for field in closing).encode("ascii"))


Change = Callable[[dict[str, Any]], object]


def _set(seq: int, name: str, value: object) -> Change:
    return lambda document: document["entries"][seq - 1].update({name: value})


@pytest.mark.parametrize(
    ("change", "seq", "what"),
    [
        (_set(2, "kind", "consent-given"), 2, What.FIELD_CHANGED),
        (_set(2, "at", None), 2, What.FIELD_CHANGED),
        (_set(2, "seq", True), 2, What.FIELD_CHANGED),
        (_set(4, "entry_hash", "0" * 64), 4, What.FIELD_CHANGED),
        (_set(2, "payload", base64.b64encode(b"other").decode()), 2, What.PAYLOAD_CHANGED),
        (_set(2, "payload", "not base64"), 2, What.PAYLOAD_CHANGED),
        (_set(2, "payload", 5), 2, What.PAYLOAD_CHANGED),
        (lambda document: document["entries"][1].pop("payload"), 2, What.PAYLOAD_REMOVED),
        (lambda document: document.update(payloads=False), 5, What.SIGNATURE_BAD),
        (lambda document: document["entries"].pop(1), 2, What.REMOVED),
        (lambda document: document["entries"].pop(), 5, What.TAIL_CUT),
        (lambda document: document["entries"].clear(), 1, What.TAIL_CUT),
        (lambda document: document["entries"].reverse(), 1, What.FIELD_CHANGED),
        (lambda document: document["seals"][0].update(signature="0" * 128), 3, What.SIGNATURE_BAD),
        (lambda document: document.update(exported_at="2020-01-01T00:00:00.000000Z"), 5, What.SIGNATURE_BAD),
        (lambda document: document.update(signature="zz"), 5, What.SIGNATURE_BAD),
    ],
)
async def test_changed_export_names_its_first_bad_entry(
    document: dict[str, Any], tmp_path: Path, change: Change, seq: int, what: What
) -> None:
    change(document)
    write_export(document, tmp_path / "a.json")
    (fault,) = verify_export(tmp_path / "a.json").faults
    assert (fault.case_id, fault.seq, fault.what) == ("a", seq, what)


async def test_shorter_export_with_everything_else_made_to_fit_is_found(
    evidence: Evidence, document: dict[str, Any], tmp_path: Path
) -> None:
    document["entries"].pop()
    document.update(count=4, head_hash=document["entries"][-1]["entry_hash"])
    write_export(document, tmp_path / "a.json")
    (fault,) = verify_export(tmp_path / "a.json").faults
    assert fault.what == What.SIGNATURE_BAD


async def test_export_made_with_another_key_is_refused(
    evidence: Evidence, document: dict[str, Any], tmp_path: Path
) -> None:
    write_export(document, tmp_path / "a.json")
    other = tmp_path / "other"
    other.mkdir()
    async with open_evidence(f"sqlite+aiosqlite:///{other / 'db.sqlite'}", other) as foreign:
        key = foreign.keys.signing_key().public_key()
    with pytest.raises(LedgerBroken, match="another key"):
        verify_export(tmp_path / "a.json", key)


@pytest.mark.parametrize("bit", [0x01, 0x20])
async def test_no_changed_byte_of_the_file_passes(document: dict[str, Any], tmp_path: Path, bit: int) -> None:
    file = tmp_path / "a.json"
    write_export(document, file)
    whole = file.read_bytes()
    for place in range(0, len(whole), 3):
        changed = bytearray(whole)
        changed[place] ^= bit
        file.write_bytes(bytes(changed))
        try:
            value: object = json.loads(changed)
        except ValueError:
            value = None
        if value == document:
            continue  # a blank became another blank
        try:
            assert not verify_export(file).ok, place
        except LedgerBroken:
            continue


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"format":"jikimi-ledger-export-1"}']
)
async def test_file_that_is_no_export_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(LedgerBroken, match="export"):
        verify_export(tmp_path / "x")


async def test_case_without_entries_has_no_export(evidence: Evidence) -> None:
    async with evidence.database.read() as session:
        with pytest.raises(LedgerBroken, match="no ledger entry"):
            await export(session, "zzz", keys=evidence.keys, heads_file=evidence.heads_file, now=START)
