"""`python -m monitor resume ... --as NAME`: two people, by two names, let stopped work go on."""

import argparse
from typing import TYPE_CHECKING, Any

from monitor.commands.stopping import add_arguments, in_transaction

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from monitor.cases.stops import Resumed, Target
    from monitor.context.context import DomainContext


def add_parser(subparsers: Any) -> None:
    """Put the command on the command line."""
    parser = subparsers.add_parser("resume", help="let stopped work go on: it takes two people")
    add_arguments(parser, names_required=True)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Say that it may go on; exit code 0 when it does, 3 when a second person must say so too."""
    from monitor.cases.stops import resume

    async def work(session: "AsyncSession", context: "DomainContext", target: "Target") -> "Resumed":
        return await resume(session, context, target, name=arguments.name)

    done = in_transaction(arguments, work).done
    print("work goes on" if done else "asked: a second person must say so too, within a day")
    return 0 if done else 3
