"""A report inside Telegram: through the menu that the server shows, by stored preference, then the comment.

Telegram gives no number for a report and answers no question about it afterwards. So a call that may have completed
the report and brought no clear answer leaves it in doubt, and a person decides.
"""

from monitor.core.errors import (
    AccountStopped,
    DeliveryRefused,
    InDoubt,
    NotSent,
    PlatformError,
    RateLimited,
    SourceUnavailable,
    WorkStopped,
)
from monitor.delivery.base import WORK_STOPPED, Outgoing, Receipt
from monitor.platforms.telegram.adapter import Telegram
from monitor.platforms.telegram.errors import OutcomeUnknown, RpcRefused
from monitor.platforms.telegram.report_menu import AddComment, MenuStep, Reported, preferred

MAX_STEPS = 8
"""The real menu has three levels and a comment; one that goes on for ever is not it."""
COMMENT_CHARACTERS = 1024
"""https://core.telegram.org/tdlib/docs/classtd_1_1td__api_1_1report_chat.html: "0-1024 characters"."""

_NO_SUCH_POST = frozenset({"MESSAGE_ID_INVALID", "MSG_ID_INVALID"})


class TelegramReport:
    """Delivery through messages.report, over the same login as the reading."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See Delivery. `preferences` are tried in order at every level of the menu; `body` is the comment.

        The receipt's facts: `option_path` ("A > B"), `comment` (yes, no, shortened), `steps`. DeliveryRefused
        ("menu-changed: ...") when no preference fits, before anything final was sent.
        """
        comment = _comment(outgoing.body)
        token, text, path, asked = b"", "", list[str](), False
        for number in range(1, MAX_STEPS + 1):
            step = await self._step(outgoing, token, text)
            if isinstance(step, Reported):
                return Receipt(facts=_facts(outgoing.body, path, text, number))
            if isinstance(step, AddComment):
                if asked or (not step.optional and not comment):
                    raise DeliveryRefused("menu-changed: the comment was not taken")
                token, text, asked = step.token, comment, True
                continue
            choice = preferred(step.options, outgoing.preferences)
            if choice is None:
                raise DeliveryRefused(f"menu-changed: no preference fits level {len(path) + 1}")
            token, path = choice.token, [*path, choice.text]
        raise DeliveryRefused(f"menu-changed: no end after {MAX_STEPS} steps")

    async def _step(self, outgoing: Outgoing, token: bytes, text: str) -> MenuStep:
        """One call. Every call that names an option may be the last: some options take the report at once."""
        try:
            return await self._telegram.report(outgoing.source, outgoing.post_ids, token, text)
        except RateLimited:
            raise
        except WorkStopped:
            # Asked before the step: nothing final was handed in.
            raise NotSent(WORK_STOPPED) from None
        except OutcomeUnknown as unknown:
            reason = f"messages.report: {unknown.reason}"
            raise (InDoubt(reason) if token else NotSent(reason)) from None
        except RpcRefused as refused:
            if refused.code in _NO_SUCH_POST:
                raise DeliveryRefused("post-gone") from None
            raise NotSent(refused.code) from None
        except SourceUnavailable as unavailable:
            raise DeliveryRefused(f"source-{unavailable.reason}") from None
        except AccountStopped as stopped:
            raise NotSent(f"account-stopped: {stopped.reason}") from None
        except PlatformError as error:
            # The connection could not be made: the request did not leave.
            raise NotSent(type(error).__name__) from None


def _comment(body: str) -> str:
    """The body, cut after its last whole word where Telegram would refuse it."""
    text = body.strip()
    if len(text) <= COMMENT_CHARACTERS:
        return text
    return text[:COMMENT_CHARACTERS].rsplit(maxsplit=1)[0]


def _facts(body: str, path: list[str], text: str, steps: int) -> dict[str, str]:
    shortened = len(body.strip()) > COMMENT_CHARACTERS
    comment = "no" if not text else "shortened" if shortened else "yes"
    return {"option_path": " > ".join(path), "comment": comment, "steps": str(steps)}
