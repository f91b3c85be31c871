"""X's error statuses as Jikimi's errors."""

from datetime import datetime

from monitor.core.errors import AccountStopped, CreditExhausted, PlatformError, PlatformFault, RateLimited
from monitor.platforms.x.http import Refused

WINDOW_SECONDS = 900.0
"""X counts calls in windows of 15 minutes: what to wait when it does not say until when."""
LONGEST_WAIT_SECONDS = 86_400.0
"""The longest limits of X are daily. A reset further away is a mistake of theirs or of a clock."""


def error_of_status(refused: Refused, endpoint: str, now: datetime) -> PlatformError:
    """The error to raise for a refusal of `endpoint` at `now`.

    A 403 that is not JSON comes from a guard before the API, not from the API: a passing fault.
    """
    problem = refused.problem or {}
    if refused.status == 402 or _is(problem.get("type"), "usage-capped"):
        return CreditExhausted("X: the prepaid credit or the month's cap is used up")
    if refused.status == 429:
        return RateLimited(_wait(refused.reset, now), endpoint)
    if refused.status == 401:
        return AccountStopped("unauthorized")
    if refused.status == 403 and refused.problem is not None:
        return AccountStopped("suspended" if _is(problem.get("type"), "user-suspended") else "forbidden")
    return PlatformFault(f"http-{refused.status}")


def _is(kind: object, name: str) -> bool:
    return isinstance(kind, str) and kind.endswith(f"/problems/{name}")


def _wait(reset: float | None, now: datetime) -> float:
    """Seconds until `reset` (epoch), at least one: the header counts in whole seconds."""
    if reset is None:
        return WINDOW_SECONDS
    return min(max(1.0, reset - now.timestamp()), LONGEST_WAIT_SECONDS)
