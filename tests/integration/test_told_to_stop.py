"""Told to stop, the program ends in order: worker, seals and databases closed, nothing left in a journal."""

import json
import signal
import sqlite3
from pathlib import Path

import pytest

from tests.integration.test_first_log_line import free_port, start


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", ["serve", "work"])
def test_signal_ends_the_program_in_order(command: str, number: signal.Signals, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[web]\nlisten = "127.0.0.1:{free_port()}"\n', encoding="utf-8")
    with start(command, config) as program:
        assert program.stderr is not None
        message = ""
        while message != "worker started":
            message = json.loads(program.stderr.readline())["message"]
        program.send_signal(number)
        _, errors = program.communicate(timeout=60)
    assert program.returncode == 0
    assert json.loads(errors.splitlines()[-1])["message"] == "stopped"
    databases = sorted(path for path in tmp_path.rglob("*") if path.is_file() and _is_sqlite(path))
    assert databases
    assert sorted(path.name for path in tmp_path.rglob("*-wal")) == []
    for path in databases:
        with sqlite3.connect(path) as copy:
            assert copy.execute("pragma integrity_check").fetchone() == ("ok",)


def test_descriptor_that_is_no_listening_socket_is_refused_with_words(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("", encoding="utf-8")
    with start("serve", config, "--listen-fd=999") as program:
        _, errors = program.communicate(timeout=60)
    assert program.returncode == 2
    assert "--listen-fd: 999 is no socket that listens" in errors.splitlines()[-1]


def _is_sqlite(path: Path) -> bool:
    return path.read_bytes()[:15] == b"SQLite format 3"
