"""`python -m monitor work`: a worker without the web application, to scale out on PostgreSQL."""

import argparse
from pathlib import Path
from typing import Any


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Describe the command."""
    parser = subparsers.add_parser("work", help="run a worker only (PostgreSQL)")
    parser.add_argument("--config", type=Path, default=Path("config.toml"), metavar="FILE")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run until told to stop."""
    import asyncio

    from monitor.app.runner import run as keep_running

    asyncio.run(keep_running(arguments.config))
    return 0
