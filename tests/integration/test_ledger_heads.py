"""Changed seals, and a heads file that was cut, edited or lost, are found, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.evidence.faults import What
from monitor.evidence.heads import HeadsRefused
from tests.support.ledger_parts import Evidence, open_evidence


@pytest.fixture
async def evidence(database_url: str, tmp_path: Path) -> AsyncIterator[Evidence]:
    """Cases a, b and c with 6 entries each; a is sealed at 4 and 6, the others at 6."""
    async with open_evidence(database_url, tmp_path) as opened:
        await opened.fill("a", 4)
        await opened.seal()
        await opened.fill("a", 2)
        await opened.fill("b", 6)
        await opened.fill("c", 6)
        assert await opened.seal() == 3
        assert str(await opened.verify()) == "ledger ok: 3 cases, 18 entries, 18 sealed"
        yield opened


@pytest.mark.parametrize(
    "change",
    [
        "head_hash = (select entry_hash from ledger_entries where case_id = 'b' and seq = 5), count = 5",
        "head_hash = substr(head_hash, 2) || 'x'",
        "signature = substr(signature, 2) || '0'",
        "signature = 'x'",
        "previous = substr(previous, 2) || 'x'",
        "at = '2026-03-02 00:00:00.000000+00:00'",
        "count = 3",
    ],
)
async def test_changed_seal_is_found(evidence: Evidence, change: str) -> None:
    await evidence.tamper(f"update ledger_seals set {change} where case_id = 'b'")  # noqa: S608 - a test's own words
    fault = await evidence.fault()
    assert (fault.what, fault.case_id) == (What.SIGNATURE_BAD, "b")
    await evidence.fill("b", 1)
    await evidence.seal()  # does not stumble over it


async def test_seal_of_another_case_is_found(evidence: Evidence) -> None:
    await evidence.tamper(
        "update ledger_seals set count = 6, head_hash = (select head_hash from ledger_seals where case_id = 'c'), "
        "signature = (select signature from ledger_seals where case_id = 'c') where case_id = 'b'"
    )
    fault = await evidence.fault()
    assert (fault.what, fault.case_id) == (What.SIGNATURE_BAD, "b")


async def test_missing_heads_file_is_found(evidence: Evidence) -> None:
    evidence.heads_file.unlink()
    assert (await evidence.fault()).what == What.HEADS_MISSING


@pytest.mark.parametrize("keep", [0, 1, 3])
async def test_truncated_heads_file_is_found(evidence: Evidence, keep: int) -> None:
    lines = _lines(evidence)
    evidence.heads_file.write_bytes(b"".join(lines[:keep]))
    fault = await evidence.fault()
    assert fault.what == What.HEADS_DAMAGED
    assert "lost its end" in fault.detail


@pytest.mark.parametrize("number", [1, 2, 3, 4])
async def test_one_changed_byte_in_the_heads_file_names_its_line(evidence: Evidence, number: int) -> None:
    lines = _lines(evidence)
    original = lines[number - 1]
    for place in range(0, len(original) - 1, 23):
        changed = bytearray(original)
        changed[place] ^= 1
        evidence.heads_file.write_bytes(b"".join([*lines[: number - 1], bytes(changed), *lines[number:]]))
        fault = await evidence.fault()
        assert fault.what == What.HEADS_DAMAGED
        assert f"line {number}" in fault.detail


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_line_taken_out_of_the_heads_file_is_found(evidence: Evidence, number: int) -> None:
    lines = _lines(evidence)
    evidence.heads_file.write_bytes(b"".join(lines[: number - 1] + lines[number:]))
    fault = await evidence.fault()
    assert fault.what == What.HEADS_DAMAGED
    assert f"line {number} does not follow" in fault.detail


async def test_swapped_lines_of_the_heads_file_are_found(evidence: Evidence) -> None:
    lines = _lines(evidence)
    evidence.heads_file.write_bytes(b"".join([lines[0], lines[2], lines[1], lines[3]]))
    assert (await evidence.fault()).what == What.HEADS_DAMAGED


async def test_heads_file_of_noise_is_found_and_never_signed_over(evidence: Evidence) -> None:
    evidence.heads_file.write_bytes(b"\xff\x00" * 500 + b"\n[[[[\n{}\n")
    fault = await evidence.fault()
    assert "line 1 is no seal" in fault.detail
    await evidence.fill("b", 1)
    noise = evidence.heads_file.read_bytes()
    with pytest.raises(HeadsRefused, match="another one"):
        await evidence.seal()
    assert evidence.heads_file.read_bytes() == noise
    assert not (await evidence.verify()).ok


async def test_ledger_signed_with_another_key_is_found(evidence: Evidence, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    async with open_evidence(f"sqlite+aiosqlite:///{other / 'db.sqlite'}", other) as foreign:
        await foreign.fill("b", 6)
        await foreign.seal()
        evidence.heads_file.write_bytes(foreign.heads_file.read_bytes())
    fault = await evidence.fault()
    assert (fault.what, fault.detail) == (What.HEADS_DAMAGED, "line 1 has a bad signature")


def _lines(evidence: Evidence) -> list[bytes]:
    return evidence.heads_file.read_bytes().splitlines(keepends=True)
