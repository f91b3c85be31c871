"""What a passkey signs: good for ten minutes, for one purpose and one session, and answered once.

It is worked out, not stored, so asking for one leaves nothing here; only an answered one is kept until it is over.
"""

import base64
import binascii
import hmac
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.keys.envelope import Key

KEY = "system:passkeys"
"""Name of the key that marks challenges as ours."""
LASTS = timedelta(minutes=10)


class Purpose(StrEnum):
    """What the answer is for: a log-in never passes for a registration, nor the other way round."""

    ADD = "add"
    LOG_IN = "log-in"
    PROVE = "prove"


def make_challenge(key: Key, purpose: Purpose, session: str, now: datetime) -> bytes:
    """A fresh one. `session`: a secret of this browser's session; `now`: real time."""
    text = f"{secrets.token_urlsafe(16)}.{int((now + LASTS).timestamp())}"
    return f"{text}.{_tag(key, purpose, session, text)}".encode()


def is_ours(key: Key, purpose: Purpose, session: str, challenge: bytes, now: datetime) -> bool:
    """Whether we made it, for this purpose and session, and it is not over."""
    text, dot, tag = challenge.decode("ascii", "replace").rpartition(".")
    until = text.rpartition(".")[2]
    if not dot or not (until.isascii() and until.isdigit()) or int(until) < now.timestamp():
        return False
    return hmac.compare_digest(_tag(key, purpose, session, text).encode(), tag.encode())


def decode(text: str) -> bytes:
    """Base64url as browsers write it. Raises ValueError."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("no base64url") from error


def _tag(key: Key, purpose: Purpose, session: str, text: str) -> str:
    return key.tag(f"{purpose}|{session}|{text}", "passkey-challenge")
