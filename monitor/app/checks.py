"""Does each part of a configuration work? One probe a part; each really tries, and says what to do when it fails."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from monitor.app import part_checks
from monitor.app.alert_lines import open_alerts
from monitor.app.part_checks import asks_mail_domain
from monitor.core import errors
from monitor.settings.model import Settings

PROBE_SECONDS = 45.0
"""Longer than the connection time-outs inside the adapters, so that their own reason is shown."""


class State(StrEnum):
    """How a part fares."""

    OK = "ok"
    BAD = "BAD"
    OFF = "off"
    LOW = "low"
    """It works, and protects less than it could; or something is to be known, and nothing to be done at once."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `monitor check`. `text` holds no secret."""

    part: str
    state: State
    text: str

    def __str__(self) -> str:
        return f"{self.state:<4}{self.part:<15}{self.text}"


async def check_all(settings: Settings, environment: Mapping[str, str]) -> AsyncIterator[Finding]:
    """Try every part, one after the other. A part that is not configured is off, not bad."""
    in_thread = asyncio.to_thread
    parts: list[tuple[str, bool, Callable[[], Awaitable[str]]]] = [
        ("database", True, lambda: in_thread(part_checks.database, settings)),
        ("master key", True, lambda: in_thread(part_checks.master_key, settings, environment)),
        ("key store", True, lambda: in_thread(part_checks.key_store, settings, environment)),
        ("telegram", settings.telegram is not None, lambda: part_checks.telegram(settings, environment)),
        ("x", settings.x is not None, lambda: part_checks.x(settings)),
        ("smtp", settings.smtp is not None, lambda: part_checks.smtp(settings)),
        *([("mail domain", True, lambda: part_checks.mail_domain(settings))] if asks_mail_domain(settings) else []),
        ("imap", settings.imap is not None, lambda: part_checks.imap(settings)),
        ("timestamp", settings.timestamp is not None, lambda: part_checks.timestamp(settings)),
        ("heads file", True, lambda: in_thread(part_checks.heads_file, settings, environment)),
        ("decoder", True, lambda: in_thread(part_checks.decoder)),
    ]
    hidden, database_works = secrets_of(settings), False
    for part, on, probe in parts:
        finding = await _run(part, probe, hidden) if on else Finding(part, State.OFF, f"there is no [{part}] section")
        database_works = finding.state is State.OK if part == "database" else database_works
        yield finding
    if settings.matching.cut_outs:
        yield await _run("cut-outs", lambda: in_thread(part_checks.cut_outs, settings), hidden)
    else:
        yield Finding("cut-outs", State.OFF, "[matching] cut_outs is false: no box around a face is made or compared")
    if not database_works:
        yield Finding("alerts", State.OFF, "not asked: they are in the database")
        return
    yield await _run("work", lambda: part_checks.work(settings), hidden)
    yield await _run("routes", lambda: part_checks.routes(settings), hidden)
    yield await _run("organisations", lambda: part_checks.alike_names(settings), hidden)
    if settings.cases.centres:
        yield await _run("centres", lambda: part_checks.centres(settings), hidden)
    try:
        lines = await open_alerts(settings)
    except (SQLAlchemyError, OSError) as error:
        yield Finding("alerts", State.BAD, f"cannot be read: {type(error).__name__}; does the database work?")
        return
    if not lines:
        yield Finding("alerts", State.OK, "none is open")
    for line in lines:
        yield Finding("alerts", State.BAD if line.act else State.LOW, line.text)


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Every secret of the configuration, to be struck from what is printed."""
    held = [
        settings.telegram.api_hash if settings.telegram else None,
        settings.x.bearer_token if settings.x else None,
        settings.smtp.password if settings.smtp else None,
        settings.imap.password if settings.imap else None,
        settings.timestamp.password if settings.timestamp else None,
    ]
    texts = [secret.get_secret_value() for secret in held if secret]
    texts += [make_url(url).password or "" for url in (settings.database.url, settings.security.keys_url)]
    return tuple(text for text in texts if text)


async def _run(part: str, probe: Callable[[], Awaitable[str]], hidden: tuple[str, ...]) -> Finding:
    state = State.BAD
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            text, state = await probe(), State.OK
    except part_checks.Low as low:
        text, state = str(low), State.LOW
    except TimeoutError:
        text = f"no answer within {PROBE_SECONDS:.0f} s; is the address right, and does the network let it through?"
    except errors.JikimiError as error:
        text = _said(part, error)
    except SQLAlchemyError as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        first_line = (str(cause).splitlines() or [type(cause).__name__])[0]
        text = f"{first_line}; is the URL right, and does the server run?"
    except OSError as error:
        text = f"{error.strerror or type(error).__name__}; is the address or path right?"
    except Exception as error:  # noqa: BLE001 - one part that breaks in a new way must not hide the others
        text = f"unforeseen {type(error).__name__}; please report this to Jikimi's developers"
    for secret in hidden:
        text = text.replace(secret, "***")
    return Finding(part, state, " ".join(text.split()))


def _said(part: str, error: errors.JikimiError) -> str:
    """The error with what to do about it, where the error does not say so itself."""
    match error:
        case errors.AccountStopped() if part == "telegram":
            return f"{error}; log in again with `python -m monitor telegram-login`"
        case errors.AccountStopped():
            return f"{error}; put a fresh token in [{part}]"
        case errors.CreditExhausted():
            return f"{error or 'the credit is used up'}; add credit in the platform's console"
        case errors.RateLimited():
            return f"{error}; the login works, check again after that time"
        case errors.PlatformFault():
            return f"{error}; is the network up, and is the address right?"
        case errors.DeliveryError(reason=reason) if reason.startswith("login"):
            return f"{reason}; are username and password right?"
        case errors.DeliveryError(reason=reason):
            return f"{reason}; are host, port and starttls right, and does the network let it through?"
        case errors.AuthorityUnavailable(reason=reason):
            return f"{reason}; is url right, and does the network let it through?"
        case errors.TimeStampRefused(reason=reason):
            return f"{reason}; are url and log-in right, and does certificates hold the root that the authority names?"
        case errors.CryptoError():
            return f"{error}; was it made with another master key?"
    return str(error)
