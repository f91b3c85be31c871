"""How long one source may have the decoders, and with them the account, before others have their turn."""

from dataclasses import dataclass, field
from datetime import date

TURN = 8.0
"""Real seconds of decoding in one crawl. A channel's hundred photos take about four."""
PATIENCE = 4.0
"""Real seconds that a crawl waits for one medium; a longer one goes on beside it. Ten minutes of ordinary video take
about as long."""
_LEAST = 1.0
"""Real seconds for the last medium of a turn: with them no turn is longer than nine seconds and a start."""


@dataclass(eq=False, slots=True)
class Turn:
    """One crawl's share. Told from others by identity."""

    source_id: str
    day: date
    left: float = field(default=TURN)
    """Real seconds; infinite for who does not have to give way."""
    faces: bool = False
    """Whether some fingerprint that this source is compared with has a cut-out: faces are searched for only then."""

    points: bool = True
    squares: bool = True
    """The same of points, and of what only registered squares are compared with."""

    @property
    def sought(self) -> frozenset[str]:
        """What is looked for beside what is always hashed."""
        named = {"faces": self.faces, "points": self.points, "squares": self.squares}
        return frozenset(name for name, wanted in named.items() if wanted)

    @property
    def over(self) -> bool:
        """Whether others have their turn now."""
        return self.left <= 0

    @property
    def patience(self) -> float | None:
        """Real seconds to wait for the next medium; None without a limit."""
        return None if self.left == float("inf") else min(PATIENCE, max(_LEAST, self.left))

    def spend(self, seconds: float) -> None:
        """So long it took."""
        self.left -= seconds
