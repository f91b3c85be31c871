"""`python -m monitor stop --all | --organisation NAME | --advocate LOGIN`: nothing leaves and nothing is read."""

import argparse
from typing import TYPE_CHECKING, Any

from monitor.commands.stopping import add_arguments, in_transaction

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from monitor.cases.stops import Target
    from monitor.context.context import DomainContext


def add_parser(subparsers: Any) -> None:
    """Put the command on the command line."""
    parser = subparsers.add_parser("stop", help="stop work at once: nothing leaves, nothing is read, nothing is lost")
    add_arguments(parser, names_required=False)
    parser.add_argument("--reason", default="", metavar="TEXT", help="why; sealed, and shown to its advocates")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Stop, and say what may still be on its way."""
    from monitor.cases.stops import stop

    async def work(session: "AsyncSession", context: "DomainContext", target: "Target") -> int:
        return await stop(session, context, target, reason=arguments.reason, name=arguments.name)

    leaving = in_transaction(arguments, work)
    print("stopped, until two people say `python -m monitor resume ... --as NAME`")
    if leaving:
        print(f"{leaving} notices are being handed over at this moment; what had gone out already can still arrive")
    return 0
