"""A package as files in memory: a bag (BagIt, RFC 8493) with a signature over its lists of files.

Nothing is written to a disk here. Whoever changes, adds or removes a file must change a list, and the list of lists is
signed with the key that signs the heads of the ledger. `verify.py` beside this file checks it without any of ours.
"""

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from monitor import __version__
from monitor.core.errors import ConfigError
from monitor.evidence.chain import sha256
from monitor.keys.store import KeyStore
from monitor.notices.fields import KST

_SIGNED = "jikimi-package-1"
_OLDEST = (1980, 1, 1, 0, 0, 0)
"""A ZIP knows no time before."""


def bag(
    payload: Mapping[str, bytes],
    *,
    keys: KeyStore,
    name: str,
    made_at: datetime,
    beside: Callable[[str], Mapping[str, bytes]] = lambda _: {},
) -> dict[str, bytes]:
    """Every file of the package by its name; `payload` goes below data/.

    `beside` gives further files that lie at the top, from the SHA-256 of the list of the payload: they can name it.
    """
    data = {f"data/{file}": content for file, content in payload.items()}
    size = sum(len(content) for content in data.values())
    info = {
        "External-Identifier": name,
        "Bagging-Date": f"{made_at.astimezone(KST):%Y-%m-%d}",
        "Payload-Oxum": f"{size}.{len(data)}",
        "Bag-Software-Agent": f"Jikimi {__version__}",
    }
    tags = {
        "bag-info.txt": "".join(f"{label}: {value}\n" for label, value in info.items()).encode(),
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "manifest-sha256.txt": _list_of(data),
    }
    tags |= beside(sha256(tags["manifest-sha256.txt"]))
    listed = _list_of(tags)
    key = keys.signing_key()
    public, signature = key.public_key().public_bytes_raw().hex(), key.sign(f"{_SIGNED}\n".encode() + listed).hex()
    signed = f"{_SIGNED}\npublic-key: {public}\nsignature: {signature}\n".encode()
    return {**data, **tags, "tagmanifest-sha256.txt": listed, "signature.txt": signed}


def zipped(files: Mapping[str, bytes], *, name: str, made_at: datetime) -> bytes:
    """The package as one ZIP with one folder, called `name`.

    Not packed: what packs has bits that change nothing, and of a package any changed byte is to be found. `verify.py`
    knows this form byte by byte.
    """
    at = made_at.astimezone(KST).timetuple()[:6]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for file in sorted(files):
            entry = zipfile.ZipInfo(f"{name}/{file}", max(at, _OLDEST))
            entry.compress_type, entry.external_attr = zipfile.ZIP_STORED, 0o600 << 16
            archive.writestr(entry, files[file])
    return out.getvalue()


def write_folder(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the package as a folder that is not there yet. Raises ConfigError where it is, or cannot be written."""
    try:
        folder.mkdir(mode=0o700)
        for file, content in files.items():
            path = folder / file
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise ConfigError(f"--out: cannot write {folder}: {error.strerror}") from None


def _list_of(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{sha256(files[name])}  {name}\n" for name in sorted(files)).encode()
