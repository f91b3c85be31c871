"""`python -m monitor ledger`: one line and 0 when all is well, the first bad entry and 1 otherwise."""

import asyncio
import io
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from monitor.__main__ import main
from monitor.keys.envelope import create_master_key, load_master_key
from tests.support.ledger_parts import Evidence, open_evidence


@pytest.fixture
async def evidence(database_url: str, tmp_path: Path) -> AsyncIterator[Evidence]:
    """Two cases, sealed, and a config.toml that names their places."""
    create_master_key(tmp_path / "master.key")
    master = load_master_key(tmp_path / "master.key", {})
    keys_url = f"sqlite:///{tmp_path / 'keys.sqlite'}"
    (tmp_path / "config.toml").write_text(
        f'[database]\nurl = "{database_url}"\n[security]\nmaster_key_file = "master.key"\nkeys_url = "{keys_url}"\n'
        '[ledger]\nheads_file = "heads.jsonl"\n'
    )
    async with open_evidence(database_url, tmp_path, master=master, keys_url=keys_url) as opened:
        await opened.tamper("create table cases (id varchar(32))", "insert into cases values ('a'), ('b')")
        await opened.fill("a", 3)
        await opened.fill("b", 2)
        await opened.seal()
        yield opened


def _program(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """As an operator runs it."""
    command = [sys.executable, "-W", "error", "-m", "monitor", "ledger", *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=240, check=False)


async def _run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """The same without a new Python, which takes longer to start than the ledger to read."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.delenv("DATABASE_URL", raising=False)
        code = await asyncio.to_thread(main, ["ledger", *arguments])
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


async def test_whole_ledger_verifies_in_one_line(evidence: Evidence, tmp_path: Path) -> None:
    done = _program("verify", "--config", str(tmp_path / "config.toml"))
    assert (done.stdout, done.stderr, done.returncode) == ("ledger ok: 2 cases, 5 entries, 5 sealed\n", "", 0)
    done = _program("verify", "--config", str(tmp_path / "config.toml"), "--case", "b")
    assert (done.stdout, done.returncode) == ("ledger ok: 1 case, 2 entries, 2 sealed\n", 0)


async def test_first_bad_entry_is_named(evidence: Evidence, tmp_path: Path) -> None:
    await evidence.change("kind = 'lookee'", "a", 2)
    done = await _run("verify", "--config", str(tmp_path / "config.toml"))
    assert done.stdout.startswith("ledger BROKEN: case a, entry 2: changed field")
    assert (done.stderr, done.returncode) == ("", 1)
    assert (await _run("verify", "--config", str(tmp_path / "config.toml"), "--case", "b")).returncode == 0


async def test_unknown_case_is_no_success(evidence: Evidence, tmp_path: Path) -> None:
    done = await _run("verify", "--config", str(tmp_path / "config.toml"), "--case", "zzz")
    assert (done.stdout, done.returncode) == ("ledger BROKEN: there is no ledger entry of case zzz\n", 1)


async def test_export_is_written_and_verifies_with_the_printed_key(evidence: Evidence, tmp_path: Path) -> None:
    out = tmp_path / "a.json"
    done = _program("export", "--config", str(tmp_path / "config.toml"), "--case", "a", "--out", str(out))
    key = evidence.keys.signing_key().public_key().public_bytes_raw().hex()
    assert (done.stdout, done.returncode) == (f"wrote {out}: 3 entries, public key {key}\n", 0)

    done = await _run("verify", "--file", str(out), "--public-key", key)
    assert (done.stdout, done.returncode) == ("ledger ok: 1 case, 3 entries, 3 sealed\n", 0)
    done = await _run("verify", "--file", str(out))
    assert done.stdout.startswith("ledger ok: 1 case, 3 entries, 3 sealed; the signer is the file's own word")
    done = await _run("verify", "--file", str(out), "--public-key", "0" * 64)
    assert ("another key" in done.stdout, done.returncode) == (True, 1)

    again = await _run("export", "--config", str(tmp_path / "config.toml"), "--case", "a", "--out", str(out))
    assert ("File exists" in again.stderr, again.returncode) == (True, 2)


async def test_changed_export_names_its_entry(evidence: Evidence, tmp_path: Path) -> None:
    out = tmp_path / "a.json"
    config = str(tmp_path / "config.toml")
    assert (await _run("export", "--config", config, "--case", "a", "--out", str(out))).returncode == 0
    out.write_text(out.read_text().replace('"looked"', '"lookee"', 1))
    done = await _run("verify", "--file", str(out))
    assert done.stdout.startswith("ledger BROKEN: case a, entry 1: changed field")
    assert done.returncode == 1


async def test_missing_parts_are_told_with_their_mend(sqlite_url: str, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[database]\nurl = "{sqlite_url}"\n')
    done = await _run("verify", "--config", str(config))
    assert ("there is no such file" in done.stderr, done.returncode) == (True, 2)
    (tmp_path / "jikimi.sqlite").touch()
    done = await _run("verify", "--config", str(config))
    assert ("master_key_file" in done.stderr, done.returncode) == (True, 2)
    create_master_key(tmp_path / "master.key")
    config.write_text(f'[database]\nurl = "{sqlite_url}"\n[security]\nmaster_key_file = "master.key"\n')
    done = await _run("verify", "--config", str(config))
    assert ("[database] url: the ledger cannot be read" in done.stderr, done.returncode) == (True, 2)
    done = await _run("verify", "--file", str(tmp_path / "nothing.json"))
    assert ("cannot be read" in done.stdout, done.returncode) == (True, 1)
