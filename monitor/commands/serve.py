"""`python -m monitor serve`: the web application and a worker, in one process."""

import argparse
from pathlib import Path
from typing import Any


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Describe the command."""
    parser = subparsers.add_parser("serve", help="run web and worker in one process")
    parser.add_argument("--config", type=Path, default=Path("config.toml"), metavar="FILE")
    parser.add_argument(
        "--listen-fd", type=int, metavar="N", help="number of an open socket that listens, in place of [web] listen"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run until told to stop."""
    import asyncio
    from functools import partial

    # The one place where the domain's side names the web application: the command line joins the two.
    from api.serving import serve_web
    from monitor.app.runner import run as keep_running

    asyncio.run(keep_running(arguments.config, partial(serve_web, descriptor=arguments.listen_fd)))
    return 0
