"""Who may go on with a medium that takes long, beside the ordinary work of the pool: one at a time, in fair turns."""

from dataclasses import dataclass, field

REMEMBERED = 1800.0
"""Seconds for which a source that was turned away goes before one that had its turn."""


@dataclass(slots=True)
class LongWork:
    """The one place for long work. Not locked: its owner is."""

    busy: bool = False
    _last: str = ""
    _turned_away: dict[str, float] = field(default_factory=dict)

    def take(self, source: str, now: float) -> bool:
        """Whether `source` may have the place; `now` in seconds of any steady clock. A source that had it last waits
        for those that were turned away meanwhile."""
        self._turned_away = {one: at for one, at in self._turned_away.items() if now - at < REMEMBERED}
        others = self._turned_away.keys() - {source}
        if self.busy or (source == self._last and others):
            self._turned_away[source] = now
            return False
        self.busy, self._last = True, source
        self._turned_away.pop(source, None)
        return True

    def leave(self) -> None:
        """It is done."""
        self.busy = False
