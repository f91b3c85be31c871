"""The one clock of the domain. The demo world runs it faster, with its doubles; real endpoints never see that."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Clock:
    """Domain time: `anchor` + `speed` x the real time since `anchor`. Every process that shares both agrees."""

    speed: float = 1.0
    anchor: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    undo_seconds: float = 0.0
    """Real seconds that a person has at least to take back what they did: on a fast clock a minute is no time."""

    def now(self) -> datetime:
        """The domain's time, aware, in UTC."""
        if self.speed == 1.0:
            return datetime.now(UTC)
        since = time.time() - self.anchor.timestamp()
        return self.anchor + timedelta(seconds=since * self.speed)

    def real_seconds(self, span: timedelta | float) -> float:
        """How many real seconds pass while `span` (a timedelta or domain seconds) passes in the domain."""
        seconds = span.total_seconds() if isinstance(span, timedelta) else span
        return max(0.0, seconds) / self.speed

    def time_to_undo(self, span: timedelta) -> timedelta:
        """Domain time: `span`, and as much more as a person needs."""
        return max(span, timedelta(seconds=self.undo_seconds * self.speed))
