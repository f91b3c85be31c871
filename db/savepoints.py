"""A part of a transaction that may fail alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import inspect
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

_OF_THE_DATABASE = (OperationalError, InterfaceError, InternalError)
"""A deadlock, a lost connection, a full disk: they say nothing about this part, so the whole is tried again."""


@dataclass(slots=True)
class Tried:
    """How it went."""

    error: Exception | None = None


@asynccontextmanager
async def apart(session: AsyncSession) -> AsyncIterator[Tried]:
    """A savepoint: any error inside undoes what was written inside, and nothing else; it is told, not raised.

    Objects that were changed inside are read again, so that the rest of the transaction can go on with them.
    """
    tried = Tried()
    await session.flush()
    try:
        async with session.begin_nested():
            yield tried
    except _OF_THE_DATABASE:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is: the caller says of what it was a part
        tried.error = error
        for stale in [one for one in session.identity_map.values() if inspect(one).expired_attributes]:
            await session.refresh(stale)
