"""The texts that a person can send themselves, for the links that they entered; the person's alone."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, KnownLink
from db.queries.cases import links_of
from monitor.cases.intake import read_intake
from monitor.cases.links import is_address
from monitor.context.context import DomainContext
from monitor.model.facts import PictureKind
from monitor.model.records.link import LinkRecord
from monitor.notices.self_help import SELF_HELP
from monitor.notices.self_send import SelfNotice, self_notice, to_a_place, to_the_centre
from monitor.platforms.base import PlatformName
from monitor.platforms.links import links_in


async def self_notices(
    session: AsyncSession, context: DomainContext, case: Case
) -> Sequence[tuple[KnownLink, str, SelfNotice]]:
    """Each link, its address as it was entered, and a text for each that it can be sent to. Nothing is sent."""
    intake = read_intake(context, case)
    age, recipients, found = intake.age_group, context.recipients, []
    for link in await links_of(session, case.id):
        url = context.open_record(LinkRecord, case.id, link.id, link.payload).url
        kind = PictureKind(link.kind)
        if link.platform is not None:
            desk = self_notice(PlatformName(link.platform), url, kind, age, recipients)
        else:
            desk = to_a_place(SELF_HELP.of(url, None, links_in(url)), url, kind, age)
        centre = to_the_centre(url, kind, age, intake.country, recipients) if is_address(url) else None
        found += [(link, url, told) for told in (desk, centre) if told is not None]
    return found
