"""The fingerprints of a case: made on the person's device, kept sealed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_if_there, lock_one, lock_rows
from db.models.cases import Case, Fingerprint
from db.models.sightings import Sighting
from db.queries.actors import Actor, PersonActor
from db.types import new_id
from monitor.cases.cut_outs import check_cut_out
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.fingerprints.cut_outs.codes import CUT_OUT_VERSION, CutOut
from monitor.fingerprints.hashes.values import (
    FINGERPRINT_VERSION,
    FRAMES_SET,
    MIN_QUALITY,
    MOST_FRAMES,
    WHOLE_SET,
    parse_code,
)
from monitor.fingerprints.regions.boxes import SETS
from monitor.fingerprints.regions.codes import REGIONS_VERSION, Regions
from monitor.fingerprints.video.clip_points import ClipPoints
from monitor.history.backfill import request_case_backfill
from monitor.keys.envelope import canonical_json
from monitor.model.facts import AgeGroup, PictureKind
from monitor.model.records.fingerprint import FingerprintRecord, StoredCutOut, StoredRegions
from monitor.model.states import CaseState
from monitor.watch.benign import which_are_benign

SET_NAMES = (WHOLE_SET, *SETS, FRAMES_SET)
"""What was hashed of a picture or a video, the poorest set first."""
MOST_FINGERPRINTS = 200
"""That a person registers."""
_LIKE_OTHERS = (
    f"this picture has too little detail (a quality of {MIN_QUALITY} is needed), or many people use it: it would match "
    "pictures that have nothing to do with it. Choose another, or tell your advocate"
)
"""One sentence for both: what is on the list of harmless pictures is not for everybody to find out."""


async def add_fingerprint(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    *,
    pdq: str,
    quality: int,
    kind: PictureKind,
    version: str = FINGERPRINT_VERSION,
    set_name: str = WHOLE_SET,
    regions: Regions | None = None,
    frames: Sequence[tuple[float, str]] = (),
    clip: ClipPoints | None = None,
    cut_out: CutOut | None = None,
    label: str = "",
    age: AgeGroup | None = None,
    backfill: bool = True,
) -> Fingerprint:
    """Keep a hash made on the person's device, and those of the boxes that `set_name` says.

    Of a short video `pdq` is the first frame's hash and `frames` are the others': second and 64 hexadecimal digits;
    `clip`: points of some of them, of which only those of frames that are kept are kept.
    A picture that is registered already is given back as it is, unless the new set is richer, or it is told now that
    it is of another `kind`: then it takes its place. A new `label` is its name from now on. `cut_out`: codes around
    the person's own face; it joins a picture that is there already, too, and whatever takes a picture's place keeps
    the one that it has. `age`: when it was taken; None: the intake's answer for all, or what was told before. An
    adult's is the person's own word; of a picture that is there already it is told by `register_picture`, which
    reaches its copies. `backfill`: False where the caller asked for it already, before the transaction's first ledger
    entry. Two videos are one only when all of their frames are the same: they may share a beginning.
    Frames on the list of harmless pictures (title cards) are left out; before vouching nobody is told what is on that
    list, so there it is asked when somebody vouches (see quarantine.py).
    """
    check_medium(version, quality, set_name, regions, frames)
    _check_extras(set_name, clip, cut_out)
    if age is AgeGroup.ADULT and context.by.advocate_id is not None:
        raise RuleBroken(Refusal.ONLY_THE_PERSON, "only the person says that they were an adult in this picture")
    shown = [(0.0, parse_code(pdq)), *((at, parse_code(code)) for at, code in frames)]
    asked = [] if case.state == CaseState.OPEN else [code for _, code in shown]
    harmless = await which_are_benign(session, asked) if asked else set()
    telling = [(at, code.hex()) for at, code in shown if code not in harmless]
    codes = [code for _, code in telling] or [pdq]
    clip = clip and clip.only_at([at for at, _ in telling])
    # Only what the person registered: what joined from posts is no matter of theirs, and not of this limit.
    there = await fingerprints_of(session, case.id)
    known = [one for one in there if one.origin == "registered"]
    poorer, known_age, row_id = None, None, new_id()
    parts: Regions | StoredRegions | None = regions
    drawn: CutOut | StoredCutOut | None = cut_out
    for one, record in _opened(context, known):
        if _same_medium(set_name, codes, one.set_name, record):
            if not _is_richer(set_name, regions, clip, one.set_name, record):
                if cut_out is None and kind == one.kind:
                    return await name_fingerprint(session, context, case, one.id, label) if label else one
                set_name, parts = one.set_name, record.regions
                clip = clip or (record.clip.read() if record.clip and record.clip.comparable else None)
            poorer, label, drawn = one, label or record.label, cut_out or record.cut_out
            known_age = one.age_group
    if cut_out is not None:
        await check_cut_out(session, context, case, AgeGroup(known_age) if age is None and known_age else age)
    if not telling:
        raise RuleBroken(Refusal.PICTURE_TOO_PLAIN, _LIKE_OTHERS)
    if len(known) - (poorer is not None) >= MOST_FINGERPRINTS:
        raise RuleBroken(Refusal.TOO_MANY_FINGERPRINTS, f"a case holds at most {MOST_FINGERPRINTS} fingerprints")
    if poorer is not None:
        # Before the rows that ask for comparing: so locks everybody (see db/locking.py).
        await lock_one(session, Fingerprint, poorer.id)
        # The same picture: what is told of its age later reaches the copies that were found by the poorer one.
        found = select(Sighting).where(Sighting.case_id == case.id, Sighting.fingerprint_id == poorer.id)
        for sighting in await lock_rows(session, found):
            sighting.fingerprint_id = row_id
    if backfill and case.state == CaseState.VOUCHED:
        await request_case_backfill(session, context, case.id)
    if poorer is not None:
        await remove_fingerprint(session, context, case, poorer.id)
    record = FingerprintRecord.of(telling, quality=quality, label=label, regions=parts, clip=clip, cut_out=drawn)
    new = NewFingerprint(
        kind=kind,
        version=version,
        set_name=set_name,
        cut_out=None if drawn is None else CUT_OUT_VERSION if isinstance(drawn, CutOut) else drawn.version,
        age=AgeGroup(known_age) if age is None and known_age else age,
        frames=len(shown) if set_name == FRAMES_SET else None,
        plain=canonical_json(record.as_json()),
    )
    row = _add_row(session, context, case, new, row_id)
    await session.flush()
    await _record_added(session, context, row, drawn_now=cut_out is not None)
    return row


async def registered_same(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    *,
    pdq: str,
    frames: Sequence[tuple[float, str]],
    set_name: str,
) -> Fingerprint | None:
    """What `add_fingerprint` would take these codes for; None where nothing of the kind is registered."""
    codes = [code.hex() for code in await telling_codes(session, case, pdq=pdq, frames=frames)] or [pdq]
    known = [one for one in await fingerprints_of(session, case.id) if one.origin == "registered"]
    same = (one for one, record in _opened(context, known) if _same_medium(set_name, codes, one.set_name, record))
    return next(same, None)


async def telling_codes(
    session: AsyncSession, case: Case, *, pdq: str, frames: Sequence[tuple[float, str]]
) -> tuple[bytes, ...]:
    """What `add_fingerprint` would keep of these: a picture's code, or a video's without those of harmless frames."""
    shown = [parse_code(code) for code in (pdq, *(code for _, code in frames))]
    harmless = set() if case.state == CaseState.OPEN else await which_are_benign(session, shown)
    return tuple(code for code in shown if code not in harmless)


@dataclass(frozen=True, slots=True)
class NewFingerprint:
    """What is registered: checked, and in the form in which it is sealed."""

    kind: PictureKind
    version: str
    set_name: str
    cut_out: str | None
    """Version of the codes around a face; None: there are none."""
    age: AgeGroup | None
    frames: int | None
    plain: bytes = field(repr=False)
    """A FingerprintRecord as JSON."""


def new_fingerprint(
    *,
    pdq: str,
    quality: int,
    kind: PictureKind,
    version: str,
    set_name: str,
    regions: Regions | None,
    frames: Sequence[tuple[float, str]],
    clip: ClipPoints | None,
    cut_out: CutOut | None,
    label: str,
    age: AgeGroup | None,
) -> NewFingerprint:
    """What `add_new` keeps. For hundreds of photos it takes a second: before a transaction, in a thread.

    Raises RuleBroken(FINGERPRINT_VERSION, PICTURE_TOO_PLAIN, FINGERPRINT_SET).
    """
    check_medium(version, quality, set_name, regions, frames)
    _check_extras(set_name, clip, cut_out)
    shown = [(0.0, parse_code(pdq).hex()), *((at, parse_code(code).hex()) for at, code in frames)]
    clip = clip and clip.only_at([at for at, _ in shown])
    record = FingerprintRecord.of(shown, quality=quality, label=label, regions=regions, clip=clip, cut_out=cut_out)
    return NewFingerprint(
        kind=kind,
        version=version,
        set_name=set_name,
        cut_out=None if cut_out is None else CUT_OUT_VERSION,
        age=age,
        frames=len(shown) if set_name == FRAMES_SET else None,
        plain=canonical_json(record.as_json()),
    )


async def add_new(session: AsyncSession, context: DomainContext, case: Case, new: NewFingerprint) -> None:
    """Keep the person's own picture in a case that they open at this moment, and that holds nothing like it.

    The row is written with the next flush: of many, all of them at once. Raises RuleBroken for a box around a face that
    may not be kept.
    """
    if new.cut_out is not None:
        await check_cut_out(session, context, case, new.age)
    row = _add_row(session, context, case, new, new_id())
    await _record_added(session, context, row, drawn_now=new.cut_out is not None)


def _add_row(
    session: AsyncSession, context: DomainContext, case: Case, new: NewFingerprint, row_id: str
) -> Fingerprint:
    row = Fingerprint(
        id=row_id,
        case_id=case.id,
        kind=new.kind,
        origin="registered",
        version=new.version,
        set_name=new.set_name,
        cut_out=new.cut_out,
        payload=context.seal_plain(FingerprintRecord, case.id, row_id, new.plain),
        frames=new.frames,
        age_group=new.age,
        entered_by=context.by.advocate_id,
        added_at=context.now(),
    )
    session.add(row)
    return row


async def _record_added(session: AsyncSession, context: DomainContext, row: Fingerprint, *, drawn_now: bool) -> None:
    facts = {"fingerprint": row.id, "kind": row.kind, "origin": "registered"}
    if row.age_group is not None:
        facts["age_group"] = row.age_group
    if drawn_now:
        facts["cut_out"] = CUT_OUT_VERSION
    await context.record(session, row.case_id, EntryKind.FINGERPRINT_ADDED, **facts)


def _opened(context: DomainContext, known: Sequence[Fingerprint]) -> Iterator[tuple[Fingerprint, FingerprintRecord]]:
    for one in known:
        yield one, context.open_record(FingerprintRecord, one.case_id, one.id, one.payload)


def check_medium(
    version: str, quality: int, set_name: str, regions: Regions | None, frames: Sequence[tuple[float, str]]
) -> None:
    """Raises RuleBroken(FINGERPRINT_VERSION, PICTURE_TOO_PLAIN, FINGERPRINT_SET) for what no case keeps."""
    _check_hash(version, quality)
    _check_set(set_name, regions, frames)


def _check_extras(set_name: str, clip: ClipPoints | None, cut_out: CutOut | None) -> None:
    """Raises RuleBroken(FINGERPRINT_SET)."""
    if clip is not None and set_name != FRAMES_SET:
        raise RuleBroken(Refusal.FINGERPRINT_SET, f"points of a video belong to the set {FRAMES_SET}, and to no other")
    if cut_out is not None and set_name == FRAMES_SET:
        raise RuleBroken(Refusal.FINGERPRINT_SET, "a video has no cut-out")


def _check_hash(version: str, quality: int) -> None:
    """Raises RuleBroken(FINGERPRINT_VERSION, PICTURE_TOO_PLAIN)."""
    if version != FINGERPRINT_VERSION:
        raise RuleBroken(Refusal.FINGERPRINT_VERSION, f"this server compares {FINGERPRINT_VERSION}")
    if quality < MIN_QUALITY:
        raise RuleBroken(Refusal.PICTURE_TOO_PLAIN, _LIKE_OTHERS)


def _check_set(set_name: str, regions: Regions | None, frames: Sequence[tuple[float, str]]) -> None:
    """Raises RuleBroken(FINGERPRINT_SET) when the set is unknown or the regions or frames are not of it."""
    if frames and set_name != FRAMES_SET:
        raise RuleBroken(Refusal.FINGERPRINT_SET, f"frames belong to the set {FRAMES_SET}, and to no other")
    if len(frames) > MOST_FRAMES:
        raise RuleBroken(Refusal.FINGERPRINT_SET, f"a video has at most {MOST_FRAMES} frames here")
    if set_name not in SET_NAMES:
        raise RuleBroken(Refusal.FINGERPRINT_SET, f"a set is one of {', '.join(SET_NAMES)}")
    if set_name in (WHOLE_SET, FRAMES_SET) and regions is not None:
        raise RuleBroken(Refusal.FINGERPRINT_SET, f"the set {set_name} has no regions")
    if set_name in SETS and (regions is None or regions.set_name != set_name):
        raise RuleBroken(Refusal.FINGERPRINT_SET, f"the set {set_name} needs the regions of the set {set_name}")


def _same_medium(set_name: str, codes: Sequence[str], other: str, record: FingerprintRecord) -> bool:
    """Whether what is registered as `record`, in the set `other`, is what is to be registered now."""
    if (set_name == FRAMES_SET) != (other == FRAMES_SET):
        return False
    return list(codes) == record.codes


def _is_richer(
    set_name: str, regions: Regions | None, clip: ClipPoints | None, other: str, record: FingerprintRecord
) -> bool:
    """Whether the new set finds more than the one that is there: a larger one, or the same as newer rules make it."""
    if set_name == other == FRAMES_SET:
        return clip is not None and record.clip is None
    if set_name != other or regions is None or record.regions is None:
        return SET_NAMES.index(set_name) > SET_NAMES.index(other)
    return regions.version == REGIONS_VERSION != record.regions.version


async def fingerprints_of(session: AsyncSession, case_id: str) -> Sequence[Fingerprint]:
    """The fingerprints of a case that are in use."""
    query = select(Fingerprint).where(Fingerprint.case_id == case_id, Fingerprint.removed_at.is_(None))
    return (await session.scalars(query.order_by(Fingerprint.added_at, Fingerprint.id))).all()


async def has_grown_picture(session: AsyncSession, case: Case) -> bool:
    """Whether the person said of some picture or video of theirs, or of one that was found, that they were an adult in
    it: then a notice about it needs what else nobody asks of a child."""
    query = select(Fingerprint.id).where(Fingerprint.case_id == case.id, Fingerprint.age_group == AgeGroup.ADULT)
    found = select(Sighting.id).where(Sighting.case_id == case.id, Sighting.age_group == AgeGroup.ADULT)
    told = union_all(query.where(Fingerprint.removed_at.is_(None)), found)
    return (await session.execute(told.limit(1))).first() is not None


async def fingerprints_shown_to(session: AsyncSession, actor: Actor, case_id: str) -> Sequence[Fingerprint]:
    """Those in use that this actor may know of: a person what they registered, an advocate also what posts gave."""
    rows = await fingerprints_of(session, case_id)
    return [row for row in rows if row.origin == "registered" or not isinstance(actor, PersonActor)]


async def name_fingerprint(
    session: AsyncSession, context: DomainContext, case: Case, fingerprint_id: str, label: str
) -> Fingerprint:
    """The person's own name for one of their pictures, sealed with it; empty: none. Raises NotFound."""
    row = await lock_if_there(session, Fingerprint, fingerprint_id)
    if row is None or row.case_id != case.id or row.removed_at is not None or row.origin != "registered":
        raise NotFound("there is no such fingerprint")
    record = context.open_record(FingerprintRecord, case.id, row.id, row.payload)
    if record.label != label:
        row.payload = context.seal_record(case.id, row.id, record.model_copy(update={"label": label}))
        await session.flush()
        await context.record(session, case.id, EntryKind.FINGERPRINT_NAMED, fingerprint=row.id, named=bool(label))
    return row


async def remove_fingerprint(session: AsyncSession, context: DomainContext, case: Case, fingerprint_id: str) -> None:
    """Stop comparing with a fingerprint and forget its hash."""
    # Locked: a crawl that is about to put it in quarantine finds it removed, or was first and its alert is closed here.
    row = await lock_if_there(session, Fingerprint, fingerprint_id)
    if row is None or row.case_id != case.id or row.removed_at is not None:
        raise NotFound("there is no such fingerprint")
    row.removed_at, row.payload, row.cut_out = context.now(), b"", None
    await context.record(session, case.id, EntryKind.FINGERPRINT_REMOVED, fingerprint=row.id)
    await context.resolve(session, AlertKind.FINGERPRINT_QUARANTINED, row.id)
