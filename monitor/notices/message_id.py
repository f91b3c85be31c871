"""The Message-ID of an e-mail notice, fixed before the first try, so that the operator's mailbox can be asked."""

import re

from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")


def message_id(notice_id: str, domain: str) -> str:
    """`<notice.ID@DOMAIN>` (RFC 5322, 3.6.4); the same arguments always give the same id.

    `domain` may be an e-mail address, whose domain then counts. Raises RuleBroken when either part has no such form.
    """
    host = domain.rpartition("@")[2].strip().lower().rstrip(".")
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        raise RuleBroken(Refusal.MESSAGE_ID_DOMAIN, "the sender's address has no valid domain") from None
    if not _ID.fullmatch(notice_id):
        raise RuleBroken(Refusal.MESSAGE_ID_NOTICE, "this is not a notice's id")
    if not _DOMAIN.fullmatch(host):
        raise RuleBroken(Refusal.MESSAGE_ID_DOMAIN, "the sender's address has no valid domain")
    return f"<notice.{notice_id}@{host}>"
