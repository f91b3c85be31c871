"""Envelope encryption: a master key wraps one key per case; each case key seals that case's payloads.

AES-256-GCM with a random 96-bit nonce. A sealed payload is `version (1 byte) | nonce (12) | ciphertext and tag`.
Every payload is bound to a place such as "contact:CASE", so that a sealed value moved to another row does not open.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from monitor.core.errors import ConfigError, CryptoError

KEY_BYTES = 32
_VERSION = b"\x01"
_NONCE_BYTES = 12

HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
"""Argon2id, 64 MiB and three passes (RFC 9106, section 4, second choice). Only tests ever hash with another."""


class Key:
    """A 256-bit key that seals and opens payloads. Never printed, never logged."""

    __slots__ = ("_aead", "_raw")

    def __init__(self, raw: bytes) -> None:
        if len(raw) != KEY_BYTES:
            raise CryptoError(f"a key has {KEY_BYTES} bytes, this one has {len(raw)}")
        self._raw = raw
        self._aead = AESGCM(raw)

    def __repr__(self) -> str:
        return "Key(...)"

    @classmethod
    def generate(cls) -> "Key":
        """A fresh random key."""
        return cls(secrets.token_bytes(KEY_BYTES))

    def seal(self, data: bytes, place: str) -> bytes:
        """Encrypt `data`; only `open` with the same key and place gives it back."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._aead.encrypt(nonce, data, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt what `seal` made. Raises CryptoError when key, place or bytes differ."""
        if sealed[:1] != _VERSION or len(sealed) < 1 + _NONCE_BYTES + 16:
            raise CryptoError("not a sealed payload of this version")
        nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._aead.decrypt(nonce, ciphertext, place.encode())
        except InvalidTag:
            raise CryptoError("the payload does not open with this key and place") from None

    def seal_json(self, value: Any, place: str) -> bytes:
        """Seal a JSON value in its canonical form."""
        return self.seal(canonical_json(value), place)

    def open_json(self, sealed: bytes, place: str) -> Any:
        """Open what `seal_json` sealed."""
        return json.loads(self.open(sealed, place))

    def tag(self, text: str, place: str) -> str:
        """A keyed hash (HMAC-SHA256, hex) of a name that a table must find again but not tell."""
        return hmac.new(self._raw, f"{place}\0{text}".encode(), hashlib.sha256).hexdigest()


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces: equal values give equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def load_master_key(path: Path, environment: Mapping[str, str]) -> Key:
    """The master key from JIKIMI_MASTER_KEY (base64 of 32 bytes), else from the file at `path`."""
    text = environment.get("JIKIMI_MASTER_KEY")
    origin = "the environment's JIKIMI_MASTER_KEY"
    if text is None:
        origin = str(path)
        try:
            text = path.read_text(encoding="ascii")
        except FileNotFoundError:
            raise ConfigError(
                f"[security] master_key_file: there is no file {path}; put the key of your backup there, or, "
                "when nothing was ever stored, run `python -m monitor serve` once to create it"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"[security] master_key_file: cannot read {path}: {type(error).__name__}") from None
    try:
        return Key(base64.b64decode(text.strip(), validate=True))
    except (binascii.Error, ValueError, CryptoError):
        raise ConfigError(f"{origin} is not a master key: base64 of {KEY_BYTES} bytes is expected") from None


def create_master_key(path: Path) -> Key:
    """Write a fresh master key to `path`, mode 0600. Never overwrites: an existing file is an error."""
    raw = secrets.token_bytes(KEY_BYTES)
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(base64.b64encode(raw).decode() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return Key(raw)
