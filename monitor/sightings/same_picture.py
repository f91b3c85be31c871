"""Is what stands in a post's place the picture that was confirmed there? Pure.

Told by the confirmed post's own hashes, as the rule for a known identical copy tells it: PDQ and pHash must both agree.
Here the rule decides whether a picture is *gone*, so what it cannot tell counts as like, never as another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION, MIN_QUALITY, HashedMedium, parse_code
from monitor.matching.verdict import CONFIDENT_WITHIN, IDENTICAL_PHASH_WITHIN, bits_apart, judge
from monitor.matching.watch_set import Watched
from monitor.model.records.sighting import SightingRecord


class Likeness(StrEnum):
    """How a medium and a confirmed one compare."""

    SAME = "same"
    LIKE = "like"
    """It may be the same picture, changed: a person decides."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found, and why in words and numbers."""

    likeness: Likeness
    how: str = field(default="", repr=False)


def compare(evidence: SightingRecord, hashed: HashedMedium, also: Sequence[Watched] = ()) -> Compared:
    """`also`: the fingerprint that the confirmed one matched, with its boxes: it finds cut and changed copies too."""
    if hashed.sha256 == evidence.media_sha256:
        return Compared(Likeness.SAME, "the same file")
    if evidence.version != FINGERPRINT_VERSION:
        return Compared(Likeness.LIKE, "confirmed with a fingerprint of another version")
    if is_same(evidence, hashed):
        return Compared(Likeness.SAME, "known identical copy")
    own = Watched(
        fingerprint_id="",
        case_id="",
        code=parse_code(evidence.pdq),
        kind="intimate",
        origin="confirmed",
        frames=tuple((at, parse_code(code)) for at, code in evidence.frames),
    )
    found = judge(hashed, [own, *also])
    return Compared(Likeness.LIKE, found[0].how) if found else Compared(Likeness.OTHER)


def is_same(evidence: SightingRecord, hashed: HashedMedium) -> bool:
    """Is it surely the confirmed picture? A few bits are compared, so it may be asked inside a transaction."""
    if hashed.sha256 == evidence.media_sha256:
        return True
    if evidence.version != FINGERPRINT_VERSION:
        return False
    video = bool(evidence.frames) or hashed.kind == "video"
    return _agree(evidence, hashed) if video else _identical(evidence, hashed)


def identical_records(one: SightingRecord, other: SightingRecord) -> bool:
    """Do two sightings show one picture, by the rule for known identical copies? Of videos only the same file does."""
    if one.media_sha256 == other.media_sha256:
        return True
    if one.version != FINGERPRINT_VERSION or other.version != FINGERPRINT_VERSION or one.frames or other.frames:
        return False
    if min(one.quality, other.quality) < MIN_QUALITY:
        return False
    whole = bits_apart(parse_code(one.pdq), parse_code(other.pdq))
    second = (int.from_bytes(bytes.fromhex(one.phash)) ^ int.from_bytes(bytes.fromhex(other.phash))).bit_count()
    return whole <= CONFIDENT_WITHIN and second <= IDENTICAL_PHASH_WITHIN


def _identical(evidence: SightingRecord, hashed: HashedMedium) -> bool:
    whole = bits_apart(hashed.whole.code, parse_code(evidence.pdq))
    second = (int.from_bytes(hashed.phash) ^ int.from_bytes(bytes.fromhex(evidence.phash))).bit_count()
    return whole <= CONFIDENT_WITHIN and second <= IDENTICAL_PHASH_WITHIN


def _agree(evidence: SightingRecord, hashed: HashedMedium) -> bool:
    """Two videos are the same when all of their frames agree: of pieces of one recording many do."""
    known = [parse_code(code) for code in (evidence.pdq, *(code for _, code in evidence.frames))]
    shown = [still.views[0].hash for still in hashed.stills]
    telling = [code.code for code in shown if code.quality >= MIN_QUALITY]
    every = [code.code for code in shown]
    return all(_near(code, every) for code in known) and bool(telling) and all(_near(code, known) for code in telling)


def _near(code: bytes, others: Sequence[bytes]) -> bool:
    return any(bits_apart(code, other) <= CONFIDENT_WITHIN for other in others)
