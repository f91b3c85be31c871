"""Work that a visitor's device does where many ask at once: a flood pays with time, an honest phone with seconds.

A challenge is a SHA-256 puzzle: which number below `size` gives, behind the challenge's own text, this digest? The
answer is as short as the question, and checking it costs one hash. A challenge is signed, so nothing is stored before
it is answered; it ends with its time, and is taken once.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.keys.envelope import Key

HEADER = "Jikimi-Work"
LEAST, MOST = 100_000, 2_000_000
"""Numbers to go through at the most. A browser does 1.5 million a second on two cores of 2026; a phone that is six
times slower needs eight seconds for MOST, and half of that in the mean."""
LASTS = timedelta(minutes=30)
_FORM = re.compile(
    r"(?P<id>[A-Za-z0-9_-]{16}):(?P<size>\d{1,7}):(?P<until>\d{10}):(?P<digest>[0-9a-f]{64}):(?P<tag>[0-9a-f]{64})"
    r":(?P<number>\d{1,7})"
)


@dataclass(frozen=True, slots=True)
class Work:
    """Work that was done. It counts once it is spent."""

    id: str
    size: int
    until: datetime


def challenge(key: Key, size: int, now: datetime) -> str:
    """`ID:SIZE:UNTIL:DIGEST:TAG`; its answer is the same with `:NUMBER` behind it."""
    text = f"{secrets.token_urlsafe(12)}:{size}:{int((now + LASTS).timestamp())}"
    digest = _digest(text, secrets.randbelow(size))
    return f"{text}:{digest}:{key.tag(f'{text}:{digest}', 'work')}"


def done(key: Key, answer: str, now: datetime) -> Work | None:
    """The work behind an answer; None where it is none of ours, wrong, or too old."""
    found = _FORM.fullmatch(answer)
    if found is None:
        return None
    text = f"{found['id']}:{found['size']}:{found['until']}"
    if not hmac.compare_digest(key.tag(f"{text}:{found['digest']}", "work"), found["tag"]):
        return None
    until = datetime.fromtimestamp(int(found["until"]), UTC)
    if until <= now or _digest(text, int(found["number"])) != found["digest"]:
        return None
    return Work(found["id"], int(found["size"]), until)


def solve(challenge_text: str) -> str:
    """The answer, as a visitor's device finds it. For programs and tests; a page has api/static/puzzle/."""
    text, _, rest = challenge_text.rpartition(":")
    text, _, digest = text.rpartition(":")
    size = int(text.split(":")[1])
    number = next(each for each in range(size) if _digest(text, each) == digest)
    return f"{text}:{digest}:{rest}:{number}"


def _digest(text: str, number: int) -> str:
    return hashlib.sha256(f"{text}:{number}".encode()).hexdigest()
