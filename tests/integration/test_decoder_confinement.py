"""Code that has taken over a decoder gets nowhere, and every kind of medium is decoded behind the same doors."""

import base64
import json
import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from monitor.core.errors import NotInspected
from monitor.fingerprints.containers.file_types import PICTURES, VIDEOS, sniff
from monitor.fingerprints.cut_outs.queries import FACE_QUERY
from monitor.fingerprints.decoder import protocol
from monitor.fingerprints.decoder.measures import Measure
from monitor.fingerprints.decoder.process import DecoderProcess
from monitor.fingerprints.decoder.seccomp import program
from monitor.fingerprints.decoder.shape import check_shape
from monitor.fingerprints.media import hash_medium
from tests.support.clips import gif, scenes, video, webp
from tests.support.drawn_faces import portrait
from tests.support.hostile_decoder import ATTEMPTS
from tests.support.waves import encoded, photo

MB = 2**20
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has these doors")
needs_calls = "this kernel, or what we run in, lets no process filter its calls"


@pytest.fixture(scope="module")
def sound() -> Iterator[DecoderProcess]:
    process = DecoderProcess(time_limit=60, memory_limit=512 * MB)
    yield process
    process.end()


@pytest.fixture(scope="module")
def hostile() -> Iterator[DecoderProcess]:
    process = DecoderProcess(time_limit=60, memory_limit=512 * MB, program="tests.support.hostile_decoder")
    yield process
    process.end()


@pytest.fixture
def listening() -> Iterator[int]:
    """The port of somebody who answers."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        yield server.getsockname()[1]


@pytest.fixture
def local(tmp_path: Path) -> Iterator[str]:
    """The path of a socket at which somebody answers."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        server.listen()
        yield str(tmp_path / "socket")


def argument(name: str, folder: Path, port: int) -> str:
    """What an attempt needs to succeed where nothing holds it back."""
    secret = folder / "master.key"
    secret.write_bytes(b"secret")
    if name == "unix":
        return str(folder / "socket")
    if name in ("tcp", "tcp6", "udp"):
        return str(port)
    if name in ("ptrace", "memory-file", "memory-call", "environment-file", "signal", "kill", "pidfd"):
        return str(os.getpid())
    if name in ("exec", "spawn"):
        return sys.executable
    if name in ("link", "folder"):
        return str(folder / f"new {name}")
    return str(folder if name in ("list", "chdir") else secret)


@pytest.mark.parametrize("name", ATTEMPTS)
def test_code_inside_a_decoder_gets_nowhere(
    name: str, hostile: DecoderProcess, tmp_path: Path, listening: int, local: str
) -> None:
    if Measure.CALLS not in hostile.held:
        pytest.skip(needs_calls)
    with pytest.raises(NotInspected) as answer:
        hostile.inspect(f"{name} {argument(name, tmp_path, listening)}".encode())
    assert answer.value.reason == "broken"
    assert (tmp_path / "master.key").read_bytes() == b"secret"
    assert not list(tmp_path.glob("new *"))


REAL = (
    *("read", "write", "append", "list", "stat", "link", "folder", "own-code", "chdir", "tcp", "tcp6", "udp", "unix"),
    *("socket-pair", "name-look-up", "exec", "spawn", "fork", "environment-file", "signal", "pidfd", "memory-as-file"),
    *("executable-memory", "shared-memory", "limits", "remove"),
)
"""Attempts that succeed for any program of an ordinary user, so that the doors and nothing else refuse them."""


def test_attempts_succeed_in_front_of_the_doors(tmp_path: Path, listening: int, local: str) -> None:
    asked = {name: argument(name, tmp_path, listening) for name in REAL}
    script = f"""
        import os
        from tests.support.hostile_decoder import ATTEMPTS
        for name, argument in {asked!r}.items():
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    ATTEMPTS[name](argument)
                    code = 0
                finally:
                    os._exit(code)
            if os.waitpid(child, 0)[1] != 0:
                print(name)
    """
    code = textwrap.dedent(script).replace(repr(sys.executable), repr("/bin/true"))
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout == ""


def test_environment_is_the_decoders_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIKIMI_TEST_SECRET", "test-only")
    process = DecoderProcess(time_limit=60, memory_limit=512 * MB, program="tests.support.hostile_decoder")
    try:
        with pytest.raises(NotInspected) as answer:
            process.inspect(b"environment")
    finally:
        process.end()
    assert answer.value.reason == "broken"


def test_decoder_is_as_confined_as_the_one_that_was_tried(hostile: DecoderProcess, sound: DecoderProcess) -> None:
    assert hostile.held == sound.held
    assert {Measure.NO_NEW_PRIVILEGES, Measure.LIMITS, Measure.NOT_DUMPABLE, Measure.USER} <= sound.held


def test_kernel_says_the_same_as_the_decoder(sound: DecoderProcess) -> None:
    lines = Path(f"/proc/{sound.pid}/status").read_text().splitlines()
    status = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    assert status["NoNewPrivs"] == ["1"]
    assert status["Seccomp"] == (["2"] if Measure.CALLS in sound.held else ["0"])
    assert "0" not in status["Uid"]
    assert all(int(status[kind][0], 16) == 0 for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"))
    assert status["Threads"] == ["1"]


def media() -> dict[str, Callable[[], bytes]]:
    """How to make one of every kind, in the ways that other code reads."""
    picture, moving = photo(1, 320, 240), scenes(1, 2, size=(160, 120), seconds=0.5)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    turned = Image.Exif()
    turned[0x0112] = 6
    made: dict[str, Callable[[], bytes]] = {
        "JPEG": lambda: encoded(picture, "JPEG"),
        "JPEG progressive": lambda: encoded(picture, "JPEG", progressive=True),
        "JPEG with a profile": lambda: encoded(picture, "JPEG", icc_profile=profile),
        "JPEG that is turned": lambda: encoded(picture, "JPEG", exif=turned),
        "JPEG in CMYK": lambda: encoded(picture.convert("CMYK"), "JPEG"),
        "JPEG of several pictures": lambda: encoded(picture, "MPO", save_all=True, append_images=[picture]),
        "PNG": lambda: encoded(picture),
        "PNG of a palette": lambda: encoded(picture.quantize(64)),
        "PNG of 16 bits": lambda: encoded(picture.convert("L").convert("I;16")),
        "PNG with transparency": lambda: encoded(picture.convert("RGBA")),
        "PNG that moves": lambda: encoded(moving[0], "PNG", save_all=True, append_images=moving[1:]),
        "WEBP": lambda: encoded(picture, "WEBP"),
        "WEBP lossless": lambda: encoded(picture, "WEBP", lossless=True),
        "WEBP that moves": lambda: webp(moving),
        "GIF": lambda: encoded(picture, "GIF"),
        "GIF that moves": lambda: gif(moving),
        "BMP": lambda: encoded(picture, "BMP"),
        "TIFF": lambda: encoded(picture, "TIFF"),
        "AVIF": lambda: encoded(picture, "AVIF"),
        "AVIF that moves": lambda: encoded(moving[0], "AVIF", save_all=True, append_images=moving[1:]),
        "HEIF": lambda: encoded(picture, "HEIF"),
        "MP4": lambda: video(moving),
        "MP4 in HEVC": lambda: video(moving, codec="libx265"),
        "MP4 in AV1": lambda: video(moving, codec="libsvtav1"),
        "MOV": lambda: video(moving, "mov"),
        "WEBM": lambda: video(moving, "webm"),
        "WEBM in VP8": lambda: video(moving, "webm", codec="libvpx"),
        "WEBM with transparency": lambda: video([one.convert("RGBA") for one in moving], "webm", pixels="yuva420p"),
    }
    for packing in ("tiff_lzw", "tiff_deflate", "jpeg", "packbits"):
        made[f"TIFF packed by {packing}"] = partial(encoded, picture, "TIFF", compression=packing)
    return made


MEDIA = media()


@cache
def made(name: str) -> bytes:
    """Encoded once it is asked for: not while tests are collected."""
    return MEDIA[name]()


@pytest.mark.parametrize("name", MEDIA)
def test_medium_is_decoded_behind_the_doors_as_in_front_of_them(name: str, sound: DecoderProcess) -> None:
    assert sound.inspect(made(name)) == hash_medium(made(name))


def test_no_kind_of_medium_is_left_out() -> None:
    assert {sniff(made(name)) for name in MEDIA} == PICTURES | VIDEOS


def test_first_medium_of_a_fresh_decoder_finds_everything_loaded() -> None:
    """What another medium loads must not be what makes this one work."""
    for name in ("HEIF", "AVIF", "TIFF packed by jpeg", "WEBM with transparency", "JPEG with a profile"):
        process = DecoderProcess(time_limit=60, memory_limit=512 * MB)
        try:
            assert process.inspect(made(name)) == hash_medium(made(name))
        finally:
            process.end()


def test_faces_are_found_behind_the_doors_by_what_was_loaded_before_them(sound: DecoderProcess) -> None:
    data, wish = encoded(portrait(1)), protocol.Wish(None, faces=True, cut_out="auto")
    process = DecoderProcess(time_limit=60, memory_limit=512 * MB, finds_faces=True)
    try:
        found = process.inspect(data, wish)
        assert process.held == sound.held
    finally:
        process.end()
    assert found == hash_medium(data, faces=True, cut_out="auto")
    assert found.cut_out is not None
    assert len(found.faces) > FACE_QUERY.itemsize


def test_decoder_that_needs_no_faces_finds_none(sound: DecoderProcess) -> None:
    sound.inspect(made("JPEG"))
    assert not sound.finds_faces


def alone(door: str, attempts: str) -> str:
    """What a process prints that closed one door only, and then tries."""
    script = f"""
        import os, socket, sys
        from pathlib import Path
        from monitor.fingerprints.decoder import confinement, landlock, libc, seccomp
        libc.prctl(38, 1)
        {door}
        def tried(name, attempt):
            try:
                attempt()
            except OSError:
                print("refused", name, flush=True)
            else:
                print("ALLOWED", name, flush=True)
        {attempts}
    """
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True, timeout=60
    )
    return ran.stdout


def test_landlock_alone_keeps_files_and_connections_away(tmp_path: Path, sound: DecoderProcess, listening: int) -> None:
    if Measure.FILES not in sound.held:
        pytest.skip("this kernel has no Landlock, or it is switched off")
    (tmp_path / "secret").write_text("secret")
    said = alone(
        "version = landlock.close_the_door()",
        f"""tried("read", lambda: Path({str(tmp_path / "secret")!r}).read_text())
        tried("write", lambda: Path({str(tmp_path / "new")!r}).write_text("x"))
        tried("list", lambda: os.listdir({str(tmp_path)!r}))
        tried("exec", lambda: os.execv({sys.executable!r}, ["python", "-c", "print('ALLOWED')"]))
        tried("environ", lambda: Path(f"/proc/{{os.getppid()}}/environ").read_bytes())
        version < 4 or tried("tcp", lambda: socket.create_connection(("127.0.0.1", {listening})))
        version < 6 or tried("signal", lambda: os.kill(os.getppid(), 0))""",
    )
    assert "ALLOWED" not in said
    assert said.count("refused") >= 5


def test_network_of_its_own_reaches_nobody(sound: DecoderProcess, listening: int) -> None:
    if Measure.NETWORK not in sound.held:
        pytest.skip("this system lets this user make no network of its own")
    said = alone(
        "(confinement.leave_network if os.geteuid() == 0 else confinement.leave_network_as_user)()",
        f"""tried("tcp", lambda: socket.create_connection(("127.0.0.1", {listening}), 5))""",
    )
    assert said == "refused tcp\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="whoever is no administrator tries this in every other test")
def test_decoder_of_an_ordinary_user_is_confined_as_well() -> None:
    said = alone(
        """confinement.load_what_comes_late()
        os.setgroups([])
        os.setresgid(1000, 1000, 1000)
        os.setresuid(1000, 1000, 1000)
        print(*sorted(confinement.confine()))""",
        """tried("read", lambda: Path("/etc/hostname").read_bytes())
        tried("socket", lambda: socket.socket())""",
    )
    held, *refused = said.splitlines()
    assert {"no-new-privileges", "limits", "not-dumpable", "user"} <= set(held.split())
    assert "calls" not in held or refused == ["refused read", "refused socket"]


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_filter_of_calls_is_whole_for_every_processor(machine: str) -> None:
    code = program(machine)
    instructions = [code[at : at + 8] for at in range(0, len(code), 8)]
    assert len(code) % 8 == 0 and len(instructions) < 4096
    jumps = [(at, one[2], one[3]) for at, one in enumerate(instructions) if one[0] & 0x07 == 0x05]
    assert all(at + 1 + max(true, false) < len(instructions) for at, true, false in jumps)
    assert instructions[-1][0] == 0x06  # whoever falls through is answered


@pytest.mark.parametrize(
    "change",
    [
        {"width": 0},
        {"width": 10**30},
        {"width": float("inf")},
        {"format": "PNG"},
        {"format": "x" * 1000},
        {"sha256": "0" * 64},
        {"phash": "00"},
        {"kind": "video"},
        {"seconds": 5},
        {"partial": True},
        {"views": []},
        {"queries": "AAAA"},
        {"regions": {}},
        {"faces": base64.b64encode(np.zeros(1, FACE_QUERY).tobytes()).decode()},
        {"cut_out": {}},
    ],
    ids=str,
)
def test_answer_that_no_sound_decoder_gives_is_refused(change: dict[str, object]) -> None:
    data = made("JPEG")
    fields = json.loads(protocol.pack(hash_medium(data)))
    check_shape(protocol.unpack(json.dumps(fields).encode()), data, protocol.Wish())
    with pytest.raises(ValueError):
        check_shape(protocol.unpack(json.dumps(fields | change).encode()), data, protocol.Wish())


ODD = [b"[" * 100_000, b'{"reason": "gone"}', b'{"reason": {}}']


@pytest.mark.parametrize("reply", ODD, ids=range(len(ODD)))
def test_odd_reply_costs_its_medium_only(reply: bytes) -> None:
    with pytest.raises(ValueError):
        check_shape(protocol.unpack(reply), made("JPEG"), protocol.Wish())
