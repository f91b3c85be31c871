"""An advocate confirms a sighting: what its post showed joins the watch, and notices are written."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.seen import seen_of_posts
from monitor.actions.take_routes import RoutesTaken, take_routes
from monitor.context.context import DomainContext
from monitor.evidence.entry_kinds import EntryKind
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION, MIN_QUALITY, parse_code
from monitor.history.backfill import request_case_backfill
from monitor.history.reading import HistoryReader
from monitor.model.facts import Basis, PersonsWord, PictureKind, PostedWith
from monitor.model.medium_hashes import MediumHashes
from monitor.model.records.sighting import SightingRecord
from monitor.model.states import SightingState, move_sighting
from monitor.notices.under_age import counts_as_minor
from monitor.platforms.base import nearness
from monitor.sightings.age import YOUNG
from monitor.sightings.age_found import age_anew
from monitor.sightings.following import begin_following
from monitor.sightings.items import join_item
from monitor.sightings.own_pages import refuse_own
from monitor.watch.benign import which_are_benign
from monitor.watch.joining import join_watch
from monitor.work import tasks


async def confirm(
    session: AsyncSession,
    context: DomainContext,
    sighting: Sighting,
    *,
    by: str,
    basis: Basis,
    kind: PictureKind | None = None,
    release: bool = True,
    posted_with: Collection[PostedWith] = (),
    over: PersonsWord | None = None,
    routes: Sequence[str] | None = (),
    sender: str | None = None,
    backfill: bool = True,
) -> RoutesTaken:
    """This is the person's picture. `kind` corrects what the picture is; `release` lets the person see where it is.
    `posted_with`: what stood beside it, by which further routes may be taken. `over`: the person's word
    that it overrules.

    The hashes of its post join the watch, and what the case's sources showed before is compared with them. Notices are
    written by `routes`, or by the first that may be taken where it is None; a route that cannot be taken never undoes
    the decision. `by`: the advocate's id; `sender`: of the one who answers for the notices, where that is another.
    `backfill`: False where the caller asked for it already, before the transaction's first ledger entry.
    Raises RuleBroken(OWN_PAGE) where the person named the page as their own.
    """
    case_id = sighting.case_id
    await refuse_own(session, context, sighting)
    if backfill:
        await request_case_backfill(session, context, case_id)
    sighting.state = move_sighting(sighting.state, SightingState.CONFIRMED)
    sighting.decided_at, sighting.decided_by, sighting.basis = context.now(), by, basis
    sighting.kind = kind or sighting.kind
    # Whatever was told of this picture, or of another copy of it, since this one was written.
    sighting.age_group = await age_anew(session, context, sighting) or sighting.age_group
    sighting.released_at = context.now() if release else None
    sighting.posted_with = " ".join(one for one in PostedWith if one in posted_with)
    facts = {"sighting": sighting.id, "by": by, "basis": basis, "kind": sighting.kind}
    if sighting.posted_with:
        facts["posted_with"] = sighting.posted_with
    if over is not None:
        facts["over"] = over
    await context.record(session, case_id, EntryKind.SIGHTING_CONFIRMED, **facts)
    evidence = context.open_record(SightingRecord, case_id, sighting.id, sighting.evidence)
    await join_item(session, context, sighting, evidence)
    await begin_following(session, context, sighting)
    if counts_as_minor(context, await session.get_one(Case, case_id), sighting):
        # No notice of ours goes out: it is preserved now, before a person tells the police or the platform.
        await context.enqueue(session, tasks.observe(sighting.id))
    # The post's own hashes: a later copy of this very file is recognised by both.
    join = partial(join_watch, session, context, case_id=case_id, kind=sighting.kind, sighting_id=sighting.id)
    await join(evidence.hashes, origin="confirmed", age_group=sighting.age_group)
    # Nobody told how old anybody was in these: of what was told of the picture beside, only what protects counts.
    age = sighting.age_group if sighting.age_group in YOUNG else None
    for hashes in await _beside(session, context, sighting):
        await join(hashes, origin="beside", age_group=age)
    return await take_routes(session, context, sighting, routes, by=sender or by)


async def _beside(session: AsyncSession, context: DomainContext, sighting: Sighting) -> list[MediumHashes]:
    """What is kept of the post's own other media; a medium with a sighting of its own is decided by that."""
    source = await session.get_one(Source, sighting.source_id)
    query = select(Sighting.media_id).where(
        Sighting.case_id == sighting.case_id,
        Sighting.source_id == sighting.source_id,
        Sighting.post_id == sighting.post_id,
    )
    decided = set((await session.scalars(query)).all())
    rows = await seen_of_posts(session, source, [sighting.post_id], version=FINGERPRINT_VERSION)
    # Of a quoted post, or a linked page, nobody can say that it shows the same person.
    own = [row for row in rows if row.media_id not in decided and nearness(row.media_id) == 0]
    opened = HistoryReader(context).open(own)
    detailed = [hashed for _, hashed in opened if hashed.whole.quality >= MIN_QUALITY]
    every = [MediumHashes.of(hashed) for hashed in detailed]
    # Nobody decided about these, so a harmless picture among them is left out, and a harmless frame of a video.
    codes = {hex_code for hashes in every for hex_code in (hashes.pdq, *(code for _, code in hashes.frames))}
    benign = {code.hex() for code in await which_are_benign(session, [parse_code(code) for code in sorted(codes)])}
    return [
        replace(hashes, frames=tuple((at, code) for at, code in hashes.frames if code not in benign))
        for hashes in every
        if hashes.pdq not in benign
    ]
