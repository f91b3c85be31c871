"""`python -m monitor contacts`: who is shown to a person, by country, age and hour."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.core.errors import ConfigError

_DESCRIPTION = """Prints the contacts that a person is shown in each country, as a minor and as an adult, at one moment:
whoever answers then comes first, others with the time when they open. With a FILE the operator's own folder counts
too. Look at it before launch, and at night."""


def add_parser(subparsers: Any) -> None:
    """Put the command on the command line."""
    parser = subparsers.add_parser("contacts", help="print who is shown to a person", description=_DESCRIPTION)
    parser.add_argument("--at", default="", metavar="TIME", help="such as 2026-11-28T03:00+09:00; default now")
    parser.add_argument("--country", default="", metavar="CODE", help="one country alone, such as KR; ZZ: any other")
    parser.add_argument("--language", default="en", choices=("en", "ko"))
    parser.add_argument("--config", type=Path, default=None, metavar="FILE", help="for the operator's own contacts")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the table."""
    from monitor.notices.contacts import CONTACTS, Contact, table
    from monitor.settings.loading import load_settings

    if arguments.config is not None:
        CONTACTS.use(load_settings(arguments.config).notices.routes_folder)
    now, known = _moment(arguments.at), CONTACTS.countries
    country = arguments.country.upper()
    if country and country not in known:
        raise ConfigError(f"--country {country} has no contacts of its own; allowed: {', '.join(known)}")

    def line(contact: Contact) -> str:
        when = "open" if contact.open_now else f"opens {contact.opens}" if contact.opens else "any time"
        ways = ", ".join(f"{way.channel} {way.to or way.label}".strip() for way in contact.ways)
        sure = "" if contact.confirmed else "  (please check)"
        return f"    {when:<22} {contact.name}: {ways}{sure}  [{contact.date}]"

    print(f"at {now:%Y-%m-%d %H:%M} UTC")
    for code, age, shown in table(now, arguments.language, (country,) if country else known):
        print(f"{code} {age.value}")
        for contact in shown:
            print(line(contact))
    return 0


def _moment(text: str) -> datetime:
    if not text:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--at {text} is no time; such as 2026-11-28T03:00+09:00") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
