"""The configuration: `config.toml` and the environment become one frozen Settings, or one ConfigError that says all."""

import os
import tomllib
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from monitor.core.errors import RouteFileError
from monitor.settings.model import Settings
from monitor.settings.problems import config_error, described, did_you_mean

SECRETS = {
    ("telegram", "api_hash"): "JIKIMI_TELEGRAM_API_HASH",
    ("x", "bearer_token"): "JIKIMI_X_BEARER_TOKEN",
    ("smtp", "password"): "JIKIMI_SMTP_PASSWORD",
    ("imap", "password"): "JIKIMI_IMAP_PASSWORD",
    ("timestamp", "password"): "JIKIMI_TIMESTAMP_PASSWORD",
}
"""Keys whose value may come from the environment, or from a file named by `KEY_file`."""

FILE_KEYS = {section: [f"{key}_file" for owner, key in SECRETS if owner == section] for section, _ in SECRETS}
FILE_KEYS["database"] = ["password_file"]

_ALWAYS = (
    *("web", "database", "security", "ledger", "crawl", "matching", "cases", "alerts"),
    *("notices", "platforms", "clock"),
)


def load_settings(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read `path` and the environment. Relative paths start at the file's folder.

    Raises ConfigError with one line for each problem: key, file, what is allowed.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise config_error(path, ["there is no such file; copy config.example.toml to it and edit it"]) from None
    except tomllib.TOMLDecodeError as error:
        raise config_error(path, [f"this is not TOML: {error}"]) from None
    except UnicodeDecodeError:
        raise config_error(path, ["this is not a text file in UTF-8"]) from None
    except OSError as error:
        raise config_error(path, [f"cannot be read: {error.strerror}"]) from None
    return parse_settings(values, path, environment)


def parse_settings(values: Mapping[str, Any], path: Path, environment: Mapping[str, str]) -> Settings:
    """Settings from values already read. `path` names the file in messages and gives the folder of relative paths."""
    folder = path.absolute().parent
    raw = {name: dict(section) if isinstance(section, dict) else section for name, section in values.items()}
    for name in _ALWAYS:
        raw.setdefault(name, {})
    problems = _take_secrets(raw, folder, environment)
    problems += _take_public_key(raw, folder)
    if environment.get("DATABASE_URL") and isinstance(raw["database"], dict):
        raw["database"]["url"] = environment["DATABASE_URL"]
    problems += _take_database_password(raw["database"], folder)
    try:
        settings = Settings.model_validate(raw, context={"folder": folder})
    except ValidationError as error:
        told = {problem.split(" is wrong", 1)[0] for problem in problems}
        problems += [line for line in described(error, FILE_KEYS) if line.split(" is ", 1)[0] not in told]
        raise config_error(path, problems) from None
    problems += _routes_problems(settings)
    if problems:
        raise config_error(path, problems)
    return _with_derived_defaults(settings)


def _take_secrets(raw: dict[str, Any], folder: Path, environment: Mapping[str, str]) -> list[str]:
    """Put secrets from the environment and from files into `raw`; the environment wins. Returns problems."""
    problems = []
    for (section, key), variable in SECRETS.items():
        values = raw.get(section)
        if not isinstance(values, dict):
            continue
        name = values.pop(f"{key}_file", None)
        if environment.get(variable):
            values[key] = environment[variable]
        elif name is not None and key in values:
            problems.append(f"[{section}] {key} is wrong: it is given twice, also as {key}_file; keep one of them")
        elif name is not None:
            try:
                values[key] = (folder / str(name)).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                problems.append(f"[{section}] {key} is wrong: {key}_file cannot be read ({type(error).__name__})")
    return problems


def _take_database_password(database: Any, folder: Path) -> list[str]:
    """Put the password of `password_file` into the URL, where container platforms hand secrets over as files."""
    if not isinstance(database, dict) or (name := database.pop("password_file", None)) is None:
        return []
    try:
        password = (folder / str(name)).read_text(encoding="utf-8").strip()
        url = make_url(str(database.get("url", "")))
    except (OSError, UnicodeDecodeError) as error:
        return [f"[database] password_file is wrong: it cannot be read ({type(error).__name__})"]
    except (ArgumentError, ValueError):
        return ["[database] password_file needs the [database] url of a PostgreSQL"]
    if url.password:
        return ["[database] password_file is wrong: the url has a password already; keep one of them"]
    database["url"] = url.set(password=password).render_as_string(hide_password=False)
    return []


def _take_public_key(raw: dict[str, Any], folder: Path) -> list[str]:
    """Replace the path of a PEM file by its text."""
    telegram = raw.get("telegram")
    value = telegram.get("server_public_key") if isinstance(telegram, dict) else None
    if not isinstance(telegram, dict) or not isinstance(value, str) or "-----BEGIN" in value:
        return []
    where = "[telegram] server_public_key is wrong:"
    try:
        text = (folder / value).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        return [f"{where} it is neither PEM text nor the path of a PEM file ({type(error).__name__})"]
    if "-----BEGIN" not in text:
        return [f"{where} the file holds no PEM text"]
    telegram["server_public_key"] = text
    return []


def _routes_problems(settings: Settings) -> list[str]:
    """What is wrong with the operator's routes; a misspelt one would send its notices to the default address unseen."""
    if not settings.notices.recipients and settings.notices.routes_folder is None:
        return []
    from monitor.notices.route import Channel
    from monitor.notices.route_files import is_one_address
    from monitor.notices.route_table import load_routes

    try:
        known = load_routes(settings.notices.routes_folder)
    except RouteFileError as error:
        return [f"[notices] routes_folder is wrong: {line}" for line in str(error).splitlines()]
    wrong = [
        f"[notices] recipients.{name} is wrong; allowed: one e-mail address"
        for name, address in settings.notices.recipients.items()
        if name in known and known[name].channel is Channel.EMAIL and not is_one_address(address.strip() or "a@b")
    ]
    return wrong + [
        f"[notices] recipients.{name} is not a known route{did_you_mean(name, known)}; allowed: {', '.join(known)}"
        for name in settings.notices.recipients
        if name not in known
    ]


def _with_derived_defaults(settings: Settings) -> Settings:
    """Fill in the defaults that depend on other sections."""
    public_url = settings.web.public_url or f"http://{settings.web.listen}"
    domain = settings.notices.message_domain
    if not domain:
        sender = settings.smtp.sender if settings.smtp else ""
        domain = parseaddr(sender)[1].rpartition("@")[2] or urlsplit(public_url).hostname or "localhost"
    return settings.model_copy(
        update={
            "web": settings.web.model_copy(update={"public_url": public_url}),
            "notices": settings.notices.model_copy(update={"message_domain": domain}),
        }
    )
