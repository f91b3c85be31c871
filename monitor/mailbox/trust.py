"""Who really sent a report? Anybody can write a mail that looks like one. See docs/decisions/0063.

A report counts when the operator's own mail server says so: either it made the report itself (the topmost Received has
no "from": nothing came in), or its Authentication-Results say that DKIM or SPF passed for a domain that may report.
Both are only of use where the server is named in `[imap]`, and where the envelope had no sender, as RFC 3461 demands.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum

_COMMENT = re.compile(r"\([^()]*\)")
_PASSED = re.compile(r"(dkim|spf)(?:\s*/\s*\d+)?\s*=\s*pass(?=\s|$)", re.IGNORECASE)
_PROPERTY = re.compile(r"(?:^|\s)(header\.[di]|smtp\.(?:mailfrom|helo))\s*=\s*(\S+)", re.IGNORECASE)
_OF = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.helo")}
_BY = re.compile(r"\sby\s+([^\s;]+)", re.IGNORECASE)
_FROM = re.compile(r"^\s*from\s", re.IGNORECASE)
_WITH = re.compile(r"\swith\s+([^\s;]+)")


class Proof(StrEnum):
    """How it is known who sent a mail."""

    OWN_SERVER = "own-server"
    DKIM = "dkim"
    SPF = "spf"


@dataclass(frozen=True, slots=True)
class Trust:
    """What the operator says of their own mail server."""

    authserv_id: str | None = None
    """The name under which it writes Authentication-Results. It must take away those of others that bear it."""
    local_host: str | None = None
    """Its name in the Received of what it makes itself."""
    reporters: frozenset[str] = frozenset()
    """Further domains whose reports count: the provider's, where mail goes out through one."""


def proof_of(headers: Message, trust: Trust, domains: Collection[str]) -> Proof | None:
    """How it is proven that a report comes from one of `domains` (or ours, or below them); None: not at all."""
    paths = headers.get_all("Return-Path", [])
    if not paths or str(paths[0]).strip() != "<>":
        return None
    if trust.local_host and _made_here([str(one) for one in headers.get_all("Received", [])], trust.local_host):
        return Proof.OWN_SERVER
    return authenticated(headers, trust, {*domains, *trust.reporters})


def authenticated(headers: Message, trust: Trust, domains: Collection[str]) -> Proof | None:
    """What the topmost Authentication-Results says, if it is our own server's; every other one is ignored."""
    results = headers.get_all("Authentication-Results", [])
    if not trust.authserv_id or not results:
        return None
    text = _without_comments(" ".join(str(results[0]).split()))
    if text is None:
        return None
    server, *told = text.split(";")
    if not server.split() or server.split()[0].lower() != trust.authserv_id.lower():
        return None
    for one in told:
        passed = _PASSED.match(one.strip())
        if passed is None or '"' in one:  # a quoted local part could hold what looks like another property
            continue
        method = passed[1].lower()
        names = {name.lower(): value for name, value in _PROPERTY.findall(one)}
        found = [_domain(names[name]) for name in _OF[method] if name in names]
        if any(is_within(domain, allowed) for domain in found[:1] for allowed in domains):
            return Proof(method)
    return None


def is_within(domain: str, parent: str) -> bool:
    """Is it that domain, or below it?"""
    domain, parent = domain.lower().rstrip("."), parent.lower().rstrip(".")
    return bool(parent) and (domain == parent or domain.endswith(f".{parent}"))


def _domain(value: str) -> str:
    return value.rpartition("@")[2].strip("<>")


def _without_comments(text: str) -> str | None:
    """None where parentheses do not match or something is escaped: it could hide where a result ends."""
    if "\\" in text:
        return None
    for _ in range(10):
        text, found = _COMMENT.subn(" ", text)
        if not found:
            break
    return None if "(" in text or ")" in text else text


def _made_here(received: Sequence[str], host: str) -> bool:
    """Did this server make the mail? What it hands to itself by LMTP at the end is passed over."""
    for line in received:
        text = _without_comments(f" {' '.join(line.split())} ")
        # Some servers write down whatever a stranger said HELO with, so what is said twice says nothing.
        if text is None or [name.lower().rstrip(".") for name in _BY.findall(text)] != [host.lower().rstrip(".")]:
            return False
        if _FROM.match(text) is None:
            return True
        if _WITH.findall(text.lower()) not in (["lmtp"], ["lmtps"], ["lmtpa"], ["lmtpsa"]):
            return False
    return False
