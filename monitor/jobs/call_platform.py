"""Calls the webhook of a platform's token: ids only, signed, tried again for about a day, then given up."""

import json
import logging
import time
from datetime import timedelta
from typing import Protocol

from db.models.platform_side import PlatformCall, PlatformToken
from db.queries.stops import why_paused
from db.session import Database
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import DeliveryError
from monitor.delivery.webhook import signature
from monitor.notices.platform_tokens import TOKENS, webhook_of
from monitor.work import tasks

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 8
_BACKOFF = timedelta(minutes=5)
"""Doubled with each attempt: the last is ten hours after the first."""


class Caller(Protocol):
    """Raises DeliveryError."""

    async def call(self, address: str, body: bytes, headers: dict[str, str]) -> None:
        """Once."""


class PlatformCaller:
    """The call_platform job. A call that is made twice bears the same id both times."""

    def __init__(self, database: Database, context: DomainContext, caller: Caller) -> None:
        self._database, self._context, self._caller = database, context, caller

    async def call(self, call_id: str, attempt: int) -> None:
        """Make one attempt; what follows is enqueued with its result."""
        async with self._database.read() as session:
            row = await session.get_one(PlatformCall, call_id)
            token = await session.get_one(PlatformToken, row.token_id)
            paused = await why_paused(session, row.case_id)
        if row.due_at is None or row.attempt != attempt:
            return
        if paused is not None:
            return  # nothing leaves; it keeps its due time, and the sweeper asks for the call when work goes on
        webhook = webhook_of(self._context.keys.create(TOKENS), token) if self._context.webhooks else None
        if webhook is None:
            await self._note(call_id, attempt, "revoked", last=True)
            return
        told = {"id": call_id, "event": row.event, "notice_id": row.notice_id, "at": row.at.isoformat()}
        body = json.dumps(told, sort_keys=True).encode()
        headers = {"Jikimi-Call": call_id, "Jikimi-Signature": signature(webhook.secret, body, int(time.time()))}
        try:
            await self._caller.call(webhook.address, body, headers)
        except DeliveryError as error:
            log.info("a webhook was not taken", extra={"call_id": call_id, "reason": error.reason})
            await self._note(call_id, attempt, error.reason, last=attempt >= MOST_ATTEMPTS)
        else:
            await self._note(call_id, attempt, None, last=True)

    async def _note(self, call_id: str, attempt: int, reason: str | None, *, last: bool) -> None:
        context = self._context
        async with self._database.begin() as session:
            row = await session.get_one(PlatformCall, call_id)
            if row.due_at is None or row.attempt != attempt:
                return
            row.reason = None if reason is None else reason[:64]
            if not last:
                wait = _BACKOFF * (1 << (attempt - 1))
                row.attempt, row.due_at = attempt + 1, context.now() + wait
                again = tasks.call_platform(call_id, row.attempt, delay=context.clock.real_seconds(wait))
                await context.enqueue(session, again)
                return
            row.due_at = None
            if reason is None:
                await context.resolve(session, AlertKind.WEBHOOK_FAILING, row.token_id)
            elif reason != "revoked":
                await context.alert(session, AlertKind.WEBHOOK_FAILING, row.token_id, reason[:64])
