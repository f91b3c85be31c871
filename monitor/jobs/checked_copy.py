"""What a check of a copy comes to, whoever asked for it: a notice, or the copy's own turn. Written once for both."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.notices import RemovalReceipt
from db.models.sightings import Sighting
from db.queries.consents import consents, fingerprints_with
from db.session import Database
from monitor.context.context import DomainContext
from monitor.evidence.entry_kinds import EntryKind
from monitor.history.forgetting import forget_posts
from monitor.jobs.post_check import Checked, CheckWanted, unknown
from monitor.model.records.check import CheckRecord
from monitor.model.records.receipts import RemovalRecord, RemovalText
from monitor.model.states import Dismissal, Purpose, SightingState
from monitor.notices.receipts import removal_receipt
from monitor.notices.removal_rules import THERE, FollowState
from monitor.platforms.base import PostStatus, Presence
from monitor.sightings.age import age_at
from monitor.sightings.facts import copy_facts
from monitor.sightings.rate_gate import write_matches
from monitor.sightings.record import Unmatched, write_sighting
from monitor.sources.sources import locked


async def mirror(database: Database, context: DomainContext, wanted: CheckWanted, checked: Checked) -> Checked:
    """What is kept of a deleted post goes too; of one that was edited, what it no longer shows.

    What stands there now and is, or may be, the person's becomes a sighting. In a transaction of its own: it locks
    the source, which comes before the copy. Returns what may still be said: a fingerprint that was removed
    meanwhile tells nothing, so the next check asks again.
    """
    now = context.now()
    async with database.begin() as session:
        await locked(session, wanted.source_id)
        standing = checked.status.media_ids
        if any(row.removed_at is not None for row in await fingerprints_with(session, sorted(checked.by))):
            checked = replace(unknown("changed-meanwhile"), found=checked.found)
        await forget_posts(
            session, wanted.source_id, [wanted.post_id], now=now, case_id=wanted.case_id, standing=standing
        )
        # Read inside the transaction: for whoever withdrew meanwhile nothing more is written.
        asked = partial(consents, session, case_id=wanted.case_id, source_id=wanted.source_id, now=now)
        if checked.found and await asked(purpose=Purpose.WATCH):
            await write_matches(session, context, wanted.source_id, checked.found)
        follows = await asked(purpose=Purpose.FOLLOW)
        # What stands in the place of the confirmed picture is, changed, the same one: its age goes with it.
        at = partial(age_at, session, wanted.case_id, wanted.source_id)
        age = await at(post_id=wanted.post_id, media_id=wanted.media_id) if checked.like and follows else None
        for one, how in checked.like:
            if follows and one.hashed is not None:
                match = Unmatched(wanted.case_id, wanted.kind, how=how, age_group=age)
                post = replace(one.post, id=wanted.post_id)
                await write_sighting(session, context, wanted.source_id, post, one.media, one.hashed, match)
    return checked


async def as_decided(session: AsyncSession, sighting: Sighting, checked: Checked) -> Checked:
    """What an advocate says about the media in the picture's place: confirmed, it is the same picture, changed."""
    mine = (
        Sighting.case_id == sighting.case_id,
        Sighting.source_id == sighting.source_id,
        Sighting.post_id == sighting.post_id,
        Sighting.media_id.in_([one.media.id for one, _ in checked.like]),
    )
    declined = Sighting.dismissal == Dismissal.PERSON_DECLINED
    query = select(Sighting.id).where(*mine, (Sighting.state == SightingState.CONFIRMED) | declined).limit(1)
    if checked.status.presence is Presence.REPLACED and checked.like and await session.scalar(query) is not None:
        return replace(checked, status=replace(checked.status, presence=Presence.EDITED, reason="changed-picture"))
    return checked


def state_of(sighting: Sighting, *, lapsed: bool = False) -> FollowState:
    """What earlier checks of a copy left behind. `lapsed`: of the notice that is judged with it."""
    return FollowState(
        gone_since=sighting.gone_since, gone_checks=sighting.gone_looks, checks=sighting.looks, lapsed=lapsed
    )


def keep_check(context: DomainContext, sighting: Sighting, state: FollowState, checked: Checked) -> None:
    """What this check showed, in the copy's row."""
    now, status = context.now(), checked.status
    sighting.presence, sighting.looked_at, sighting.looks = status.presence, now, state.checks
    sighting.gone_since, sighting.gone_looks = state.gone_since, state.gone_checks
    sighting.second_view = None if checked.second is None else checked.second.sight.value
    if status.url and status.presence in THERE:
        sighting.last_check = context.seal_record(sighting.case_id, sighting.id, _record_of(status, now))


def told_of(checked: Checked) -> dict[str, object]:
    """How a check stands in the ledger: the platform's answer, and beside it what the second view saw."""
    told: dict[str, object] = {
        "presence": checked.status.presence,
        "reason": checked.status.reason,
        "response_sha256": checked.status.response_sha256,
    }
    if checked.status.countries:
        told["countries"] = list(checked.status.countries)
    if checked.second is not None:
        told |= {
            "second_view": checked.second.sight,
            "second_reason": checked.second.reason,
            "second_sha256": checked.second.response_sha256,
        }
    return told


async def write_receipt(
    session: AsyncSession,
    context: DomainContext,
    sighting: Sighting,
    *,
    sent_at: datetime | None,
    notice_id: str | None,
) -> None:
    """Two checks found it gone. `sent_at`, `notice_id`: of the notice that asked for it; None: nobody here did."""
    now = context.now()
    if sighting.gone_since is None or sighting.presence is None:
        return
    presence = Presence(sighting.presence)
    copy = await copy_facts(session, context, sighting)
    first_gone = sighting.gone_since

    def text(language: str) -> RemovalText:
        said = removal_receipt(
            copy,
            language=language,
            first_gone_at=first_gone,
            second_gone_at=now,
            presence=presence,
            sent_at=sent_at,
        )
        return RemovalText(subject=said.subject, body=said.body)

    record = RemovalRecord(ko=text("ko"), en=text("en"))
    await insert_unless_there(
        session,
        RemovalReceipt,
        sighting_id=sighting.id,
        case_id=sighting.case_id,
        content=context.seal_record(sighting.case_id, sighting.id, record),
        written_at=now,
    )
    await context.record(
        session,
        sighting.case_id,
        EntryKind.REMOVAL_VERIFIED,
        sighting=sighting.id,
        notice=notice_id,
        gone="post" if presence is Presence.DELETED else "picture",
        presence=presence,
        first_gone_at=sighting.gone_since.isoformat(),
        second_gone_at=now.isoformat(),
    )


async def undecided_at(session: AsyncSession, sighting: Sighting) -> bool:
    """Does another possible copy at this post wait for an advocate?"""
    query = select(Sighting.id).where(
        Sighting.case_id == sighting.case_id,
        Sighting.source_id == sighting.source_id,
        Sighting.post_id == sighting.post_id,
        Sighting.state == SightingState.OPEN,
        Sighting.id != sighting.id,
    )
    return await session.scalar(query.limit(1)) is not None


def _record_of(status: PostStatus, now: datetime) -> CheckRecord:
    return CheckRecord(
        at=now,
        url=status.url,
        handle=status.handle,
        post_id=status.post_id,
        restricted=status.presence in (Presence.RESTRICTED, Presence.BLOCKED),
        for_all=status.for_all,
        countries=status.countries,
    )
