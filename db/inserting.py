"""Inserts that meet an existing row, on both databases: a repeated crawl changes nothing."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, inspect, literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from db.base import Base
from db.locking import tell_locked, tell_made

Model = TypeVar("Model", bound=Base)


async def insert_unless_there(session: AsyncSession, model: type[Base], **values: Any) -> bool:
    """Insert one row; True when it is new, False when a unique key says that it was there.

    False does not lock it: where rows are deleted too, it may be gone by the next statement. See `insert_or_lock`.
    """
    # RETURNING tells for certain; the count of rows is -1 with some drivers.
    statement = _insert(session, model).values(**values).on_conflict_do_nothing().returning(literal(1))
    new = (await session.execute(statement)).first() is not None
    if new:
        tell_made(session, model, values)
    return new


async def insert_or_lock(session: AsyncSession, model: type[Model], *, unique: str, **values: Any) -> Model:
    """The row whose column `unique` is as in `values`, locked: made now, or as it was before.

    One statement, so that nobody can delete the row between a read and a lock.
    """
    statement = _insert(session, model).values(**values)
    unchanged = {unique: getattr(model, unique)}  # an update that changes nothing locks the row and returns it
    locked = statement.on_conflict_do_update(index_elements=[unique], set_=unchanged).returning(model)
    row = (await session.scalars(locked, execution_options={"populate_existing": True})).one()
    tell_locked(session, row)
    return row


async def insert_selected(
    session: AsyncSession, model: type[Base], columns: Sequence[str], rows: Select[Any], *, updating: Sequence[str] = ()
) -> None:
    """Insert what a query gives; a row that is there already keeps its values but for those of `updating`."""
    statement = _insert(session, model).from_select(columns, rows)
    if updating:
        keys = [column.name for column in inspect(model).primary_key]
        values = {name: statement.excluded[name] for name in updating}
        statement = statement.on_conflict_do_update(index_elements=keys, set_=values)
    else:
        statement = statement.on_conflict_do_nothing()
    await session.execute(statement)


def _insert(session: AsyncSession, model: type[Base]) -> sqlite.Insert | postgresql.Insert:
    return (sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert)(model)
