"""Where reading a timeline goes on.

X answers newest first. When there is more than one call may bring, the newest posts are taken and the older ones
stay as a gap. The cursor remembers that gap, so that none is lost and none is paid for twice:

    "150"              everything up to post 150 was read
    "100..150..200"    read: up to 100, and from 150 to 200; still to read: between 100 and 150

Both ends of the gap were read themselves. Callers keep the text and need not understand it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
"""Ids since November 2010 are milliseconds since this moment, shifted left by 22 bits."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """`after` and `before` bound the ids still to read, both exclusive; `top` is the highest id read so far."""

    after: int | None = None
    before: int | None = None
    top: int | None = None

    @classmethod
    def parse(cls, text: str | None) -> "Cursor":
        """Raises ValueError for what `str` did not make."""
        if text is None:
            return cls()
        after, *rest = (int(part) for part in text.split(".."))
        if not rest:
            return cls(after=after)
        before, top = rest
        return cls(after=after, before=before, top=top)

    def __str__(self) -> str:
        """The text form. A cursor that has read nothing has none."""
        if self.before is None:
            return str(self.after)
        return f"{self.after}..{self.before}..{self.top}"

    def advance(self, ids: Iterable[int], *, complete: bool, floor: int) -> "Cursor":
        """The cursor after the newest posts `ids` were read; `complete` when none older is left above `after`.

        `floor` stands for `after` while there is none: an id just below the first one wanted.
        """
        read = sorted(ids)
        tops = [top for top in (self.top, self.after if complete else None, *read[-1:]) if top is not None]
        if complete:
            return Cursor(after=max(tops, default=None))
        return Cursor(after=self.after if self.after is not None else floor, before=read[0], top=max(tops))


def id_before(moment: datetime) -> int:
    """An id below every post made at `moment` or later."""
    return max(0, ((int(moment.timestamp() * 1000) - SNOWFLAKE_EPOCH_MS) << 22) - 1)


def made_at(post_id: int) -> datetime:
    """When the post with this id was made."""
    return datetime.fromtimestamp(((post_id >> 22) + SNOWFLAKE_EPOCH_MS) / 1000, UTC)
