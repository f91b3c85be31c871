"""Is this machine's clock right? Others tell the time with their answers: platforms, the database's server."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

OFF_BY = timedelta(seconds=60)
"""From here on one-time codes fail, and times in the evidence are wrong."""
_HOLDS_SECONDS = 3600.0


class ClockWatch:
    """The last word of each about how far this machine's clock is from theirs. Real time, whatever the domain's is."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[timedelta, float]] = {}

    def saw(self, whose: str, time_there: datetime) -> None:
        """What their clock shows now."""
        self.off_by(whose, time_there - datetime.now(UTC))

    def saw_date(self, whose: str, header: str | None) -> None:
        """The Date of an HTTP answer; one that cannot be read says nothing."""
        try:
            there = parsedate_to_datetime(header or "")
        except ValueError:
            return
        if there.tzinfo is not None:
            self.saw(whose, there)

    def off_by(self, whose: str, difference: timedelta) -> None:
        """Theirs minus ours."""
        self._said[whose] = (difference, time.monotonic())

    def last(self, whose: str) -> timedelta | None:
        """What they said last, within the hour: theirs minus ours."""
        difference, at = self._said.get(whose, (None, 0.0))
        return difference if time.monotonic() - at < _HOLDS_SECONDS else None

    def wrong(self) -> timedelta | None:
        """By how much this clock is off, where all who spoke within the hour say so: one alone may be off itself."""
        now = time.monotonic()
        said = [difference for difference, at in self._said.values() if now - at < _HOLDS_SECONDS]
        if not said or any(abs(difference) < OFF_BY for difference in said):
            return None
        return min(said, key=abs)
