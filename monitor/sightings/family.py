"""Everything of a case that shows one picture, in whatever way it came. Pure; `case_pictures.py` opens what is kept."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from monitor.fingerprints.hashes.values import MIN_QUALITY
from monitor.matching.verdict import CONFIDENT_WITHIN, bits_apart
from monitor.model.facts import AgeGroup
from monitor.sightings.looking_alike import NOTHING, Lookalikes, Shown

_DECIDED = ("confirmed", "link")
"""Fingerprints that joined the watch because somebody said that they show the person's picture."""


@dataclass(frozen=True, slots=True)
class Family:
    """Ids of fingerprints and of sightings."""

    fingerprints: frozenset[str]
    copies: frozenset[str]


@dataclass(frozen=True, slots=True)
class Picture:
    """A fingerprint of the case."""

    id: str
    origin: str
    age: str | None
    """An AgeGroup, as stored."""
    sighting_id: str | None
    """The copy from which it joined."""
    shown: Shown = field(repr=False)

    @property
    def registered(self) -> bool:
        """Whether its age is somebody's word about this very picture."""
        return self.origin == "registered"

    @property
    def beside(self) -> bool:
        """Whether nobody said that it shows the person: it lay beside a copy that does."""
        return self.origin == "beside"


@dataclass(frozen=True, slots=True)
class Found:
    """A sighting of the case."""

    id: str
    age: str | None
    """An AgeGroup, as stored."""
    leader: str | None
    """The fingerprint that it matched."""
    names: frozenset[str]
    """Its own id, and those that it shares with copies that were taken for the same picture."""
    shown: Shown = field(repr=False)


class CasePictures:
    """What a case holds, opened once; which of it shows one picture is asked as often as needed."""

    def __init__(self, pictures: Iterable[Picture], copies: Iterable[Found]) -> None:
        self.pictures = {one.id: one for one in pictures}
        self.copies = {one.id: one for one in copies}
        self._led, self._joined, self._named = (defaultdict[str, set[str]](set) for _ in range(3))
        for copy in self.copies.values():
            self._led[copy.leader or ""].add(copy.id)
            for name in copy.names:
                self._named[name].add(copy.id)
        for picture in self.pictures.values():
            self._joined[picture.sighting_id or ""].add(picture.id)
        shown = {one.id: one.shown for one in self.pictures.values()}
        self._alike = Lookalikes(shown | {one.id: one.shown for one in self.copies.values()})

    def told(self) -> dict[str, str | None]:
        """Registered picture -> what was said of it, as an AgeGroup."""
        return {one.id: one.age for one in self.pictures.values() if one.registered}

    def surely(self, picture_id: str) -> Family:
        """The picture with every copy that it led to, what joined the watch from those, and what shows the very same.

        A link that the person entered led to no fingerprint: what stands there belongs where its whole picture is the
        same. What only lay beside a copy is another picture.
        """
        mine = self.pictures[picture_id].shown
        links = {one.id for one in self.pictures.values() if one.origin == "link" and _very_same(mine, one.shown)}
        unled = {one.id for one in self.copies.values() if one.leader is None and _very_same(mine, one.shown)}
        return self._all_of({picture_id} | links, unled, ())

    def near(self, pictures: Collection[str], also: Shown = NOTHING) -> Family:
        """All of that, what lay beside it, and what looks like one of these: other registered pictures with the copies
        that they led to, and copies that anything else led to. `also`: of a picture that is not registered yet."""
        return self._all_of(set(pictures), set(), [also, *(self.pictures[one].shown for one in pictures)])

    def protection(self, told: Mapping[str, str | None]) -> dict[str, str]:
        """Fingerprint or sighting -> the most protective of what was told of any registered picture that it shows;
        nothing of what none protects."""
        found: dict[str, str] = {}
        for age in (AgeGroup.UNSURE, AgeGroup.MINOR):
            if mine := {one for one, said in told.items() if said == age}:
                family = self.near(mine)
                found |= dict.fromkeys(family.fingerprints | family.copies, age.value)
        return found

    def leader_of(self, copy_id: str) -> str | None:
        """The registered picture that led to a copy, over whatever joined from others in between."""
        copy, passed = self.copies.get(copy_id), set[str]()
        while copy is not None and copy.id not in passed and copy.leader in self.pictures:
            picture = self.pictures[copy.leader]
            if picture.registered:
                return picture.id
            if picture.beside:
                return None
            passed.add(copy.id)
            copy = self.copies.get(picture.sighting_id or "")
        return None

    def _all_of(self, pictures: set[str], copies: set[str], shown: Sequence[Shown]) -> Family:
        by_looks, new, fresh = bool(shown), set(pictures), set(copies)
        known, found = set(pictures), set[str]()
        while new or fresh or shown:
            alike = self._alike.of(shown)
            similar = (alike & self.pictures.keys()) - known
            fresh |= alike & self.copies.keys()
            fresh |= {copy for one in new | similar for copy in self._led[one]}
            fresh |= {mate for copy in fresh for name in self.copies[copy].names for mate in self._named[name]}
            fresh -= found
            joined = {one for copy in fresh for one in self._joined[copy]} - known - similar
            if not by_looks:
                joined = {one for one in joined if not self.pictures[one].beside}
            # What was confirmed finds more, as it does in the watch; what only lay beside may be another picture. A
            # registered picture that looks like one of these brings its copies, and no further pictures: else the
            # likeness of the first wears out.
            looking = [self.pictures[one] for one in joined | similar] if by_looks else []
            shown, new = [one.shown for one in looking if one.origin in _DECIDED], joined
            known |= similar | joined
            found |= fresh
        return Family(frozenset(known), frozenset(found))


def _very_same(one: Shown, other: Shown) -> bool:
    """Two whole pictures, upright, by the rule for what is surely a copy."""
    if one.video or other.video or not one.codes or not other.codes or min(one.quality, other.quality) < MIN_QUALITY:
        return False
    return bits_apart(one.codes[0], other.codes[0]) <= CONFIDENT_WITHIN
