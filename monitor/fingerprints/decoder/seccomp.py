"""A seccomp filter: after it, the kernel does nothing for this process but what decoding a medium in memory needs.

An allow-list, so that a call which a later kernel invents is refused as well. What is not on it fails with EPERM rather
than ending the process: libraries that look for a file or count processors go on without. No call that takes a path, an
address, another process or a program is on it, no process can be made (a thread can), and no memory executable.
"""

import ctypes
import errno
import os
import struct

from monitor.fingerprints.decoder.libc import call, unavailable

_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64 of linux/audit.h."""
_X32 = 0x40000000
"""Numbers from here on are those of another calling convention of x86-64."""

_ALLOWED = {
    # name: numbers on x86_64 and aarch64
    "read": (0, 63),
    "write": (1, 64),
    "futex": (202, 98),
    "munmap": (11, 215),
    "madvise": (28, 233),
    "brk": (12, 214),
    "mremap": (25, 216),
    "clock_gettime": (228, 113),
    "setitimer": (38, 103),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "readv": (19, 65),
    "writev": (20, 66),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "clock_getres": (229, 114),
    "gettimeofday": (96, 169),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getrandom": (318, 278),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "membarrier": (324, 283),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "restart_syscall": (219, 128),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
_MAPPING = {"mmap": (9, 222), "mprotect": (10, 226)}
"""Allowed while the third argument does not ask for memory that can be run."""
_EXECUTABLE = 4

_CLONE, _CLONE3 = (56, 220), (435, 435)
_THREAD = 0x00010000
_THREAD_FLAGS = 0x007D0F00
"""What C libraries ask for with a thread: memory, files and handlers shared, no namespace, no signal to a parent."""

_LOAD, _EQUAL, _FROM, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_REFUSE, _UNKNOWN = _ERROR | errno.EPERM, _ERROR | errno.ENOSYS
_NUMBER, _ARCHITECTURE = 0, 4
"""Where these stand in struct seccomp_data."""


def _argument(index: int) -> int:
    """Where the lower half of an argument stands in struct seccomp_data; both processors are little-endian."""
    return 16 + 8 * index


def _instruction(code: int, value: int, true: int = 0, false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, true, false, value)


def program(machine: str) -> bytes:
    """The filter for `machine`, a key of _ARCHITECTURES, as struct sock_filter after struct sock_filter."""
    column = tuple(_ARCHITECTURES).index(machine)
    parts = [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_EQUAL, _ARCHITECTURES[machine], 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER),
    ]
    if machine == "x86_64":
        parts += [_instruction(_FROM, _X32, 0, 1), _instruction(_RETURN, _REFUSE)]
    for numbers in _ALLOWED.values():
        parts += [_instruction(_EQUAL, numbers[column], 0, 1), _instruction(_RETURN, _ALLOW)]
    for numbers in _MAPPING.values():
        parts += [
            _instruction(_EQUAL, numbers[column], 0, 4),
            _instruction(_LOAD, _argument(2)),
            _instruction(_ANY_BIT, _EXECUTABLE, 0, 1),
            _instruction(_RETURN, _REFUSE),
            _instruction(_RETURN, _ALLOW),
        ]
    parts += [
        # Its flags lie in memory, where a filter cannot look. C libraries then use the older call.
        _instruction(_EQUAL, _CLONE3[column], 0, 1),
        _instruction(_RETURN, _UNKNOWN),
        # The decoder of HEIC needs a thread.
        _instruction(_EQUAL, _CLONE[column], 0, 5),
        _instruction(_LOAD, _argument(0)),
        _instruction(_ANY_BIT, _THREAD, 0, 2),
        _instruction(_ANY_BIT, 0xFFFFFFFF ^ _THREAD_FLAGS, 1, 0),
        _instruction(_RETURN, _ALLOW),
        _instruction(_RETURN, _REFUSE),
    ]
    return b"".join([*parts, _instruction(_RETURN, _REFUSE)])


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def close_the_door() -> None:
    """From here on only what is allowed. No new privileges must be set before. Raises OSError where that is not
    possible, and nothing is refused then."""
    machine = os.uname().machine
    if machine not in _ARCHITECTURES or ctypes.sizeof(ctypes.c_void_p) != 8:
        raise unavailable(f"no list of calls for {machine}")
    code = program(machine)
    held = ctypes.create_string_buffer(code, len(code))
    described = _Program(len(code) // 8, ctypes.addressof(held))
    call(_SECCOMP[machine], _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(described))
