"""What the pages about notices show: cards with their clocks, and everything about one notice."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from api.schemas.notices import ContentView, LeavingView, LetterView, NoticeWhole
from api.views.notices import leaving_view, letter_view, notice_whole
from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.queries.actors import AdvocateActor
from db.queries.notices import escalations_of, visible_notices
from db.queries.tenants import SourceName
from monitor.actions.access import get_with_beside
from monitor.actions.together import OneMessage, message_of
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.notice_states import MAY_WITHDRAW, NEEDS_A_PERSON, OVER, NoticeState
from monitor.model.records.receipts import RemovalRecord
from monitor.notices.compose import Composed
from monitor.notices.corresponding import MAY_RETRACT, letters_of
from monitor.notices.deadlines import NoticeClock, clock_of
from monitor.notices.eligibility import police_wait
from monitor.notices.form import DialogueLine, dialogue_sheet
from monitor.notices.hands import waits_for_person
from monitor.notices.leaving import what_leaves
from monitor.notices.removal_rules import what_is_gone
from monitor.notices.renewing import MAY_RENEW
from monitor.notices.route import Channel
from monitor.notices.route_table import ROUTES
from monitor.notices.texts import FIELD_WORDS, in_language
from monitor.notices.under_age import adult_routes
from monitor.sightings.age import age_of

PAGE_SIZE = 30
GROUPS: dict[str, frozenset[NoticeState]] = {
    "attention": NEEDS_A_PERSON,
    "running": frozenset(NoticeState) - NEEDS_A_PERSON - OVER,
    "done": OVER,
}
"""The tabs: what needs a person, what goes its way, what is over."""


@dataclass(frozen=True, slots=True)
class NoticeCard:
    """One notice with its clock."""

    row: Notice
    sighting: Sighting
    source: SourceName
    now: datetime
    held: bool
    """The person waits for the police: nothing is sent again."""
    minor: bool
    """The notice is for an adult, and the picture is, or may be, a minor's."""
    unconfirmed: bool
    """A signature or the permission waits for the person's confirmation: nothing is sent."""

    @property
    def clock(self) -> NoticeClock:
        """How its clock stands."""
        return clock_of(self.row.state, self.row.deadline_at, self.row.due_at, self.now)

    @property
    def gone(self) -> str | None:
        """What is gone of a removed copy: the post, or its picture only."""
        return what_is_gone(self.sighting.presence, removed=self.sighting.removed_at is not None)

    @property
    def may_withdraw(self) -> bool:
        """Can it still be taken back?"""
        return self.row.state in MAY_WITHDRAW

    @property
    def is_mail(self) -> bool:
        """Did it go by e-mail?"""
        return ROUTES[self.row.route].channel is Channel.EMAIL

    @property
    def may_retract(self) -> bool:
        """Did it leave, or may have, so that it can be taken back?"""
        return self.row.state in MAY_RETRACT

    @property
    def may_follow(self) -> bool:
        """Can further letters be written?"""
        by_mail = ROUTES[self.row.route].channel is Channel.EMAIL
        return by_mail and self.row.state in (NoticeState.SENT, NoticeState.LAPSED)

    @property
    def may_renew(self) -> bool:
        """Can its form be submitted again?"""
        return self.is_form and self.row.state in MAY_RENEW and self.sighting.removed_at is None

    @property
    def may_come_back(self) -> bool:
        """An e-mail that was sent: somebody may learn that it did not arrive."""
        by_mail = ROUTES[self.row.route].channel is Channel.EMAIL
        return by_mail and self.row.state in (NoticeState.SENT, NoticeState.LAPSED)

    @property
    def is_dialogue(self) -> bool:
        """A bot's dialogue or an app's menu, which a person goes through."""
        return ROUTES[self.row.route].channel is Channel.ASSISTED

    @property
    def is_form(self) -> bool:
        """Submitted by a person through a web form."""
        return ROUTES[self.row.route].channel.by_hand


@dataclass(frozen=True, slots=True)
class NoticeDetail:
    """Everything about one notice: what the JSON API says of it, and what only the page adds."""

    card: NoticeCard
    whole: NoticeWhole = field(repr=False)
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    """Label and value: for a form in its order with the form's own labels."""
    removal: RemovalRecord | None = field(repr=False)
    leaving: LeavingView | None = field(repr=False)
    """What would leave, or left; None where nothing may be written any more."""
    letters: tuple[LetterView, ...] = field(repr=False)
    """What followed it."""
    cannot: Refusal | None
    """Why nothing may be written any more."""
    message: OneMessage = field(default=OneMessage(None), repr=False)
    """What goes, or went, in one message with it."""
    dialogue: tuple[DialogueLine, ...] = field(default=(), repr=False)
    """Of an assisted route: its steps in order, each with what to copy."""
    sheet: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Of a form: what to copy into it."""


async def count_groups(session: AsyncSession, advocate: AdvocateActor) -> dict[str, int]:
    """How many notices are under each tab."""
    query = visible_notices(advocate).with_only_columns(Notice.state, func.count()).group_by(Notice.state)
    by_state = {str(row[0]): int(row[1]) for row in await session.execute(query)}
    return {name: sum(by_state.get(state, 0) for state in states) for name, states in GROUPS.items()}


async def notice_cards(
    session: AsyncSession, context: DomainContext, advocate: AdvocateActor, *, group: str, offset: int
) -> list[NoticeCard]:
    """One page of a tab: the nearest deadline first."""
    query = (
        visible_notices(advocate)
        .where(Notice.state.in_(GROUPS[group]))
        .order_by(Notice.deadline_at.is_(None), Notice.deadline_at, Notice.created_at, Notice.id)
    )
    rows: Sequence[Any] = (await session.execute(query.offset(offset).limit(PAGE_SIZE))).all()
    # The keys of a page by one question: each card opens what its person told.
    held = await asyncio.to_thread(context.holding, {case.id for *_, case in rows})
    return [_card(held, *row) for row in rows]


def _card(context: DomainContext, notice: Notice, sighting: Sighting, source: SourceName, case: Case) -> NoticeCard:
    now, intake = context.now(), read_intake(context, case)
    minor = notice.route in adult_routes() and age_of(sighting, intake).counts_as_minor
    unconfirmed = waits_for_person(context, case)
    return NoticeCard(notice, sighting, source, now, police_wait(intake, now) is not None, minor, unconfirmed)


async def notice_detail(
    session: AsyncSession, context: DomainContext, advocate: AdvocateActor, notice_id: str, language: str
) -> NoticeDetail:
    """Everything about one notice, opened with the case's key."""
    notice, sighting, source, case, about = await get_with_beside(session, advocate, notice_id)
    steps = await escalations_of(session, notice.id)
    whole = notice_whole(context, advocate, notice, sighting, case, steps, language, about)
    removal, links = about.removal, {notice.id: about.link}
    leaving, cannot = None, None
    try:
        leaving = leaving_view(notice, await what_leaves(session, context, notice, links))
    except RuleBroken as error:
        cannot = error.reason
    return NoticeDetail(
        card=_card(context, notice, sighting, source, case),
        whole=whole,
        fields=labelled(notice.route, whole.content.fields, language),
        leaving=leaving,
        letters=tuple([await letter_view(context, notice, row) for row in await letters_of(session, notice.id)]),
        cannot=cannot,
        message=await message_of(session, advocate, notice),
        dialogue=dialogue_of(notice, whole.content, language),
        sheet=() if whole.form is None else tuple(whole.form.fields),
        removal=None if removal is None else context.open_record(RemovalRecord, case.id, sighting.id, removal.content),
    )


def dialogue_of(notice: Notice, content: ContentView, language: str) -> tuple[DialogueLine, ...]:
    """The steps that a person goes through; none where it is no dialogue."""
    composed = Composed(
        route=notice.route,
        language=notice.language,
        recipient=content.recipient,
        subject=content.subject,
        body=content.body,
        fields=content.fields,
    )
    return dialogue_sheet(composed, language)


def labelled(route: str, fields: Mapping[str, str], language: str) -> tuple[tuple[str, str], ...]:
    """Labels and values: those of the form as the form calls them, else every field in the reader's words."""
    form = ROUTES[route].form
    if form:
        return tuple((label, fields[name]) for name, label in form if name in fields)
    return tuple((in_language(FIELD_WORDS.get(name, {"en": name}), language), value) for name, value in fields.items())
