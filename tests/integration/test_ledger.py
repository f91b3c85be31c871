"""Appending, reading, sealing and destroying, alone and at once, on both databases."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from monitor.core.errors import KeyDestroyed
from monitor.evidence.chain import GENESIS
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.heads import from_line, read_heads
from monitor.evidence.seals import seal_heads
from monitor.keys.store import case_key
from tests.support.ledger_parts import BY, START, Evidence, open_evidence


@pytest.fixture
async def evidence(database_url: str, tmp_path: Path) -> AsyncIterator[Evidence]:
    async with open_evidence(database_url, tmp_path) as opened:
        yield opened


async def test_facts_and_times_come_back_exactly(evidence: Evidence) -> None:
    evidence.keys.create(case_key("a"))
    seoul = datetime(2026, 3, 1, 18, 30, 0, 1, tzinfo=timezone(timedelta(hours=9)))
    async with evidence.database.begin() as session:
        await evidence.ledger.append(
            session, "a", EntryKind.CASE_OPENED, {"language": "ko", "이름": None}, by=BY, at=seoul
        )
    async with evidence.database.read() as session:
        ((entry, facts),) = await evidence.ledger.read(session, "a")
    assert facts == {"language": "ko", "이름": None}
    assert entry.at == datetime(2026, 3, 1, 9, 30, 0, 1, tzinfo=UTC)
    assert (entry.seq, entry.kind, entry.prev_hash) == (1, "case-opened", GENESIS)
    assert (await evidence.verify()).ok


async def test_rolled_back_transaction_leaves_no_entry(evidence: Evidence) -> None:
    await evidence.fill("a", 2)
    with pytest.raises(RuntimeError, match="business"):
        async with evidence.database.begin() as session:
            await evidence.ledger.append(session, "a", EntryKind.LOOKED, {}, by=BY, at=START)
            raise RuntimeError("business failed")
    await evidence.fill("a", 1)
    report = await evidence.verify()
    assert str(report) == "ledger ok: 1 case, 3 entries, 0 sealed"


async def test_twenty_parallel_appends_to_one_case_make_one_chain(evidence: Evidence) -> None:
    await evidence.fill("a", 1)

    async def append(number: int) -> None:
        async with evidence.database.begin() as session:
            await evidence.ledger.append(session, "a", EntryKind.LOOKED, {"look": number}, by=BY, at=START)

    await asyncio.gather(*(append(number) for number in range(20)))
    async with evidence.database.read() as session:
        entries = await evidence.ledger.read(session, "a")
    assert [entry.seq for entry, _ in entries] == list(range(1, 22))
    assert {facts["look"] for _, facts in entries if facts} == set(range(20))
    assert (await evidence.verify()).ok


@pytest.mark.parametrize("case_id", ["", "a\nb", "a" * 33, "사례"])
async def test_id_that_would_make_the_encoding_ambiguous_is_refused(evidence: Evidence, case_id: str) -> None:
    evidence.keys.create(case_key(case_id))
    with pytest.raises(ValueError, match="case_id"):
        async with evidence.database.begin() as session:
            await evidence.ledger.append(session, case_id, EntryKind.LOOKED, {}, by=BY, at=START)


async def test_naive_time_is_refused(evidence: Evidence) -> None:
    evidence.keys.create(case_key("a"))
    with pytest.raises(ValueError, match="naive"):
        async with evidence.database.begin() as session:
            await evidence.ledger.append(session, "a", EntryKind.LOOKED, {}, by=BY, at=datetime(2026, 1, 1))


async def test_destroyed_payloads_leave_a_chain_that_verifies(evidence: Evidence) -> None:
    await evidence.fill("a", 3)
    await evidence.fill("b", 1)
    await evidence.seal()
    async with evidence.database.begin() as session:
        assert await evidence.ledger.destroy_payloads(session, "a", by=BY, at=START) == 3
    evidence.keys.destroy(case_key("a"))
    await evidence.seal()
    report = await evidence.verify()
    assert str(report) == "ledger ok: 2 cases, 5 entries, 5 sealed"
    assert [case.destroyed for case in report.cases] == [3, 0]
    async with evidence.database.read() as session:
        with pytest.raises(KeyDestroyed):
            await evidence.ledger.read(session, "a")
        assert len(await evidence.ledger.read(session, "b")) == 1
    with pytest.raises(KeyDestroyed):
        async with evidence.database.begin() as session:
            await evidence.ledger.append(session, "a", EntryKind.LOOKED, {}, by=BY, at=START)


async def test_sealing_signs_only_what_moved(evidence: Evidence) -> None:
    assert await evidence.seal() == 0
    assert not evidence.heads_file.exists()
    await evidence.fill("a", 2)
    await evidence.fill("b", 3)
    assert await evidence.seal() == 2
    assert await evidence.seal() == 0
    await evidence.fill("b", 1)
    report = await evidence.verify()
    assert (report.ok, report.unsealed) == (True, 1)
    assert await evidence.seal() == 1
    seals = [from_line(line) for line in read_heads(evidence.heads_file).lines]
    assert [(seal.head.case_id, seal.head.count) for seal in seals if seal] == [("a", 2), ("b", 3), ("b", 4)]
    assert evidence.heads_file.stat().st_mode & 0o777 == 0o600
    assert str(await evidence.verify()) == "ledger ok: 2 cases, 6 entries, 6 sealed"


async def test_session_that_appended_may_not_seal(evidence: Evidence) -> None:
    await evidence.fill("a", 1)
    async with evidence.database.begin() as session:
        await evidence.ledger.append(session, "a", EntryKind.LOOKED, {}, by=BY, at=START)
        with pytest.raises(ValueError, match="after its commit"):
            await seal_heads(session, evidence.keys, evidence.heads_file, now=START)


async def test_broken_chain_is_not_signed_and_others_are(evidence: Evidence, caplog: pytest.LogCaptureFixture) -> None:
    await evidence.fill("a", 2)
    await evidence.fill("b", 2)
    await evidence.tamper("update ledger_entries set kind = 'looked2' where case_id = 'a' and seq = 2")
    assert await evidence.seal() == 1
    assert [record.__dict__["case_id"] for record in caplog.records] == ["a"]
    fault = await evidence.fault()
    assert (fault.case_id, fault.seq) == ("a", 2)


async def test_heads_file_that_cannot_be_written_stores_no_seal(evidence: Evidence) -> None:
    await evidence.fill("a", 2)
    evidence.heads_file.mkdir()
    with pytest.raises(OSError, match="directory"):
        await evidence.seal()
    evidence.heads_file.rmdir()
    report = await evidence.verify()
    assert (report.ok, report.unsealed) == (True, 2)
    assert await evidence.seal() == 1


def _start(what: str, evidence: Evidence) -> "subprocess.Popen[str]":
    folder = str(evidence.heads_file.parent)
    command = [sys.executable, "-W", "error", "-m", "tests.support.ledger_process", what, evidence.url, folder]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


async def test_processes_that_append_and_seal_at_once_make_an_honest_ledger(evidence: Evidence) -> None:
    evidence.keys.create(case_key("busy"))
    running = [_start(what, evidence) for what in ("append", "append", "seal", "seal")]
    while any(process.poll() is None for process in running):
        report = await evidence.verify()
        assert report.ok, report
        await asyncio.sleep(0.02)
    for process in running:
        process.communicate()
        assert process.returncode == 0
    await evidence.seal()
    assert str(await evidence.verify()) == "ledger ok: 1 case, 60 entries, 60 sealed"


async def test_kill_between_heads_file_and_commit_leaves_a_ledger_that_verifies(evidence: Evidence) -> None:
    await evidence.fill("a", 3)
    process = _start("die", evidence)
    await asyncio.to_thread(process.communicate)
    assert process.returncode == -signal.SIGKILL
    assert len(read_heads(evidence.heads_file).lines) == 1
    assert str(await evidence.verify()) == "ledger ok: 1 case, 3 entries, 3 sealed"
    assert await evidence.seal() == 1  # the same head once more
    assert str(await evidence.verify()) == "ledger ok: 1 case, 3 entries, 3 sealed"


async def test_kill_at_any_moment_leaves_a_ledger_that_verifies(evidence: Evidence) -> None:
    for number in range(8):
        process = _start("both", evidence)
        assert process.stdout is not None
        for _ in range(
            2 if number == 7 else 1
        ):  # the last one when an entry is kept for sure, on however slow a machine
            await asyncio.to_thread(process.stdout.readline)
        await asyncio.to_thread(time.sleep, 0.05 + 0.013 * number)
        process.kill()
        await asyncio.to_thread(process.communicate)
        report = await evidence.verify()
        assert report.ok, report
    await evidence.seal()
    report = await evidence.verify()
    assert report.ok
    assert report.unsealed == 0 < report.cases[0].entries


async def test_line_torn_by_a_crash_is_tolerated_and_cut_off_by_the_next_seal(evidence: Evidence) -> None:
    await evidence.fill("a", 2)
    await evidence.seal()
    whole = evidence.heads_file.read_bytes()
    with evidence.heads_file.open("ab") as file:
        file.write(whole[: len(whole) // 2])
    assert (await evidence.verify()).ok
    await evidence.fill("a", 1)
    await evidence.seal()
    assert evidence.heads_file.read_bytes().startswith(whole)
    assert str(await evidence.verify()) == "ledger ok: 1 case, 3 entries, 3 sealed"
