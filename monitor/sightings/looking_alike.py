"""Which whole pictures and videos of one case look alike, by their stored codes. Pure.

By the rule that shows a copy to an advocate, however it is turned: what may be a minor's picture counts as one.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from monitor.matching.media_alike import MediaAlike, Medium


@dataclass(frozen=True, slots=True)
class Shown:
    """The codes of a picture, or of each frame of a video, 32 bytes each."""

    codes: tuple[bytes, ...] = field(repr=False)
    video: bool = False
    quality: int = 100
    """Of the whole picture, or the first frame."""


NOTHING = Shown(())
"""Of what was removed, cannot be opened, or was hashed in another way."""


class Lookalikes:
    """Named pictures and videos, ready to be searched. What has the same codes is searched, and searched for, once."""

    def __init__(self, shown: Mapping[str, Shown]) -> None:
        names = defaultdict[Medium, list[str]](list)
        for name, one in shown.items():
            if one.codes:
                names[Medium(one.video, one.codes)].append(name)
        self._names = [frozenset(same) for same in names.values()]
        self._media = MediaAlike(list(names))

    def of(self, wanted: Sequence[Shown], without: Collection[str] = ()) -> set[str]:
        """Names of all that look like one of these, but `without` those that need not be told: they cost nothing."""
        known = set(without)
        media = {Medium(one.video, one.codes) for one in wanted if one.codes}
        among = [number for number, names in enumerate(self._names) if not names <= known] if media else []
        return {name for number in self._media.like(media, among) for name in self._names[number]} - known


def look_alike(one: Shown, other: Shown) -> bool:
    """Whether two are, or may be, one picture, or one is a frame of the other."""
    return bool(Lookalikes({"other": other}).of([one]))
