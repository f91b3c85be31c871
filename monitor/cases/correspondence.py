"""How a centre and its advocates appear to those they write to: where answers go, and a name for work."""

import re
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.people import Advocate
from db.queries import people
from monitor.cases.advocates import LONGEST_NAME, normal_login
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.by import By
from monitor.evidence.chain import INSTALLATION
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.ledger import Ledger
from monitor.keys.store import KeyStore

LONGEST_ADDRESS = 254
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def is_address(text: str) -> bool:
    """One plain e-mail address, and nothing else."""
    return len(text) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


def checked_address(text: str) -> str:
    """One plain e-mail address, or "" for none. Raises RuleBroken: address-invalid."""
    address = text.strip()
    if address and not is_address(address):
        raise RuleBroken(Refusal.ADDRESS_INVALID, "one plain e-mail address, such as answers@centre.example")
    return address


async def set_reply_to(
    session: AsyncSession, keys: KeyStore, *, organisation: str, reply_to: str, by: By, now: datetime
) -> None:
    """Where answers to the centre's notices go; empty: to the address that they come from.

    Raises RuleBroken: organisation-unknown, address-invalid.
    """
    home = await people.find_organisation(session, organisation.strip())
    if home is None:
        raise RuleBroken(Refusal.ORGANISATION_UNKNOWN, "there is no organisation of this name")
    address = checked_address(reply_to)
    if (home.reply_to or "") == address:
        return
    home.reply_to = address or None
    await session.flush()
    facts = {"organisation": home.id, "reply_to": address}
    await Ledger(keys).append(session, INSTALLATION, EntryKind.ORGANISATION_CHANGED, facts, by=by, at=now)


async def set_alias(session: AsyncSession, keys: KeyStore, *, login: str, alias: str, by: By, now: datetime) -> None:
    """The name under which an advocate writes to others; empty: their own. Where a law asks for a signature, their
    own name stands there whatever the alias is.

    Raises NotFound, and RuleBroken: name-invalid.
    """
    advocate = await people.advocate_known(session, normal_login(login))
    if advocate is None or advocate.disabled_at is not None:
        raise NotFound("there is no active advocate with this login")
    await change_alias(session, keys, advocate, alias=alias, by=by, now=now)


async def change_alias(
    session: AsyncSession, keys: KeyStore, advocate: Advocate, *, alias: str, by: By, now: datetime
) -> None:
    """The same of an account in hand. Raises RuleBroken: name-invalid."""
    alias = alias.strip()
    if len(alias) > LONGEST_NAME or not alias.isprintable():
        raise RuleBroken(Refusal.NAME_INVALID, f"names have 1 to {LONGEST_NAME} printable characters")
    if (advocate.work_alias or "") == alias:
        return
    advocate.work_alias = alias or None
    await session.flush()
    # Not the alias itself: the ledger outlives it, and it may tell who somebody is.
    facts = {"advocate": advocate.id, "organisation": advocate.organisation_id, "work_alias": bool(alias)}
    await Ledger(keys).append(session, INSTALLATION, EntryKind.ADVOCATE_CHANGED, facts, by=by, at=now)
