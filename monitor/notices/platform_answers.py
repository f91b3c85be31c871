"""What the recipient of a notice answers through its link, or with a token: kept, told, and looked after."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.notices import Notice
from db.models.platform_side import PlatformAnswer, PlatformLink, PlatformToken
from db.models.sightings import Sighting
from db.queries.notices import lock_message
from db.queries.platform_side import answers_about, notice_addressed
from db.types import new_id
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.by import By, Door
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.facts import CopyFacts
from monitor.model.notice_states import FOLLOWED, NoticeState
from monitor.model.platform_answers import Answer, AnswerKind
from monitor.model.records.notice import NoticeRecord
from monitor.model.records.platform import PlatformAnswerRecord
from monitor.notices.fields import clean
from monitor.notices.link_block import with_taken_back
from monitor.notices.outcomes import alert_about
from monitor.notices.platform_links import ALIVE, open_ones
from monitor.notices.route_table import ROUTES
from monitor.sightings.facts import copy_facts
from monitor.work import tasks

MOST_ANSWERS = 50
"""Kept of one notice."""
BETWEEN_LOOKS = timedelta(hours=1)
BY_LINK = "link"
_TAKEN_BACK = frozenset({NoticeState.WITHDRAWN, NoticeState.HELD, NoticeState.PREPARED, NoticeState.QUEUED})
"""States in which nothing is asked of a recipient: it was taken back, and nobody has sent it again."""
_ALERTS = {
    AnswerKind.ACKNOWLEDGED: AlertKind.PLATFORM_ANSWERED,
    AnswerKind.REMOVED: AlertKind.PLATFORM_ANSWERED,
    AnswerKind.NEED_MORE: AlertKind.PLATFORM_NEEDS_MORE,
    AnswerKind.REFUSED: AlertKind.PLATFORM_REFUSED,
}


@dataclass(frozen=True, slots=True)
class ForRecipient:
    """A notice as its own recipient sees it: what the mail said, and where exactly. Nothing beyond."""

    notice_id: str
    route: str
    law: str
    platform: str
    language: str
    state: str
    sent_at: datetime | None
    deadline_at: datetime | None
    subject: str = field(repr=False)
    body: str = field(repr=False)
    locations: Sequence[dict[str, str]] = field(repr=False)
    data: dict[str, Any] = field(repr=False)
    """The same for a program."""
    answers: Sequence[PlatformAnswer] = ()


async def for_recipient(session: AsyncSession, context: DomainContext, notice: Notice) -> ForRecipient:
    """What the recipient of this notice may see."""
    record = context.open_record(NoticeRecord, notice.case_id, notice.id, notice.content)
    law = ROUTES[notice.route].law
    # Of a mail about several copies those that still stand; each by itself where a program asks for it.
    open_now = await open_ones(session, notice) or [notice]
    asked, taken_back = await _since(session, notice, record)
    sightings = [await session.get_one(Sighting, one.sighting_id) for one in open_now]
    copies = [await copy_facts(session, context, one) for one in sightings]
    locations = [_location(copy, sighting) for copy, sighting in zip(copies, sightings, strict=True)]
    data = {
        "version": 1,
        "notice_id": notice.id,
        "route": notice.route,
        "law": law,
        "category": copies[0].kind.value,
        "sent_at": _iso(notice.sent_at),
        "deadline_at": _iso(notice.deadline_at),
        "locations": locations,
    }
    return ForRecipient(
        notice_id=notice.id,
        route=notice.route,
        law=law,
        platform=notice.platform,
        language=notice.language,
        state=notice.state,
        sent_at=notice.sent_at,
        deadline_at=notice.deadline_at,
        subject=record.subject,
        body=with_taken_back(record.body, notice.language, await _addresses(session, context, taken_back, asked)),
        locations=locations,
        data=await _carried(session, context, record, asked) or data,
        answers=await answers_about(session, notice.id),
    )


async def _since(
    session: AsyncSession, notice: Notice, record: NoticeRecord
) -> tuple[Sequence[Sighting], Sequence[Sighting]]:
    """Of what its mail named: the copies about which it still asks, and those for which it was taken back."""
    lead_id, named = notice.together_id or notice.id, record.sightings or (notice.sighting_id,)
    query = select(Sighting, Notice).join(Notice, Notice.sighting_id == Sighting.id)
    query = query.where(Sighting.id.in_(named), Notice.route == notice.route).order_by(Sighting.id)
    rows = (await session.execute(query)).all()
    asked = [at for at, one in rows if one.state in ALIVE and (one.together_id or one.id) == lead_id]
    return asked, [at for at, one in rows if one.state in _TAKEN_BACK]


async def _addresses(
    session: AsyncSession, context: DomainContext, taken_back: Sequence[Sighting], asked: Sequence[Sighting]
) -> Sequence[str]:
    """Of the copies for which it was taken back; not of a post in which another one stands that is still asked for."""
    if not taken_back:
        return ()
    still = {(await copy_facts(session, context, one)).url for one in asked}
    urls = [clean((await copy_facts(session, context, one)).url) for one in taken_back]
    return [url for url in dict.fromkeys(urls) if url not in still]


async def _carried(
    session: AsyncSession, context: DomainContext, record: NoticeRecord, asked: Sequence[Sighting]
) -> dict[str, Any] | None:
    """The part for programs that the mail itself carried, with the places about which it still asks; older mails have
    none."""
    for one in record.content().get("attachments", []):
        if one["media_type"] == "application/json":
            told: dict[str, Any] = json.loads(one["text"])
            if 0 < len(asked) < len(record.sightings):
                copies = [await copy_facts(session, context, at) for at in asked]
                still = {(copy.post_id, copy.media_id or None) for copy in copies}
                told["locations"] = [
                    place for place in told["locations"] if (place["post_id"], place["media"]["id"]) in still
                ]
            return told
    return None


def _location(copy: CopyFacts, sighting: Sighting) -> dict[str, str]:
    """Where the copy stands: the address, and the platform's own numbers, which stay when a name changes."""
    told = {
        "platform": copy.platform.value,
        "url": copy.url,
        "handle": copy.handle,
        "account_id": copy.remote_id,
        "post_id": copy.post_id,
        "media_id": sighting.media_id,
        "posted_at": _iso(copy.posted_at),
        "observed_at": _iso(copy.observed_at),
    }
    return {name: value for name, value in told.items() if value}


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


async def answer_with_token(
    session: AsyncSession, context: DomainContext, token: PlatformToken, notice_id: str, answer: Answer
) -> PlatformAnswer:
    """Answer a notice that goes to the token's address. Raises NotFound for every other one, and for what is over."""
    asked = partial(notice_addressed, session, token, notice_id, states=ALIVE, now=context.now())
    if await asked() is None:
        raise NotFound
    await lock_message(session, notice_id)
    found = await asked()  # whoever held it may have ended it
    if found is None:
        raise NotFound
    return await take_answer(session, context, *found, answer, by=f"token:{token.id}")


async def take_answer(
    session: AsyncSession, context: DomainContext, link: PlatformLink, notice: Notice, answer: Answer, *, by: str
) -> PlatformAnswer:
    """Keep an answer and tell the advocates. The notice is held; the state of the notice stays as it is.

    "Removed" is what they say: it brings the next look at the copy forward, once an hour at most.
    """
    context = context.acting(By.platform(notice.platform, Door.LINK if by == BY_LINK else Door.API))
    count = select(func.count()).select_from(PlatformAnswer).where(PlatformAnswer.notice_id == notice.id)
    if (await session.scalar(count) or 0) >= MOST_ANSWERS:
        raise RuleBroken(Refusal.TOO_MANY_ANSWERS, f"a notice takes at most {MOST_ANSWERS} answers")
    row_id, text = new_id(), answer.text.strip()
    sealed = context.seal_record(notice.case_id, row_id, PlatformAnswerRecord(text=text)) if text else None
    reason = None if answer.reason is None else answer.reason.value
    row = PlatformAnswer(
        id=row_id,
        case_id=notice.case_id,
        notice_id=notice.id,
        kind=answer.kind.value,
        reason=reason,
        by=by,
        content=sealed,
        at=context.now(),
    )
    session.add(row)
    if answer.kind is AnswerKind.REMOVED:
        await _ask_for_look(session, context, link, notice)
    await session.flush()
    told = {"notice": notice.id, "answer": row.id, "kind": answer.kind.value, "through": by}
    said = {"reason": reason} if reason else {}
    await context.record(
        session, notice.case_id, EntryKind.PLATFORM_ANSWERED, **told, **said, **({"text": text} if text else {})
    )
    await alert_about(session, context, _ALERTS[answer.kind], notice, f"platform-{reason or answer.kind.value}")
    return row


async def _ask_for_look(session: AsyncSession, context: DomainContext, link: PlatformLink, notice: Notice) -> None:
    """Bring the next check of each copy of that mail forward: to now, or to an hour after the last that was asked for
    so."""
    now = context.now()
    if link.look_at is not None and link.look_at > now:
        return
    at = now if link.look_at is None else max(now, link.look_at + BETWEEN_LOOKS)
    for one in await open_ones(session, notice):
        if one.state not in FOLLOWED or (one.due_at is not None and one.due_at <= at):
            continue
        link.look_at, one.due_at = at, at
        one.look += 1  # the check that is waiting finds that its number has passed
        delay = context.clock.real_seconds(at - now)
        await context.enqueue(session, tasks.verify(one.id, one.look + 1, delay=delay))
