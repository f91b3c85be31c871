"""Reading a channel's history forwards from a cursor, in as few calls as Telegram's backward-looking method allows.

Telegram serves newest first, in pages that may be shorter than asked without being the last, with holes in the
numbers. So nothing here counts messages: only ids decide what is new and whether more follows.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telethon.tl import types as t

from monitor.platforms.telegram.carried import is_post

PAGE = 100
"""Messages in one answer of messages.getHistory at most; Telegram cuts larger wishes."""
STEPS = 8
"""Tries to step over a stretch of numbers in which every message is gone."""

Ask = Callable[..., Awaitable[Any]]
"""messages.getHistory with the given offsets: `await ask(offset_id=..., offset_date=..., add_offset=..., limit=...)`"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Messages after a cursor and edited ones before it, oldest first; `chats` and `users` as the answers have them."""

    new: tuple[Any, ...]
    edited: tuple[Any, ...]
    cursor: int
    more: bool
    chats: tuple[Any, ...]
    users: tuple[Any, ...] = ()


async def read_after(ask: Ask, cursor: int | None, *, since: datetime, limit: int) -> Stretch:
    """At most `limit` messages with a number above `cursor`; without a cursor, those not older than `since`.

    One call while fewer than 100 messages are new, else two; a hole of hundreds of numbers costs more.
    """
    described: list[Any] = []

    async def ask_and_keep(**offsets: Any) -> Any:
        described.append(await ask(**offsets))
        return described[-1]

    answer = await ask_and_keep(limit=PAGE)
    latest = _oldest_first(answer.messages)
    if cursor is None:
        reached = any(message.date < since for message in latest)
        known = max((message.id for message in latest if message.date < since), default=0)
    else:
        reached, known = any(message.id <= cursor for message in latest), cursor
    new = [message for message in latest if message.id > known]
    edited: list[Any] = []
    if reached and cursor is not None:
        # They came with the answer; what is older is rechecked once a day.
        edited = [message for message in latest if message.id <= cursor and getattr(message, "edit_date", None)]
    top = latest[-1].id if latest else known
    if new and not reached:
        new, known = await _forwards(ask_and_keep, cursor, since, known, min(limit, PAGE), top)
    new = new[:limit]
    end = new[-1].id if new else known
    chats = tuple(chat for each in described for chat in each.chats)
    users = tuple(user for each in described for user in each.users)
    return Stretch(_posts(new), _posts(edited), end, end < top, chats, users)


async def _forwards(
    ask: Ask, cursor: int | None, since: datetime, known: int, size: int, top: int
) -> tuple[list[Any], int]:
    """The oldest messages after the cursor, and how far is known to hold nothing else."""
    offset: dict[str, Any] = {"offset_date": since} if cursor is None else {"offset_id": known + 1}
    for _ in range(STEPS):
        answer = await ask(**offset, add_offset=-size, limit=size)
        found = [m for m in _oldest_first(answer.messages) if m.id > known and (cursor is not None or m.date >= since)]
        if found or known >= top:
            return found, known
        if "offset_id" in offset:
            # Every message in this stretch may be gone; a cursor that stayed before it would stay there for ever.
            known = min(known + size, top - 1)
        offset = {"offset_id": known + 1}
    return [], known


def _oldest_first(messages: list[Any]) -> list[Any]:
    return sorted((m for m in messages if not isinstance(m, t.MessageEmpty)), key=lambda message: message.id)


def _posts(messages: list[Any]) -> tuple[Any, ...]:
    """Service messages take numbers, but most are no posts."""
    return tuple(message for message in messages if is_post(message))
