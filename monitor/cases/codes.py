"""One-time codes of a helpline: a case that is opened with one is vouched for."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.people import VouchCode
from monitor.cases.code_words import ALPHABET, LETTERS
from monitor.cases.opening import code_hash
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.by import By, Who
from monitor.evidence.chain import INSTALLATION
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.ledger import Ledger

MOST_CODES, LONGEST_DAYS = 100, 90
USUAL_DAYS = 14
"""Long enough to be handed out on paper after a talk and used when it is safe."""


async def make_codes(
    session: AsyncSession, ledger: Ledger, *, organisation_id: str, by: By, count: int, days: int, now: datetime
) -> list[str]:
    """Fresh codes as `xxxx-xxxx-xxxx`, shown once and stored only as hashes. `now` is the domain's time.

    `by`: an advocate, whose codes vouch in their name, or the operator.

    Raises RuleBroken: code-count (1 to MOST_CODES), code-days (1 to LONGEST_DAYS).
    """
    if not 1 <= count <= MOST_CODES:
        raise RuleBroken(Refusal.CODE_COUNT, f"make 1 to {MOST_CODES} codes at a time")
    if not 1 <= days <= LONGEST_DAYS:
        raise RuleBroken(Refusal.CODE_DAYS, f"a code is good for 1 to {LONGEST_DAYS} days")
    codes = [_code() for _ in range(count)]
    given = {
        "organisation_id": organisation_id,
        "created_by": by.id if by.who is Who.ADVOCATE else None,
        "created_at": now,
    }
    ends = now + timedelta(days=days)
    session.add_all(VouchCode(code_hash=code_hash(code), expires_at=ends, **given) for code in codes)
    await session.flush()
    facts = {"organisation": organisation_id, "count": count, "days": days}
    await ledger.append(session, INSTALLATION, EntryKind.CODES_MADE, facts, by=by, at=now)
    return codes


def _code() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
    return "-".join((letters[:4], letters[4:8], letters[8:]))
