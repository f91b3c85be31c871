"""A decoder that a hostile file has taken over: started as every decoder is, it runs what the test names in place of
looking at a picture. `DecoderProcess(program="tests.support.hostile_decoder")`, then `inspect(b"name argument")`.

The answer is NotInspected: "broken" where the attempt was refused, "empty" where it succeeded.
"""

import ctypes
import mmap
import os
import platform
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from monitor.core.errors import NotInspected
from monitor.fingerprints.decoder import libc, worker
from monitor.fingerprints.decoder.process import KEPT_ENVIRONMENT, MADE_ENVIRONMENT
from monitor.fingerprints.hashes.values import HashedMedium

X86 = platform.machine() == "x86_64"
CLONE_NEWUSER, SEIZE, SIGNAL_0 = 0x10000000, 0x4206, 0
Attempt = Callable[[str], object]


def _number(x86: int, arm: int) -> int:
    return x86 if X86 else arm


def _fork(_: str) -> None:
    if os.fork() == 0:
        os._exit(0)


def _connect(family: socket.AddressFamily, kind: socket.SocketKind) -> Attempt:
    def attempt(port: str) -> None:
        host = "::1" if family == socket.AF_INET6 else "127.0.0.1"
        with socket.socket(family, kind) as made:
            made.connect((host, int(port)))
            made.send(b"x")

    return attempt


def _unix(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.connect(path)


def _read_memory(pid: str) -> None:
    """process_vm_readv of one byte, wherever."""
    here = ctypes.create_string_buffer(8)
    vector = (ctypes.c_size_t * 2)(ctypes.addressof(here), 1)
    address = ctypes.addressof(vector)
    libc.call(_number(310, 270), int(pid), ctypes.c_void_p(address), 1, ctypes.c_void_p(address), 1, 0)


def _environment(_: str) -> None:
    """Succeeds when it holds anything else than what it was given on purpose."""
    if set(os.environ) <= {*KEPT_ENVIRONMENT, *MADE_ENVIRONMENT}:
        raise PermissionError


ATTEMPTS: dict[str, Attempt] = {
    "read": lambda path: Path(path).read_bytes(),
    "write": lambda path: Path(path).write_bytes(b"x"),
    "append": lambda path: os.close(os.open(path, os.O_WRONLY | os.O_APPEND)),
    "list": os.listdir,
    "stat": os.stat,
    "remove": os.unlink,
    "link": lambda path: Path(path).symlink_to("/"),
    "folder": os.mkdir,
    "own-code": lambda _: Path(worker.__file__).read_bytes(),
    "chdir": os.chdir,
    "tcp": _connect(socket.AF_INET, socket.SOCK_STREAM),
    "tcp6": _connect(socket.AF_INET6, socket.SOCK_STREAM),
    "udp": _connect(socket.AF_INET, socket.SOCK_DGRAM),
    "unix": _unix,
    "socket-pair": lambda _: socket.socketpair(),
    "name-look-up": lambda _: socket.getaddrinfo("localhost", 80),
    "exec": lambda path: os.execv(path, [path]),  # noqa: S606 - the test's own program
    "spawn": lambda path: os.posix_spawn(path, [path], {}),
    "fork": _fork,
    "clone-namespace": lambda _: libc.unshare(CLONE_NEWUSER),
    "clone3": lambda _: libc.call(435, ctypes.create_string_buffer(88), 88),
    "clone-process": lambda _: libc.call(_number(56, 220), 17, None, None, None, None) or os._exit(0),
    "ptrace": lambda pid: libc.call(_number(101, 117), SEIZE, int(pid), None, None),
    "memory-file": lambda pid: Path(f"/proc/{pid}/mem").open("rb").close(),
    "memory-call": _read_memory,
    "environment-file": lambda pid: Path(f"/proc/{pid}/environ").read_bytes(),
    "own-environment-file": lambda _: Path("/proc/self/environ").read_bytes(),
    "environment": _environment,
    "signal": lambda pid: os.kill(int(pid), SIGNAL_0),
    "kill": lambda pid: os.kill(int(pid), 9),
    "pidfd": lambda pid: libc.call(434, int(pid), 0),
    "executable-memory": lambda _: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC).close(),
    "memory-as-file": lambda _: os.memfd_create("x"),
    "io-uring": lambda _: libc.call(425, 1, ctypes.create_string_buffer(120)),
    "bpf": lambda _: libc.call(_number(321, 280), 0, ctypes.create_string_buffer(120), 120),
    "user-fault": lambda _: libc.call(_number(323, 282), 0),
    "keys": lambda _: libc.call(_number(250, 219), 0, -3, 1),
    "shared-memory": lambda _: libc.call(_number(29, 194), 0, 4096, 0o1600),
    "dumpable": lambda _: libc.prctl(4, 1),
    "administrator": lambda _: os.setuid(0),
    "limits": lambda _: libc.call(_number(302, 261), 0, 0, None, None),
    "other-convention": lambda path: libc.call(0x40000002, ctypes.c_char_p(path.encode()), 0),
}


def attempt(data: bytes, set_name: object = None, **_wish: object) -> HashedMedium:
    """In place of hash_medium."""
    name, _, argument = data.decode().partition(" ")
    try:
        ATTEMPTS[name](argument)
    except OSError:
        raise NotInspected("broken") from None
    raise NotInspected("empty")


if __name__ == "__main__":
    vars(worker)["hash_medium"] = attempt  # what taking over amounts to
    sys.exit(worker.main(float(sys.argv[1]), int(sys.argv[2])))
