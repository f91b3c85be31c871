"""Whoever can write to the database and to the heads file, and not to the key store, forges nothing: each way is named.

After every way the service's own tick runs, and what was done is still found: nothing is ever signed over.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor.core.errors import LedgerBroken
from monitor.evidence.by import By
from monitor.evidence.chain import INSTALLATION, Entry
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.faults import What
from monitor.evidence.heads import HeadsRefused
from monitor.evidence.restoring import accept_restored, what_is_missing
from tests.support.ledger_parts import BY, START, Evidence, open_evidence

TABLES = ("ledger_entries", "ledger_seals", "cases")


@pytest.fixture
async def evidence(database_url: str, tmp_path: Path) -> AsyncIterator[Evidence]:
    """Cases a, b and c with 6 entries each and the installation's chain with 2; sealed at half and at the end."""
    async with open_evidence(database_url, tmp_path) as opened:
        await opened.tamper("create table cases (id varchar(32))", "insert into cases values ('a'), ('b'), ('c')")
        for _ in range(2):
            for case in ("a", "b", "c"):
                await opened.fill(case, 3)
            await _log_in(opened)
            assert await opened.seal() == 4
        assert str(await opened.verify(cases=True)) == "ledger ok: 3 cases and the installation, 20 entries, 20 sealed"
        yield opened


async def _log_in(evidence: Evidence) -> None:
    async with evidence.database.begin() as session:
        by = By.operator("test")
        await evidence.ledger.append(session, INSTALLATION, EntryKind.ADVOCATE_ADDED, {}, by=by, at=START)


async def _entry_taken_out_and_everything_made_to_fit(evidence: Evidence) -> None:
    """What an attack did that verified, and that the service then signed."""
    await evidence.tamper("delete from ledger_entries where case_id = 'b' and seq = 3")
    for seq in (4, 5, 6):
        await evidence.change("seq = seq - 1", "b", seq)
    await evidence.rewrite("b", 99, kind="")
    await _every_seal_deleted(evidence)
    evidence.heads_file.unlink()


async def _every_seal_deleted(evidence: Evidence) -> None:
    await evidence.tamper("delete from ledger_seals")


async def _seal_deleted(evidence: Evidence) -> None:
    await evidence.tamper("delete from ledger_seals where case_id = 'b'")


async def _heads_file_deleted(evidence: Evidence) -> None:
    evidence.heads_file.unlink()


async def _heads_file_emptied(evidence: Evidence) -> None:
    evidence.heads_file.write_bytes(b"")


async def _heads_file_cut_back(evidence: Evidence) -> None:
    """And the seals with it, so that file and table agree."""
    lines = evidence.heads_file.read_bytes().splitlines(keepends=True)
    evidence.heads_file.write_bytes(b"".join(lines[:4]))
    await _every_seal_deleted(evidence)


async def _tail_cut(evidence: Evidence) -> None:
    await evidence.tamper("delete from ledger_entries where case_id = 'b' and seq > 4")
    await _heads_file_cut_back(evidence)


async def _chain_deleted(evidence: Evidence) -> None:
    """With its case, its seals, and the heads file."""
    await evidence.tamper("delete from cases where id = 'b'", "delete from ledger_entries where case_id = 'b'")
    await _seal_deleted(evidence)
    evidence.heads_file.unlink()


async def _case_deleted(evidence: Evidence) -> None:
    await evidence.tamper("delete from cases where id = 'b'")


async def _chain_of_a_case_deleted_before_it_was_signed(evidence: Evidence) -> None:
    await evidence.tamper("insert into cases values ('young')")


async def _entry_made_up(evidence: Evidence) -> None:
    """At the end, with a hash that fits, and the tag of another."""
    await _made_up(evidence, commitment="c" * 64)


async def _entry_made_up_in_the_first_format(evidence: Evidence) -> None:
    await _made_up(evidence, commitment=None)


async def _made_up(evidence: Evidence, *, commitment: str | None) -> None:
    last = "select entry_hash, tag from ledger_entries where case_id = 'b' and seq = 6"
    async with evidence.database.begin() as session:
        row = (await session.execute(text(last))).one()
        payload = b"made up"
        digest = hashlib.sha256(payload).hexdigest()
        entry = Entry("b", 7, "2026-03-01T09:30:00.000000Z", "consent-given", digest, row.entry_hash, commitment)
        values = {"p": payload, "d": digest, "prev": row.entry_hash, "h": entry.hash(), "c": commitment, "t": row.tag}
        await session.execute(
            text(
                "insert into ledger_entries (case_id, seq, at, kind, payload, payload_sha256, prev_hash, entry_hash, "
                "commitment, tag) values ('b', 7, '2026-03-01 09:30:00.000000', 'consent-given', :p, :d, :prev, :h, "
                ":c, :t)"
            ),
            values,
        )


async def _chain_made_up(evidence: Evidence) -> None:
    """A whole new one, dated before the program wrote its newer format."""
    await evidence.fill_old("made-up", 3)
    await evidence.tamper("insert into cases values ('made-up')")


async def _chain_rewritten(evidence: Evidence) -> None:
    await evidence.rewrite("b", 2, kind="consent-given")
    await _every_seal_deleted(evidence)
    evidence.heads_file.unlink()


async def _installation_cut(evidence: Evidence) -> None:
    await evidence.tamper("delete from ledger_entries where case_id = 'installation' and seq = 2")
    await _every_seal_deleted(evidence)
    evidence.heads_file.unlink()


async def _order_of_entries_changed(evidence: Evidence) -> None:
    await evidence.tamper(
        "update ledger_entries set seq = 99 where case_id = 'b' and seq = 3",
        "update ledger_entries set seq = 3 where case_id = 'b' and seq = 5",
        "update ledger_entries set seq = 5 where case_id = 'b' and seq = 99",
    )


Way = Callable[[Evidence], Awaitable[None]]
WAYS: dict[str, tuple[Way, set[tuple[What, str | None, int | None]]]] = {
    "entry taken out, renumbered, seals and heads file deleted": (
        _entry_taken_out_and_everything_made_to_fit,
        {
            (What.FORGED, "b", 3),
            (What.SEAL_REMOVED, "a", 6),
            (What.SEAL_REMOVED, "c", 6),
            (What.SEAL_REMOVED, INSTALLATION, 2),
            (What.HEADS_MISSING, None, None),
        },
    ),
    "every seal deleted": (
        _every_seal_deleted,
        {(What.SEAL_REMOVED, case, 6) for case in "abc"} | {(What.SEAL_REMOVED, INSTALLATION, 2)},
    ),
    "one seal deleted": (_seal_deleted, {(What.SEAL_REMOVED, "b", 6)}),
    "heads file deleted": (_heads_file_deleted, {(What.HEADS_MISSING, None, None)}),
    "heads file emptied": (_heads_file_emptied, {(What.HEADS_DAMAGED, None, None)}),
    "heads file and seals cut back": (
        _heads_file_cut_back,
        {(What.SEAL_REMOVED, case, 6) for case in "abc"}
        | {(What.SEAL_REMOVED, INSTALLATION, 2), (What.HEADS_DAMAGED, None, None)},
    ),
    "tail cut": (
        _tail_cut,
        {
            (What.TAIL_CUT, "b", 5),
            (What.SEAL_REMOVED, "a", 6),
            (What.SEAL_REMOVED, "c", 6),
            (What.SEAL_REMOVED, INSTALLATION, 2),
            (What.HEADS_DAMAGED, None, None),
        },
    ),
    "chain deleted with its case": (_chain_deleted, {(What.TAIL_CUT, "b", 1), (What.HEADS_MISSING, None, None)}),
    "case deleted": (_case_deleted, {(What.CASE_REMOVED, "b", 6)}),
    "chain deleted before it was signed": (
        _chain_of_a_case_deleted_before_it_was_signed,
        {(What.CHAIN_REMOVED, "young", 1)},
    ),
    "entry made up": (_entry_made_up, {(What.FORGED, "b", 7)}),
    "entry made up in the first format": (_entry_made_up_in_the_first_format, {(What.FORGED, "b", 7)}),
    "chain made up": (_chain_made_up, {(What.FORGED, "made-up", 1)}),
    "chain rewritten, seals and heads file deleted": (
        _chain_rewritten,
        {
            (What.REWRITTEN, "b", 6),
            (What.SEAL_REMOVED, "a", 6),
            (What.SEAL_REMOVED, "c", 6),
            (What.SEAL_REMOVED, INSTALLATION, 2),
            (What.HEADS_MISSING, None, None),
        },
    ),
    "installation's chain cut": (
        _installation_cut,
        {(What.TAIL_CUT, INSTALLATION, 2), (What.HEADS_MISSING, None, None)}
        | {(What.SEAL_REMOVED, case, 6) for case in "abc"},
    ),
    "entries swapped": (_order_of_entries_changed, {(What.SWAPPED, "b", 3)}),
}


@pytest.mark.parametrize("way", WAYS)
async def test_each_way_is_named_and_stays_so_after_the_tick(evidence: Evidence, way: str) -> None:
    forge, expected = WAYS[way]
    await forge(evidence)
    for _ in range(2):
        report = await evidence.verify(cases=True)
        assert {(fault.what, fault.case_id, fault.seq) for fault in report.faults} == expected
        with suppress(HeadsRefused):
            await evidence.seal()
    await evidence.fill("a", 1)  # and the service goes on
    with suppress(HeadsRefused):
        await evidence.seal()
    found = {(fault.what, fault.case_id) for fault in (await evidence.verify(cases=True)).faults}
    # Of a chain that goes on, and of which nothing was changed, the next seal is a good one.
    assert {(what, case) for what, case, _ in expected if case != "a"} <= found


@pytest.mark.parametrize("state", ["missing", "empty", "cut back", "another one"])
async def test_lost_heads_file_is_refused_loudly_and_nothing_is_signed(evidence: Evidence, state: str) -> None:
    lines = evidence.heads_file.read_bytes().splitlines(keepends=True)
    if state == "missing":
        evidence.heads_file.unlink()
    else:
        kept = {"empty": [], "cut back": lines[:5], "another one": [*lines[:3], *lines[:3], *lines[:3]]}[state]
        evidence.heads_file.write_bytes(b"".join(kept))
    before = evidence.heads_file.read_bytes() if state != "missing" else None
    await evidence.fill("a", 1)
    with pytest.raises(HeadsRefused, match="Nothing is signed until then"):
        await evidence.seal()
    assert (evidence.heads_file.read_bytes() if evidence.heads_file.exists() else None) == before
    evidence.heads_file.write_bytes(b"".join(lines))  # put back from its copy
    assert await evidence.seal() == 1
    assert (await evidence.verify(cases=True)).ok


async def test_missing_heads_file_of_an_older_version_is_not_signed_over_either(
    database_url: str, tmp_path: Path
) -> None:
    async with open_evidence(database_url, tmp_path) as evidence:
        await evidence.fill_old("a", 3)
        await evidence.seal_old()
        await evidence.tamper("delete from ledger_seals")
        whole = evidence.heads_file.read_bytes()
        evidence.heads_file.unlink()
        with pytest.raises(HeadsRefused, match="missing beside a ledger"):
            await evidence.seal()
        evidence.heads_file.write_bytes(b"")
        with pytest.raises(HeadsRefused, match="empty beside a ledger"):
            await evidence.seal()
        evidence.heads_file.write_bytes(whole)
        assert await evidence.seal() == 1
        assert (await evidence.verify()).ok


async def test_entry_without_a_seal_is_a_fault_once_it_is_older_than_the_interval(evidence: Evidence) -> None:
    await evidence.fill("b", 1)
    assert (await evidence.verify(now=START + timedelta(minutes=4))).ok
    (fault,) = (await evidence.verify(now=START + timedelta(minutes=6))).faults
    assert (fault.what, fault.case_id, fault.seq) == (What.UNSEALED, "b", 7)
    await evidence.seal()
    assert (await evidence.verify(now=START + timedelta(days=9))).ok


async def _backup(evidence: Evidence, *tables: str) -> dict[str, list[dict[str, object]]]:
    async with evidence.database.read() as session:
        return {
            table: [dict(row._mapping) for row in await session.execute(text(f"select * from {table}"))]  # noqa: S608
            for table in tables or TABLES
        }


async def _put_back(evidence: Evidence, backup: dict[str, list[dict[str, object]]]) -> None:
    async with evidence.database.begin() as session:
        for table, rows in backup.items():
            await session.execute(text(f"delete from {table}"))  # noqa: S608 - a test's own words
            for row in rows:
                names = ", ".join(f'"{name}"' for name in row)
                values = ", ".join(f":{name}" for name in row)
                await session.execute(text(f"insert into {table} ({names}) values ({values})"), row)  # noqa: S608


async def _declare(evidence: Evidence) -> list[str]:
    async with evidence.database.read() as session:
        missing = await what_is_missing(session, evidence.keys, evidence.heads_file)
    async with evidence.database.begin() as session:
        by = By.operator("ledger restored")
        await evidence.ledger.append(session, INSTALLATION, EntryKind.DATABASE_RESTORED, {}, by=by, at=START)
    async with evidence.database.begin() as session:
        await accept_restored(session, evidence.keys, evidence.heads_file, now=START)
    return [str(one) for one in missing]


@pytest.mark.parametrize("heads", ["kept", "restored too", "lost"])
@pytest.mark.parametrize("went_on", [False, True])
async def test_older_database_under_a_newer_key_store_is_found_until_a_restore_is_declared(
    evidence: Evidence, heads: str, went_on: bool
) -> None:
    backup, heads_then = await _backup(evidence), evidence.heads_file.read_bytes()
    await evidence.fill("a", 2)
    await evidence.fill("d", 1)
    await evidence.tamper("insert into cases values ('d')")
    await evidence.seal()
    await _put_back(evidence, backup)
    if heads == "restored too":
        evidence.heads_file.write_bytes(heads_then)
    elif heads == "lost":
        evidence.heads_file.unlink()
    if went_on:
        await evidence.fill("a", 3)
    found = {(fault.what, fault.case_id, fault.seq) for fault in (await evidence.verify(cases=True)).faults}
    assert {(What.REWRITTEN, "a", 8) if went_on else (What.TAIL_CUT, "a", 7), (What.TAIL_CUT, "d", 1)} <= found
    with suppress(HeadsRefused):
        await evidence.seal()
    assert not (await evidence.verify("a")).ok

    lost = await _declare(evidence)
    assert f"a: 8 entries were signed, {9 if went_on else 6} are here" in lost
    assert "d: 1 entries were signed, 0 are here" in lost
    assert (await evidence.verify(cases=True)).ok
    async with evidence.database.read() as session:
        assert (await evidence.ledger.read(session, INSTALLATION))[-1][0].kind == "database-restored"
    await evidence.fill("a", 1)
    await _log_in(evidence)
    assert await evidence.seal() == 2
    assert (await evidence.verify(cases=True)).ok
    await evidence.tamper("delete from ledger_entries where case_id = 'a' and seq > 5")
    assert (await evidence.fault("a")).what == What.TAIL_CUT


@pytest.mark.parametrize("forged", ["rewritten", "made up", "first format rewritten"])
async def test_restore_explains_no_forgery(evidence: Evidence, forged: str) -> None:
    if forged == "rewritten":
        await evidence.rewrite("b", 2, kind="consent-given")
    elif forged == "made up":
        await _entry_made_up(evidence)
    else:
        await evidence.change("kind = 'lookee'", "b", 2)
    async with evidence.database.read() as session:
        with pytest.raises(LedgerBroken, match=r"no restore explains this: .*b, entry"):
            await what_is_missing(session, evidence.keys, evidence.heads_file)


async def test_chain_of_the_first_format_is_as_safe_as_one_of_the_second(database_url: str, tmp_path: Path) -> None:
    """Also where the heads file is gone: no restore can be declared over what was rewritten."""
    async with open_evidence(database_url, tmp_path) as evidence:
        await evidence.fill_old("a", 6)
        await evidence.seal_old()
        await evidence.fill("b", 1)
        assert await evidence.seal() == 1
        assert (await evidence.verify()).ok
        backup = {"ledger_entries": (await _backup(evidence, "ledger_entries"))["ledger_entries"]}
        await evidence.tamper("delete from ledger_entries where case_id = 'a' and seq = 3")
        for seq in (4, 5, 6):
            await evidence.change("seq = seq - 1", "a", seq)
        await evidence.rewrite("a", 99, kind="")
        evidence.heads_file.unlink()
        fault = next(one for one in (await evidence.verify()).faults if one.case_id == "a")
        assert (fault.what, fault.seq) == (What.FORGED, 3)
        async with evidence.database.read() as session:
            with pytest.raises(LedgerBroken, match="no restore explains this: case a, entry 3"):
                await what_is_missing(session, evidence.keys, evidence.heads_file)
        await _put_back(evidence, backup)
        await _declare(evidence)
        assert (await evidence.verify()).ok


async def test_backup_from_before_the_upgrade_is_accepted_as_far_as_signed_heads_cover_it(
    database_url: str, tmp_path: Path
) -> None:
    async with open_evidence(database_url, tmp_path) as evidence:
        await evidence.fill_old("a", 3)
        await evidence.seal_old()
        backup = await _backup(evidence, "ledger_entries", "ledger_seals")
        await evidence.fill("a", 2)
        await evidence.seal()
        await _put_back(evidence, backup)
        assert not (await evidence.verify()).ok
        assert await _declare(evidence) == ["a: 5 entries were signed, 3 are here"]
        assert (await evidence.verify()).ok
        await evidence.fill("a", 1)
        await evidence.seal()
        assert (await evidence.verify()).ok


async def test_sealing_goes_on_for_honest_chains_beside_a_forged_one(evidence: Evidence) -> None:
    await _entry_made_up(evidence)
    await evidence.fill("a", 1)
    assert await evidence.seal() == 1
    assert [fault.case_id for fault in (await evidence.verify(cases=True)).faults] == ["b"]


async def test_heads_are_each_chained_to_the_one_before(evidence: Evidence) -> None:
    kept = evidence.keys.heads.all()
    assert sorted(kept) == ["a", "b", "c", INSTALLATION]
    newest = max(kept.values(), key=lambda one: one.end)
    assert evidence.heads_file.stat().st_size == newest.end
    assert BY.as_json() == {"who": "program", "door": "job", "id": "test"}
