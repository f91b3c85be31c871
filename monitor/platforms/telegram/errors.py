"""Telegram's errors, turned into ours. The names of Telegram's errors are codes: they hold no content."""

import re
from typing import Any

from telethon import errors as rpc
from telethon.errors import RPCError

from monitor.core.errors import AccountStopped, PlatformError, PlatformFault, RateLimited, SourceUnavailable

FLOODS = (rpc.FloodWaitError, rpc.FloodPremiumWaitError, rpc.FloodTestPhoneWaitError, rpc.SlowModeWaitError)
"""Errors that say in `seconds` how long to wait."""

STALE_REFERENCE = frozenset({"FILE_REFERENCE_EXPIRED", "FILE_REFERENCE_INVALID", "FILE_REFERENCE_EMPTY"})
"""The message must be fetched anew before its file can be read."""

_STOPPED = (
    *(rpc.UnauthorizedError, rpc.AuthKeyDuplicatedError, rpc.PhoneNumberBannedError),
    # What a frozen account is told, of channels that it has not joined too.
    *(rpc.FrozenMethodInvalidError, rpc.FrozenParticipantMissingError),
)
_MOVED = (rpc.UserMigrateError, rpc.PhoneMigrateError, rpc.NetworkMigrateError)
"""The login is good in another data centre only. While logging in Telethon follows; later a person must log in anew."""
_PRIVATE = (rpc.ChannelPrivateError, rpc.ChannelPublicGroupNaError)
_GONE = (rpc.UsernameNotOccupiedError, rpc.UsernameInvalidError)
_UNDECIDED = (rpc.ServerError, rpc.TimedOutError, rpc.RpcCallFailError, rpc.RpcMcgetFailError)
_NAMES: dict[Any, str] = {kind: name for name, kind in rpc.rpcerrorlist.rpc_errors_dict.items()}
_CODE = re.compile(r"[A-Z][A-Z0-9_]{2,63}")


class RpcRefused(PlatformFault):
    """Telegram answered that it did not do what was asked."""

    def __init__(self, method: str, code: str) -> None:
        """`code` is Telegram's name of the error, such as MESSAGE_ID_INVALID."""
        super().__init__(f"{method}: {code}")
        self.code = code


class OutcomeUnknown(PlatformFault):
    """The request left, and nobody can tell whether it was done: no answer, or an error inside Telegram."""

    def __init__(self, method: str, reason: str) -> None:
        super().__init__(f"{method}: outcome unknown ({reason})")
        self.reason = reason


def rpc_errors_translated(error: RPCError, method: str) -> PlatformError:
    """Our error for Telegram's answer to `method`."""
    code = code_of(error)
    if isinstance(error, FLOODS):
        return RateLimited(float(max(1, error.seconds)), method)
    if isinstance(error, _STOPPED):
        return AccountStopped(code.lower().replace("_", "-"))
    if isinstance(error, _MOVED):
        return AccountStopped("login-moved")
    if isinstance(error, _PRIVATE):
        return SourceUnavailable("private")
    if isinstance(error, _GONE):
        return SourceUnavailable("gone")
    if isinstance(error, rpc.ChannelInvalidError):
        # The access hash belongs to another account, or the channel never existed: the source must be resolved anew.
        return SourceUnavailable("unknown-to-account")
    if isinstance(error, _UNDECIDED):
        return OutcomeUnknown(method, code)
    return RpcRefused(method, code)


def code_of(error: RPCError) -> str:
    """Telegram's name of the error: CHANNEL_PRIVATE; the number alone where there is no clean name."""
    if name := _NAMES.get(type(error)):
        return name
    text = str(getattr(error, "message", "") or "")
    return text if _CODE.fullmatch(text) else f"RPC_{getattr(error, 'code', 0)}"
