"""`python -m monitor telegram-login`: log in to Telegram once and keep the session, sealed with the master key."""

import argparse
import asyncio
import getpass
import os
from pathlib import Path
from typing import Any

from monitor.core.errors import ConfigError


def add_parser(subparsers: Any) -> None:
    """Put the command on the command line."""
    parser = subparsers.add_parser("telegram-login", help="log in to Telegram once and keep the sealed session")
    parser.add_argument("--config", type=Path, default=Path("config.toml"), metavar="FILE")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask for number, code and password; write the session file."""
    from monitor.app.adapters import telegram_server
    from monitor.app.first_start import ensure_master_key
    from monitor.keys.envelope import load_master_key
    from monitor.platforms.telegram.login import log_in_to_telegram
    from monitor.platforms.telegram.session import save_session
    from monitor.settings.loading import load_settings

    settings = load_settings(arguments.config)
    section = settings.telegram
    if section is None:
        raise ConfigError(f"{arguments.config}: there is no section [telegram]; api_id and api_hash are needed first")
    key_file = settings.security.master_key_file
    # The session may come before the first `serve`, which would create the key otherwise.
    if ensure_master_key(settings, os.environ) is not None:
        print(f"created the master key {key_file}: keep a copy of it apart from the backups of the database")
    key = load_master_key(key_file, os.environ)
    try:
        text = asyncio.run(
            log_in_to_telegram(
                section.api_id,
                section.api_hash.get_secret_value(),
                telegram_server(section),
                lambda: input("Phone number with country code: "),
                lambda: input("Code that Telegram sent: "),
                lambda: getpass.getpass("Two-step password: "),
            )
        )
    except EOFError:
        raise ConfigError("telegram-login asks questions: run it in a terminal") from None
    save_session(section.session, key, text)
    print(f"logged in; the sealed session is in {section.session}")
    return 0
