"""A call to a platform's webhook: one POST over HTTPS to a public address, signed, followed nowhere.

The name is looked up once and every address it has must be public; the connection goes to the address that was looked
at, so that no second answer of the name server leads elsewhere. Written over sockets: no client library follows
redirects, reads proxies from the environment or answers cookies here.
"""

import asyncio
import hashlib
import hmac
import ipaddress
import re
import socket
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from monitor.core.endpoints import is_loopback
from monitor.core.errors import DeliveryRefused, NotSent, RuleBroken
from monitor.core.refusals import Refusal

SECONDS = 10.0
"""For everything: the name, the connection, the answer."""
MOST_ADDRESS = 500
_MOST_ANSWER = 16_384
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})[ \r]")
_PATH = re.compile(r"[!-~]*")
_TRANSLATED = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
"""IPv6 addresses that stand for an IPv4 address: NAT64, 6to4, Teredo."""

_NOT_ROUTED = tuple(map(ipaddress.ip_network, ("fec0::/10", "3fff::/20", "192.88.99.0/24")))
"""Site-local, for documents, and the old way to 6to4: what Python's own tables leave out."""

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class WebhookAddress:
    """An address that may be called."""

    host: str
    port: int
    path: str = field(repr=False)
    tls: bool


def webhook_address(text: str, *, loopback: bool) -> WebhookAddress:
    """Read it. `loopback`: this machine may be called too, without encryption: a demo's or a test's.

    Raises RuleBroken(WEBHOOK_ADDRESS).
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _no("this is not an address") from None
    host = parts.hostname or ""
    if len(text) > MOST_ADDRESS or not host or not _PATH.fullmatch(text) or not host.isascii():
        raise _no("give an address such as https://reports.example.org/jikimi")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _no("leave out user, password and whatever follows a #")
    here = loopback and is_loopback(host)
    if parts.scheme != "https" and not (here and parts.scheme == "http"):
        raise _no("it must begin with https://")
    if not here and (is_loopback(host) or (_literal(host) is not None and not is_public(_literal(host)))):
        raise _no("it leads to no public address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    tls = parts.scheme == "https"
    return WebhookAddress(host, port or (443 if tls else 80), path, tls)


def is_public(address: IpAddress | None) -> bool:
    """Does everybody reach it? Neither private nor shared nor this machine, and nothing that stands for such."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _TRANSLATED):
            return False
    if address is None or any(address in network for network in _NOT_ROUTED):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def signature(secret: str, body: bytes, at: int) -> str:
    """`t=SECONDS,v1=HEX`: HMAC-SHA256 over `SECONDS.BODY`."""
    tag = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={tag}"


class WebhookCaller:
    """Calls. Raises NotSent for what may pass, DeliveryRefused for an address that must not be called."""

    def __init__(
        self, *, loopback: bool = False, seconds: float = SECONDS, tls_context: ssl.SSLContext | None = None
    ) -> None:
        self._loopback, self._seconds = loopback, seconds
        self._tls = tls_context

    async def call(self, address: str, body: bytes, headers: dict[str, str]) -> None:
        """Send `body` once; every answer but 2xx is a failure, whatever it says."""
        try:
            where = webhook_address(address, loopback=self._loopback)
        except RuleBroken:
            raise DeliveryRefused("address-not-allowed") from None
        try:
            async with asyncio.timeout(self._seconds):
                status = await self._post(where, body, headers)
        except TimeoutError:
            raise NotSent("too-slow") from None
        except ssl.SSLError:
            raise NotSent("tls-failed") from None
        except OSError:
            raise NotSent("no-connection") from None
        except (asyncio.LimitOverrunError, asyncio.IncompleteReadError):
            raise NotSent("answer-unreadable") from None
        if not 200 <= status < 300:
            raise NotSent(f"status-{status}")

    async def _post(self, where: WebhookAddress, body: bytes, headers: dict[str, str]) -> int:
        address = await self._look_up(where)
        context = (self._tls or ssl.create_default_context()) if where.tls else None
        reader, writer = await asyncio.open_connection(
            address, where.port, ssl=context, server_hostname=where.host if where.tls else None, limit=_MOST_ANSWER
        )
        try:
            host = f"[{where.host}]" if ":" in where.host else where.host
            default = where.port == (443 if where.tls else 80)
            lines = [
                f"POST {where.path} HTTP/1.1",
                f"Host: {host}{'' if default else f':{where.port}'}",
                "Content-Type: application/json",
                f"Content-Length: {len(body)}",
                "Connection: close",
                *(f"{name}: {value}" for name, value in headers.items()),
            ]
            writer.write("\r\n".join([*lines, "", ""]).encode("ascii") + body)
            await writer.drain()
            found = _STATUS.match(await reader.readuntil(b"\n"))
        finally:
            writer.transport.abort()
        if found is None:
            raise NotSent("answer-unreadable")
        return int(found[1])

    async def _look_up(self, where: WebhookAddress) -> str:
        """The first address of the name, if all of them may be called."""
        found = await asyncio.get_running_loop().getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)
        addresses = [str(one[4][0]) for one in found]
        for text in addresses:
            literal = _literal(text)
            here = self._loopback and is_loopback(where.host) and literal is not None and literal.is_loopback
            if not here and not is_public(literal):
                raise DeliveryRefused("address-not-public")
        if not addresses:
            raise NotSent("no-such-name")
        return addresses[0]


def _literal(host: str) -> IpAddress | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _no(why: str) -> RuleBroken:
    return RuleBroken(Refusal.WEBHOOK_ADDRESS, why)
