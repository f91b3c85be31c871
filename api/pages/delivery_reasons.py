"""Why a notice did not leave, or nobody knows whether it did, in words: the codes of the ways out."""

import re

from api.i18n import mark
from api.pages.texts import Gettext

_NO_COPY = mark("The mailbox for the operator's own copy takes nothing. Soon it leaves without a copy.")
_LATER = mark("The mail server asks to try again later.")
_SETTINGS = mark("Our own mail server wants other settings. Whoever runs Jikimi for you must mend that.")
_NO_LINE = mark("No connection could be made.")
_UNHEARD = mark("The line broke before an answer came.")
_WORDS: tuple[tuple[str, str], ...] = (
    (r"bcc-.*", _NO_COPY),
    (r"mailbox-unknown|[a-z]+-refused-55[0-3]", mark("Their mail server does not take it for this address.")),
    (r"connect-refused-\d+|[a-z]+-deferred-\d+", _LATER),
    (r"[a-z]+-settings-\d+|tls-failed|login-refused|login-unsupported", _SETTINGS),
    (r"[a-z]+-refused-\d+", mark("A mail server refused it.")),
    (r"no-connection|[a-z]+-timeout|(?!connection)[a-z]+-connection-lost|too-slow|no-such-name", _NO_LINE),
    (r"(?:no-reply|connection-lost|reply-unreadable|reply-\d+)(?:-no-copy)?", _UNHEARD),
    (r"(?:messages\.report|account\.reportPeer): .*", _UNHEARD),
    (r"menu-changed: .*", mark("The report menu of Telegram changed, and no entry of it fits.")),
    (r"post-gone", mark("Telegram does not find the post any more.")),
    (r"channel-gone|source-.*", mark("The channel or account cannot be read any more.")),
    (r"account-stopped: .*", mark("Our account there is stopped. Whoever runs Jikimi for you must log in again.")),
    (r".*-malformed", mark("The notice could not be written as an e-mail. Please look at its address and text.")),
    (r"this way of sending is switched off", mark("This way of sending is switched off here.")),
    (r"address-not-(?:allowed|public)|status-.*|answer-unreadable", mark("Their program did not take it.")),
    (r"never-begun", mark("It could not be begun. Send it again, and tell your operator where that does not help.")),
    (r"earlier-reply-left", mark("The reply before this one has left after all, so this one was kept back.")),
    (r"rate-limited", mark("The platform asks to wait.")),
    (r"[A-Z][A-Z0-9_]{3,}", mark("The platform refused it.")),
)
"""Patterns of the whole code; the first that fits counts."""


def is_of_settings(code: str) -> bool:
    """Does our own mail server want other settings?"""
    return _words(code) == _SETTINGS


def delivery_reason(code: str, gettext: Gettext) -> str | None:
    """None for a code that is of something else."""
    words = _words(code)
    return None if words is None else gettext(words)


def _words(code: str) -> str | None:
    return next((words for pattern, words in _WORDS if re.fullmatch(pattern, code)), None)
