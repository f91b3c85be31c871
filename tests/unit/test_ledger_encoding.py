"""The bytes that are hashed and signed stay as docs/ledger.md says, for verifiers in other languages."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from monitor.evidence.chain import GENESIS, Entry, Head, Seal, commitment_to, export_message, seal_message, timestamp
from monitor.evidence.heads import from_line, to_line

ENTRY = Entry("case2", 7, "2026-03-01T09:30:00.000000Z", "consent-given", "a" * 64, "b" * 64)
SEAL = Seal(Head("case2", 7, "c" * 64, "2026-03-01T09:30:00.000000Z"), GENESIS, "d" * 128)


def test_entry_hash_is_the_documented_one() -> None:
    lines = f"jikimi-ledger-1\ncase2\n7\n2026-03-01T09:30:00.000000Z\nconsent-given\n{'a' * 64}\n{'b' * 64}\n"
    assert ENTRY.hash() == hashlib.sha256(lines.encode("ascii")).hexdigest()
    assert ENTRY.hash() == "b421d1ce1ee1f179d2011e351223b0c943c3a01bc98d498fef5d6d6872bf86bc"  # by sha256sum


def test_entry_hash_of_the_second_format_is_the_documented_one() -> None:
    lines = "jikimi-ledger-2\ncase2\n7\n2026-03-01T09:30:00.000000Z\nconsent-given\n"
    lines += f"{'e' * 64}\n{'a' * 64}\n{'b' * 64}\n"
    assert replace(ENTRY, commitment="e" * 64).hash() == hashlib.sha256(lines.encode("ascii")).hexdigest()
    assert commitment_to(b"\x01\x02", b"{}") == hashlib.sha256(b"\x01\x02{}").hexdigest()


def test_signed_messages_are_the_documented_ones() -> None:
    head = f"case2\n7\n{'c' * 64}\n2026-03-01T09:30:00.000000Z\n"
    assert seal_message(SEAL.head, GENESIS) == f"jikimi-ledger-seal-1\n{head}{'0' * 64}\n".encode()
    assert export_message(SEAL.head, payloads=True) == f"jikimi-ledger-export-1\n{head}with-payloads\n".encode()
    second = export_message(SEAL.head, payloads=True, version="jikimi-ledger-export-2")
    assert second == f"jikimi-ledger-export-2\n{head}with-payloads\n".encode()
    assert export_message(SEAL.head, payloads=False) == f"jikimi-ledger-export-1\n{head}without-payloads\n".encode()


def test_time_is_utc_with_six_decimals() -> None:
    seoul = timezone(timedelta(hours=9))
    assert timestamp(datetime(2026, 3, 1, 18, 30, tzinfo=seoul)) == "2026-03-01T09:30:00.000000Z"
    assert timestamp(datetime(2026, 3, 1, 9, 30, 0, 1, tzinfo=UTC)) == "2026-03-01T09:30:00.000001Z"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("case_id", "a\nb"),
        ("case_id", "a\n"),
        ("case_id", "사례"),
        ("seq", 0),
        ("at", "2026-03-01T09:30:00Z"),
        ("at", "٢٠٢٦-03-01T09:30:00.000000Z"),
        ("kind", "Consent\n"),
        ("payload_sha256", "A" * 64),
        ("prev_hash", ""),
        ("commitment", "E" * 64),
    ],
)
def test_field_out_of_form_has_no_hash(field: str, value: Any) -> None:
    entry = replace(ENTRY, **{field: value})
    assert entry.malformed() == field
    with pytest.raises(ValueError, match=field):
        entry.hash()


def test_line_of_the_heads_file_comes_back() -> None:
    assert from_line(to_line(SEAL)) == SEAL


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        to_line(SEAL).replace(b'"count":7', b'"count":Infinity'),
        to_line(SEAL) + b" ",
        to_line(SEAL).replace(b'"count":7', b'"count":"7"'),
        to_line(SEAL).replace(b'"count":7', b'"count":7.0'),
        to_line(SEAL).replace(b'{"at"', b'{"x":1,"at"'),
        to_line(SEAL).replace(b"d" * 128, b"D" * 128),
    ],
)
def test_anything_else_is_no_line(line: bytes) -> None:
    assert from_line(line) is None
