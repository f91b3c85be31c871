"""What a refusal of a mail server means: the recipient's no, a "later", or that our own settings are wrong.

A notice is handed to the operator's own server, so a reply about logging in, encrypting or relaying says nothing of its
recipient, at whatever stage it comes: many servers only look at RCPT.
"""

import re

from monitor.core.errors import Deferred, DeliveryError, DeliveryRefused, WrongSettings

_SETTINGS = frozenset({500, 502, 503, 504, 530, 534, 535, 538, 555})
"""RFC 5321 and 4954: commands and parameters that were not understood or came out of turn (504 is also the answer to a
name in EHLO that is not liked), log-in required or refused, encryption required."""
_ADDRESS = "5.1."
"""RFC 3463: about the address, whatever the code before it."""
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\S)")
_LOGIN = re.compile(r"5\.7\.(0|8|9|11|12|13|14)")
"""RFC 4954, 5248, 7505 and their registry: about who we are, not about whom we write to. 5.7.0 is the class of 530."""
_RELAY = re.compile(r"\brelay", re.IGNORECASE)
"""No code tells "I do not relay for you" apart: it is 550, 551, 553 or 554, with 5.7.1 or without."""
_ABOUT_THE_NOTICE = frozenset({"sender", "recipient", "bcc", "data", "message"})
"""Stages whose 5xx is about this notice; before them it is about the server's settings, which can be mended."""


def refusal(stage: str, code: int, text: str) -> DeliveryError:
    """What a 4xx or 5xx at `stage` comes to. `text` is read and never kept."""
    enhanced = _ENHANCED.match(text.strip())
    status = enhanced[0] if enhanced else ""
    if code < 500 or status.startswith("4."):
        return Deferred(f"{stage}-deferred-{code}")
    if stage == "bcc":
        # The recipient was taken just before: only the copy is refused.
        return DeliveryRefused(f"{stage}-refused-{code}")
    ours = code in _SETTINGS or stage not in _ABOUT_THE_NOTICE or _about_us(stage, status, text)
    if ours and not status.startswith(_ADDRESS):
        return WrongSettings(f"{stage}-settings-{code}")
    return DeliveryRefused(f"{stage}-refused-{code}")


def _about_us(stage: str, status: str, text: str) -> bool:
    """Does it name our log-in, or that nothing is relayed for us?"""
    if stage == "message":
        return False  # whatever is said of a whole message may be said of what stands in it
    return _LOGIN.fullmatch(status) is not None or _RELAY.search(text) is not None
