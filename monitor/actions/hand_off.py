"""The pack that the person, or their advocate, takes to the bodies that act. Who took it is in the ledger."""

import asyncio
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Notice
from db.models.people import Organisation
from db.models.sightings import Sighting
from db.queries.actors import Actor
from db.queries.cases import links_of
from db.queries.copies import closed, filings_of
from db.queries.sightings import sightings_of
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.exports.hand_off import hand_off_pdf
from monitor.model.copies import FOR_AUTHORITIES, Closing, FilingAnswer
from monitor.model.facts import CopyFacts, Intake
from monitor.model.records.filing import FilingRecord
from monitor.model.records.link import LinkRecord
from monitor.model.states import LinkState, SightingState
from monitor.notices.eligibility import entitled
from monitor.notices.for_minors import minors_routes
from monitor.notices.hand_off import Block, HandOff, PackCopy, PackLink, PackStep, as_text, blocks, routes_of
from monitor.notices.route import Route, Words
from monitor.notices.route_table import ROUTES
from monitor.notices.self_help import SELF_HELP, self_help_key
from monitor.notices.texts import NO_TEXT
from monitor.platforms.links import links_in
from monitor.sightings.facts import copy_facts

MOST_COPIES = 200
"""In one pack, those that stand and then the latest first: an officer reads pages, not a book."""
_MOST_READ = 1000

_ANSWERS: dict[FilingAnswer, Words] = {
    FilingAnswer.ACKNOWLEDGED: {"en": "received", "ko": "접수됨"},
    FilingAnswer.REMOVED: {"en": "said to be removed", "ko": "삭제했다고 함"},
    FilingAnswer.BLOCKED: {"en": "hidden in one country", "ko": "한 나라에서만 차단됨"},
    FilingAnswer.NEED_MORE: {"en": "more is asked for", "ko": "추가 자료 요청"},
    FilingAnswer.REFUSED: {"en": "refused", "ko": "거절됨"},
}

_making = asyncio.Semaphore(1)
"""A PDF takes a processor for a second: one at a time."""


async def hand_off_text(session: AsyncSession, context: DomainContext, actor: Actor, case: Case, language: str) -> str:
    """The pack as plain text, of the copies that this actor sees. RuleBroken(NO_COPIES) where there is none."""
    return as_text(await _pack(session, context, actor, case, "text"), language)


async def hand_off_document(
    session: AsyncSession, context: DomainContext, actor: Actor, case: Case, language: str
) -> "Unmade":
    """The same for a PDF: make it after the transaction."""
    pack = await _pack(session, context, actor, case, "pdf")
    return Unmade.of(blocks(pack, language), language, pack.made_at)


class Unmade:
    """Parts whose PDF is still to be made: it takes long, so no transaction waits for it."""

    def __init__(self, parts: tuple[Block, ...], language: str, made_at: datetime) -> None:
        self._parts, self._language, self._made_at = parts, language, made_at

    @classmethod
    def of(cls, parts: tuple[Block, ...], language: str, made_at: datetime) -> "Unmade":
        """Of any paper that is made of such parts."""
        return cls(parts, language, made_at)

    async def make(self) -> bytes:
        """The PDF."""
        async with _making:
            return await asyncio.to_thread(hand_off_pdf, self._parts, self._language, self._made_at)


async def _pack(session: AsyncSession, context: DomainContext, actor: Actor, case: Case, form: str) -> HandOff:
    confirmed = SightingState.CONFIRMED
    rows, total = await sightings_of(session, actor, case_id=case.id, state=confirmed, limit=_MOST_READ)
    if total > _MOST_READ:  # they come with the oldest first
        rows, _ = await sightings_of(
            session, actor, case_id=case.id, state=confirmed, limit=_MOST_READ, offset=total - _MOST_READ
        )
    over = select(Sighting.id).where(Sighting.case_id == case.id, Sighting.state == confirmed)
    given_up = set(await session.scalars(over.where(closed(FOR_AUTHORITIES))))
    mistaken = set(await session.scalars(over.where(closed(set(Closing) - {Closing.BY_MISTAKE}))))
    latest = sorted((row for row, _ in rows if row.id not in given_up), key=lambda row: row.found_at, reverse=True)
    copies = sorted(latest, key=lambda row: row.removed_at is not None)
    elsewhere = await _elsewhere(session, context, case)
    if not copies and not elsewhere:
        raise RuleBroken(Refusal.NO_COPIES, "there is no confirmed copy to hand over")
    intake = read_intake(context, case)
    every = [(row, await copy_facts(session, context, row)) for row in copies[:MOST_COPIES]]
    # Nobody is to remove what stands on a page of the person's own.
    found = [(row, facts) for row, facts in every if not facts.own_page]
    if not found and not elsewhere:
        raise RuleBroken(Refusal.NO_COPIES, "there is no confirmed copy to hand over")
    centre = None if case.organisation_id is None else await session.get(Organisation, case.organisation_id)
    minor = any(facts.age_group(intake).counts_as_minor for _, facts in found)
    minor = minor or (not found and intake.age_group.counts_as_minor)
    await context.record(session, case.id, EntryKind.HAND_OFF_READ, copies=[row.id for row, _ in found], form=form)
    return HandOff(
        case_id=case.id,
        centre="" if centre is None else centre.name,
        made_at=context.now(),
        minor=minor,
        korean=intake.country.strip().upper() in ("", "KR"),
        copies=tuple([await _copy(session, context, case, row, facts, intake) for row, facts in found]),
        left_out=total - len(mistaken) - len(every),
        elsewhere=elsewhere,
        places=routes_of([_places(facts, intake) for _, facts in found]),
    )


async def _elsewhere(session: AsyncSession, context: DomainContext, case: Case) -> tuple[PackLink, ...]:
    """Links that are only passed on, the latest last."""
    found = []
    for row in await links_of(session, case.id):
        if row.state not in (LinkState.ROUTED, LinkState.DONE):
            continue
        url = context.open_record(LinkRecord, case.id, row.id, row.payload).url
        key = self_help_key(url, row.platform, links_in(url), public=row.public)
        known = SELF_HELP.get(key or "")
        place = NO_TEXT if known is None else known.name
        found.append(PackLink(url=url, place=place, told_at=row.entered_at, done=row.state == LinkState.DONE))
    return tuple(found)


def _places(facts: CopyFacts, intake: Intake) -> list[Route]:
    """Bodies and platforms where a person can take a copy: for a minor's the minors' ways."""
    if facts.age_group(intake).counts_as_minor:
        return list(minors_routes(facts, intake))
    country = intake.country.strip().upper()
    return [
        route
        for route in ROUTES.values()
        if route.in_use
        and route.first
        and route.audience.for_adults
        and route.channel.by_hand
        and not route.default_off
        and facts.platform in route.platforms
        and facts.kind in route.kinds
        and (not route.senders or route.senders & entitled(facts, intake))
        and route.is_for(country, facts.centre.country)
    ]


async def _copy(
    session: AsyncSession, context: DomainContext, case: Case, row: Sighting, facts: CopyFacts, intake: Intake
) -> PackCopy:
    seen = facts.last_seen
    here = facts if seen is None else replace(facts, url=seen.url, handle=seen.handle, post_id=seen.post_id)
    return PackCopy(
        platform=facts.platform,
        url=here.url,
        ids=f"{here.handle}/{here.post_id}",
        account_number=facts.remote_id,
        posted_at=facts.posted_at,
        observed_at=facts.observed_at,
        seen_at=None if seen is None else seen.at,
        removed_at=row.removed_at,
        minor=facts.age_group(intake).counts_as_minor,
        steps=tuple(await _steps(session, context, case, row)),
    )


async def _steps(session: AsyncSession, context: DomainContext, case: Case, row: Sighting) -> list[PackStep]:
    sent = select(Notice).where(Notice.sighting_id == row.id, Notice.sent_at.is_not(None))
    steps = [
        PackStep(title=_title(one.route), at=one.sent_at, filed=False)
        for one in await session.scalars(sent)
        if one.sent_at is not None
    ]
    for filing, _ in await filings_of(session, row.id):
        record = context.open_record(FilingRecord, case.id, filing.id, filing.content)
        answer = None if filing.answer is None else _ANSWERS[FilingAnswer(filing.answer)]
        title = _title(filing.step)
        steps.append(PackStep(title=title, at=filing.filed_at, filed=True, reference=record.reference, answer=answer))
    return sorted(steps, key=lambda step: step.at)


def _title(route: str) -> Words:
    known = ROUTES.get(route)
    return {"en": route} if known is None else known.title
