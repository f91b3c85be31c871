"""Mails the code that an answer through a notice's link needs, to the notice's own recipient and nobody else."""

import logging
from datetime import UTC, datetime

from db.models.notices import Notice
from db.models.platform_side import PlatformLink
from db.models.sightings import Sighting
from db.models.sources import Source
from db.session import Database
from monitor.context.context import DomainContext
from monitor.core.errors import DeliveryError, InDoubt, NotSent
from monitor.delivery.base import Delivery, Outgoing
from monitor.model.records.notice import NoticeRecord
from monitor.notices.code_mail import code_mail
from monitor.notices.message_id import message_id
from monitor.notices.platform_links import CODE_LASTS, LINKS, code_of, is_alive, is_good
from monitor.sources.sources import source_ref
from monitor.work import tasks

log = logging.getLogger(__name__)

_AGAIN = 60.0
"""Real seconds until the next try, times the number of tries. Twice the same code is no harm."""
_CODES = 900_000
"""Numbers of Message-IDs from here on are of codes: a report that one came back says nothing of the notice."""


class CodeMailer:
    """The mail_code job. The code follows from a key: neither the engine nor a log ever holds it."""

    def __init__(self, database: Database, context: DomainContext, mail: Delivery | None) -> None:
        """`mail`: the way out without a copy to anybody."""
        self._database, self._context, self._mail = database, context, mail

    async def send(self, link_id: str, asked_at: int, attempt: int) -> None:
        """Mail it, if it is still good; whoever waits for it sees that it does not come and asks again."""
        outgoing = await self._outgoing(link_id)
        if outgoing is None or self._mail is None:
            return
        try:
            await self._mail.send(outgoing)
        except (NotSent, InDoubt) as error:
            log.info("a code was not mailed", extra={"link_id": link_id, "reason": error.reason})
            async with self._database.begin() as session:
                again = tasks.mail_code(link_id, asked_at, attempt + 1, delay=_AGAIN * attempt)
                await self._context.enqueue(session, again)
        except DeliveryError as error:
            log.warning("a code was refused", extra={"link_id": link_id, "reason": error.reason})

    async def _outgoing(self, link_id: str) -> Outgoing | None:
        async with self._database.read() as session:
            link = await session.get(PlatformLink, link_id)
            if link is None or not is_good(link, datetime.now(UTC)):
                return None
            notice = await session.get_one(Notice, link.notice_id)
            code = code_of(self._context.keys.create(LINKS), link)
            if code is None or not await is_alive(session, self._context, link, notice):
                return None
            record = self._context.open_record(NoticeRecord, notice.case_id, notice.id, notice.content)
            sighting = await session.get_one(Sighting, notice.sighting_id)
            source = await session.get_one(Source, sighting.source_id)
        minutes = int(CODE_LASTS.total_seconds()) // 60
        subject, body = code_mail(code, notice.id, notice.language, minutes=minutes)
        number = _CODES + link.code_number
        return Outgoing(
            notice_id=notice.id,
            route=notice.route,
            recipient=record.recipient,
            subject=subject,
            body=body,
            source=source_ref(source),
            post_ids=(),
            message_id=message_id(f"{notice.id}.{number}", self._context.message_domain),
            cites=(notice.message_id,) if notice.message_id else (),
        )
