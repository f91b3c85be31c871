"""What a person asks to be watched: fingerprints, sources with a consent each, and links they know."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.cases import Case, Fingerprint, KnownLink
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.models.sources import Consent, Source
from db.types import new_id
from monitor import tasks
from monitor.benign import which_are_benign
from monitor.cases.consent import ends_at
from monitor.cases.facts import PictureKind
from monitor.cases.looking_back import look_back, look_back_for
from monitor.cases.state import CaseState, Purpose
from monitor.desk import Desk
from monitor.errors import RuleBroken
from monitor.evidence.kinds import Kind
from monitor.fingerprints.boxes import SETS
from monitor.fingerprints.regions import Regions
from monitor.fingerprints.values import (
    FINGERPRINT_VERSION,
    FRAMES_SET,
    MIN_QUALITY,
    MOST_FRAMES,
    WHOLE_SET,
    parse_code,
)
from monitor.notices.state import UNSENT, NoticeState, move
from monitor.platforms.base import PlatformName
from monitor.platforms.links import parse_link, source_handle
from monitor.quarantine import ALERT
from monitor.seen import forget_unless_watched
from monitor.sources import locked

SET_NAMES = (WHOLE_SET, *SETS, FRAMES_SET)
"""What was hashed of a picture or a video, the poorest set first."""
MOST_FINGERPRINTS = 200
MOST_SOURCES = 50
MOST_LINKS = 200


async def add_fingerprint(
    session: AsyncSession,
    desk: Desk,
    case: Case,
    *,
    pdq: str,
    quality: int,
    kind: PictureKind,
    version: str = FINGERPRINT_VERSION,
    set_name: str = WHOLE_SET,
    regions: Regions | None = None,
    frames: Sequence[tuple[float, str]] = (),
    label: str = "",
) -> Fingerprint:
    """Keep a hash made on the person's device, and those of the boxes that `set_name` says.

    Of a short video `pdq` is the first frame's hash and `frames` are the others': second and 64 hexadecimal digits. A
    picture that is registered already is given back as it is, unless the new set is richer: then it takes its place.
    Two videos are one only when all of their frames are the same: they may share a beginning. Frames on the list of
    harmless pictures (title cards) are left out.
    """
    if version != FINGERPRINT_VERSION:
        raise RuleBroken("fingerprint-version", f"this server compares {FINGERPRINT_VERSION}")
    _check_set(set_name, regions, frames)
    if quality < MIN_QUALITY:
        raise RuleBroken(
            "picture-too-plain",
            f"this picture has too little detail (quality {quality}, at least {MIN_QUALITY} is needed): it would match "
            "many pictures that have nothing to do with it",
        )
    shown = [(0.0, parse_code(pdq)), *((at, parse_code(code)) for at, code in frames)]
    harmless = await which_are_benign(session, [code for _, code in shown])
    telling = [(at, code.hex()) for at, code in shown if code not in harmless]
    codes = [code for _, code in telling] or [pdq]
    known = await fingerprints_of(session, case.id)
    poorer = None
    for one in known:
        if one.origin != "registered":
            continue
        payload = desk.open(case.id, f"fingerprint:{one.id}", one.payload)
        if _same_medium(set_name, codes, one.set_name, payload):
            if not _is_richer(set_name, one.set_name):
                return one
            poorer, label = one, label or payload["label"]
    if not telling:
        raise RuleBroken(
            "picture-harmless",
            "this picture is on this server's list of harmless pictures that many people use (such as a default "
            "avatar): it would match other people's posts. If it is yours all the same, tell your advocate",
        )
    if len(known) - (poorer is not None) >= MOST_FINGERPRINTS:
        raise RuleBroken("too-many-fingerprints", f"a case holds at most {MOST_FINGERPRINTS} fingerprints")
    if case.state == CaseState.VOUCHED:
        await look_back_for(session, desk, case.id)
    row = Fingerprint(
        id=new_id(),
        case_id=case.id,
        kind=kind,
        origin="registered",
        version=version,
        set_name=set_name,
        payload=b"",
        added_at=desk.now(),
    )
    if poorer is not None:
        await remove_fingerprint(session, desk, case, poorer.id)
    payload = {
        "pdq": telling[0][1],
        "quality": quality,
        "phash": None,
        "label": label,
        "regions": regions and regions.as_json(),
        "frames": [[at, code] for at, code in telling[1:]],
    }
    row.payload = desk.seal(case.id, f"fingerprint:{row.id}", payload)
    session.add(row)
    await session.flush()
    await desk.record(session, case.id, Kind.FINGERPRINT_ADDED, fingerprint=row.id, kind=kind, origin="registered")
    return row


def _check_set(set_name: str, regions: Regions | None, frames: Sequence[tuple[float, str]]) -> None:
    """Raises RuleBroken("fingerprint-set") when the set is unknown or the regions or frames are not of it."""
    if frames and set_name != FRAMES_SET:
        raise RuleBroken("fingerprint-set", f"frames belong to the set {FRAMES_SET}, and to no other")
    if len(frames) > MOST_FRAMES:
        raise RuleBroken("fingerprint-set", f"a video has at most {MOST_FRAMES} frames here")
    if set_name not in SET_NAMES:
        raise RuleBroken("fingerprint-set", f"a set is one of {', '.join(SET_NAMES)}")
    if set_name in (WHOLE_SET, FRAMES_SET) and regions is not None:
        raise RuleBroken("fingerprint-set", f"the set {set_name} has no regions")
    if set_name in SETS and (regions is None or regions.set_name != set_name):
        raise RuleBroken("fingerprint-set", f"the set {set_name} needs the regions of the set {set_name}")


def _same_medium(set_name: str, codes: Sequence[str], other: str, payload: Mapping[str, Any]) -> bool:
    """Whether what is registered as `payload`, in the set `other`, is what is to be registered now."""
    if (set_name == FRAMES_SET) != (other == FRAMES_SET):
        return False
    return list(codes) == [payload["pdq"], *(code for _, code in payload.get("frames") or ())]


def _is_richer(set_name: str, other: str) -> bool:
    return SET_NAMES.index(set_name) > SET_NAMES.index(other)


async def fingerprints_of(session: AsyncSession, case_id: str) -> Sequence[Fingerprint]:
    """The fingerprints of a case that are in use."""
    query = select(Fingerprint).where(Fingerprint.case_id == case_id, Fingerprint.removed_at.is_(None))
    return (await session.scalars(query.order_by(Fingerprint.added_at, Fingerprint.id))).all()


async def remove_fingerprint(session: AsyncSession, desk: Desk, case: Case, fingerprint_id: str) -> None:
    """Stop comparing with a fingerprint and forget its hash."""
    query = select(Fingerprint).where(Fingerprint.case_id == case.id, Fingerprint.id == fingerprint_id)
    # Locked: a crawl that is about to put it in quarantine finds it removed, or was first and its alert is closed here.
    query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = await session.scalar(query)
    if row is None or row.removed_at is not None:
        raise RuleBroken("not-found", "there is no such fingerprint")
    row.removed_at, row.payload = desk.now(), b""
    await desk.record(session, case.id, Kind.FINGERPRINT_REMOVED, fingerprint=row.id)
    await desk.resolve(session, ALERT, row.id)


async def give_consent(
    session: AsyncSession,
    desk: Desk,
    case: Case,
    *,
    platform: PlatformName,
    source: str,
    purposes: Sequence[Purpose],
    days: float | None = None,
) -> tuple[Consent, ...]:
    """The person's yes to a public source, for each purpose apart, with an end."""
    handle = source_handle(platform, source)
    if handle is None:
        raise RuleBroken("source-unreadable", "name a public channel or account, such as @name or its link")
    now = desk.now()
    row = await _source(session, platform, handle, now)
    given = await session.scalars(select(Consent).where(Consent.case_id == case.id, Consent.withdrawn_at.is_(None)))
    live = {one.source_id for one in given if one.expires_at > now}
    if row.id not in live and len(live) >= MOST_SOURCES:
        raise RuleBroken("too-many-sources", f"a case watches at most {MOST_SOURCES} sources")
    if Purpose.WATCH in purposes:
        # What was kept for consents that ended a moment ago is not handed on to this one.
        await forget_unless_watched(session, desk, [row.id])
        if case.state == CaseState.VOUCHED:
            await look_back(session, desk, case.id, [row.id])
    made = []
    for purpose in dict.fromkeys(purposes):
        consent = Consent(
            id=new_id(),
            case_id=case.id,
            source_id=row.id,
            purpose=purpose,
            given_at=now,
            expires_at=ends_at(days, now),
        )
        session.add(consent)
        await session.flush()
        made.append(consent)
        await desk.record(
            session,
            case.id,
            Kind.CONSENT_GIVEN,
            consent=consent.id,
            source=row.id,
            purpose=purpose,
            expires_at=consent.expires_at.isoformat(),
        )
    return tuple(made)


async def _source(session: AsyncSession, platform: PlatformName, handle: str, now: datetime) -> Source:
    query = select(Source).where(Source.platform == platform, Source.handle == handle.lower())
    row = await session.scalar(query)
    if row is None:
        await insert_unless_there(
            session, Source, id=new_id(), platform=platform, handle=handle.lower(), posts_seen=0, added_at=now
        )
        row = (await session.scalars(query)).one()
    return row


async def withdraw_consent(session: AsyncSession, desk: Desk, case: Case, consent_id: str) -> int:
    """Take a consent back. Watching stops with this transaction, and so do its unsent notices; returns how many.

    When nobody else watches the source, what was kept of it is destroyed.
    """
    query = select(Consent).where(Consent.case_id == case.id, Consent.id == consent_id)
    consent = await session.scalar(query)
    if consent is None:
        raise RuleBroken("not-found", "there is no such consent")
    if consent.withdrawn_at is not None:
        return 0
    now, stopped = desk.now(), 0
    if consent.purpose == Purpose.WATCH:
        await locked(session, consent.source_id)
        stopped = await stop_unsent(session, desk, case.id, "consent-withdrawn", consent.source_id)
    # The same yes given twice is taken back whole: the person means the source, not one row.
    twins = await session.scalars(
        select(Consent).where(
            Consent.case_id == case.id,
            Consent.source_id == consent.source_id,
            Consent.purpose == consent.purpose,
            Consent.withdrawn_at.is_(None),
        )
    )
    for one in twins:
        one.withdrawn_at = now
        await desk.record(
            session, case.id, Kind.CONSENT_WITHDRAWN, consent=one.id, source=one.source_id, purpose=one.purpose
        )
    if consent.purpose == Purpose.WATCH:
        await forget_unless_watched(session, desk, [consent.source_id])
    return stopped


async def stop_unsent(
    session: AsyncSession, desk: Desk, case_id: str, reason: str, source_id: str | None = None
) -> int:
    """Withdraw every notice of a case (at one source) that has not left. Returns how many."""
    query = select(Notice).where(Notice.case_id == case_id, Notice.state.in_(UNSENT))
    query = query.order_by(Notice.id).with_for_update(of=Notice)  # in one order, as everybody locks several
    if source_id is not None:
        query = query.join(Sighting, Sighting.id == Notice.sighting_id).where(Sighting.source_id == source_id)
    stopped = 0
    for notice in (await session.scalars(query)).all():
        notice.state, notice.reason, notice.due_at = move(notice.state, NoticeState.WITHDRAWN), reason, None
        await desk.record(session, case_id, Kind.NOTICE_WITHDRAWN, notice=notice.id, reason=reason)
        stopped += 1
    return stopped


async def enter_link(session: AsyncSession, desk: Desk, case: Case, *, url: str, kind: PictureKind) -> KnownLink:
    """Keep a link that the person knows. A public one is read once the case is vouched for; others never are."""
    link = parse_link(url)
    if link is None and not url.lower().startswith(("https://", "http://")):
        raise RuleBroken("link-unreadable", "enter the address of the post, beginning with https://")
    known = (await session.scalars(select(KnownLink).where(KnownLink.case_id == case.id))).all()
    for one in known:
        # The same post is spelled in many ways (http, /s/, ?single): what it names counts, else the text.
        stored = desk.open(case.id, f"link:{one.id}", one.payload)
        if stored["url"] == url or (
            link is not None
            and link.post_id
            and (one.platform, stored["handle"] and stored["handle"].lower(), stored["post_id"])
            == (link.platform, link.handle.lower(), link.post_id)
        ):
            return one
    if len(known) >= MOST_LINKS:
        raise RuleBroken("too-many-links", f"a case holds at most {MOST_LINKS} links")
    public = link is not None and link.public
    row = KnownLink(
        id=new_id(),
        case_id=case.id,
        platform=None if link is None else link.platform,
        public=public,
        state="entered" if public else "routed",
        reason=None if public else ("other-site" if link is None else "members-only"),
        kind=kind,
        payload=b"",
        entered_at=desk.now(),
    )
    payload = {"url": url, "handle": link and link.handle, "post_id": link and link.post_id}
    row.payload = desk.seal(case.id, f"link:{row.id}", payload)
    session.add(row)
    await session.flush()
    await desk.record(session, case.id, Kind.LINK_ENTERED, link=row.id, kind=kind, public=public)
    if not public:
        await desk.record(session, case.id, Kind.LINK_ROUTED, link=row.id, reason=row.reason)
    elif case.state == CaseState.VOUCHED and row.platform is not None and row.platform in desk.accounts:
        await desk.enqueue(session, tasks.read_link(row.id, desk.accounts[row.platform]))
    return row
