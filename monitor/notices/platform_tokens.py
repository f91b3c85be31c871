"""Tokens of platforms: made and revoked by the operator, each for one address. Only the hash of one is stored."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.platform_side import PlatformToken
from db.queries.platform_side import token_of_hash
from db.types import new_id
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.by import By
from monitor.evidence.chain import INSTALLATION
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.ledger import Ledger
from monitor.keys.envelope import Key
from monitor.keys.store import KeyStore
from monitor.notices.platform_links import LINKS, recipient_tag

TOKENS = "system:platform-tokens"
"""Name of the key that seals addresses and secrets of webhooks."""
PREFIX = "jkp_"
"""So that a token that lies about is known for one."""
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class MadeToken:
    """Shown once."""

    id: str
    token: str = field(repr=False)
    webhook_secret: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a platform is called, and what signs the calls."""

    address: str = field(repr=False)
    secret: str = field(repr=False)


async def make_token(
    session: AsyncSession,
    keys: KeyStore,
    *,
    name: str,
    address: str,
    platform: str | None,
    webhook: str | None,
    by: By,
    now: datetime,
) -> MadeToken:
    """`address`: where the notices go that it may read and answer. `webhook`: checked by the caller."""
    if not 0 < len(name.strip()) <= LONGEST_NAME or not name.isprintable():
        raise RuleBroken(Refusal.NAME_INVALID, f"a name has 1 to {LONGEST_NAME} printable characters")
    token, token_id = PREFIX + secrets.token_urlsafe(32), new_id()
    secret = secrets.token_urlsafe(32) if webhook else None
    sealed = None
    if webhook:
        told = {"address": webhook, "secret": secret}
        sealed = keys.create(TOKENS).seal_json(told, _place(token_id))
    tag = recipient_tag(keys.create(LINKS), address)
    session.add(
        PlatformToken(
            id=token_id,
            token_hash=hash_of(token),
            name=name.strip(),
            recipient_tag=tag,
            platform=platform,
            created_at=now,
            webhook=sealed,
        )
    )
    await session.flush()
    facts: Mapping[str, Any] = {"token": token_id, "name": name.strip(), "webhook": webhook is not None}
    about = {} if platform is None else {"platform": platform}
    kind = EntryKind.PLATFORM_TOKEN_MADE
    await Ledger(keys).append(session, INSTALLATION, kind, {**facts, **about, "recipient_tag": tag}, by=by, at=now)
    return MadeToken(token_id, token, secret)


async def revoke_token(session: AsyncSession, keys: KeyStore, *, token_id: str, by: By, now: datetime) -> None:
    """It opens nothing from now on. Again changes nothing. Raises RuleBroken(TOKEN_UNKNOWN)."""
    row = await session.get(PlatformToken, token_id)
    if row is None:
        raise RuleBroken(Refusal.TOKEN_UNKNOWN, "there is no such token; `platform list` names them")
    if row.revoked_at is None:
        row.revoked_at, row.webhook = now, None
        await session.flush()
        kind = EntryKind.PLATFORM_TOKEN_REVOKED
        await Ledger(keys).append(session, INSTALLATION, kind, {"token": token_id}, by=by, at=now)


async def token_behind(session: AsyncSession, token: str) -> PlatformToken | None:
    """Whose token this is; None where it is none, or revoked."""
    return await token_of_hash(session, hash_of(token)) if token.startswith(PREFIX) else None


def webhook_of(key: Key, row: PlatformToken) -> Webhook | None:
    """`key`: TOKENS."""
    return None if row.webhook is None else Webhook(**key.open_json(row.webhook, _place(row.id)))


def hash_of(token: str) -> str:
    """What is stored: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _place(token_id: str) -> str:
    return f"webhook:{token_id}"
