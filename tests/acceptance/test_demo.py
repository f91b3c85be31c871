"""The chain end to end: every copy is found, nothing else; each is reported once, eleven go, one is escalated."""

import asyncio
import json
import socket
import sqlite3
import subprocess
import sys
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest

from monitor.demo import run as demo_run
from monitor.demo.processes import ROOT
from monitor.demo.run import DemoRun
from tests.support.demo_run import FinishedDemo, environment

CONTRACT = {
    "posts_seen": 60,
    "media_inspected": 60,
    "sightings": 12,
    "confirmed": 12,
    "notices_sent": 12,
    "removed_verified": 11,
    "escalated": 1,
    "ledger_ok": True,
}


@pytest.mark.timeout(400)
def test_every_copy_is_found_reported_once_and_followed_until_it_is_gone(finished_demo: FinishedDemo) -> None:
    assert finished_demo.outcome.missing == ()
    assert CONTRACT.items() <= finished_demo.outcome.summary.items()
    assert finished_demo.outcome.summary["reports"] == 12


@pytest.mark.timeout(400)
def test_two_workers_share_the_work_on_postgresql(finished_on_postgresql: FinishedDemo) -> None:
    assert finished_on_postgresql.outcome.summary["workers"] == 2


@pytest.mark.timeout(700)
def test_the_command_prints_one_json_summary_and_starts_afresh_in_the_same_folder(
    finished_on_sqlite: FinishedDemo,
) -> None:
    summary = finished_on_sqlite.outcome.summary
    assert CONTRACT.items() <= summary.items()
    assert (summary["seed"], summary["database"]) == (1, "sqlite")
    folder = finished_on_sqlite.logs[0].parent
    assert (folder / "note.txt").read_text() == "not the demo's"
    with closing(sqlite3.connect(folder / "jikimi.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM cases").fetchone() == (4,), (
            "three persons' and a minor's; the earlier demo's are gone"
        )


@pytest.mark.timeout(400)
def test_a_database_that_holds_cases_is_refused_and_left_alone(
    finished_on_postgresql: FinishedDemo, tmp_path: Path
) -> None:
    done = command(tmp_path, finished_on_postgresql.database_url, seed=1)
    assert done.returncode == 2
    assert "holds cases already" in done.stderr


async def test_two_demos_that_start_at_once_never_meet(tmp_path: Path) -> None:
    """Both want the same port; each talks to a server of its own, and keeps its port while that is dead."""
    with demo_run.listening() as probe:
        wanted = int(probe.getsockname()[1])
    runs = [DemoRun(tmp_path / name, seed=number, port=wanted) for number, name in enumerate(("one", "two"), start=1)]
    async with AsyncExitStack() as stack:
        await asyncio.gather(*(stack.enter_async_context(run) for run in runs))
        assert runs[0].address != runs[1].address and f"http://127.0.0.1:{wanted}" in {run.address for run in runs}
        for run in runs:
            await run.driver.prepare()
            assert len(run.driver.persons) == 3
        runs[0].programs.kill("serve")
        with pytest.raises(OSError, match="in use"):
            socket.create_server(("127.0.0.1", int(runs[0].address.rpartition(":")[2])))


@pytest.mark.soak
@pytest.mark.timeout(400)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_seed_ends_the_same_way(seed: int, database_url: str, tmp_path: Path) -> None:
    assert CONTRACT.items() <= run_command(tmp_path, database_url, seed=seed).items()


def run_command(folder: Path, database_url: str, *, seed: int) -> dict[str, object]:
    """Run the demo to its end. Returns its summary."""
    done = command(folder, database_url, seed=seed)
    assert done.returncode == 0, done.stderr[-3000:]
    summary = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(summary, dict)
    return summary


def command(folder: Path, database_url: str, *, seed: int) -> "subprocess.CompletedProcess[str]":
    """What `make demo ONCE=1` runs."""
    return subprocess.run(
        [sys.executable, "-m", "monitor.demo", "--once", "--data", str(folder), "--seed", str(seed)],
        cwd=ROOT,
        env=environment(database_url),
        capture_output=True,
        text=True,
        timeout=330,
        check=False,
    )
