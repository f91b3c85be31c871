"""What `stop` and `resume` share: whom they are about, and one transaction over the database and the key store."""

import argparse
import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from monitor.core.errors import ConfigError, NotFound, RuleBroken

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from monitor.cases.stops import Target
    from monitor.context.context import DomainContext
    from monitor.work.tasks import Task

Result = TypeVar("Result")


def add_arguments(parser: Any, *, names_required: bool) -> None:
    """Exactly one of everything, an organisation and an advocate; and who says so."""
    whom = parser.add_mutually_exclusive_group(required=True)
    whom.add_argument("--all", action="store_true", help="everything")
    whom.add_argument("--organisation", metavar="NAME", help="the work for this organisation's cases")
    whom.add_argument("--advocate", metavar="LOGIN", help="what they do, and wrote and did not leave")
    parser.add_argument(
        "--as",
        dest="name",
        required=names_required,
        default="operator",
        metavar="NAME",
        help="who you are; it is recorded",
    )
    parser.add_argument("--config", type=Path, default=Path("config.toml"), metavar="FILE")


def in_transaction(
    arguments: argparse.Namespace, work: "Callable[[AsyncSession, DomainContext, Target], Awaitable[Result]]"
) -> Result:
    """Run `work`; a broken rule is said in one sentence."""
    try:
        return asyncio.run(_once(arguments, work))
    except RuleBroken as error:
        raise ConfigError(error.detail or error.reason.value) from None


async def _once(
    arguments: argparse.Namespace, work: "Callable[[AsyncSession, DomainContext, Target], Awaitable[Result]]"
) -> Result:
    from db.session import Database
    from monitor.app.first_start import prepare_first_start
    from monitor.context.context import DomainContext
    from monitor.evidence.by import By
    from monitor.evidence.ledger import Ledger
    from monitor.keys.envelope import load_master_key
    from monitor.keys.store import KeyStore
    from monitor.settings.loading import load_settings

    settings = load_settings(arguments.config)
    await asyncio.to_thread(prepare_first_start, settings)
    # Not the whole of build_services: work must be stopped even where a platform's settings are broken.
    security, database = settings.security, Database(settings.database.url)
    keys = KeyStore(security.keys_url, load_master_key(security.master_key_file, os.environ))
    context = DomainContext(
        by=By.operator(arguments.command),
        keys=keys,
        ledger=Ledger(keys),
        clock=settings.clock.clock(),
        enqueue=_nothing_follows,
        accounts={},
    )
    try:
        async with database.begin() as session:
            return await work(session, context, await _target(session, arguments))
    finally:
        await database.close()
        keys.close()


async def _nothing_follows(_session: "AsyncSession", _task: "Task") -> None:
    """Neither stopping nor its end asks for work: the worker does, when it finds that a stop ended."""
    raise AssertionError("a stop asks for no work")


async def _target(session: "AsyncSession", arguments: argparse.Namespace) -> "Target":
    from db.queries import people
    from monitor.cases.advocates import normal_login
    from monitor.cases.stops import EVERYTHING, Scope, Target

    if arguments.all:
        return EVERYTHING
    if arguments.organisation is not None:
        for one in await people.organisations(session):
            if one.name == arguments.organisation.strip():
                return Target(Scope.ORGANISATION, one.id)
        raise NotFound("there is no organisation of this name; `python -m monitor advocate list` names them")
    advocate = await people.advocate_known(session, normal_login(arguments.advocate))
    if advocate is None:
        raise NotFound("there is no advocate with this login; `python -m monitor advocate list` names them")
    return Target(Scope.ADVOCATE, advocate.id)
