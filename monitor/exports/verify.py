"""Verifies a Jikimi evidence package: one plain file, Python 3.8 or newer, no other program, no network.

    python3 -I -S verify.py PACKAGE [--public-key HEX] [--authority CA.pem] [--language ko|en]

PACKAGE is the ZIP or the folder (default: the folder that holds this file). It prints one line for each thing that is
wrong, naming the file, and exits 1; or says that all is well and exits 0. Take this file and the public key from the
support centre's own page rather than from the package: whoever could change a package could change what came with it.

It checks: that every file is the one that was signed, and none is missing or added; each case's chain of entries, its
signed heads and the plain text of the opened entries; that the readable records say what the chain says; and of each
time stamp that it is one over the day's value that the chain's path leads to. Who signed a time stamp is checked with
`openssl ts` where that program is there, and said to be unchecked where it is not.
"""

from __future__ import annotations

import calendar
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from typing import Any, BinaryIO, Dict, Tuple  # noqa: UP035  # Python 3.8 has no other names for them

FORMAT, ATTESTED = "jikimi-evidence-1", "jikimi-attestation-1"
SLICE, DAY = "jikimi-ledger-export-2", "jikimi-ledger-day-1"
GENESIS = "0" * 64
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
TAG_FILES = ("bag-info.txt", "bagit.txt", "manifest-sha256.txt")
UNLISTED = ("tagmanifest-sha256.txt", "signature.txt")
OWN = "data/verify.py"
MOST = 200_000_000
"""Bytes of one file, so that a bomb in a ZIP fills no memory."""
MOST_TOGETHER = 1_000_000_000
"""Bytes of all files."""

TEXTS = {
    "en": {
        "missing": "is missing",
        "added": "was added: it is not in the list of files",
        "changed": "was changed: its SHA-256 is not the one in the list of files",
        "form": "is not in its form",
        "twice": "stands twice in the ZIP",
        "path": "is no plain file inside the package",
        "large": "is larger than any file of a package",
        "damaged": "is damaged in the ZIP and cannot be read",
        "unread": "cannot be read here",
        "zip-form": "its place in the ZIP is not as Jikimi writes it: the ZIP was changed, or packed anew. If you "
        "packed it yourself, unpack it and verify the folder",
        "unreadable": "cannot be read as a package: {}",
        "signature": "the signature does not fit the list of files: one of the two was changed",
        "other-key": "was signed with another key than the one given",
        "cases": "does not name the cases that are in the package",
        "json": "is not JSON of the expected shape",
        "entry": "entry {}: {}",
        "entry-hash": "its fields do not have its hash",
        "entry-seq": "is not in its place: entries are missing or were swapped",
        "entry-prev": "does not follow the entry before it",
        "entry-plain": "its plain text is not the one that was hashed",
        "entry-older": "an entry of the first format follows one of the second",
        "seal": "the signed head of entry {} does not fit",
        "closing": "the closing signature does not fit",
        "tail": "the signed head tells of {} entries, {} are here",
        "attested": "the attestation of entry {} does not fit",
        "attestation": "the signature of the attestation does not fit",
        "record": "copy {} is not as the chain tells it ({})",
        "answer": "is not the platform's answer whose hash the chain names",
        "path-leads": "the path does not lead to the value of the day",
        "stamp-head": "tells of another chain than the one in the package",
        "stamp-form": "is no time stamp",
        "stamp-other": "is a time stamp over something else than the value of its day",
        "stamp-lone": "has no path beside it",
        "stamp-bad": "the authority's signature does not fit: {}",
        "ok": "OK: {} files, {} case(s), {} entries, {} opened, {} signed heads. All as signed.",
        "broken": "BROKEN: {} thing(s) are wrong, see above.",
        "key-own": "Note: the public key is the package's own word ({}). Compare it with the one on the centre's page.",
        "key-given": "The public key is the one you gave.",
        "stamped": "Time stamp of {}: made at {} over that day's value.",
        "stamp-signed": "  Its signature was checked with openssl against {}.",
        "stamp-unsigned": "  Note: who signed it was NOT checked: {}.",
        "no-openssl": "the program openssl is not here",
        "no-authority": "no certificate of the authority was given (--authority CA.pem) or came along",
        "came-along": "the certificate that came along (compare it with the authority's own)",
        "given": "the certificate you gave",
        "own-hash": "SHA-256 of the verifier in the package: {} (compare it with the one on the centre's page)",
        "no-entry": "Note: no entry of the chain holds the evidence of copy {}.",
        "unopened": "Note: the plain text of {} entries is not in the package; their hashes are.",
    },
    "ko": {
        "missing": "파일이 없습니다",
        "added": "목록에 없는 파일이 추가되었습니다",
        "changed": "파일이 바뀌었습니다. SHA-256 값이 목록과 다릅니다",
        "form": "정해진 형식이 아닙니다",
        "twice": "ZIP 안에 두 번 들어 있습니다",
        "path": "묶음 안의 일반 파일이 아닙니다",
        "large": "묶음의 파일이라고 볼 수 없을 만큼 큽니다",
        "damaged": "ZIP 안에서 손상되어 읽을 수 없습니다",
        "unread": "여기에서 읽을 수 없습니다",
        "zip-form": "ZIP 안의 형식이 지킴이가 만든 것과 다릅니다. ZIP이 바뀌었거나 다시 압축된 것입니다. 직접 다시 "
        "압축했다면 압축을 풀고 폴더를 검증하십시오",
        "unreadable": "증거 묶음으로 읽을 수 없습니다: {}",
        "signature": "서명이 파일 목록과 맞지 않습니다. 둘 가운데 하나가 바뀌었습니다",
        "other-key": "입력한 공개키가 아닌 다른 키로 서명되었습니다",
        "cases": "묶음에 들어 있는 사건과 다른 사건이 적혀 있습니다",
        "json": "정해진 형태의 JSON이 아닙니다",
        "entry": "{}번 기록: {}",
        "entry-hash": "내용이 해시값과 다릅니다",
        "entry-seq": "순서가 맞지 않습니다. 기록이 빠졌거나 뒤바뀌었습니다",
        "entry-prev": "바로 앞 기록과 이어지지 않습니다",
        "entry-plain": "공개된 내용이 해시값의 원본이 아닙니다",
        "entry-older": "새 형식의 기록 뒤에 옛 형식의 기록이 있습니다",
        "seal": "{}번 기록까지의 서명값이 맞지 않습니다",
        "closing": "마감 서명이 맞지 않습니다",
        "tail": "서명값은 기록이 {}건이라고 하는데 {}건만 있습니다",
        "attested": "{}번 기록의 확인서가 맞지 않습니다",
        "attestation": "확인서의 서명이 맞지 않습니다",
        "record": "{}번 게시물의 내용이 기록과 다릅니다({})",
        "answer": "기록에 적힌 해시값을 가진 플랫폼 응답이 아닙니다",
        "path-leads": "경로를 따라가도 그날의 값이 나오지 않습니다",
        "stamp-head": "묶음에 있는 기록이 아닌 다른 기록에 관한 것입니다",
        "stamp-form": "시점 확인 토큰이 아닙니다",
        "stamp-other": "그날의 값이 아닌 다른 값에 대한 시점 확인입니다",
        "stamp-lone": "함께 있어야 할 경로 파일이 없습니다",
        "stamp-bad": "시점 확인 기관의 서명이 맞지 않습니다: {}",
        "ok": "이상 없음: 파일 {}개, 사건 {}건, 기록 {}건, 내용이 공개된 기록 {}건, 서명값 {}건. 모두 서명된 "
        "그대로입니다.",
        "broken": "문제 발견: 위에 적힌 {}가지가 맞지 않습니다.",
        "key-own": "참고: 공개키는 묶음에 적힌 값입니다({}). 지원센터 누리집에 있는 값과 비교하십시오.",
        "key-given": "공개키는 입력하신 값과 같습니다.",
        "stamped": "{} 시점 확인: {}에 그날의 값에 대해 발급되었습니다.",
        "stamp-signed": "  서명은 openssl로 확인했습니다. 기준: {}.",
        "stamp-unsigned": "  참고: 누가 서명했는지는 확인하지 않았습니다. 까닭: {}.",
        "no-openssl": "openssl 프로그램이 없습니다",
        "no-authority": "시점 확인 기관의 인증서가 없습니다(--authority CA.pem)",
        "came-along": "묶음에 든 인증서(기관의 인증서와 비교하십시오)",
        "given": "입력하신 인증서",
        "own-hash": "묶음에 든 검증 프로그램의 SHA-256: {} (지원센터 누리집에 있는 값과 비교하십시오)",
        "no-entry": "참고: {}번 사본의 증거가 담긴 기록이 없습니다.",
        "unopened": "참고: 기록 {}건은 내용 없이 해시값만 들어 있습니다.",
    },
}


_Told = Tuple[str, Dict[str, Any]]  # noqa: UP006  # kind and facts of an entry
_NOTHING: _Told = ("", {})


class Unreadable(Exception):
    """This is no package at all."""


class Wrong(Exception):
    """Something that was looked at is not as it should be."""


# --- Ed25519, as RFC 8032 has it: verifying only, so nothing here is secret and nothing needs to be quick.

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_ZERO = (0, 1, 1, 0)
_Point = Tuple[int, int, int, int]  # noqa: UP006


def _add(one: _Point, other: _Point) -> _Point:
    """The sum of two points in extended coordinates."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _point(data: bytes) -> _Point | None:
    """The point that 32 bytes stand for; None for what is none."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if len(data) != 32 or y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _bytes_of(point: _Point) -> bytes:
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | ((x & 1) << 255)).to_bytes(32, "little")


_BASE: _Point = _point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little")) or _ZERO


def signed_by(key: bytes, signature: bytes, message: bytes) -> bool:
    """Does this Ed25519 signature of the message fit the public key? All three are bytes."""
    public = _point(key) if len(key) == 32 and len(signature) == 64 else None
    scalar = int.from_bytes(signature[32:], "little")
    if public is None or scalar >= _L:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    factor = int.from_bytes(digest, "little") % _L
    minus = (_P - public[0], public[1], public[2], _P - public[3])
    sums = (None, _BASE, minus, _add(_BASE, minus))
    found = _ZERO
    for bit in range(255, -1, -1):  # both products at once
        found = _add(found, found)
        chosen = sums[(scalar >> bit & 1) | (factor >> bit & 1) << 1]
        found = found if chosen is None else _add(found, chosen)
    return _bytes_of(found) == signature[:32]


# --- Reading the package: a ZIP with one folder, or the folder.


def read_package(path: str) -> tuple[dict[str, bytes], list[tuple[str, str]]]:
    """Every file of the package by its name, and (name, what) for what is no plain file, or is damaged."""
    if os.path.isdir(path):
        return _read_folder(path)
    try:
        with open(path, "rb") as file, zipfile.ZipFile(file) as opened:
            return _read_zip(file, opened)
    except _NO_ZIP as error:
        raise Unreadable(str(error)) from None


_NO_ZIP = (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError)


def _read_folder(folder: str) -> tuple[dict[str, bytes], list[tuple[str, str]]]:
    files: dict[str, bytes] = {}
    wrong: list[tuple[str, str]] = []
    left = MOST_TOGETHER
    for where, folders, names in os.walk(folder):
        for name in sorted(folders):
            if os.path.islink(os.path.join(where, name)):
                wrong.append((os.path.relpath(os.path.join(where, name), folder).replace(os.sep, "/"), "path"))
        for name in sorted(names):
            full = os.path.join(where, name)
            short = os.path.relpath(full, folder).replace(os.sep, "/")
            if os.path.islink(full) or not os.path.isfile(full):
                wrong.append((short, "path"))
            elif os.path.getsize(full) > min(MOST, left):
                wrong.append((short, "large"))
            else:
                try:
                    with open(full, "rb") as file:
                        files[short] = file.read()
                except OSError:
                    wrong.append((short, "unread"))
                    continue
                left -= len(files[short])
    return files, wrong


def _read_zip(file: BinaryIO, opened: zipfile.ZipFile) -> tuple[dict[str, bytes], list[tuple[str, str]]]:
    files: dict[str, bytes] = {}
    wrong: list[tuple[str, str]] = []
    members = opened.infolist()
    tops = [one.filename.partition("/")[0] for one in members]
    folder = max(tops, key=tops.count) if tops else ""
    left = MOST_TOGETHER
    for one in members:
        if one.is_dir():
            continue
        top, _, short = one.filename.partition("/")
        parts = short.split("/")
        odd = "\\" in short or any(part in ("", ".", "..") for part in parts)
        kind = one.external_attr >> 28  # of a Unix file: 0 not told, 8 plain, 10 a link
        if top != folder or odd or kind not in (0, 8):
            wrong.append((one.filename if top != folder or odd else short, "path"))
        elif short in files:
            wrong.append((short, "twice"))
        elif one.file_size > min(MOST, left):
            wrong.append((short, "large"))
        else:
            try:
                files[short] = opened.read(one)
            except _NO_ZIP:
                wrong.append((short, "damaged"))
                continue
            left -= len(files[short])
    if not files:
        raise Unreadable("one folder is expected in it")
    other = [] if wrong else _other_form(file, members)
    if len(other) > 1:
        other = [os.path.basename(file.name)]  # another program packed it, or much was changed
    return files, wrong + [(name.partition("/")[2] or name, "zip-form") for name in other]


def _other_form(file: BinaryIO, members: list[zipfile.ZipInfo]) -> list[str]:
    """Names of the members whose place in the ZIP is not byte for byte as Jikimi writes it; what is beside them all
    counts to the last one. Nothing in it is packed, so each byte of it is one of a file or one of these.

    Programs that unpack trust different ones of these bytes; what none of them shows could hide something.
    """
    wrong, at, listed = [], 0, []
    for one in members:
        name = one.filename.encode("utf-8", "surrogateescape")
        year, month, day, hour, minute, second = one.date_time
        sizes = (one.CRC, one.compress_size, one.file_size)
        shared = (
            0,
            0,
            hour << 11 | minute << 5 | second // 2,
            (year - 1980) << 9 | month << 5 | day,
            *sizes,
            len(name),
        )
        local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, *shared, 0) + name
        tail = (0, 0, 0, 0, 0o600 << 16, one.header_offset)
        listed.append(struct.pack("<4s6H3I5H2I", b"PK\1\2", 3 << 8 | 20, 20, *shared, *tail) + name)
        file.seek(at)
        if one.is_dir() or one.header_offset != at or file.read(len(local)) != local:
            wrong.append(one.filename)
        at += len(local) + one.compress_size
    size = sum(len(one) for one in listed)
    file.seek(at)
    for one, entry in zip(members, listed):  # noqa: B905  # Python 3.8 knows no strict
        if file.read(len(entry)) != entry:
            wrong.append(one.filename)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(members), len(members), size, at, 0)
    if file.read() != end:
        wrong.append(members[-1].filename)
    return list(dict.fromkeys(wrong))


# --- Small helpers.


def sha256(data: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def _lines(*values: object) -> bytes:
    return "".join(f"{value}\n" for value in values).encode("ascii")


def _hex(text: object, size: int | None = None) -> bytes:
    """Bytes from lower-case hex; empty for any other spelling or size."""
    if not isinstance(text, str) or not re.fullmatch("(?:[0-9a-f]{2})*", text):
        return b""
    data = bytes.fromhex(text)
    return data if size in (None, len(data)) else b""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names stand once each: of two, programs read different ones."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _loads(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Wrong("json") from None
    if not isinstance(value, dict):
        raise Wrong("json")
    return value


def canonical(value: object) -> bytes:
    """JSON as Jikimi hashes it: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


# --- RFC 3161: what a time-stamp token says. Who signed it is openssl's to check.


def _der(data: bytes, at: int = 0) -> tuple[int, bytes, int]:
    """Tag, content and the place after the element that begins at `at`."""
    try:
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4:
                raise Wrong("stamp-form")
            length, at = int.from_bytes(data[at : at + count], "big"), at + count
    except IndexError:
        raise Wrong("stamp-form") from None
    if at + length > len(data):
        raise Wrong("stamp-form")
    return tag, data[at : at + length], at + length


def _parts(data: bytes) -> list[tuple[int, bytes]]:
    """The elements of a sequence, each as (tag, content)."""
    outer, content, _ = _der(data)
    if outer != 0x30:
        raise Wrong("stamp-form")
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(content):
        inner, part, at = _der(content, at)
        found.append((inner, part))
    return found


def _wrapped(tag: int, content: bytes) -> bytes:
    """An element in DER again, so that `_parts` can be asked about it."""
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


_SIGNED_DATA, _TST_INFO = bytes.fromhex("2a864886f70d010702"), bytes.fromhex("2a864886f70d0109100104")
_DIGESTS = {
    bytes.fromhex("608648016503040201"): "sha256",
    bytes.fromhex("608648016503040202"): "sha384",
    bytes.fromhex("608648016503040203"): "sha512",
}


def read_token(data: bytes) -> tuple[str, bytes, str, bool]:
    """(digest's name, imprint, time, True for a bare token) of a time-stamp response or token."""
    outer = _parts(data)
    bare = bool(outer) and outer[0][0] == 0x06
    if not bare:
        if len(outer) < 2:
            raise Wrong("stamp-form")
        outer = _parts(_wrapped(*outer[1]))
    if len(outer) < 2 or outer[0] != (0x06, _SIGNED_DATA):
        raise Wrong("stamp-form")
    signed = _parts(outer[1][1])
    inner = _parts(_wrapped(*signed[2])) if len(signed) > 2 else []
    if len(inner) < 2 or inner[0] != (0x06, _TST_INFO):
        raise Wrong("stamp-form")
    tag, info, _ = _der(inner[1][1])
    if tag != 0x04:
        raise Wrong("stamp-form")
    told = _parts(info)
    imprint = _parts(_wrapped(*told[2])) if len(told) > 4 else []
    if len(imprint) != 2 or told[4][0] != 0x18:
        raise Wrong("stamp-form")
    algorithm = _parts(_wrapped(*imprint[0]))
    digest = _DIGESTS.get(algorithm[0][1] if algorithm else b"")
    if digest is None or imprint[1][0] != 0x04:
        raise Wrong("stamp-form")
    return digest, imprint[1][1], told[4][1].decode("ascii", "replace"), bare


def _moment(text: str) -> str:
    """20260301093000Z as 2026-03-01 09:30:00 UTC."""
    found = re.match(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?", text)
    if not found:
        return text
    year, month, day, hour, minute, second = (part or "00" for part in found.groups())
    return f"{year}-{month}-{day} {hour}:{minute}:{second} UTC"


def _seconds(text: str) -> int | None:
    """Seconds since 1970 of such a time, or None."""
    found = re.match(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", text)
    if not found:
        return None
    return calendar.timegm(tuple(int(part) for part in found.groups()))


def _openssl(token: bytes, imprint: bytes, digest: str, bare: bool, authority: bytes, at: int | None) -> str | None:
    """None when openssl finds the signature good; else what it says. Raises OSError where there is no openssl."""
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ("token", "authority.pem")]
        for name, data in zip(names, (token, authority)):  # noqa: B905  # Python 3.8 knows no strict
            with open(name, "wb") as file:
                file.write(data)
        asked = ["openssl", "ts", "-verify", "-digest", imprint.hex(), "-" + digest, "-in", names[0]]
        asked += ["-token_in"] if bare else []
        asked += ["-CAfile", names[1], "-untrusted", names[1]]
        asked += [] if at is None else ["-attime", str(at)]
        done = subprocess.run(asked, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)  # noqa: S603
    said = done.stdout.decode("utf-8", "replace").strip().splitlines()
    return None if done.returncode == 0 else (said or ["?"])[-1][:200]


# --- The checks.


class Check:
    """One run over one package."""

    def __init__(self, files: dict[str, bytes], *, key: bytes | None, authority: bytes | None) -> None:
        """`files`: name -> bytes; `key`: the public key that must have signed; `authority`: PEM of who stamps times."""
        self.files, self.authority, self._given = files, authority, key
        self.key = key or b""
        self.wrong: list[tuple[str, str, tuple[object, ...]]] = []
        self.notes: list[tuple[str, tuple[object, ...]]] = []
        self.counts = {"entries": 0, "opened": 0, "heads": 0, "unopened": 0}

    def fault(self, name: str, what: str, *values: object) -> None:
        """One thing that is wrong."""
        self.wrong.append((name, what, values))

    def run(self) -> None:
        """All checks. Those of the cases run even where the list of files does not fit, to name more than the file."""
        self._signature()
        self._listed()
        cases = self._package()
        for case in cases:
            self._case(case)

    def _signature(self) -> None:
        data = self.files.get("signature.txt", b"")
        form = rb"jikimi-package-1\npublic-key: ([0-9a-f]{64})\nsignature: ([0-9a-f]{128})\n"
        found = re.fullmatch(form, data)
        if not found:
            self.fault("signature.txt", "form" if data else "missing")
            return
        key, signature = (bytes.fromhex(part.decode()) for part in found.groups())
        if self._given is not None and key != self._given:
            self.fault("signature.txt", "other-key")
        tags = self.files.get("tagmanifest-sha256.txt", b"")
        if not signed_by(key, signature, b"jikimi-package-1\n" + tags):
            # One of the two was changed, and nothing tells which.
            self.fault("signature.txt", "signature")
            self.fault("tagmanifest-sha256.txt", "signature")
        self.key = self._given or key

    def _listed(self) -> None:
        names = set(self.files)
        tags = self._list("tagmanifest-sha256.txt")
        if tags is not None:
            self._compare(tags, {name for name in names if not name.startswith("data/")} - set(UNLISTED))
            for name in TAG_FILES:
                if name not in tags:
                    self.fault("tagmanifest-sha256.txt", "form")
        payload = self._list("manifest-sha256.txt")
        if payload is not None:
            self._compare(payload, {name for name in names if name.startswith("data/")})
        if self.files.get("bagit.txt", BAGIT) != BAGIT:
            self.fault("bagit.txt", "form")

    def _list(self, name: str) -> dict[str, str] | None:
        """The hashes that a list of files gives by name; None where it is not there or not in its form."""
        data = self.files.get(name)
        if data is None:
            self.fault(name, "missing")
            return None
        found: dict[str, str] = {}
        for line in data.split(b"\n")[:-1]:
            parts = re.fullmatch(rb"([0-9a-f]{64})  ([!-~]+)", line)
            if not parts or parts.group(2).decode() in found:
                self.fault(name, "form")
                return None
            found[parts.group(2).decode()] = parts.group(1).decode()
        if not data.endswith(b"\n"):
            self.fault(name, "form")
            return None
        return found

    def _compare(self, listed: dict[str, str], there: set[str]) -> None:
        for name in sorted(set(listed) | there):
            if name not in there:
                self.fault(name, "missing")
            elif name not in listed:
                self.fault(name, "added")
            elif sha256(self.files[name]) != listed[name]:
                self.fault(name, "changed")

    def _package(self) -> list[str]:
        """The numbers of the cases in the package."""
        here = {name.split("/")[2] for name in self.files if re.match("data/cases/[^/]+/", name)}
        name = "data/package.json"
        try:
            told = _loads(self.files[name])
            if told.get("format") != FORMAT or _hex(told.get("public_key"), 32) != self.key:
                raise Wrong("json")
            if sorted(told.get("cases", [])) != sorted(here):
                raise Wrong("cases")
        except KeyError:
            self.fault(name, "missing")
        except (Wrong, TypeError, AttributeError) as error:
            self.fault(name, str(error) if isinstance(error, Wrong) else "json")
        return sorted(here)

    def _case(self, case: str) -> None:
        folder = f"data/cases/{case}/"
        for name in ("ledger.json", "records.json", "report.pdf"):
            if folder + name not in self.files:
                self.fault(folder + name, "missing")
        try:
            entries = self._chain(folder + "ledger.json", case)
        except (Wrong, LookupError, TypeError, AttributeError, ValueError) as error:
            if folder + "ledger.json" in self.files:
                self._as_told(folder + "ledger.json", error)
            return
        told = self._opened(entries)
        told.update(self._attested(folder + "attestation.json", case, entries))
        self.counts["entries"] += len(entries)
        self.counts["opened"] += len(told)
        self.counts["unopened"] += len(entries) - len(told)
        self._records(folder + "records.json", case, told)
        for name in sorted(self.files):
            if name.startswith(folder + "time-stamps/"):
                self._stamp(name, case, entries)

    def _as_told(self, name: str, error: Exception) -> None:
        """What a check found, or that the file is not of the shape that it must have."""
        self.fault(name, *(error.args if isinstance(error, Wrong) else ("json",)))

    def _chain(self, name: str, case: str) -> list[dict[str, Any]]:
        """The entries of a case's chain. Raises Wrong for the first thing that does not fit."""
        document = _loads(self.files[name])
        if document.get("format") != SLICE or document.get("case_id") != case:
            raise Wrong("json")
        if _hex(document.get("public_key"), 32) != self.key:
            raise Wrong("other-key")
        entries: list[dict[str, Any]] = document["entries"]
        previous, newer = GENESIS, False
        for number, entry in enumerate(entries, 1):
            what = self._entry(case, number, entry, previous, newer)
            if what:
                raise Wrong("entry", number, "\0" + what)
            previous, newer = entry["entry_hash"], "commitment" in entry
        self._heads(document, case, entries)
        return entries

    def _entry(self, case: str, number: int, entry: dict[str, Any], previous: str, newer: bool) -> str:
        """What is wrong with an entry; empty where nothing is."""
        if entry["seq"] != number:
            return "entry-seq"
        committed = [entry["commitment"]] if "commitment" in entry else []
        if newer and not committed:
            return "entry-older"
        kind = "jikimi-ledger-2" if committed else "jikimi-ledger-1"
        fields = [entry["at"], entry["kind"], *committed, entry["payload_sha256"], entry["prev_hash"]]
        if not all(isinstance(field, str) and re.fullmatch("[!-~]+", field) for field in fields):
            return "entry-hash"
        if sha256(_lines(kind, case, number, *fields)) != entry["entry_hash"]:
            return "entry-hash"
        if entry["prev_hash"] != previous:
            return "entry-prev"
        if "plain" in entry or "salt" in entry:
            salt = _hex(entry.get("salt"), 32)
            if not committed or not salt or sha256(salt + entry["plain"].encode("utf-8")) != committed[0]:
                return "entry-plain"
        return ""

    def _heads(self, document: dict[str, Any], case: str, entries: list[dict[str, Any]]) -> None:
        for seal in document["seals"]:
            count, head, at = seal["count"], seal["head_hash"], seal["at"]
            if count > len(entries):
                raise Wrong("tail", count, len(entries))
            message = _lines("jikimi-ledger-seal-1", case, count, head, at, seal["previous"])
            fits = count >= 1 and entries[count - 1]["entry_hash"] == head
            if not fits or not signed_by(self.key, _hex(seal["signature"], 64), message):
                raise Wrong("seal", count)
            self.counts["heads"] += 1
        count, payloads = document["count"], "with-payloads" if document["payloads"] else "without-payloads"
        message = _lines(SLICE, case, count, document["head_hash"], document["exported_at"], payloads)
        last = entries[-1]["entry_hash"] if entries else ""
        fits = count == len(entries) and document["head_hash"] == last
        if not fits or not signed_by(self.key, _hex(document["signature"], 64), message):
            raise Wrong("closing")

    def _opened(self, entries: list[dict[str, Any]]) -> dict[int, _Told]:
        """By number, what the opened entries tell."""
        found = {}
        for entry in entries:
            if "plain" in entry:
                told = _loads(entry["plain"].encode("utf-8"))
                found[entry["seq"]] = (entry["kind"], told.get("facts", {}))
        return found

    def _attested(self, name: str, case: str, entries: list[dict[str, Any]]) -> dict[int, _Told]:
        """The same for entries of the first format, whose plain text the centre attests."""
        if name not in self.files:
            return {}
        found: dict[int, _Told] = {}
        try:
            document = _loads(self.files[name])
            statements = document["statements"]
            message = _lines(ATTESTED, case, document["signed_at"], sha256(canonical(statements)))
            if not signed_by(self.key, _hex(document["signature"], 64), message):
                self.fault(name, "attestation")
            for one in statements:
                entry = entries[one["seq"] - 1]
                if (entry["seq"], entry["kind"], entry["entry_hash"]) != (one["seq"], one["kind"], one["entry_hash"]):
                    self.fault(name, "attested", one["seq"])
                found[one["seq"]] = (one["kind"], one["facts"])
        except (Wrong, LookupError, TypeError, AttributeError, ValueError):
            self.fault(name, "json")
        return found

    def _records(self, name: str, case: str, told: dict[int, _Told]) -> None:
        """Do the readable records say what the chain says?"""
        try:
            document = _loads(self.files[name])
            if document.get("format") != FORMAT or document.get("case") != case:
                raise Wrong("json")
            for copy in document["copies"]:
                if copy["evidence_entry"] is None:
                    self.notes.append(("no-entry", (copy["number"],)))
                    continue
                kind, facts = told.get(copy["evidence_entry"], _NOTHING)
                evidence = facts.get("evidence") or {}
                if facts.get("sighting") != copy["id"]:
                    self.fault(name, "record", copy["number"], "evidence_entry")
                    continue
                for field, value in copy["evidence"].items():
                    if field in evidence and evidence[field] != value:
                        self.fault(name, "record", copy["number"], field)
                answer = f"{name.rpartition('/')[0]}/responses/copy-{copy['number']}.json"
                if answer in self.files and sha256(self.files[answer]) != evidence.get("response_sha256"):
                    self.fault(answer, "answer")
                for field in ("platform", "post", "how") if kind == "sighting-found" else ():
                    if facts.get(field) != copy.get(field):
                        self.fault(name, "record", copy["number"], field)
        except KeyError:
            if name in self.files:
                self.fault(name, "json")
        except (Wrong, IndexError, TypeError, AttributeError, ValueError):
            self.fault(name, "json")

    def _stamp(self, name: str, case: str, entries: list[dict[str, Any]]) -> None:
        """A path from the case's chain to the value of a day, or a token over that value."""
        if name.endswith(".pem"):
            return
        try:
            stem = name.rpartition(".")[0]
            if not name.endswith(".json"):
                if stem + ".json" not in self.files:
                    raise Wrong("stamp-lone")
                return
            proof = _loads(self.files[name])
            covered = self._day(proof, case, entries)
            token = self.files.get(stem + ".tsr")
            if token is not None:
                self._token(stem + ".tsr", token, covered, str(proof["day"]))
        except (Wrong, LookupError, TypeError, AttributeError, ValueError, OverflowError) as error:
            self._as_told(name, error)

    def _day(self, proof: dict[str, Any], case: str, entries: list[dict[str, Any]]) -> bytes:
        """What a token of that day covers."""
        count, head = proof["count"], proof["head_hash"]
        if proof["case_id"] != case or not 1 <= count <= len(entries) or entries[count - 1]["entry_hash"] != head:
            raise Wrong("stamp-head")
        text = _lines(case, count, head)
        current = hashlib.sha256(b"\x00" + _hex(proof["salt"], 32) + text).digest()
        for step in proof["path"]:
            other = _hex(step["other"], 32)
            pair = other + current if step["is_left"] else current + other
            current = hashlib.sha256(b"\x01" + pair).digest()
        if current.hex() != proof["root"]:
            raise Wrong("path-leads")
        return _lines(DAY, proof["day"], proof["root"])

    def _token(self, name: str, token: bytes, covered: bytes, day: str) -> None:
        try:
            digest, imprint, made_at, bare = read_token(token)
        except Wrong as error:
            self.fault(name, *error.args)
            return
        if hashlib.new(digest, covered).digest() != imprint:
            self.fault(name, "stamp-other")
            return
        self.notes.append(("stamped", (day, _moment(made_at))))
        folder = name.rpartition("/")[0]
        along = self.files.get(name[:-4] + ".pem", self.files.get(folder + "/authority.pem"))
        authority = self.authority or along
        if authority is None:
            self.notes.append(("stamp-unsigned", ("\0no-authority",)))
            return
        try:
            said = _openssl(token, imprint, digest, bare, authority, _seconds(made_at))
        except OSError:
            self.notes.append(("stamp-unsigned", ("\0no-openssl",)))
            return
        if said is not None:
            self.fault(name, "stamp-bad", said)
            return
        self.notes.append(("stamp-signed", ("\0given" if self.authority else "\0came-along",)))


def _language(asked: str | None, files: dict[str, bytes]) -> str:
    if asked is not None and asked in TEXTS:
        return asked
    try:
        told = _loads(files["data/package.json"]).get("language")
    except (Wrong, KeyError):
        told = None
    return told if told in TEXTS else "en"


def out(line: str) -> None:
    """Tell the reader one line."""
    # A name in a package that somebody changed may hold anything, and a terminal obeys some of it.
    sys.stdout.write("".join(sign if sign.isprintable() or sign == "\n" else "?" for sign in line) + "\n")


def verify(path: str, *, key: bytes | None = None, authority: bytes | None = None, language: str | None = None) -> bool:
    """Verify the package at `path` and tell what was found; True when all is well."""
    try:
        files, odd = read_package(path)
    except Unreadable as error:
        out(f"BROKEN: {path}: " + TEXTS[language or "en"]["unreadable"].format(error))
        return False
    texts = TEXTS[_language(language, files)]

    def say(what: str, *values: object) -> str:
        shown = [texts[str(value)[1:]] if str(value).startswith("\0") else value for value in values]
        return texts[what].format(*shown)

    check = Check(files, key=key, authority=authority)
    for name, what in odd:
        check.fault(name, what)
    check.run()
    odd_names = {name for name, _ in odd}
    found = [one for one in dict.fromkeys(check.wrong) if one[1] != "missing" or one[0] not in odd_names]
    for name, what, values in found:
        out(f"BROKEN: {name}: {say(what, *values)}")
    for what, values in check.notes:
        out(say(what, *values))
    if OWN in files:
        out(say("own-hash", sha256(files[OWN])))
    if check.counts["unopened"]:
        out(say("unopened", check.counts["unopened"]))
    if found:
        out(say("broken", len(found)))
        return False
    cases = len({name.split("/")[2] for name in files if name.startswith("data/cases/")})
    counts = check.counts
    out(say("key-given") if key else say("key-own", check.key.hex()))
    out(say("ok", len(files), cases, counts["entries"], counts["opened"], counts["heads"]))
    return True


def main(arguments: list[str]) -> int:
    """The exit code: 0 all well, 1 something is wrong, 2 it was called wrongly."""
    options: dict[str, str] = {}
    paths, waiting = [], list(arguments)
    while waiting:
        one = waiting.pop(0)
        name, equals, value = one.partition("=")
        if name in ("--public-key", "--authority", "--language"):
            if not equals and not waiting:
                break
            options[name] = value if equals else waiting.pop(0)
        elif one.startswith("-"):
            out(__doc__ or "")
            return 0 if one in ("-h", "--help") else 2
        else:
            paths.append(one)
    key = options.get("--public-key")
    wrong_key = key is not None and not _hex(key.strip().lower(), 32)
    if len(paths) > 1 or wrong_key or options.get("--language", "en") not in TEXTS:
        out(__doc__ or "")
        return 2
    authority = None
    if "--authority" in options:
        try:
            with open(options["--authority"], "rb") as file:
                authority = file.read()
        except OSError as error:
            out(f"--authority: {error}")
            return 2
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    given = None if key is None else _hex(key.strip().lower(), 32)
    path = paths[0] if paths else here
    return 0 if verify(path, key=given, authority=authority, language=options.get("--language")) else 1


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # a Windows console would refuse Korean
    sys.exit(main(sys.argv[1:]))
