"""What was decoded today, so that a forward is decoded once: by the platform's id of the medium, and by its bytes.

In memory only, within one source and one day, as the keys of what is kept for longer. What has boxes around faces is
not remembered at all: they are compared once and let go of, and a forward of it is decoded again.
"""

from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date

from monitor.core.errors import JikimiError, NotInspected
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.sources.turns import Turn

MOST_STILLS = 8192
"""Pictures and frames of videos that are remembered, about 5 kB each; the oldest go first."""

Decoded = HashedMedium | NotInspected


@dataclass(eq=False, slots=True)
class _Entry:
    day: date
    keys: tuple[tuple[str, str], ...]
    outcome: Decoded | None
    later: "Future[HashedMedium] | None"
    turn: Turn | None = None
    """To which a failure counts that a busy machine may have caused: in the next turn the medium is tried again."""
    sought: frozenset[str] = frozenset()
    """What was looked for in it: see Turn."""

    @property
    def stills(self) -> int:
        return len(self.outcome.stills) if isinstance(self.outcome, HashedMedium) else 1


class StillDecoding(JikimiError):
    """This medium is being decoded beside the ordinary work."""


class DecodedMedia:
    """Used from one event loop."""

    def __init__(self, passing: Collection[str]) -> None:
        """`passing`: reasons of failures that a busy machine may have caused as well as the file."""
        self._passing = frozenset(passing)
        self._entries: dict[tuple[str, str], _Entry] = {}
        self._stills = 0

    def find(self, turn: Turn, key: str) -> Decoded | None:
        """What came of the medium with that key in the turn's source today. Raises StillDecoding."""
        entry = self._entries.get((turn.source_id, key))
        if entry is None:
            return None
        if entry.day != turn.day:
            self._drop(entry)
            return None
        if entry.later is not None:
            if not entry.later.done():
                raise StillDecoding
            self._settle(entry, entry.later)
        if isinstance(entry.outcome, HashedMedium):
            if not turn.sought <= entry.sought:
                self._drop(entry)
                return None
            if _has_faces(entry.outcome):
                self._drop(entry)
        failed = isinstance(entry.outcome, NotInspected) and entry.outcome.reason in self._passing
        if entry.outcome is None or (failed and entry.turn not in (None, turn)):
            self._drop(entry)
            return None
        if failed:
            entry.turn = turn
        return entry.outcome

    def keep(self, turn: Turn, keys: Collection[str], outcome: Decoded) -> None:
        """Remember what came of a medium under all of its keys."""
        if not _has_faces(outcome):
            self._add(_Entry(turn.day, self._named(turn, keys), outcome, None, turn, turn.sought))

    def expect(self, turn: Turn, keys: Collection[str], later: "Future[HashedMedium]") -> None:
        """Remember that a medium is being decoded."""
        self._add(_Entry(turn.day, self._named(turn, keys), None, later, sought=turn.sought))

    def forget(self, gone: Callable[[str], bool]) -> None:
        """Let go of everything of the sources whose ids `gone` names."""
        for entry in {one for (source_id, _), one in self._entries.items() if gone(source_id)}:
            self._drop(entry)

    @staticmethod
    def _named(turn: Turn, keys: Collection[str]) -> tuple[tuple[str, str], ...]:
        return tuple((turn.source_id, key) for key in keys)

    def _add(self, entry: _Entry) -> None:
        for key in entry.keys:
            if (known := self._entries.get(key)) is not None:
                if known.outcome is entry.outcome and known.outcome is not None:
                    entry.keys = tuple(dict.fromkeys((*entry.keys, *known.keys)))  # one medium under several ids
                self._drop(known)
        self._entries.update(dict.fromkeys(entry.keys, entry))
        self._stills += entry.stills
        self._make_room()

    def _settle(self, entry: _Entry, later: "Future[HashedMedium]") -> None:
        self._stills -= entry.stills
        try:
            entry.outcome = later.result()
        except NotInspected as error:
            entry.outcome = error
        except JikimiError:
            pass  # the decoders were closed: nothing is known of the medium
        entry.later = None
        self._stills += entry.stills
        self._make_room(keep=entry)

    def _make_room(self, keep: _Entry | None = None) -> None:
        while self._stills > MOST_STILLS and len(self._entries) > 1:
            oldest = next((one for one in self._entries.values() if one is not keep), None)
            if oldest is None:
                return
            self._drop(oldest)

    def _drop(self, entry: _Entry) -> None:
        for key in entry.keys:
            if self._entries.get(key) is entry:
                del self._entries[key]
        self._stills -= entry.stills


def _has_faces(outcome: Decoded | None) -> bool:
    return isinstance(outcome, HashedMedium) and any(still.faces for still in outcome.stills)
