"""Whoever reads a log learns first which version wrote it, also when the start failed."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from monitor import __version__

ROOT = Path(__file__).parents[2]


def start(command: str, config: Path, *options: str) -> "subprocess.Popen[str]":
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "JIKIMI_MASTER_KEY")
    }
    words = [sys.executable, "-m", "monitor", command, "--config", str(config), *options]
    pipe = subprocess.PIPE
    return subprocess.Popen(words, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def assert_tells_the_version(line: dict[str, Any]) -> None:
    assert line.pop("at")
    assert line.pop("logger").startswith("monitor.")
    assert line == {"level": "info", "message": "starting", "version": __version__}


@pytest.mark.parametrize("command", ["work", "serve"])
def test_first_line_of_a_started_program_tells_the_version(command: str, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[web]\nlisten = "127.0.0.1:{free_port()}"\n', encoding="utf-8")
    with start(command, config) as program:
        assert program.stderr is not None
        try:
            lines = [json.loads(program.stderr.readline())]
            while lines[-1]["message"] != "worker started":
                lines.append(json.loads(program.stderr.readline()))
        finally:
            program.terminate()
            program.communicate(timeout=60)
    assert_tells_the_version(lines[0])
    assert [line for line in lines[1:] if "version" in line] == []


def test_failed_start_has_told_the_version_too(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[nothing]\nof_ours = 1\n", encoding="utf-8")
    with start("work", config) as program:
        _, errors = program.communicate(timeout=60)
    assert program.returncode == 2
    first, *rest = errors.splitlines()
    assert_tells_the_version(json.loads(first))
    assert "nothing" in " ".join(rest)
