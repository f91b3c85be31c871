"""Inserts that leave an existing row alone, on both databases: a repeated crawl changes nothing."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from db.base import Base


async def insert_unless_there(session: AsyncSession, model: type[Base], **values: Any) -> bool:
    """Insert one row; True when it is new, False when a unique key says that it was there."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(model).values(**values).on_conflict_do_nothing()
    result = await session.execute(statement)
    return bool(result.rowcount)  # type: ignore[attr-defined]  # the cursor result of an INSERT has it
