"""Inserts that leave an existing row alone, on both databases: a repeated crawl changes nothing."""

from typing import Any

from sqlalchemy import literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from db.base import Base


async def insert_unless_there(session: AsyncSession, model: type[Base], **values: Any) -> bool:
    """Insert one row; True when it is new, False when a unique key says that it was there."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    # RETURNING tells for certain; the count of rows is -1 with some drivers.
    statement = insert(model).values(**values).on_conflict_do_nothing().returning(literal(1))
    return (await session.execute(statement)).first() is not None
