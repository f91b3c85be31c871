"""Delivery reports (RFC 3464 in a multipart/report of RFC 6522), and what one comes to for a notice of ours. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from enum import StrEnum

from monitor.mailbox.trust import Proof

_OURS = re.compile(r"<notice\.([a-z2-7]{26})(?:\.\d{1,6})?@[A-Za-z0-9.-]{1,253}>")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,200}@[A-Za-z0-9.-]{1,200}>")
_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")
MOST_IDS = 20
MOST_RECIPIENTS = 50


class ReportKind(StrEnum):
    """What a mail about a notice is. The values are stored: add kinds, never rename one."""

    BOUNCE = "bounce"
    """A proven report: the notice did not arrive."""
    CLAIM = "claim"
    """It says so, and that is not proven, or not of this notice."""
    DELAY = "delay"
    """It says that it is still being tried, or that it arrived; or it is about a mail before the last one."""
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class Told:
    """What a report says of one recipient. Addresses as they stand there."""

    original: str = field(repr=False)
    final: str = field(repr=False)
    action: str
    status: str
    """Such as 5.1.1; empty where it is none."""


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report."""

    message_ids: tuple[str, ...] = field(repr=False)
    """Of the mail that it is about, from the head that it returns."""
    recipients: tuple[Told, ...] = field(repr=False)
    returned_ids: tuple[str, ...] = field(default=(), repr=False)
    """Every Message-ID in that head, whoever made it."""

    @property
    def failed(self) -> bool:
        """Whether it says that the mail did not arrive, at whomever."""
        return any(one.action == "failed" for one in self.recipients)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a mail comes to. `reason` is a code: a class and nothing that anybody wrote."""

    kind: ReportKind
    reason: str


def our_ids(text: str) -> Mapping[str, str]:
    """The Message-IDs of ours that stand in a header, each with the id of its notice."""
    found = list(_OURS.finditer(text[:20_000]))[-MOST_IDS:]
    return {one[0]: one[1] for one in found}


def head_of(text: bytes) -> Message:
    """A block of headers, whatever is in it."""
    return BytesParser(policy=compat32).parsebytes(text, headersonly=True)


def message_id_in(head: Message) -> str:
    """The mail's own Message-ID, where it has a plain one; else nothing: it is put into a header of ours."""
    found = _MESSAGE_ID.fullmatch(str(head.get("Message-ID", "")).strip())
    return "" if found is None else found[0]


def headers_named(head: Message, *names: str) -> str:
    """The values of some headers, one after the other."""
    return " ".join(str(value) for name in names for value in head.get_all(name, []))


def report_of(status: bytes, returned: bytes) -> Report:
    """What stands in a report's second and third part."""
    blocks = [head_of(block + b"\n\n") for block in re.split(rb"(?:\r?\n[ \t]*){2,}", status.strip())]
    told = tuple(_told(block) for block in blocks[1 : MOST_RECIPIENTS + 1])
    named = headers_named(head_of(returned), "Message-ID")
    return Report(tuple(our_ids(named)), told, tuple(_MESSAGE_ID.findall(named[:20_000])[-MOST_IDS:]))


def _told(block: Message) -> Told:
    status = _STATUS.match(str(block.get("Status", "")).strip())
    return Told(
        original=_address(block.get("Original-Recipient")),
        final=_address(block.get("Final-Recipient")),
        action=str(block.get("Action", "")).split("(")[0].strip().lower()[:20],
        status="" if status is None else ".".join(str(int(part)) for part in status.groups()),
    )


def _address(value: object) -> str:
    """`rfc822; somebody@example.org`."""
    kind, _, address = str(value or "").partition(";")
    return address.strip().strip("<>") if kind.strip().lower() in ("rfc822", "utf-8") else ""


def judge_report(report: Report, *, message_id: str, recipient: str, proof: Proof | None) -> Finding:
    """What a report says of the notice that left with this Message-ID to this recipient.

    It must name both. Only a failure for good (5.x.x) that is proven counts; a server that gave up after a passing
    fault (4.x.x) leaves it to a person.
    """
    if message_id not in report.message_ids:
        earlier = set(our_ids(message_id).values()) & set(our_ids(" ".join(report.message_ids)).values())
        return Finding(ReportKind.DELAY, "earlier-mail") if earlier else Finding(ReportKind.CLAIM, "names-another-mail")
    told = next(_about(report.recipients, recipient), None)
    if told is None:
        return Finding(ReportKind.CLAIM, "names-another-recipient")
    if told.action != "failed":
        known = told.action in ("delayed", "delivered", "relayed", "expanded")
        return Finding(ReportKind.DELAY, told.action if known else "unknown-action")
    if proof is None:
        return Finding(ReportKind.CLAIM, f"unproven-{told.status or 'failure'}")
    if not told.status.startswith("5."):
        return Finding(ReportKind.CLAIM, f"gave-up-{told.status or 'without-status'}")
    return Finding(ReportKind.BOUNCE, f"bounced-{told.status}")


def _about(recipients: Sequence[Told], recipient: str) -> Iterator[Told]:
    wanted = recipient.casefold()
    return (one for one in recipients if wanted in (one.original.casefold(), one.final.casefold()))
