"""The checks of `monitor check`: each tries one part, returns what it found, or raises with the mend."""

import os
import struct
from collections.abc import Mapping
from email.utils import parseaddr

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from db.migrate import revisions
from db.organisation_names import name_key
from db.queries.people import alike_organisations, working_organisations
from db.session import Database
from monitor.app import adapters
from monitor.app.first_start import refuse_lost_keys
from monitor.app.lost_routes import refuse_lost_routes
from monitor.app.readiness import Unready, unready
from monitor.core.endpoints import is_loopback, missing_file
from monitor.core.errors import ConfigError, JikimiError
from monitor.delivery.sending_domain import DnsUnreadable, judge, read_records
from monitor.fingerprints.cut_outs import faces
from monitor.fingerprints.decoder.measures import Measure
from monitor.fingerprints.decoder.pool import MEMORY_LIMIT, TIME_LIMIT
from monitor.fingerprints.decoder.process import DecoderProcess
from monitor.keys.envelope import load_master_key
from monitor.keys.kept_heads import KeptHead
from monitor.keys.store import KeyStore
from monitor.mailbox import imap_session
from monitor.notices.route_table import ROUTES, use_routes
from monitor.platforms.base import MemoryCooldowns, Platform
from monitor.settings.model import Settings
from monitor.sources.cooldowns import StoredCooldowns
from monitor.work.pulses import missing_workers

_PROBE = b"BM" + struct.pack("<IIIIiiHHIIiiII", 62, 0, 54, 40, 2, 1, 1, 24, 0, 8, 0, 0, 0, 0) + bytes(8)
"""A bitmap of two black pixels."""


class Bad(JikimiError):
    """A part does not work."""

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(f"{reason}; {mend}")


class Low(JikimiError):
    """A part works, and protects less than it could."""


_HELD = {
    Measure.CALLS: "the kernel refuses it files, network, programs and other processes",
    Measure.FILES: "Landlock keeps files from it",
    Measure.NETWORK: "a network of its own",
    Measure.USER: "no administrator",
    Measure.NO_NEW_PRIVILEGES: "no new privileges",
    Measure.LIMITS: "limits",
    Measure.NOT_DUMPABLE: "no other process reads its memory",
}
"""What each measure that confines a decoder does, in the order of weight."""


def decoder() -> str:
    """Start a decoder, decode a picture in it, and tell what confines it on this machine."""
    with DecoderProcess(time_limit=TIME_LIMIT, memory_limit=MEMORY_LIMIT) as process:
        process.inspect(_PROBE)
        return confined_by(process.held)


def cut_outs(settings: Settings) -> str:
    """Find a face in a confined decoder's way, and tell on which basis, and where, boxes around faces are compared."""
    if not faces.can_find():
        raise ConfigError(
            "[matching] cut_outs is true, and OpenCV 4 with its cascades is missing: install opencv-python-headless 4"
        )
    on_x = settings.x is not None and settings.x.lets_cut_outs
    where = "" if on_x or settings.x is None else "; not on X: [x] written_approval does not name cut-outs"
    return f"experimental; legal basis: {settings.matching.cut_outs_legal_basis}{where}"


def confined_by(held: frozenset[Measure]) -> str:
    """What holds and what does not, in words. Raises Low where code in a decoder could do much."""
    said = "; ".join(words for measure, words in _HELD.items() if measure in held) or "nothing"
    missing = "; ".join(words for measure, words in _HELD.items() if measure not in held)
    if Measure.CALLS in held:
        return said + (f". Not on this system: {missing}" if missing else "")
    raise Low(
        "a picture that takes over a decoder could do what this user may: seccomp is not to be had here (Linux on"
        f" x86-64 or ARM64 has it, unless a container forbids it). What holds: {said}. Not: {missing}"
    )


def _impatient(url: str) -> str:
    """The same database; a PostgreSQL that does not answer is given up after 10 s instead of minutes."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql" and "connect_timeout" not in parsed.query:
        parsed = parsed.update_query_dict({"connect_timeout": "10"})
    return parsed.render_as_string(hide_password=False)


def _shown(url: str) -> str:
    """Where a database is, without user and password."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return str(parsed.database)
    return f"{parsed.database} on {parsed.host or parsed.query.get('host') or 'the local socket'}"


def database(settings: Settings) -> str:
    """Connect, and compare the revision of the tables with the newest."""
    url = settings.database.url
    if missing := missing_file(url):
        raise Bad(f"there is no {missing} yet", "`python -m monitor serve` makes it on its first start")
    current, newest = revisions(_impatient(url))
    if current != newest:
        raise Bad(
            f"its tables are of revision {current or 'none'}, this program needs {newest}",
            "`python -m monitor serve` brings it up to date; make a backup first",
        )
    return f"{_shown(url)}, revision {current}"


async def work(settings: Settings) -> str:
    """Write a row, and ask whether a worker lives and work moves."""
    database = Database(settings.database.url)
    try:
        reasons = await unready(database)
        if Unready.DATABASE not in reasons:
            async with database.read() as session:
                missing = await missing_workers(session)
    finally:
        await database.close()
    if Unready.DATABASE in reasons:
        raise Bad("the database can be read and not written", "is the disk full, or the file read-only?")
    if missing:
        raise Bad(f"{missing} stopped without being told to", "look at the end of the log, and start it again")
    if Unready.WORKER in reasons:
        raise Low("nothing runs now, so nothing is read or sent; `python -m monitor serve` starts it")
    if Unready.QUEUE in reasons:
        raise Bad("work has waited for an hour", "look at the log, start the worker again, or start more of them")
    return "the database can be written, a worker lives, work moves"


async def routes(settings: Settings) -> str:
    """Is every route still described by which notices were written?"""
    use_routes(settings.notices.routes_folder)
    database = Database(settings.database.url)
    try:
        await refuse_lost_routes(database)
    finally:
        await database.close()
    doubts = sum(bool(route.doubts) for route in ROUTES.values() if route.in_use)
    return f"{len(ROUTES)} are known; {doubts} hold facts that no source confirms"


async def alike_names(settings: Settings) -> str:
    """Are there organisations whose names differ in case, spaces or letters alone? New ones cannot be made."""
    database = Database(settings.database.url)
    try:
        async with database.read() as session:
            alike = await alike_organisations(session)
    finally:
        await database.close()
    if alike:
        raise Low(
            f"another organisation has the same name but for case or spaces: {', '.join(map(repr, sorted(alike)))}. "
            "Both work as before; the exact name tells them apart, and any other spelling means the older one"
        )
    return "no two organisations have the same name"


async def centres(settings: Settings) -> str:
    """Does every name under `[cases] centres` belong to an organisation? A misspelt one reaches nobody's page."""
    database = Database(settings.database.url)
    try:
        async with database.read() as session:
            known = {one.name for one in await working_organisations(session)}
    finally:
        await database.close()
    named = {name_key(name): name for name in settings.cases.centres}
    working = {name_key(name): name for name in known}
    strange = sorted(named[key] for key in named.keys() - working.keys())
    silent = sorted(working[key] for key in working.keys() - named.keys())
    if strange:
        raise Low(f"[cases] centres names what is no organisation with an advocate: {', '.join(strange)}")
    if silent:
        raise Low(f"those who wait are not told how to reach: {', '.join(silent)}")
    return "those who wait are told how to reach every centre"


def master_key(settings: Settings, environment: Mapping[str, str]) -> str:
    """Read the master key; say when its file is open to others."""
    load_master_key(settings.security.master_key_file, environment)
    if "JIKIMI_MASTER_KEY" in environment:
        return "from the environment's JIKIMI_MASTER_KEY"
    path = settings.security.master_key_file
    if path.stat().st_mode & 0o077:
        return f"{path}, but other users of this machine may read it: chmod 600"
    return str(path)


def key_store(settings: Settings, environment: Mapping[str, str]) -> str:
    """Open the store of case keys, and prove that the master key is the one that wrapped them."""
    url = settings.security.keys_url
    if missing := missing_file(url):
        refuse_lost_keys(settings)  # "serve makes it" would be wrong counsel beside old data
        raise Bad(f"there is no {missing} yet", "`python -m monitor serve` makes it on its first start")
    store = KeyStore(_impatient(url), load_master_key(settings.security.master_key_file, environment))
    try:
        store.prepare()
    finally:
        store.close()
    return f"{_shown(url)}, opened by this master key"


def _newest_head(settings: Settings, environment: Mapping[str, str]) -> KeptHead | None:
    """What the key store remembers of the heads file; None as well where the store cannot be asked (its own line)."""
    if missing_file(settings.security.keys_url):
        return None
    try:
        master = load_master_key(settings.security.master_key_file, environment)
        store = KeyStore(_impatient(settings.security.keys_url), master)
    except JikimiError:
        return None
    try:
        return max(store.heads.all().values(), key=lambda one: one.end, default=None)
    except (DBAPIError, OSError):
        return None
    finally:
        store.close()


async def telegram(settings: Settings, environment: Mapping[str, str]) -> str:
    """Open the sealed session and ask Telegram who it belongs to."""
    assert settings.telegram is not None  # noqa: S101 - asked only when the section is there
    key = load_master_key(settings.security.master_key_file, environment)
    fresh = _Fresh()
    said = await _checked(adapters.make_telegram(settings.telegram, key, fresh.of, settings.clock.clock()))
    await fresh.let_in(settings)
    return said


async def x(settings: Settings) -> str:
    """Ask X whether the token is valid."""
    assert settings.x is not None  # noqa: S101 - asked only when the section is there
    fresh = _Fresh()
    said = await _checked(adapters.make_x(settings.x, fresh.of, settings.clock.clock()))
    await fresh.let_in(settings)
    return said


class _Fresh:
    """Whoever runs `check` wants to know how it is now: no pause holds, and an account that is let in waits no more."""

    def __init__(self) -> None:
        self._account = ""

    def of(self, account: str, _login: str) -> MemoryCooldowns:
        """Knows of no wait."""
        self._account = account
        return MemoryCooldowns()

    async def let_in(self, settings: Settings) -> None:
        """The worker need not wait for its next probe."""
        if missing_file(settings.database.url):
            return
        database = Database(_impatient(settings.database.url))
        try:
            await StoredCooldowns(database, self._account).set_stop(None)
        except (DBAPIError, OSError):
            pass  # the line `database` says what is wrong with it
        finally:
            await database.close()


async def _checked(adapter: Platform) -> str:
    try:
        return await adapter.check()
    finally:
        await adapter.close()


async def smtp(settings: Settings) -> str:
    """Connect and log in, without sending anything."""
    assert settings.smtp is not None  # noqa: S101 - asked only when the section is there
    return await adapters.make_smtp(settings.smtp, timeout=20.0).check()


async def mail_domain(settings: Settings) -> str:
    """What SPF, DKIM and DMARC of the domain in `from` say."""
    assert settings.smtp is not None  # noqa: S101 - asked only when the section is there
    domain = parseaddr(settings.smtp.sender)[1].rpartition("@")[2].encode("idna").decode()
    try:
        records = await read_records(domain, settings.smtp.dkim_selector, nameserver=settings.smtp.dns)
    except DnsUnreadable as error:
        raise Low(f"the records of {domain} cannot be read now: {error}; is the name server reachable?") from None
    found = judge(records)
    if found.wrong:
        raise Bad("; ".join(found.wrong), "; ".join((*found.weak, "else notices end as spam, or are dropped unseen")))
    if found.weak:
        raise Low("; ".join((f"{domain}: {', '.join(found.good) or 'no record that helps'}", *found.weak)))
    return f"{domain}: {', '.join(found.good)}"


def asks_mail_domain(settings: Settings) -> bool:
    """Does mail leave this machine, so that others look at those records?"""
    smtp_section = settings.smtp
    return smtp_section is not None and (smtp_section.dns is not None or not is_loopback(smtp_section.host))


async def imap(settings: Settings) -> str:
    """Connect, log in and open the mailbox, without changing anything."""
    assert settings.imap is not None  # noqa: S101 - asked only when the section is there
    try:
        said = await imap_session.check(adapters.imap_server(settings.imap, timeout=20.0))
    except imap_session.MailboxFault as fault:
        raise Bad(fault.reason, _MAILBOX_MEND.get(fault.reason, "is the server all right?")) from None
    if settings.imap.authserv_id is None and settings.imap.local_host is None:
        raise Low(
            f"{said}. Neither authserv_id nor local_host is set, so no report is proven: each is only told to an"
            " advocate"
        )
    return said


_MAILBOX_MEND = {
    "login-refused": "are username and password right?",
    "mailbox-refused": "is there such a folder?",
    "no-connection": "are host and port right, and does the network let it through?",
    "tls-failed": "are port and tls right, and is the server's certificate valid for this host?",
}


async def timestamp(settings: Settings) -> str:
    """Have something stamped that means nothing, and hold the token against the certificates."""
    assert settings.timestamp is not None  # noqa: S101 - asked only when the section is there
    authority = adapters.make_time_authority(settings.timestamp, timeout=20.0)
    stamped = await authority.stamp(b"jikimi-check\n")
    return f"{settings.timestamp.url} stamps times, signed as certificates says; its clock: {stamped.at:%H:%M:%S} UTC"


def heads_file(settings: Settings, environment: Mapping[str, str]) -> str:
    """Prove that the file of ledger heads can be written and is the one that was signed, without changing it."""
    path = settings.ledger.heads_file
    if path.exists():
        with path.open("ab"):  # opening for appending proves the right to write, and changes nothing
            pass
    newest = _newest_head(settings, environment)
    if newest is not None:
        from monitor.evidence.heads import read_heads

        file = read_heads(path)
        if not file.holds(newest):
            lost = "is older than the ledger, or another one" if file.exists else "is missing beside a ledger"
            mend = "put its newest copy back, or declare a restore (`ledger restored`)"
            raise Bad(f"{path} {lost}, so nothing more is signed", mend)
    if path.exists():
        return str(path)
    if not path.parent.is_dir():
        raise Bad(f"there is no folder {path.parent}", "make it, or change [ledger] heads_file")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise Bad(
            f"the folder {path.parent} cannot be written", "give this user the right, or change [ledger] heads_file"
        )
    return f"{path}, made with the first entry"
