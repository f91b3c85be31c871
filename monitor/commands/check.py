"""`python -m monitor check`: try the configuration and everything it names, one line each with the mend."""

import argparse
import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.core.errors import ConfigError

if TYPE_CHECKING:
    from monitor.settings.model import Settings


def add_parser(subparsers: Any) -> None:
    """Put the command on the command line."""
    parser = subparsers.add_parser("check", help="try the configuration, the databases, each login and the mail server")
    parser.add_argument("--config", type=Path, default=Path("config.toml"), metavar="FILE")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print one line a part; 1 when any part is bad."""
    from monitor.app.checks import Finding, State
    from monitor.settings.loading import load_settings

    try:
        settings = load_settings(arguments.config)
    except ConfigError as error:
        for line in str(error).splitlines():
            print(Finding("configuration", State.BAD, line))
        return 1
    print(Finding("configuration", State.OK, str(arguments.config)))
    return asyncio.run(_print_findings(settings))


async def _print_findings(settings: "Settings") -> int:
    from monitor.app.checks import State, check_all

    code = 0
    async for finding in check_all(settings, os.environ):
        print(finding, flush=True)  # a part may take half a minute: show each as it comes
        if finding.state is State.BAD:
            code = 1
    return code
