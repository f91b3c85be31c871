"""Every lock of a row is taken here, in one order, so that no two transactions ever wait for each other.

See docs/decisions/0041-one-lock-order.md. Nobody else says `with_for_update`. A lock lets rows that only refer to the
locked one be inserted meanwhile: nothing that is locked here is deleted or given another key. SQLite needs no locks of
rows, since it lets one transaction write at a time; the order holds there as well.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import Select, inspect, select, text
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession

from db.base import Base
from db.models.cases import Case, Fingerprint, KnownLink
from db.models.centres import ListPlace
from db.models.drafts import Draft
from db.models.ledger import LedgerEntry
from db.models.linking import PlaceReport
from db.models.notices import Notice
from db.models.people import LoginThrottle, Organisation, VouchCode
from db.models.seen import Backfill
from db.models.sightings import Sighting
from db.models.sources import Source

Model = TypeVar("Model", bound=Base)

ORDER: tuple[type[Base], ...] = (
    Draft,
    ListPlace,
    Case,
    Source,
    KnownLink,
    Fingerprint,
    Sighting,
    Notice,
    Backfill,
    PlaceReport,
    Organisation,
    LedgerEntry,
    VouchCode,
    LoginThrottle,
)
"""Whoever locks rows of several of these locks them in this order, and several rows of one in the order of their keys.

A row of `LedgerEntry` stands for the whole ledger of a case. What is missing here is written only by whoever holds the
row that it belongs to (a consent: its case; what a source showed: the source), or in a transaction of its own.
"""


class Watcher(Protocol):
    """Sees what is locked. Tests set one that fails on a wrong order: tests/support/lock_order.py."""

    def locked(self, session: AsyncSession, model: type[Base], keys: Sequence[tuple[Any, ...]]) -> None:
        """These rows were locked; nobody else held them."""
        ...

    def made(self, session: AsyncSession, model: type[Base], key: tuple[Any, ...]) -> None:
        """This row was made by the session's own transaction, so nobody waits for it."""
        ...


watchers: list[Watcher] = []
"""Empty in production."""


async def lock_rows(session: AsyncSession, query: Select[Model]) -> Sequence[Model]:
    """The rows of `select(Model)...`, locked in the order of their keys until the transaction ends.

    They are as they stand now, whatever the session remembers of them.
    """
    model: type[Model] = query.column_descriptions[0]["entity"]
    query = query.order_by(None).order_by(*inspect(model).primary_key).with_for_update(key_share=True, of=model)
    rows = (await session.scalars(query.execution_options(populate_existing=True))).all()
    _tell(session, model, [inspect(row).identity or () for row in rows])
    return rows


async def lock_one(session: AsyncSession, model: type[Model], key: str | tuple[str, ...]) -> Model:
    """The row with this primary key, locked. Raises NoResultFound."""
    found = await lock_if_there(session, model, key)
    if found is None:
        raise NoResultFound(f"there is no such row of {model.__tablename__}")
    return found


async def lock_if_there(session: AsyncSession, model: type[Model], key: str | tuple[str, ...]) -> Model | None:
    """The row with this primary key, locked; None when there is none."""
    parts = key if isinstance(key, tuple) else (key,)
    mine = (column == part for column, part in zip(inspect(model).primary_key, parts, strict=True))
    return next(iter(await lock_rows(session, select(model).where(*mine))), None)


async def lock_ledger(session: AsyncSession, case_id: str) -> None:
    """One writer a ledger until the transaction ends. Its rows are only ever added, so PostgreSQL locks a number."""
    if (await session.connection()).dialect.name == "postgresql":
        digest = hashlib.sha256(f"jikimi-ledger:{case_id}".encode()).digest()
        number = int.from_bytes(digest[:8], signed=True)
        await session.execute(text("select pg_advisory_xact_lock(:number)"), {"number": number})
    _tell(session, LedgerEntry, [(case_id,)])


def unless_held(query: Select[Any]) -> Select[Any]:
    """A subquery that leaves out rows that others hold. It waits for nobody, so it is part of no order."""
    return query.with_for_update(skip_locked=True)


def tell_locked(session: AsyncSession, row: Base) -> None:
    """A statement of `db/inserting.py` locked this row."""
    _tell(session, type(row), [inspect(row).identity or ()])


def tell_made(session: AsyncSession, model: type[Base], values: dict[str, Any]) -> None:
    """A statement of `db/inserting.py` made this row."""
    for watcher in watchers:
        watcher.made(session, model, tuple(values[str(column.key)] for column in inspect(model).primary_key))


def _tell(session: AsyncSession, model: type[Base], keys: Iterable[tuple[Any, ...]]) -> None:
    for watcher in watchers:
        watcher.locked(session, model, list(keys))
