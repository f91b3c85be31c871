"""Which pictures and videos look alike: many are searched at once, with the answer of one by one."""

import random
from collections.abc import Mapping, Sequence

import pytest

from monitor.matching import media_alike
from monitor.matching.turned import turned
from monitor.matching.verdict import LEAST_SHARE, REVIEW_WITHIN, bits_apart
from monitor.model.facts import AgeGroup
from monitor.sightings import family
from monitor.sightings.ages_told import Ages, when_asked, when_joined, when_registered, when_told
from monitor.sightings.family import CasePictures, Found, Picture
from monitor.sightings.looking_alike import NOTHING, Lookalikes, Shown


def looks_like(one: Shown, other: Shown) -> bool:
    """The rule itself, pair by pair."""
    fits = [
        (mine, theirs)
        for mine, code in enumerate(one.codes)
        for theirs, there in enumerate(other.codes)
        if any(bits_apart(each, there) <= REVIEW_WITHIN for each in turned(code))
    ]
    if not (one.video and other.video):
        return bool(fits)
    shorter = 0 if len(one.codes) <= len(other.codes) else 1
    return bool(fits) and len({each[shorter] for each in fits}) >= LEAST_SHARE * min(len(one.codes), len(other.codes))


class OneByOne:
    """As `Lookalikes`, by the rule itself."""

    def __init__(self, shown: Mapping[str, Shown]) -> None:
        self._shown = shown

    def of(self, wanted: Sequence[Shown], without: object = ()) -> set[str]:
        return {name for name, one in self._shown.items() if any(looks_like(each, one) for each in wanted)}


class Making:
    """Random media of a few scenes, copied near and far, turned, and cut."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._scenes = [self.random.randbytes(32) for _ in range(self.random.randint(2, 6))]

    def code(self) -> bytes:
        scene = self.random.choice(self._scenes)
        if self.random.random() < 0.2:
            scene = self.random.choice(turned(scene))
        bits = self.random.sample(range(256), self.random.choice((0, 0, 6, 25, 40, 58, 61)))
        return (int.from_bytes(scene) ^ sum(1 << bit for bit in bits)).to_bytes(32)

    def shown(self, others: Sequence[Shown] = ()) -> Shown:
        if others and self.random.random() < 0.3:
            return self.random.choice(others)
        if self.random.random() < 0.1:
            return NOTHING
        if self.random.random() < 0.5:
            return Shown((self.code(),))
        codes = [self.code() for _ in range(self.random.randint(1, 7))]
        return Shown((*codes, *codes[: self.random.randint(0, 2)]), video=True)

    def case(self) -> tuple[list[Picture], list[Found]]:
        """Registered ones, copies that they led to, what joined from these, copies of those, and links."""
        ages = (None, "minor", "unsure", "adult")
        choose, pictures, copies = self.random.choice, list[Picture](), list[Found]()
        shown: list[Shown] = []
        for number in range(self.random.randint(1, 5)):
            shown.append(self.shown(shown))
            removed = self.random.random() < 0.2
            of_it = NOTHING if removed else shown[-1]
            pictures.append(Picture(f"r{number}", "registered", choose(ages), None, of_it, removed))
        for number in range(self.random.randint(0, 12)):
            shown.append(self.shown(shown))
            leader = choose([None, *(one.id for one in pictures)])
            names = frozenset({f"c{number}", *(["mates"] if self.random.random() < 0.1 else [])})
            copies.append(Found(f"c{number}", choose(ages), leader, names, shown[-1], sure=choose((True, False))))
            if self.random.random() < 0.6:
                origin = choose(("confirmed", "confirmed", "beside", "link"))
                beside = self.shown(shown) if origin == "beside" else shown[-1]
                pictures.append(Picture(f"j{number}", origin, choose(ages), f"c{number}", beside))
        return pictures, copies


@pytest.mark.parametrize("at_once", [4_000_000, 1])
def test_many_searched_at_once_are_the_same_as_one_by_one(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_alike, "_MOST_PAIRS", at_once)
    found = 0
    for seed in range(25):
        making = Making(seed)
        shown = {str(number): making.shown() for number in range(making.random.randint(0, 15))}
        wanted = [making.shown(list(shown.values())) for _ in range(making.random.randint(0, 4))]
        plain = OneByOne(shown).of(wanted)
        known = {name for name in shown if making.random.random() < 0.3}
        assert Lookalikes(shown).of(wanted) == plain
        assert Lookalikes(shown).of(wanted, known) == plain - known
        found += len(plain)
    assert found > 50


def test_ages_of_any_case_are_the_same_however_they_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    def all_ages(seed: int) -> list[Ages]:
        making = Making(seed)
        known, new = CasePictures(*making.case()), making.shown()
        told = [when_told(known, "r0", age) for age in (*AgeGroup, None)]
        young = [when_registered(known, new, age) for age in (AgeGroup.MINOR, AgeGroup.UNSURE)]
        return [*told, *(when_asked(one, ()) for one in told), *young, when_joined(known)]

    def written(ages: Ages) -> object:
        return ages.fingerprints, ages.copies, ages.near, ages.protection, ages.asked

    quick = [[written(one) for one in all_ages(seed)] for seed in range(12)]
    monkeypatch.setattr(family, "Lookalikes", OneByOne)
    assert [[written(one) for one in all_ages(seed)] for seed in range(12)] == quick
    assert sum(len(all_ages(seed)[0].copies) for seed in range(12)) > 30


def test_what_another_picture_protects_is_never_let_go() -> None:
    for seed in range(60):
        pictures, copies = Making(seed).case()
        known = CasePictures(pictures, copies)
        told = {one.id: one.age for one in pictures if one.registered and not one.removed and one.id != "r0"}
        others = known.protection(told)
        for age in (AgeGroup.ADULT, None):
            ages = when_asked(when_told(known, "r0", age), ())
            assert {
                one for one, now in ages.copies.items() if one in others and now not in ("minor", "unsure")
            } == set()
        raised = when_joined(known).copies
        assert all(known.copies[one].age not in ("minor", "unsure") for one in raised)
        assert set(raised.values()) <= {"minor", "unsure"}
