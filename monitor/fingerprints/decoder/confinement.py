"""What a decoder gives up before it looks at the first medium: code that a hostile file runs in it gets nowhere.

Everything that decoding needs is loaded by then: see `load_what_comes_late`. Where the system lacks a part the others
hold all the same, and the list of those that do goes to the parent and into `monitor check`.
"""

import ctypes
import importlib
import os
import pkgutil
import resource
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO

import av
import numpy as np
from PIL import AvifImagePlugin, Image

from monitor.fingerprints.cut_outs import faces
from monitor.fingerprints.decoder import landlock, libc, seccomp
from monitor.fingerprints.decoder.measures import CPU_SECONDS, Measure
from monitor.fingerprints.image import hash_picture

_NOBODY = 65534
"""Owns no file, and is known in every user namespace."""
_NO_NEW_PRIVILEGES, _DUMPABLE = 38, 4
_USER_NAMESPACE, _OTHER_NAMESPACES = 0x10000000, 0x40000000 | 0x08000000
"""Of the others those of the network and of shared memory between processes."""
_CAPABILITIES, _CAPABILITY_VERSION = {"x86_64": 126, "aarch64": 91}, 0x20080522
_LATE = (
    *("numpy.ma", "xml.etree.ElementTree", "PIL.ImageCms", "PIL.ImageColor", "PIL.ImageFilter", "PIL.ImagePalette"),
    *("PIL.MpoImagePlugin", "PIL.PpmImagePlugin"),
    *(f"encodings.{name}" for name in ("ascii", "latin_1", "cp1252", "utf_16", "cp949", "euc_kr", "gb18030")),
    *("encodings.shift_jis", "encodings.idna"),
)


def load_what_comes_late(*, finds_faces: bool = False) -> None:
    """Load whatever libraries would load only when a file asks for it: afterwards no file can be opened.

    `finds_faces`: OpenCV and its cascade too, which take a fifth of a second and 60 MB.
    """
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # as many decoders run as there are processors to use
    for name in (*_LATE, *(one.name for one in pkgutil.walk_packages(av.__path__, "av."))):
        # What is not there in this version of a library is not missed.
        if not name.startswith("av.__"):
            with suppress(ImportError):
                importlib.import_module(name)
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    out = BytesIO()
    Image.fromarray(noise).save(out, "JPEG")
    if finds_faces:
        faces.load()
    hash_picture(out.getvalue(), "full", faces=finds_faces)


def confine() -> frozenset[Measure]:
    """Give up everything that this system lets us give up; returns what holds from here on."""
    held = set()
    if _done(leave_network):
        held.add(Measure.NETWORK)
    if _done(_become_nobody):
        held.add(Measure.USER)
    if Measure.NETWORK not in held and _done(leave_network_as_user):
        held.add(Measure.NETWORK)
    _done(_drop_capabilities)
    steps: tuple[tuple[Measure, Callable[[], object]], ...] = (
        (Measure.NOT_DUMPABLE, lambda: libc.prctl(_DUMPABLE, 0)),
        (Measure.NO_NEW_PRIVILEGES, lambda: libc.prctl(_NO_NEW_PRIVILEGES, 1)),
        (Measure.FILES, landlock.close_the_door),
        (Measure.LIMITS, _limit),  # after Landlock, which needs a descriptor for a moment
        (Measure.CALLS, seccomp.close_the_door),  # last: it refuses all the others
    )
    return frozenset(held | {measure for measure, step in steps if _done(step)})


def _done(step: Callable[[], object]) -> bool:
    try:
        step()
    except OSError:
        return False
    return True


def leave_network() -> None:
    """Into a network of its own, in which nothing is up. Raises OSError where that is for administrators only."""
    libc.unshare(_OTHER_NAMESPACES)


def leave_network_as_user() -> None:
    """Whoever is no administrator may have a network of their own together with a user namespace of their own."""
    libc.unshare(_USER_NAMESPACE | _OTHER_NAMESPACES)


def _become_nobody() -> None:
    if os.geteuid() == 0:
        with suppress(PermissionError):  # a container's administrator may have none to give up
            os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)


def _drop_capabilities() -> None:
    """Those that came with a user namespace."""
    number = _CAPABILITIES.get(os.uname().machine)
    if number is not None:
        header, none = struct.pack("=Ii", _CAPABILITY_VERSION, 0), bytes(24)
        libc.call(number, ctypes.create_string_buffer(header), ctypes.create_string_buffer(none))


def _limit() -> None:
    for name, most in (("CORE", 0), ("FSIZE", 0), ("NOFILE", 0), ("CPU", CPU_SECONDS)):
        kind = getattr(resource, f"RLIMIT_{name}")
        _, hard = resource.getrlimit(kind)
        lower = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (lower, lower))
    if not sys.platform.startswith("linux"):
        # Linux counts threads as well, and the decoder of HEIC needs one; there the filter of calls refuses processes.
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
