"""Where an address leads: to this machine, or out of it."""

import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url


def host_of(address: str) -> str | None:
    """The host of `http://host:1/x`, `host:1`, `[::1]:1` or `host`; None when there is none."""
    try:
        return urlsplit(address if "://" in address else f"//{address}").hostname
    except ValueError:
        return None


def is_loopback(host: str | None) -> bool:
    """True for `localhost`, 127.0.0.0/8, ::1 and the path of a Unix socket. A name is never looked up."""
    if not host:
        return False
    if host == "localhost" or host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_address(host: str) -> bool:
    """True for an IPv4 or IPv6 address, False for a name."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def database_host(url: str) -> str:
    """The host of a database URL; a database in a file, or on a local socket, is on `localhost`."""
    parsed = make_url(url)
    host = parsed.host or parsed.query.get("host") or "localhost"
    return host if isinstance(host, str) else host[0]


def database_file(url: str) -> Path | None:
    """The file of an embedded database; None for a database on a server."""
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def missing_file(url: str) -> Path | None:
    """The file of an embedded database that is not there: whoever opened it would make an empty one."""
    file = database_file(url)
    return None if file is None or file.exists() else file
