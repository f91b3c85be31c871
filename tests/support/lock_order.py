"""Fails whoever locks rows in a wrong order (see db/locking.py), on both databases and without any second session.

Seen are locks, rows that a flush or a bulk statement writes without having locked them, and appends to a ledger.
A row that the transaction made itself, or holds already, may be locked at any time: nobody waits for it.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

from greenlet import getcurrent  # type: ignore[import-untyped]  # has no stubs
from sqlalchemy import event, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session

from db import locking
from db.base import Base
from db.models.cases import Case
from db.models.ledger import LedgerEntry

ROOT = Path(__file__).parents[2]
_PLACE = {model: number for number, model in enumerate(locking.ORDER)}
Key = tuple[Any, ...]


class LockOrderBroken(AssertionError):
    """A row was locked after one that comes later in the order."""


class _Held:
    """What one transaction holds."""

    def __init__(self) -> None:
        self.rows: dict[type[Base], dict[Key, str]] = {}
        """Key -> where it was locked."""
        self.made: set[tuple[type[Base], Key]] = set()

    def has(self, model: type[Base], key: Key) -> bool:
        return (model, key) in self.made or key in self.rows.get(model, {})


class LockOrder:
    """The watcher that tests set."""

    def __init__(self) -> None:
        self._held: WeakKeyDictionary[Any, _Held] = WeakKeyDictionary()
        self.broken: list[str] = []
        """What was found: also where a job caught the error."""

    def locked(self, session: AsyncSession, model: type[Base], keys: Sequence[Key]) -> None:
        """See Watcher. A lock that finds no row counts as well: tomorrow it finds one."""
        held = self._of(session.sync_session)
        if model is LedgerEntry and all((Case, key) in held.made for key in keys):
            return  # of a case that nobody else can see yet
        fresh = [key for key in keys if not held.has(model, key)]
        if not fresh and keys:
            return
        self._check(held, model, fresh)
        before = held.rows.get(model, {})
        if model in _PLACE and fresh and before and min(fresh) < max(before):
            last = max(before)
            self._fail(f"{_name(model)} {min(fresh)} was locked after {last}, which was locked in {before[last]}")
        held.rows.setdefault(model, {}).update(dict.fromkeys(fresh, _where()))

    def made(self, session: AsyncSession, model: type[Base], key: Key) -> None:
        """See Watcher."""
        self._of(session.sync_session).made.add((model, key))

    def flushing(self, session: Session, _context: object, _instances: object) -> None:
        """Rows are about to be written: those that are not held are locked by that."""
        held = self._of(session)
        for row in session.new:
            if type(row) in _PLACE:
                held.made.add((type(row), tuple(inspect(type(row)).primary_key_from_instance(row))))
        dirty = [row for row in session.dirty if type(row) in _PLACE and session.is_modified(row)]
        for row in sorted(dirty, key=lambda one: _PLACE[type(one)]):
            self._written(held, type(row), tuple(inspect(type(row)).primary_key_from_instance(row)))

    def executing(self, state: ORMExecuteState) -> None:
        """A bulk update or delete locks rows that nobody names."""
        if (state.is_update or state.is_delete) and state.bind_mapper is not None:
            model = state.bind_mapper.class_
            if model in _PLACE:
                self._check(self._of(state.session), model, [])

    def _written(self, held: _Held, model: type[Base], key: Key) -> None:
        if not held.has(model, key):
            self._check(held, model, [key])
            held.rows.setdefault(model, {})[key] = _where()

    def _check(self, held: _Held, model: type[Base], keys: Sequence[Key]) -> None:
        if model not in _PLACE:
            return
        for later, rows in held.rows.items():
            if rows and _PLACE.get(later, -1) > _PLACE[model]:
                self._fail(
                    f"{_name(model)} was locked after {_name(later)}, which was locked in {next(iter(rows.values()))}"
                )

    def _fail(self, what: str) -> None:
        message = f"{what}; now in {_where()}. The order is in db/locking.py"
        self.broken.append(message)
        raise LockOrderBroken(message)

    def _of(self, session: Session) -> _Held:
        transaction = session.get_transaction()
        if transaction is None:
            return _Held()
        return self._held.setdefault(transaction, _Held())


@contextmanager
def lock_order_is_watched() -> Iterator[LockOrder]:
    """Every session of this process is watched meanwhile."""
    order = LockOrder()
    events = ((Session, "before_flush", order.flushing), (Session, "do_orm_execute", order.executing))
    locking.watchers.append(order)
    for event_args in events:
        event.listen(*event_args)
    try:
        yield order
    finally:
        for event_args in events:
            event.remove(*event_args)
        locking.watchers.remove(order)


def _name(model: type[Base]) -> str:
    return str(model.__tablename__)


def _where() -> str:
    """The innermost of our own functions that are running, outside this file and the module of locks."""
    found: list[str] = []
    for frame in _frames():
        if name := _own_file(frame.f_code.co_filename):
            found.append(f"{name}:{frame.f_lineno} {frame.f_code.co_name}")
            if len(found) == 4:
                break
    return " < ".join(found) or "the end of the transaction"  # SQLAlchemy commits in a task of its own


@cache
def _own_file(filename: str) -> str | None:
    """Its path from the root; None for libraries, and for the files that only pass a lock on."""
    path = Path(filename)
    ours = path.is_relative_to(ROOT) and ".venv" not in path.parts
    passes_on = path.name in ("lock_order.py", "locking.py", "inserting.py", "session.py")
    return path.relative_to(ROOT).as_posix() if ours and not passes_on else None


def _frames() -> Iterator[FrameType]:
    """SQLAlchemy runs beneath the await that called it, in a greenlet of its own."""
    frame: FrameType | None = sys._getframe(1)
    greenlet = getcurrent()
    while True:
        while frame is not None:
            yield frame
            frame = frame.f_back
        greenlet = greenlet.parent
        if greenlet is None:
            return
        frame = greenlet.gr_frame
