"""What can go wrong between the make-believe Telegram and its clients, and a record of what was asked."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.demo.telegram.mtproto import Cut, RpcFailure, Silence


class Trouble(StrEnum):
    """How a call goes wrong."""

    ERROR = "error"
    """Answered with an error; nothing is done."""
    CUT_BEFORE = "cut-before"
    """The connection is cut; nothing is done."""
    CUT_AFTER = "cut-after"
    """It is done, and the connection is cut before the answer."""
    SILENT = "silent"
    """Nothing is done and no answer comes."""


@dataclass(frozen=True, slots=True)
class TelegramCall:
    """One request that came in, for tests that count. `channel_id` is None where no channel is concerned."""

    method: str
    channel_id: int | None
    at: datetime


@dataclass(slots=True)
class TelegramFault:
    """Happens to `times` calls of `method` after `skip` calls went well."""

    method: str
    trouble: Trouble
    error: str = ""
    code: int = 400
    times: int = 1
    skip: int = 0


class Faults:
    """The faults to come."""

    def __init__(self) -> None:
        self._waiting: list[TelegramFault] = []

    def add(self, fault: TelegramFault) -> None:
        """One more fault to come."""
        self._waiting.append(fault)

    def before(self, method: str) -> TelegramFault | None:
        """Raise what happens instead of doing `method`; returns the fault that happens after it, if any."""
        for fault in self._waiting:
            if fault.method != method or fault.times < 1:
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.trouble is Trouble.ERROR:
                raise RpcFailure(fault.code, fault.error)
            if fault.trouble is Trouble.CUT_BEFORE:
                raise Cut
            if fault.trouble is Trouble.SILENT:
                raise Silence
            return fault
        return None
