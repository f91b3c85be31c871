"""Landlock: no file, no TCP connection and no signal to others, by a second door in the kernel.

It stands behind the seccomp filter, and in its place on processors for which there is no list of calls.
"""

import ctypes
import os

from monitor.fingerprints.decoder.libc import call

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_ASK_VERSION = 1
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights over files the versions of the kernel's interface know; later ones as many as the fifth."""
_TCP_SINCE, _SCOPES_SINCE = 4, 6
_BIND_AND_CONNECT, _ABSTRACT_SOCKETS_AND_SIGNALS = 0b11, 0b11


class _Ruleset(ctypes.Structure):
    """struct landlock_ruleset_attr: what is refused unless a rule allows it."""

    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


def close_the_door() -> int:
    """From here on every right that the kernel knows is refused to this thread: there is not one rule that allows
    anything, for what is needed was opened before. Returns the version of the kernel's interface.

    No new privileges must be set before. Raises OSError where Landlock is not there.
    """
    version = call(_CREATE_RULESET, None, 0, _ASK_VERSION)
    rules = _Ruleset((1 << _FILE_RIGHTS.get(version, _FILE_RIGHTS[5])) - 1)
    size = _Ruleset.files.size
    if version >= _TCP_SINCE:
        rules.network, size = _BIND_AND_CONNECT, _Ruleset.scopes.offset
    if version >= _SCOPES_SINCE:
        rules.scopes, size = _ABSTRACT_SOCKETS_AND_SIGNALS, ctypes.sizeof(_Ruleset)
    ruleset = call(_CREATE_RULESET, ctypes.byref(rules), size, 0)
    try:
        call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return version
