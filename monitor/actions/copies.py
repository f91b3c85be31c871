"""Every confirmed copy in its one state, as its organisation works through them, and who is told of those that stand.

What the rules ask is gathered in a fixed number of questions; the rule itself is `monitor/notices/copy_state.py`.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parseaddr

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.own import OwnPage
from db.models.people import Organisation
from db.queries.actors import AdvocateActor
from db.queries.consents import withdrawn_sources
from db.queries.copies import (
    Around,
    CopyRow,
    FilingRow,
    NoticeRow,
    Scope,
    Untold,
    around,
    filings_about,
    notices_about,
    removed_copies,
    standing_copies,
    subjects_alerted,
)
from db.session import Database
from monitor.cases.entered import read_entered
from monitor.cases.intake import read_intake
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import JikimiError
from monitor.model.copies import Closing, FilingAnswer
from monitor.model.facts import AgeGroup, Basis, Centre, CopyFacts, Intake, PictureKind
from monitor.model.notice_states import NoticeState
from monitor.model.records.own_page import OwnPageRecord
from monitor.model.states import CaseState
from monitor.notices.copy_state import (
    BAD,
    WORST_FIRST,
    CopyAtHand,
    CopyState,
    CopyStatus,
    FilingFacts,
    NoticeFacts,
    Offer,
    Why,
    copy_status,
    order_of,
    stands_still,
)
from monitor.notices.duties import DUTIES
from monitor.notices.eligibility import eligibilities
from monitor.notices.hands import SIGNING
from monitor.notices.route_table import ROUTES
from monitor.notices.texts import Reason
from monitor.notices.under_age import adult_routes
from monitor.notices.writing import may_be_written_anew
from monitor.platforms.base import PlatformName
from monitor.sightings.facts import centre_told, read_posted_with
from monitor.sightings.own_pages import Page

LOOKED_BACK = timedelta(days=90)
"""For a duty that nobody met: of copies confirmed since then, and of older ones while an alert about them is open."""
_UNREAD = (AlertKind.NOTICE_ANSWERED, AlertKind.BOUNCE_CLAIMED)
"""Alerts of what came in about a notice and nobody has read."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A confirmed copy and how it stands."""

    row: CopyRow
    status: CopyStatus
    minor: bool
    notices: tuple[NoticeRow, ...] = ()
    filings: tuple[FilingRow, ...] = ()
    offers: tuple[Offer, ...] = ()
    """What the rules say of the routes that no notice has taken."""

    @property
    def hidden(self) -> bool:
        """Nobody sees where it is now: its case is on hold, or being erased."""
        return self.row.frozen_at is not None or self.row.case_state != CaseState.VOUCHED


@dataclass(frozen=True, slots=True)
class KnownOfCopy:
    """What whoever shows one copy has read of it already."""

    filings: Sequence[FilingRow]
    own: frozenset[Page] = field(repr=False)
    """Pages of the person's own."""


@dataclass(frozen=True, slots=True)
class CopyPage:
    """A page of the copies in one state, and how many are in each."""

    copies: Sequence[Copy]
    counts: Mapping[CopyState, int]


async def copies_in(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    state: CopyState | None,
    *,
    limit: int,
    offset: int,
    case_id: str | None = None,
) -> CopyPage:
    """A page of the organisation's copies in one state; None: of all that stand still. The worst first.

    `case_id`: of this case alone.
    """
    scope = Scope(actor.organisation_id, case_id=case_id)
    about = await around(session, scope, _UNREAD)
    standing = await standing_in(session, context, scope, about=about)
    counts = Counter(one.status.state for one in standing)
    owed = [one.row.id for one in standing if one.row.removed_at is not None and not one.hidden]
    counts[CopyState.REMOVED] = about.removed - len(owed)
    if state is CopyState.REMOVED:
        rows = await removed_copies(session, scope, limit=limit, offset=offset, but=owed)
        page = [_removed(row, context.now()) for row in rows]
    else:
        wanted = BAD if state is None else (state,)
        page = [one for one in standing if one.status.state in wanted][offset : offset + limit]
    return CopyPage(page, {one: counts[one] for one in WORST_FIRST})


async def copy_of(
    session: AsyncSession,
    context: DomainContext,
    organisation_id: str,
    sighting_id: str,
    known: KnownOfCopy | None = None,
) -> Copy | None:
    """One confirmed copy; None where it is none of this organisation's. `known`: what was read of it already."""
    scope = Scope(organisation_id, sighting_id=sighting_id)
    standing = await standing_in(session, context, scope, known=known)
    if standing:
        return standing[0]
    removed = await removed_copies(session, scope, limit=1, offset=0)
    return _removed(removed[0], context.now()) if removed else None


async def standing_in(
    session: AsyncSession,
    context: DomainContext,
    scope: Scope,
    *,
    about: Around | None = None,
    known: KnownOfCopy | None = None,
) -> list[Copy]:
    """Every copy that was not seen gone, or of which the police must still be told, the worst first. `about`: what
    `around` gave, where it was asked already; `known`: of a scope of one copy."""
    now = context.now()
    rows, cases = await standing_copies(session, scope, untold(now))
    if not rows:
        return []
    about = about or await around(session, scope, _UNREAD)
    facts = await _facts(session, context, scope, cases, about, known)
    # In a thread: of a thousand copies it takes longer than the loop may stand still.
    copies = await asyncio.to_thread(lambda: [facts.copy(row, now) for row in rows])
    copies = [one for one in copies if one.status.state is not CopyState.REMOVED]
    return sorted(copies, key=lambda one: (order_of(one.status, minor=one.minor), one.row.id))


def untold(now: datetime) -> Untold | None:
    """Copies of which the police may still have to be told, wherever the centre is; None: nobody has such a duty."""
    met_by = sorted({step for duty in DUTIES.values() for step in duty.met_by})
    return Untold(met_by, now - LOOKED_BACK) if met_by else None


@dataclass(slots=True)
class _Facts:
    """What was read for a scope, by what it belongs to."""

    intakes: Mapping[str, Intake] = field(repr=False)
    unconfirmed: frozenset[str]
    """Cases in which a signature or a permission waits for the person."""
    withdrawn: set[tuple[str, str]]
    unread: frozenset[str]
    answers: Mapping[str, tuple[str, datetime]]
    """What the recipient of a notice said last."""
    stopped: bool
    adult: frozenset[str]
    """Routes by which notices as for an adult are written."""
    by_hand: frozenset[str]
    """Routes that a person takes themselves."""
    notices: Mapping[str, list[NoticeRow]]
    filings: Mapping[str, list[FilingRow]]
    centre: Centre
    contact: str = field(repr=False)
    """Where the centre wants answers: every notice has it from there."""
    own: Mapping[str, frozenset[Page]] = field(default_factory=dict, repr=False)
    """By case: pages of the person's own."""
    judged: dict[tuple[str | None, ...], tuple[Offer, ...]] = field(default_factory=dict)

    def copy(self, row: CopyRow, now: datetime) -> Copy:
        """The copy in its state."""
        intake = self.intakes.get(row.case_id, Intake())
        minor = (AgeGroup(row.age_group) if row.age_group else intake.age_group).counts_as_minor
        notices, filings = tuple(self.notices[row.id]), tuple(self.filings[row.id])
        taken = {
            one.route
            for one in notices
            if not may_be_written_anew(one.state, one.reason, tried=one.dated_at is not None)
        }
        offers = tuple(one for one in self._offers(row, intake, now) if one.route not in taken)
        at_hand = CopyAtHand(
            confirmed_at=row.decided_at,
            case=CaseState(row.case_state),
            minor=minor,
            removed_at=row.removed_at,
            closed_at=row.closed_at,
            closed_for=None if row.closed_for is None else Closing(row.closed_for),
            frozen_since=row.frozen_at,
            stopped=self.stopped,
            withdrawn=(row.case_id, row.source.id) in self.withdrawn,
            own_page=self._is_own(row),
            notices=tuple(self._notice(one) for one in notices),
            filings=tuple(_filing(one) for one in filings),
            offers=offers,
            duty_by=_duty_by(row, self.centre, intake, filings) if minor else None,
        )
        return Copy(row, copy_status(at_hand, now), minor, notices, filings, offers)

    def _is_own(self, row: CopyRow) -> bool:
        """Told by the place alone: the post's own address is sealed."""
        return (row.source.platform, row.source.handle.lower()) in self.own.get(row.case_id, ())

    def _notice(self, one: NoticeRow) -> NoticeFacts:
        said, said_at = self.answers.get(one.id, (None, None))
        return NoticeFacts(
            id=one.id,
            route=one.route,
            state=NoticeState(one.state),
            reason=one.reason,
            written_at=one.created_at,
            sent_at=one.sent_at,
            deadline_at=one.deadline_at,
            for_adult=one.route in self.adult,
            by_hand=one.route in self.by_hand,
            answered=bool({one.id, one.together_id} & self.unread),
            said=said,
            said_at=said_at,
            begun_at=one.dated_at,
        )

    def _offers(self, row: CopyRow, intake: Intake, now: datetime) -> tuple[Offer, ...]:
        """What the rules say of each route. Of two copies of a case that are alike in this they say the same."""
        key = (row.case_id, row.source.platform, row.kind, row.age_group, row.posted_with)
        if key not in self.judged:
            given = eligibilities(_as_judged(row, self.centre, self.contact), intake, now)
            of_signing = (Reason.ALLOWED, Reason.NO_PERMISSION, Reason.MISSING_FIELDS)
            waits = row.case_id in self.unconfirmed
            self.judged[key] = tuple(
                Offer(
                    route=one.route.name,
                    reason=Reason.WAITS_FOR_PERSON if waits and one.reason in of_signing else one.reason,
                )
                for one in given
                if one.reason is not Reason.PLATFORM_MISMATCH
            )
        return self.judged[key]


def _as_judged(row: CopyRow, centre: Centre, contact: str) -> CopyFacts:
    """What the rules ask of a copy: whether its fields hold anything. A confirmed one has an address and a reviewer, so
    its evidence stays sealed."""
    return CopyFacts(
        platform=PlatformName(row.source.platform),
        handle=row.source.handle,
        url="https://sealed.invalid/",
        post_id=row.post_id,
        posted_at=row.decided_at,
        observed_at=row.decided_at,
        kind=PictureKind(row.kind),
        basis=Basis.CAPTION_CONTEXT,
        reviewer=row.decided_by,
        signer=row.decided_by,
        contact=contact,
        age=None if row.age_group is None else AgeGroup(row.age_group),
        posted_with=read_posted_with(row.posted_with),
        centre=centre,
    )


def _duty_by(row: CopyRow, centre: Centre, intake: Intake, filings: Sequence[FilingRow]) -> datetime | None:
    """Until when the centre should tell the police of a minor's picture, where it has to and has not."""
    duty = DUTIES.of(centre.country, intake.country)
    if duty is None or any(one.step in duty.met_by for one in filings):
        return None
    return duty.due_at(row.decided_at)


def _filing(one: FilingRow) -> FilingFacts:
    return FilingFacts(
        id=one.id,
        step=one.step,
        notice_id=one.notice_id,
        filed_at=one.filed_at,
        number=one.number,
        deadline_at=one.deadline_at,
        answer=None if one.answer is None else FilingAnswer(one.answer),
        answered_at=one.answered_at,
    )


def _removed(row: CopyRow, now: datetime) -> Copy:
    """Of what is gone nothing else matters."""
    at_hand = CopyAtHand(
        confirmed_at=row.decided_at, case=CaseState(row.case_state), minor=False, removed_at=row.removed_at
    )
    return Copy(row, copy_status(at_hand, now), minor=False)


async def _facts(
    session: AsyncSession,
    context: DomainContext,
    scope: Scope,
    cases: Sequence[Case],
    about: Around,
    known: KnownOfCopy | None,
) -> _Facts:
    filed = await filings_about(session, scope) if known is None else known.filings
    holding = await asyncio.to_thread(context.holding, [case.id for case in cases])
    intakes: dict[str, Intake] = {}
    unconfirmed = set()
    for case in cases:
        intakes[case.id] = _told(holding, case)
        if set(SIGNING) & set(_waiting(holding, case)):
            unconfirmed.add(case.id)
    notices, filings = defaultdict[str, list[NoticeRow]](list), defaultdict[str, list[FilingRow]](list)
    rows, answers = await notices_about(session, scope)
    for notice in rows:
        notices[notice.sighting_id].append(notice)
    for filing in filed:
        filings[filing.sighting_id].append(filing)
    return _Facts(
        intakes=intakes,
        unconfirmed=frozenset(unconfirmed),
        withdrawn=await withdrawn_sources(session, scope.organisation_id, context.now()),
        unread=about.alerted,
        answers=answers,
        stopped=about.stopped,
        adult=frozenset(adult_routes()),
        by_hand=frozenset(name for name, route in ROUTES.items() if route.channel.by_hand),
        centre=centre_told(about.home),
        contact=(about.home.reply_to if about.home else None) or parseaddr(context.mail_from)[1],
        own=await own_pages_of(session, holding, [case.id for case in cases])
        if known is None
        else {case.id: known.own for case in cases},
        notices=notices,
        filings=filings,
    )


async def own_pages_of(
    session: AsyncSession, context: DomainContext, case_ids: Sequence[str]
) -> dict[str, frozenset[Page]]:
    """By case, one question for all; of a case whose key was lost, none."""
    found = defaultdict[str, set[Page]](set)
    for row in await session.scalars(select(OwnPage).where(OwnPage.case_id.in_(case_ids))):
        with suppress(JikimiError):
            page = context.open_record(OwnPageRecord, row.case_id, row.id, row.payload)
            found[row.case_id].add((page.platform, page.handle))
    return {case_id: frozenset(pages) for case_id, pages in found.items()}


def _told(context: DomainContext, case: Case) -> Intake:
    """What the person told; of a case whose key was lost, nothing: its copies are shown, and count as a minor's."""
    try:
        return read_intake(context, case)
    except JikimiError:
        return Intake()


def _waiting(context: DomainContext, case: Case) -> Sequence[object]:
    try:
        return read_entered(context, case).waiting
    except JikimiError:
        return ()


async def tell_standing(database: Database, context: DomainContext) -> None:
    """Alert each organisation, once for each bad state, while copies stand still in it; end what is over."""
    async with database.read() as session:
        organisations = (await session.scalars(select(Organisation.id).order_by(Organisation.id))).all()
    for organisation_id in organisations:
        async with database.read() as session:
            scope, now = Scope(organisation_id), context.now()
            standing = await standing_in(session, context, scope)
            raised = await subjects_alerted(session, organisation_id, [AlertKind.COPIES_STAND])
            ready_said = await subjects_alerted(session, organisation_id, [AlertKind.COPIES_READY])
        due = {one.status.state for one in standing if stands_still(one.status, now, minor=one.minor)}
        ready = {one.row.case_id for one in standing if _may_be_sent(one)}
        over = {subject_of(state, organisation_id) for state in BAD if state not in due} & raised
        new = [state for state in BAD if state in due and subject_of(state, organisation_id) not in raised]
        if not (new or over or ready_said - ready):
            continue
        async with database.begin() as session:
            for state in new:
                about = subject_of(state, organisation_id)
                await context.alert(session, AlertKind.COPIES_STAND, about, state, organisation_id=organisation_id)
            for about in sorted(over):
                await context.resolve(session, AlertKind.COPIES_STAND, about)
            for case_id in sorted(ready_said - ready):
                await context.resolve(session, AlertKind.COPIES_READY, case_id)


def subject_of(state: CopyState, organisation_id: str) -> str:
    """What an alert about the copies in a state is kept under."""
    return f"{state}:{organisation_id}"


def _may_be_sent(copy: Copy) -> bool:
    """Does only a person's send, or submission, stand between a notice and its recipient?"""
    return copy.status.state is CopyState.READY or copy.status.why == Why.FORM


Stood = Mapping[str, Copy]
"""How the copies of a case stood at some moment, by their id."""


async def stood(session: AsyncSession, context: DomainContext, case: Case) -> Stood:
    """How they stand now; none where nobody works on the case. Ask before the person's word is kept: `tell_ready` and
    `prepare_ready` say what that word changed."""
    if case.organisation_id is None or case.state != CaseState.VOUCHED:
        return {}
    standing = await standing_in(session, context, Scope(case.organisation_id, case_id=case.id))
    return {one.row.id: one for one in standing}


async def tell_ready(
    session: AsyncSession, context: DomainContext, case: Case, before: Stood, now: Stood | None = None
) -> int:
    """The person told something new: their advocates learn of the copies whose notices may be sent only now.

    Nothing is sent by that: a person sends every notice. `before`, and `now` where it was asked already: see `stood`.
    Returns how many there are.
    """
    could_not = {one.row.id for one in before.values() if one.minor or not _may_be_sent(one)}
    if not could_not or case.organisation_id is None:
        return 0
    after = await stood(session, context, case) if now is None else now
    ready = [one for one in after.values() if one.row.id in could_not and _may_be_sent(one) and not one.minor]
    if ready:
        organisation_id = case.organisation_id
        await context.alert(session, AlertKind.COPIES_READY, case.id, "allowed-now", organisation_id=organisation_id)
    return len(ready)
