"""From a case's rows to what is shown of them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.schemas.cases import CaseView, CentreView, ContactView, IntakeView, PauseView, PoolCase, WaitingCase, WayView
from api.schemas.watching import ConsentView, FingerprintView, LinkView
from api.views.entered import Name, entries_view, namer
from db.models.cases import Case, Fingerprint, KnownLink
from db.models.people import Organisation
from db.models.sources import Consent
from db.queries.actors import Actor, PersonActor
from db.queries.cases import counts_of
from db.queries.people import working_organisations
from db.queries.tenants import CaseTenant, TenantSource, consents_of
from monitor.actions.access import is_elsewhere
from monitor.actions.erase import nobody_vouched
from monitor.actions.pauses import Pause, pause_of
from monitor.cases.counts import counts_shown
from monitor.cases.entered import read_entered
from monitor.cases.fingerprints import fingerprints_shown_to
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.fingerprints.hashes.values import FRAMES_SET
from monitor.model.consent import is_to_be_renewed, stands
from monitor.model.facts import Intake
from monitor.model.notice_states import NoticeState
from monitor.model.records.fingerprint import FingerprintRecord
from monitor.model.records.link import LinkRecord
from monitor.notices.contacts import Contact, cautions, contacts
from monitor.notices.eligibility import police_question
from monitor.notices.self_help import self_help_key
from monitor.platforms.links import links_in
from monitor.sightings.case_pictures import counted_otherwise
from monitor.watch.joining import TOO_PLAIN

ENDS_WITH = 4
"""Signs of a number that are shown of it: 110 of its 130 bits are not."""


def pool_view(case: Case, now: datetime) -> PoolCase:
    """A case that waits for any centre."""
    return PoolCase(
        case_id=case.id if case.any_centre else None,
        ends_with=case.id[-ENDS_WITH:],
        waiting_hours=int((now - case.opened_at).total_seconds() // 3600),
        language=case.language,
        in_hand=case.organisation_id is not None,
    )


def waiting_view(actor: Actor, case: Case, paused: Pause | None) -> WaitingCase:
    """A case without content."""
    in_hand = case.organisation_id is not None and case.vouched_at is None
    own = isinstance(actor, PersonActor) or case.organisation_id == actor.organisation_id
    return WaitingCase(
        case_id=case.id,
        state=case.state,
        language=case.language,
        opened_at=case.opened_at,
        vouched=case.vouched_at is not None,
        vouch_due_at=case.vouch_due_at,
        ends_at=case.ends_at if case.vouched_at is None and not in_hand else None,
        erase_at=case.erase_at,
        nobody_vouched=nobody_vouched(case),
        any_centre=case.any_centre,
        in_hand=in_hand,
        in_hand_until=case.in_hand_until if own else None,
        paused=None if paused is None or is_elsewhere(actor, case) else PauseView(**asdict(paused)),
    )


async def case_view(session: AsyncSession, context: DomainContext, actor: Actor, case: Case) -> CaseView:
    """A case with its counts."""
    now, intake, entered = context.now(), read_intake(context, case), read_entered(context, case)
    counted, to_person = await counts_of(session, actor, case.id), isinstance(actor, PersonActor)
    counts = counts_shown(counted, case.state, to_person=to_person)
    live = [one for one, _ in await consents_of(session, CaseTenant(case.id)) if stands(one, now).allowed]
    country, age, language = intake.country, intake.age_group, case.language
    return CaseView(
        **waiting_view(actor, case, await pause_of(session, context, case, actor)).model_dump(),
        **asdict(counts),
        consents=len(live),
        intake_filled=case.intake is not None,
        waiting=list(entered.waiting),
        to_confirm=len(entered.unconfirmed),
        centre=await _centre(session, context, case) if to_person else None,
        centres=await _centres(session, context) if to_person and case.vouched_at is None else [],
        contacts=[_contact(each) for each in contacts(country, age, language, now)],
        cautions=list(cautions(country, age, language)),
        country=country if to_person else "",
        vouch_overdue=case.vouched_at is None and case.vouch_due_at <= now,
        young=to_person and age.counts_as_minor,
    )


def _contact(contact: Contact) -> ContactView:
    return ContactView(
        key=contact.key,
        name=contact.name,
        phone=contact.phone,
        address=contact.address,
        note=contact.note,
        always_open=contact.always_open,
        confirmed=contact.confirmed,
        open_now=contact.open_now,
        opens=contact.opens,
        ways=[WayView(channel=way.channel.value, to=way.to, label=way.label) for way in contact.ways],
    )


async def _centre(session: AsyncSession, context: DomainContext, case: Case) -> CentreView | None:
    home = None if case.organisation_id is None else await session.get_one(Organisation, case.organisation_id)
    return None if home is None else CentreView(name=home.name, contact=context.contact_of(home.name))


async def _centres(session: AsyncSession, context: DomainContext) -> list[CentreView]:
    found = await working_organisations(session)
    return [CentreView(name=each.name, contact=context.contact_of(each.name)) for each in found]


async def intake_view(
    session: AsyncSession, context: DomainContext, actor: Actor, case: Case, intake: Intake
) -> IntakeView:
    """The intake as it counts now, and what of it an advocate entered."""
    entered = await entries_view(session, context, actor, case)
    return IntakeView(
        permission_to_send=intake.permission_to_send_at is not None,
        police_over=police_question(intake, context.now()),
        marks=entered.marks,
        waiting=[one.matter for one in entered.entries if not one.in_effect],
        **asdict(intake),
    )


async def fingerprint_views(
    session: AsyncSession, context: DomainContext, actor: Actor, case_id: str, rows: Sequence[Fingerprint]
) -> list[FingerprintView]:
    """These fingerprints of a case, without their hashes. Those that the actor may not know tell nothing here."""
    name = await namer(session, [row.entered_by for row in rows])
    known = await fingerprints_shown_to(session, actor, case_id)
    otherwise = await asyncio.to_thread(counted_otherwise, context, known)
    return [fingerprint_view(context, actor, row, name, otherwise.get(row.id)) for row in rows]


def fingerprint_view(
    context: DomainContext, actor: Actor, row: Fingerprint, name: Name, counts_as: str | None
) -> FingerprintView:
    """A fingerprint without its hash. That it fitted too much is the advocate's to know: it tells of copies that they
    have not released. `counts_as`: see `counted_otherwise`."""
    record = context.open_record(FingerprintRecord, row.case_id, row.id, row.payload)
    return FingerprintView(
        fingerprint_id=row.id,
        kind=row.kind,
        age_group=row.age_group,
        counts_as=counts_as,
        origin=row.origin,
        version=row.version,
        set=row.set_name,
        frames=(row.frames or len(record.codes)) if row.set_name == FRAMES_SET else 0,
        cut_out=row.cut_out is not None,
        quality=record.quality,
        label=record.label,
        added_at=row.added_at,
        entered_by=name(row.entered_by),
        paused_since=None if isinstance(actor, PersonActor) else row.quarantined_at,
    )


def link_view(context: DomainContext, row: KnownLink, name: Name, waits_for: str | None = None) -> LinkView:
    """A link that was entered. `waits_for`: as `monitor.cases.links.why_links_wait` tells."""
    record = context.open_record(LinkRecord, row.case_id, row.id, row.payload)
    return LinkView(
        link_id=row.id,
        state=row.state,
        # Older rows say which list it was; that is for nobody to find out by a link.
        reason=TOO_PLAIN if row.reason == "harmless" else row.reason,
        url=record.url,
        kind=row.kind,
        platform=row.platform,
        public=row.public,
        entered_at=row.entered_at,
        entered_by=name(row.entered_by),
        waits_for=waits_for,
        help=self_help_key(record.url, row.platform, links_in(record.url), public=row.public),
        read_at=row.read_at,
    )


def consent_view(consent: Consent, source: TenantSource, now: datetime, name: Name) -> ConsentView:
    """A consent as it stands at `now`, and its source as it was read for this case."""
    return ConsentView(
        consent_id=consent.id,
        platform=source.name.platform,
        source=source.name.handle,
        source_id=source.name.id,
        purpose=consent.purpose,
        given_at=consent.given_at,
        entered_by=name(consent.entered_by),
        expires_at=consent.expires_at,
        withdrawn_at=consent.withdrawn_at,
        live=stands(consent, now).allowed,
        renewal=is_to_be_renewed(consent, now),
        read_at=source.read_at,
        unavailable=source.unavailable,
        not_inspected=source.not_inspected,
    )


def moved_of(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, int]:
    """Of the notices that somebody sees: how many were `stopped`, `held`, `lifted`, `prepared` between two moments."""
    stopped, waits = NoticeState.WITHDRAWN, NoticeState.HELD
    prepared = [one for one, state in after.items() if state == NoticeState.PREPARED]
    changed = [(before[one], state) for one, state in after.items() if before.get(one, state) != state]
    return {
        "stopped": sum(now == stopped for _, now in changed),
        "held": sum(now == waits for _, now in changed),
        "lifted": sum(then == waits and now != stopped for then, now in changed),
        "prepared": sum(before.get(one, stopped) == stopped for one in prepared),
    }
