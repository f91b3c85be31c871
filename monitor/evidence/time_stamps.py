"""The time-stamps of days (RFC 3161), and how one case's chain leads to each of them.

An authority outside stamps the value of a day, so a time-stamp tells it nothing of any case, and one serves all of
them. For one case the value is reached by that chain's own path.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.time_stamps import TimeStamp
from monitor.evidence.days import FORMAT, day_proofs
from monitor.keys.store import KeyStore

log = logging.getLogger(__name__)


def stamped_message(day: str, root: str) -> bytes:
    """The bytes whose SHA-256 an authority stamps: three lines of ASCII (format, day, value), each with its newline."""
    return f"{FORMAT}\n{day}\n{root}\n".encode("ascii")


@dataclass(frozen=True, slots=True)
class CaseTimeStamp:
    """A time-stamped day, with the path of one case to it."""

    day: date
    root: str
    """The value of the day, in hex; `stamped_message(day, root)` is what the token covers."""
    proof: Mapping[str, Any] = field(repr=False)
    """As `ledger day --case` prints it: salt, count and head_hash of the chain then, and the path to `root`."""
    response: bytes = field(repr=False)
    """The authority's whole answer (TimeStampResp, DER): a file for `openssl ts -verify -in`."""
    authority: str
    stamped_at: datetime

    @property
    def count(self) -> int:
        """How many entries of the chain are covered."""
        return int(self.proof["count"])


async def case_time_stamps(
    session: AsyncSession, keys: KeyStore, heads_file: Path, case_id: str
) -> list[CaseTimeStamp]:
    """The time-stamps that say something of this case, the earliest first: of each state of its chain the first.

    Days on which the chain did not grow add nothing, so they are left out.
    """
    query = select(TimeStamp).where(TimeStamp.response.is_not(None)).order_by(TimeStamp.day)
    rows = list(await session.scalars(query))
    return await asyncio.to_thread(_of_case, keys, heads_file, rows, case_id)


def _of_case(keys: KeyStore, heads_file: Path, rows: Sequence[TimeStamp], case_id: str) -> list[CaseTimeStamp]:
    by_day = {date.fromisoformat(row.day): row for row in rows}
    found: list[CaseTimeStamp] = []
    for proof in day_proofs(keys, heads_file, by_day, case_id):
        day = date.fromisoformat(proof["day"])
        row = by_day[day]
        if proof["root"] != row.root:
            # Lines of the heads file are lost or changed: `ledger verify` names them. The path leads elsewhere now.
            log.error("the value of a day is not the one that was stamped", extra={"day": row.day})
            continue
        if found and found[-1].count == proof["count"]:
            continue
        if row.response is not None and row.stamped_at is not None:
            found.append(CaseTimeStamp(day, row.root, proof, row.response, row.authority, row.stamped_at))
    return found
