"""The texts that a person can send themselves, for the links that they entered; the person's alone."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, KnownLink
from db.queries.cases import links_of
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.model.facts import PictureKind
from monitor.model.records.link import LinkRecord
from monitor.notices.self_send import SelfNotice, self_notice
from monitor.platforms.base import PlatformName


async def self_notices(
    session: AsyncSession, context: DomainContext, case: Case
) -> Sequence[tuple[KnownLink, str, SelfNotice]]:
    """Each link to a platform that we know, its address as it was entered, and the text. Nothing is sent."""
    age = read_intake(context, case).age_group
    found = []
    for link in await links_of(session, case.id):
        if link.platform is None:
            continue
        url = context.open_record(LinkRecord, case.id, link.id, link.payload).url
        told = self_notice(PlatformName(link.platform), url, PictureKind(link.kind), age, context.recipients)
        if told is not None:
            found.append((link, url, told))
    return found
