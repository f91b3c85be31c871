"""Calls of the Linux kernel that Python has no name for."""

import ctypes
import errno
import os
import sys
from typing import Any


def unavailable(what: str) -> OSError:
    """The error of a call that this system does not have."""
    return OSError(errno.ENOSYS, what)


def call(number: int, *arguments: Any) -> int:
    """syscall(2): whole numbers, pointers and None. Raises OSError."""
    return _asked("syscall", ctypes.c_long(number), *map(_wide, arguments))


def prctl(option: int, value: int) -> None:
    """prctl(2) with one argument. Raises OSError."""
    _asked("prctl", ctypes.c_int(option), *map(_wide, (value, 0, 0, 0)))


def unshare(flags: int) -> None:
    """unshare(2). Raises OSError."""
    _asked("unshare", ctypes.c_int(flags))


def _wide(argument: Any) -> Any:
    # As an int, ctypes would hand over 32 bits and leave the rest of the register as it was.
    return ctypes.c_long(argument) if isinstance(argument, int) else argument


def _asked(name: str, *arguments: Any) -> int:
    if not sys.platform.startswith("linux"):
        raise unavailable(name)
    answer = int(getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments))
    if answer < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return answer
