"""Where a request comes from: the unit that tries, budgets and turns are counted by."""

import ipaddress
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

log = logging.getLogger(__name__)

_NETWORK_OF_ONE = 64
"""Bits of an IPv6 address that its holder cannot choose: a line or a phone gets a whole /64."""
_MOST_HOPS = 32
_FORWARDED = b"x-forwarded-for"


@dataclass(slots=True)
class Origins:
    """Reads origins. `trusted`: networks of our own proxies; only what they say of others is believed."""

    trusted: Sequence[Network] = ()
    _told: bool = field(default=False, init=False)

    def of(self, scope: Mapping[str, Any]) -> str:
        """An IPv4 address, an IPv6 /64, or "" where there is none (a socket file)."""
        client = scope.get("client")
        peer = _address(client[0]) if client else None
        if peer is None:
            return ""
        forwarded = [value for name, value in scope["headers"] if name.lower() == _FORWARDED]
        if forwarded and not self._is_ours(peer):
            self._tell_once()
        elif forwarded:
            peer = self._behind(peer, b",".join(forwarded).decode("latin-1").split(","))
        return unit_of(peer)

    def _behind(self, peer: Address, hops: Sequence[str]) -> Address:
        """From the right, where our own proxy wrote, to the first who is no proxy of ours; the rest may be made up."""
        for hop in reversed(hops[-_MOST_HOPS:]):
            said = _address(_without_port(hop.strip()))
            if said is None:
                return peer
            peer = said
            if not self._is_ours(peer):
                return peer
        return peer

    def _is_ours(self, address: Address) -> bool:
        return any(address in network for network in self.trusted)

    def _tell_once(self) -> None:
        if not self._told:
            self._told = True
            log.warning("a proxy that [web] trusted_proxies does not name forwards requests: all of them count as one")


def unit_of(address: Address) -> str:
    """What is counted as one."""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((address.packed[: _NETWORK_OF_ONE // 8].ljust(16, b"\0"), _NETWORK_OF_ONE)))


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks or single addresses. Raises ValueError for what is neither."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def _address(text: str) -> Address | None:
    """IPv4 within IPv6 is IPv4: a socket for both writes it so."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _without_port(hop: str) -> str:
    """Some proxies add one: 192.0.2.1:4711, [2001:db8::1]:4711."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
