"""The command line: `python -m monitor COMMAND`. Each command is a module of `monitor.commands`."""

import argparse
import importlib
import os
import sys

from monitor import __version__
from monitor.core.errors import JikimiError

COMMANDS = (
    *("serve", "work", "check", "telegram_login", "advocate", "organisation", "codes", "platform"),
    *("stop", "resume", "benign", "fingerprint", "scan", "ledger", "evidence", "figures", "contacts"),
)


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code. A foreseen error prints one sentence, not a traceback."""
    parser = argparse.ArgumentParser(prog="python -m monitor", description="Jikimi, the one who keeps watch")
    parser.add_argument("--version", action="version", version=f"Jikimi {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        # A command imports what it needs inside run(), so that `scan` starts without a database driver.
        importlib.import_module(f"monitor.commands.{name}").add_parser(subparsers)
    arguments = parser.parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except JikimiError as error:
        print(f"{parser.prog} {arguments.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    os.umask(0o077)  # databases, journals and heads are for the user who runs this, and nobody else
    sys.exit(main())
