"""A confirmed sighting as the pure rules see it."""

from collections.abc import Collection
from datetime import UTC
from email.utils import parseaddr

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.models.cases import Case
from db.models.desk import CaseDesk
from db.models.people import Advocate, Organisation
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.people import who_answers
from monitor.context.context import DomainContext
from monitor.model.facts import NO_CENTRE, AgeGroup, Basis, Centre, CopyFacts, LastSeen, PictureKind, PostedWith
from monitor.model.records.check import CheckRecord
from monitor.model.records.sighting import SightingRecord
from monitor.platforms.base import PlatformName
from monitor.sightings.own_pages import Page, is_own


async def copy_facts(
    session: AsyncSession, context: DomainContext, sighting: Sighting, pages: Collection[Page] | None = None
) -> CopyFacts:
    """A confirmed sighting as the pure rules see it. `pages`: what `own_pages` gave for the same case.

    One statement; one more where nobody gave the pages, and one where a case moved and nobody is in charge of it.
    """
    source, case, centre, decided, in_charge = await _around(session, sighting)
    elsewhere = decided is not None and decided.organisation_id != case.organisation_id
    advocate = await _answering(session, case, in_charge) if elsewhere else decided
    reply_to = "" if centre is None else centre.reply_to or ""
    evidence = context.open_record(SightingRecord, case.id, sighting.id, sighting.evidence)
    return CopyFacts(
        platform=PlatformName(source.platform),
        handle=source.handle,
        url=evidence.url,
        post_id=sighting.post_id,
        posted_at=sighting.posted_at,
        observed_at=sighting.found_at,
        kind=PictureKind(sighting.kind),
        basis=Basis(sighting.basis or Basis.CAPTION_CONTEXT),
        reviewer="" if advocate is None else advocate.work_alias or advocate.name,
        confirmed_elsewhere=elsewhere,
        distance=sighting.distance,
        how=sighting.how,
        remote_id=source.remote_id or "",
        last_seen=_last_seen(context, sighting, source),
        age=None if sighting.age_group is None else AgeGroup(sighting.age_group),
        posted_with=read_posted_with(sighting.posted_with),
        centre=centre_told(centre),
        signer="" if advocate is None else advocate.name,
        reply_to=reply_to,
        contact=reply_to or parseaddr(context.mail_from)[1],
        author_id=evidence.author_id or "",
        media_id=evidence.media_id,
        media_index=evidence.media_index,
        media_sha256=evidence.media_sha256,
        pdq=evidence.pdq,
        phash=evidence.phash or "",
        own_page=await is_own(session, context, sighting, pages),
    )


async def _around(
    session: AsyncSession, sighting: Sighting
) -> tuple[Source, Case, Organisation | None, Advocate | None, Advocate | None]:
    """Where it is, whose it is, the centre of its case, who decided on it, and who of that centre is in charge."""
    in_charge = aliased(Advocate)
    query = select(Source, Case, Organisation, Advocate, in_charge).select_from(Source)
    query = query.join(Case, Case.id == sighting.case_id)
    query = query.outerjoin(Organisation, Organisation.id == Case.organisation_id)
    query = query.outerjoin(Advocate, Advocate.id == sighting.decided_by)
    of_centre = CaseDesk.organisation_id == Case.organisation_id
    query = query.outerjoin(CaseDesk, (CaseDesk.case_id == Case.id) & of_centre)
    query = query.outerjoin(in_charge, in_charge.id == CaseDesk.in_charge)
    row = (await session.execute(query.where(Source.id == sighting.source_id))).one()
    return row[0], row[1], row[2], row[3], row[4]


async def _answering(session: AsyncSession, case: Case, in_charge: Advocate | None) -> Advocate | None:
    """Who of the centre that has a case now speaks of what another centre confirmed: whoever is in charge and works
    there still, or else whoever answers for it. None: nobody does, and the centre alone is named."""
    if in_charge is not None and in_charge.disabled_at is None:
        return in_charge
    return await who_answers(session, case.organisation_id)


def read_posted_with(stored: str) -> frozenset[PostedWith]:
    """What an advocate saw beside the picture, from its column."""
    return frozenset(PostedWith(one) for one in stored.split())


def centre_told(home: Organisation | None) -> Centre:
    """An organisation as routes see it."""
    if home is None:
        return NO_CENTRE
    return Centre(
        name=home.name, country=home.country, designated=home.designated, registered_with=home.registered_with
    )


def _last_seen(context: DomainContext, sighting: Sighting, source: Source) -> LastSeen | None:
    if sighting.last_check is None:
        return None
    check = context.open_record(CheckRecord, sighting.case_id, sighting.id, sighting.last_check)
    return LastSeen(
        at=check.at.astimezone(UTC),
        url=check.url,
        handle=check.handle or source.handle,
        post_id=check.post_id,
        restricted=check.restricted,
        for_all=check.for_all,
    )
