"""The platforms' safety teams in the demo: what is reported goes after some hours, and every report is counted."""

from collections import Counter
from collections.abc import Callable, Container
from datetime import datetime, timedelta
from random import Random

from monitor.platforms.base import Link

HOURS = (8.0, 20.0)
"""Domain hours until a reported post is removed; all of it before the check that routes take after 24 hours."""

PATIENCE = timedelta(hours=20)
"""Longer than that it is not waited for the desk: within the 48 hours that the law gives."""


class SafetyTeam:
    """Counts reports by post and says which posts are due to go. `now` gives domain time."""

    def __init__(self, *, now: Callable[[], datetime], seed: int) -> None:
        self._now = now
        self._random = Random(f"safety-{seed}")
        self._leave_at: dict[Link, datetime] = {}
        self.reports: Counter[Link] = Counter()
        """How often each post was reported, by whatever way."""

    def take(self, link: Link, *, ignore: bool = False) -> None:
        """A report came in. `ignore`: it is counted, and nothing happens."""
        self.reports[link] += 1
        if not ignore and link not in self._leave_at:
            self._leave_at[link] = self._now() + timedelta(hours=self._random.uniform(*HOURS))

    def due(self, in_hands: Container[Link] = ()) -> list[Link]:
        """The posts whose time has come since the last call.

        `in_hands`: posts that somebody at the desk still writes about. They stay until that is done, but not past
        `PATIENCE`: whoever writes may be unable to.
        """
        now = self._now()
        gone = [link for link, at in self._leave_at.items() if at <= now - PATIENCE * (link in in_hands)]
        for link in gone:
            # Long past: a second report of a removed post removes nothing.
            self._leave_at[link] = datetime.max.replace(tzinfo=now.tzinfo)
        return gone
