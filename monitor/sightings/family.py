"""Everything of a case that shows one picture, in whatever way it came. Pure; `case_pictures.py` opens what is kept."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from monitor.fingerprints.hashes.values import MIN_QUALITY
from monitor.matching.media_alike import rows_near
from monitor.matching.verdict import CONFIDENT_WITHIN, bits_apart
from monitor.model.facts import AgeGroup
from monitor.sightings.looking_alike import NOTHING, Lookalikes, Shown

_YOUNG = (AgeGroup.MINOR, AgeGroup.UNSURE)
"""What protects, the most protective first."""
_MOST_OF = 1 / 2
"""Of the frames of each of two videos more must fit before they are surely one: they may share a beginning."""
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
    removed: bool = False
    """It is compared no more, and its codes are forgotten. What it led to is its own all the same."""

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
    sure: bool = False
    """Whether what it matched is surely this very picture."""


class CasePictures:
    """What a case holds, opened once; which of it shows one picture is asked as often as needed."""

    def __init__(self, pictures: Iterable[Picture], copies: Iterable[Found]) -> None:
        self.pictures = {one.id: one for one in pictures}
        self.copies = {one.id: one for one in copies}
        self._led, self._joined, self._named = (defaultdict[str, set[str]](set) for _ in range(3))
        for copy in self.copies.values():
            if copy.leader is not None:
                self._led[copy.leader].add(copy.id)
            for name in copy.names:
                self._named[name].add(copy.id)
        for picture in self.pictures.values():
            if picture.sighting_id is not None:
                self._joined[picture.sighting_id].add(picture.id)
        shown = {one.id: one.shown for one in self.pictures.values()}
        self._alike = Lookalikes(shown | {one.id: one.shown for one in self.copies.values()})
        self._instead = self._who_stands_instead()

    def told(self, now: Mapping[str, str | None] | None = None) -> dict[str, str | None]:
        """Registered picture -> what counts of what was said of it, as an AgeGroup. `now`: what is said at this moment.

        Of one that was removed it is what was said of those in use that show the very same, if anything was.
        """
        said = {one.id: one.age for one in self.pictures.values() if one.registered} | dict(now or {})
        instead = {gone: {said[one] for one in those} - {None} for gone, those in self._instead.items()}
        every = (*_YOUNG, AgeGroup.ADULT)
        return said | {
            gone: next(age.value for age in every if age in words) for gone, words in instead.items() if words
        }

    def surely(self, picture_id: str) -> Family:
        """The picture with every copy that it led to, what joined the watch from those, and what shows the very same.

        A link that the person entered led to no fingerprint: what stands there belongs where its whole picture is the
        same. So does what a removed picture led to, in whose place this one stands. What only lay beside a copy is
        another picture.
        """
        mine = self.pictures[picture_id].shown
        links = {one.id for one in self.pictures.values() if one.origin == "link" and very_same(mine, one.shown)}
        unled = {one.id for one in self.copies.values() if one.leader is None and very_same(mine, one.shown)}
        return self._all_of({*self.stands_for(picture_id), *links}, unled, ())

    def without(self, picture_id: str) -> "CasePictures":
        """The same once this picture is removed: its codes are forgotten."""
        gone = replace(self.pictures[picture_id], shown=NOTHING, removed=True)
        return CasePictures({**self.pictures, picture_id: gone}.values(), self.copies.values())

    def instead_of(self, picture_id: str) -> set[str]:
        """Pictures in use that stand in the place of one that was removed."""
        return set(self._instead.get(picture_id, ()))

    def stands_for(self, picture_id: str) -> set[str]:
        """The picture, and removed ones in whose place it stands."""
        return {picture_id} | {gone for gone, those in self._instead.items() if picture_id in those}

    def near(self, pictures: Collection[str], also: Shown = NOTHING, copies: Collection[str] = ()) -> Family:
        """All of that, what lay beside it, and what looks like one of these: other registered pictures with the copies
        that they led to, and copies that anything else led to. `also`: of a picture that is not registered yet;
        `copies`: of these what they share and what joined from them, too."""
        return self._all_of(set(pictures), set(copies), [also, *(self.pictures[one].shown for one in pictures)])

    def protection(
        self, told: Mapping[str, str | None], copies: Mapping[str, str | None] | None = None
    ) -> dict[str, str]:
        """Fingerprint or sighting -> the most protective of what was told of any registered picture that it shows;
        nothing of what none protects. `copies`: sightings with an age that is to reach what belongs to them."""
        found: dict[str, str] = {}
        for age in reversed(_YOUNG):
            mine = {one for one, said in told.items() if said == age}
            seen = {one for one, said in (copies or {}).items() if said == age}
            if mine or seen:
                family = self.near(mine, copies=seen)
                found |= dict.fromkeys(family.fingerprints | family.copies, age.value)
        return found

    def alone(self, copies: Collection[str]) -> list[frozenset[str]]:
        """These copies, those together that were taken for one picture."""
        groups, left = [], set(copies)
        while left:
            group, fresh = set[str](), {left.pop()}
            while fresh:
                group |= fresh
                names = {name for one in fresh for name in self.copies[one].names}
                fresh = {mate for name in names for mate in self._named[name] if mate in left}
                left -= fresh
            groups.append(frozenset(group))
        return groups

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

    def _who_stands_instead(self) -> dict[str, set[str]]:
        """Removed picture -> those in use that surely show the same, as a copy tells that it surely led to: of its own
        codes none is left."""
        used = [one for one in self.pictures.values() if one.registered and not one.removed]
        found = {}
        for gone in (one for one in self.pictures.values() if one.registered and one.removed and one.age is not None):
            copies = {self.copies[one].shown for one in self._led[gone.id] if self.copies[one].sure}
            if same := _who_shows(used, copies):
                found[gone.id] = same
        return found

    def _all_of(self, pictures: set[str], copies: set[str], shown: Sequence[Shown]) -> Family:
        by_looks, new, fresh = bool(shown), set(pictures), set(copies)
        known, found = set(pictures), set[str]()
        while new or fresh or shown:
            alike = self._alike.of(shown, known | found)
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


def _who_shows(pictures: Sequence[Picture], wanted: Collection[Shown]) -> set[str]:
    """Which of these are the very same as one of those that are wanted."""
    still = [one for one in pictures if _comparable(one.shown)]
    codes = [one.codes[0] for one in wanted if _comparable(one)]
    near = rows_near([one.shown.codes[0] for one in still], codes, CONFIDENT_WITHIN)
    videos = [one for one in wanted if one.video]
    moving = (one.id for one in pictures if one.shown.video and any(very_same(one.shown, video) for video in videos))
    return {still[row].id for row in near} | set(moving)


def very_same(one: Shown, other: Shown) -> bool:
    """Two whole pictures, or most frames of each of two videos, upright, by the rule for what is surely a copy."""
    if _comparable(one) and _comparable(other):
        return bits_apart(one.codes[0], other.codes[0]) <= CONFIDENT_WITHIN
    if not (one.video and other.video and one.codes and other.codes):
        return False
    mine = rows_near(one.codes, other.codes, CONFIDENT_WITHIN)
    theirs = rows_near(other.codes, one.codes, CONFIDENT_WITHIN)
    return len(mine) > _MOST_OF * len(one.codes) and len(theirs) > _MOST_OF * len(other.codes)


def _comparable(one: Shown) -> bool:
    return not one.video and bool(one.codes) and one.quality >= MIN_QUALITY
