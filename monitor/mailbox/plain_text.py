"""The text of a mail that a stranger wrote, as an advocate may read it: bounded, plain, and never an error. Pure."""

import base64
import binascii
import quopri
import re

from monitor.mailbox.structure import Part

MOST_CHARACTERS = 10_000
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
"""Controls, and what hides or reorders text."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def plain_part(mail: Part) -> Part | None:
    """The first text/plain that is no attachment; nothing else of a mail is ever fetched."""
    return next((part for part in mail.walk() if part.kind == "text/plain" and not part.attached), None)


def decoded(raw: bytes, encoding: str) -> bytes:
    """What an encoding for the journey hides; of one that was cut in the middle what can be read."""
    if encoding == "base64":
        clean = _NOT_BASE64.sub(b"", raw)
        try:
            return base64.b64decode(clean[: len(clean) // 4 * 4])
        except (binascii.Error, ValueError):
            return b""
    return quopri.decodestring(raw) if encoding == "quoted-printable" else raw


def readable(raw: bytes, part: Part) -> str:
    """The text of a part. A charset that is not known, or is not true, costs the letters and nothing else."""
    octets = decoded(raw, part.encoding)
    text = _in_charset(octets, part.parameters.get("charset", "utf-8"))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _SURROGATE.sub("\ufffd", _HIDDEN.sub("", text)).strip()
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]} [...]"


_CHARSETS = frozenset(
    {
        *("utf-8", "us-ascii", "utf-16", "utf-16le", "utf-16be"),
        *("iso-8859-1", "iso-8859-2", "iso-8859-5", "iso-8859-9", "iso-8859-15"),
        *("windows-1250", "windows-1251", "windows-1252", "windows-1254", "koi8-r", "koi8-u"),
        *("euc-kr", "ks_c_5601-1987", "cp949", "johab", "iso-2022-kr"),
        *("iso-2022-jp", "shift_jis", "euc-jp", "gb2312", "gbk", "gb18030", "big5"),
    }
)
"""Some of Python's codecs are no charsets, and none is named by a stranger."""


def _in_charset(octets: bytes, charset: str) -> str:
    name = charset.strip().lower()
    try:
        return octets.decode(name if name in _CHARSETS else "utf-8", "replace")
    except (UnicodeError, LookupError):
        return octets.decode("utf-8", "replace")
