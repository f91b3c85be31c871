"""SPF, DKIM and DMARC of the domain that notices come from: what its records say, and what to set.

An abuse desk that cannot tell our mail from a forgery drops it, and nobody learns why.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dns.asyncresolver
import dns.exception
import dns.resolver

MOST_LOOKUPS = 10
"""RFC 7208, 4.6.4: with more of them the record is an error."""
_SECONDS = 5.0
_LOOKS_UP = re.compile(r"^[+?~-]?(?:include:|a(?:[:/]|$)|mx(?:[:/]|$)|ptr(?::|$)|exists:)|^redirect=", re.IGNORECASE)


class DnsUnreadable(Exception):
    """No server answered; what stands there is not known."""


@dataclass(frozen=True, slots=True)
class DomainRecords:
    """The texts that were found. None: it was not asked."""

    domain: str
    spf: tuple[str, ...]
    dmarc: tuple[str, ...]
    dkim: tuple[str, ...] | None
    selector: str = ""


@dataclass(frozen=True, slots=True)
class DomainFinding:
    """`wrong`: mail fails or may; `weak`: it works, and protects less than it could."""

    wrong: tuple[str, ...]
    weak: tuple[str, ...]
    good: tuple[str, ...]


async def read_records(domain: str, selector: str | None, *, nameserver: str | None = None) -> DomainRecords:
    """Ask DNS. `nameserver`: HOST:PORT in place of the system's. Raises DnsUnreadable."""
    resolver = _resolver(nameserver)
    name = f"{selector}._domainkey.{domain}"
    return DomainRecords(
        domain=domain,
        spf=await _texts(resolver, domain, "v=spf1"),
        dmarc=await _texts(resolver, f"_dmarc.{domain}", "v=dmarc1"),
        dkim=None if selector is None else await _texts(resolver, name, ""),
        selector=selector or "",
    )


def judge(records: DomainRecords) -> DomainFinding:
    """What the records come to, each with what to set where. Pure."""
    wrong, weak, good = list[str](), list[str](), list[str]()
    _judge_spf(records, wrong, weak, good)
    _judge_dkim(records, wrong, weak, good)
    _judge_dmarc(records, wrong, weak, good)
    return DomainFinding(tuple(wrong), tuple(weak), tuple(good))


def _judge_spf(records: DomainRecords, wrong: list[str], weak: list[str], good: list[str]) -> None:
    if not records.spf:
        wrong.append(
            f'there is no SPF: set a TXT record at {records.domain}, "v=spf1 include:YOUR-PROVIDER -all" or with the '
            "addresses of your mail server"
        )
        return
    if len(records.spf) > 1:
        wrong.append(f"{records.domain} has {len(records.spf)} SPF records, which counts as an error: keep one")
        return
    terms = records.spf[0].split()[1:]
    last = next((term.lower() for term in terms if term.lower().lstrip("+?~-") == "all"), "")
    if sum(bool(_LOOKS_UP.match(term)) for term in terms) > MOST_LOOKUPS:
        wrong.append(f"the SPF record looks up more than {MOST_LOOKUPS} names, which counts as an error")
    elif last in ("all", "+all"):
        wrong.append('the SPF record ends with "+all": it lets everybody send in your name; end it with "-all"')
    elif last == "?all" or (not last and not any(term.lower().startswith("redirect=") for term in terms)):
        weak.append('the SPF record says nothing of others: end it with "-all"')
    else:
        good.append("SPF")


def _judge_dkim(records: DomainRecords, wrong: list[str], weak: list[str], good: list[str]) -> None:
    if records.dkim is None:
        weak.append(
            "DKIM is not looked at: name the selector in [smtp] dkim_selector; it is the s= in the DKIM-Signature of a "
            "mail that you sent"
        )
        return
    name = f"{records.selector}._domainkey.{records.domain}"
    keys = [_tags(text) for text in records.dkim]
    keys = [key for key in keys if "p" in key]
    if not keys:
        wrong.append(f"there is no DKIM key at {name}: put the one there that your mail server signs with")
    elif not keys[0]["p"]:
        wrong.append(f"the DKIM key at {name} is revoked (p= is empty)")
    elif "y" in keys[0].get("t", "").split(":"):
        weak.append(f'the DKIM key at {name} is for tests only: take "t=y" out')
    else:
        good.append("DKIM")


def _judge_dmarc(records: DomainRecords, wrong: list[str], weak: list[str], good: list[str]) -> None:
    name = f"_dmarc.{records.domain}"
    if not records.dmarc:
        wrong.append(f'there is no DMARC: set a TXT record at {name}, "v=DMARC1; p=quarantine"')
    elif len(records.dmarc) > 1:
        wrong.append(f"{name} has {len(records.dmarc)} DMARC records, which counts as none: keep one")
    elif (policy := _tags(records.dmarc[0]).get("p", "").lower()) not in ("none", "quarantine", "reject"):
        wrong.append(f'the DMARC record at {name} has no policy: set "p=quarantine"')
    elif policy == "none":
        weak.append(f'DMARC at {name} asks for nothing (p=none): set "p=quarantine" once your own mail passes')
    else:
        good.append(f"DMARC {policy}")


def _tags(text: str) -> Mapping[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, _, value in pairs if name.strip()}


def _resolver(nameserver: str | None) -> dns.asyncresolver.Resolver:
    resolver = dns.asyncresolver.Resolver(configure=nameserver is None)
    if nameserver is not None:
        host, _, port = nameserver.rpartition(":")
        resolver.nameservers, resolver.port = [host.strip("[]")], int(port)
    resolver.lifetime = _SECONDS
    return resolver


async def _texts(resolver: dns.asyncresolver.Resolver, name: str, begins: str) -> tuple[str, ...]:
    """The TXT records at a name that begin so; none where there is no such name."""
    try:
        answer = await resolver.resolve(name, "TXT", search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    except (dns.exception.DNSException, OSError) as error:
        raise DnsUnreadable(type(error).__name__) from None
    texts: Sequence[str] = [b"".join(row.strings).decode("utf-8", "replace").strip() for row in answer]
    return tuple(text for text in texts if text.lower().startswith(begins))
