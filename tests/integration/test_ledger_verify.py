"""Every way to tamper with the ledger is found, and the first bad entry is named, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from db.session import is_sqlite
from monitor.evidence.faults import What
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


def _changed(column: str) -> str:
    """Another hash, whatever it is: its first sign is another one."""
    return f"case substr({column}, 1, 1) when '1' then '2' else '1' end || substr({column}, 2)"


_LATER = "at + interval '1 microsecond'"
_OTHER = {
    "kind": "'lookee'",
    "payload_sha256": _changed("payload_sha256"),
    "prev_hash": _changed("prev_hash"),
    "entry_hash": _changed("entry_hash"),
    "seq": "77",
    "case_id": "'bb'",
}
_FAULTS = {"payload": What.PAYLOAD_CHANGED, "case_id": What.REMOVED}


@pytest.mark.parametrize("column", [*_OTHER, "payload", "at"])
@pytest.mark.parametrize("seq", [1, 2, 6])
async def test_any_changed_column_names_its_entry(evidence: Evidence, column: str, seq: int) -> None:
    if column == "payload":
        await _flip_payload(evidence, seq)
    elif column == "at":
        later = "strftime('%Y-%m-%d %H:%M:%S', at) || '.654321'"
        await evidence.change(f"at = {later if is_sqlite(evidence.url) else _LATER}", "b", seq)
    else:
        await evidence.change(f"{column} = {_OTHER.get(column)}", "b", seq)

    report = await evidence.verify()
    fault = report.faults[0]
    expected = _FAULTS.get(column, What.FIELD_CHANGED)
    if column == "case_id" and seq == 6:
        expected = What.TAIL_CUT
    assert (fault.case_id, fault.seq, fault.what) == ("b", seq, expected)
    assert str(report).startswith(f"ledger BROKEN: case b, entry {seq}: ")


async def _flip_payload(evidence: Evidence, seq: int) -> None:
    async with evidence.database.begin() as session:
        where = {"case": "b", "seq": seq}
        query = text("select payload from ledger_entries where case_id = :case and seq = :seq")
        payload = bytearray((await session.execute(query, where)).scalar_one())
        payload[-1] ^= 1
        update = text("update ledger_entries set payload = :payload where case_id = :case and seq = :seq")
        await session.execute(update, {"payload": bytes(payload), **where})


async def test_removed_entry_is_named(evidence: Evidence) -> None:
    await evidence.tamper("delete from ledger_entries where case_id = 'b' and seq = 3")
    fault = await evidence.fault()
    assert (fault.what, fault.case_id, fault.seq) == (What.REMOVED, "b", 3)


async def test_removed_entry_whose_gap_was_closed_is_found(evidence: Evidence) -> None:
    await evidence.tamper("delete from ledger_entries where case_id = 'b' and seq = 3")
    for seq in (4, 5, 6):
        await evidence.change("seq = seq - 1", "b", seq)
    fault = await evidence.fault()
    assert (fault.case_id, fault.seq) == ("b", 3)


async def test_swapped_entries_are_named(evidence: Evidence) -> None:
    await evidence.tamper(
        "update ledger_entries set seq = 99 where case_id = 'b' and seq = 3",
        "update ledger_entries set seq = 3 where case_id = 'b' and seq = 5",
        "update ledger_entries set seq = 5 where case_id = 'b' and seq = 99",
    )
    fault = await evidence.fault()
    assert (fault.what, fault.case_id, fault.seq) == (What.SWAPPED, "b", 3)


async def test_swapped_payloads_are_found(evidence: Evidence) -> None:
    await evidence.tamper(
        "update ledger_entries set payload = (select payload from ledger_entries where case_id = 'a' and seq = 2) "
        "where case_id = 'b' and seq = 2"
    )
    fault = await evidence.fault()
    assert (fault.what, fault.case_id, fault.seq) == (What.PAYLOAD_CHANGED, "b", 2)


async def test_payload_removed_without_a_word_is_found(evidence: Evidence) -> None:
    await evidence.tamper("update ledger_entries set payload = null where case_id = 'b' and seq = 4")
    fault = await evidence.fault()
    assert (fault.what, fault.case_id, fault.seq) == (What.PAYLOAD_REMOVED, "b", 4)


async def test_cut_tail_is_found_although_its_seal_was_cut_too(evidence: Evidence) -> None:
    await evidence.tamper("delete from ledger_entries where case_id = 'b' and seq > 4")
    fault = await evidence.fault()
    assert (fault.what, fault.case_id, fault.seq) == (What.TAIL_CUT, "b", 5)
    await evidence.tamper("delete from ledger_seals where case_id = 'b'")
    fault = await evidence.fault()
    assert (fault.what, fault.case_id, fault.seq) == (What.TAIL_CUT, "b", 5)


async def test_entry_rewritten_with_its_own_hash_only_is_named(evidence: Evidence) -> None:
    kept = "select entry_hash, prev_hash, seq from ledger_entries where case_id = 'b' and seq > 3 order by seq"
    async with evidence.database.read() as session:
        rows = (await session.execute(text(kept))).all()
    await evidence.rewrite("b", 3, kind="removal-verified")
    for row in rows:  # what came after goes back to what it was
        await evidence.change(f"entry_hash = '{row.entry_hash}', prev_hash = '{row.prev_hash}'", "b", row.seq)
    fault = await evidence.fault()
    assert (fault.what, fault.case_id, fault.seq) == (What.REWRITTEN, "b", 3)


async def test_whole_chain_rewritten_consistently_is_found(evidence: Evidence) -> None:
    await evidence.rewrite("a", 1, kind="consent-given")
    fault = await evidence.fault()
    assert (fault.what, fault.case_id, fault.seq) == (What.REWRITTEN, "a", 4)
    assert "entries 1 to 4" in fault.detail


async def test_rewrite_after_an_earlier_seal_is_narrowed_down(evidence: Evidence) -> None:
    await evidence.rewrite("a", 5, kind="consent-given")
    fault = await evidence.fault()
    assert (fault.what, fault.case_id, fault.seq) == (What.REWRITTEN, "a", 6)
    assert "entries 5 to 6" in fault.detail


@pytest.mark.parametrize("then", ["seals emptied", "seals emptied, sealed again", "grown and sealed again"])
async def test_rewritten_chain_with_new_seals_is_found_through_the_heads_file(evidence: Evidence, then: str) -> None:
    await evidence.rewrite("b", 2, kind="consent-given")
    if then.startswith("seals emptied"):
        await evidence.tamper("delete from ledger_seals")
    if then.startswith("grown"):
        await evidence.fill("b", 1)
    if then.endswith("again"):
        await evidence.seal()
    fault = await evidence.fault("b")
    assert (fault.what, fault.case_id, fault.seq) == (What.REWRITTEN, "b", 6)


async def test_wiped_case_is_found(evidence: Evidence) -> None:
    await evidence.tamper(
        "delete from ledger_entries where case_id = 'b'", "delete from ledger_seals where case_id = 'b'"
    )
    fault = await evidence.fault()
    assert (fault.what, fault.case_id, fault.seq) == (What.TAIL_CUT, "b", 1)
    assert not (await evidence.verify("b")).ok
    assert (await evidence.verify("a")).ok


async def test_wiped_database_is_found(evidence: Evidence) -> None:
    await evidence.tamper("delete from ledger_entries", "delete from ledger_seals")
    assert [fault.case_id for fault in (await evidence.verify()).faults] == ["a", "b", "c"]


_STRANGE = ["at = 'yesterday'", "at = 5", "at = x'ff'", "kind = cast(x'ff' as text)", "kind = 'a' || char(10) || 'b'"]


@pytest.mark.parametrize("change", [*_STRANGE, "seq = 'three'", "seq = 3.5", "payload = 7", "entry_hash = x''"])
async def test_values_that_no_model_could_read_are_named(sqlite_url: str, tmp_path: Path, change: str) -> None:
    async with open_evidence(sqlite_url, tmp_path) as evidence:
        await evidence.fill("b", 4)
        await evidence.seal()
        await evidence.change(change, "b", 3)
        fault = await evidence.fault()
        assert (fault.case_id, fault.seq) == ("b", 3)


@pytest.mark.parametrize("at", ["infinity", "2026-03-01 09:30:01.123457+00 BC", "20026-03-01 09:30:01+00"])
async def test_times_that_python_has_not_are_named(postgres_url: str, tmp_path: Path, at: str) -> None:
    async with open_evidence(postgres_url, tmp_path) as evidence:
        await evidence.fill("b", 4)
        await evidence.change(f"at = '{at}'", "b", 2)
        fault = await evidence.fault()
        assert (fault.case_id, fault.seq) == ("b", 2)


async def test_entries_after_the_last_seal_are_counted_as_unprotected(evidence: Evidence) -> None:
    await evidence.fill("c", 3)
    report = await evidence.verify()
    assert (str(report), report.unsealed) == ("ledger ok: 3 cases, 21 entries, 18 sealed", 3)
