"""A report about a whole channel inside Telegram: one call, which names a reason and takes a text.

As with single posts Telegram gives no number and answers no question about it afterwards: a call that left and brought
no clear answer leaves the report in doubt, and a person decides.
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
from monitor.platforms.telegram.adapter import PEER_REASON, Telegram
from monitor.platforms.telegram.errors import OutcomeUnknown, RpcRefused

_NO_SUCH_PEER = frozenset({"PEER_ID_INVALID", "CHANNEL_INVALID"})


class TelegramPeerReport:
    """Delivery through account.reportPeer, over the same login as the reading."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See Delivery. `body` is the text; the receipt's fact is the `reason` that was named."""
        try:
            await self._telegram.report_peer(outgoing.source, outgoing.body)
        except RateLimited:
            raise
        except WorkStopped:
            raise NotSent(WORK_STOPPED) from None
        except OutcomeUnknown as unknown:
            raise InDoubt(f"account.reportPeer: {unknown.reason}") from None
        except RpcRefused as refused:
            if refused.code in _NO_SUCH_PEER:
                raise DeliveryRefused("channel-gone") from None
            raise NotSent(refused.code) from None
        except SourceUnavailable as unavailable:
            raise DeliveryRefused(f"source-{unavailable.reason}") from None
        except AccountStopped as stopped:
            raise NotSent(f"account-stopped: {stopped.reason}") from None
        except PlatformError as error:
            # The connection could not be made: the request did not leave.
            raise NotSent(type(error).__name__) from None
        return Receipt(facts={"reason": PEER_REASON})
