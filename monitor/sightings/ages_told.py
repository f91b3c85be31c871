"""What a new word about one picture means for every copy in its case. Pure: `actions/picture_age.py` writes it."""

from collections.abc import Collection
from dataclasses import dataclass

from monitor.model.facts import AgeGroup
from monitor.sightings.age import YOUNG, most_protective
from monitor.sightings.family import CasePictures
from monitor.sightings.looking_alike import Shown


@dataclass(frozen=True, slots=True)
class Ages:
    """Ids with the AgeGroup that each is to have from now on; None: the answer for all counts."""

    fingerprints: dict[str, str | None]
    """Of those that joined the watch. One that was registered keeps what was said of it."""
    copies: dict[str, str | None]
    known: CasePictures

    @property
    def changed(self) -> bool:
        """Whether any of it is stored otherwise."""
        return any(self.known.pictures[one].age != age for one, age in self.fingerprints.items()) or any(
            self.known.copies[one].age != age for one, age in self.copies.items()
        )

    def young(self, for_all: AgeGroup) -> frozenset[str]:
        """Copies that count as a minor's. `for_all`: the intake's answer."""
        return frozenset(one for one, age in self.copies.items() if _counts(age, for_all))

    def grown(self, for_all: AgeGroup) -> frozenset[str]:
        """Copies that do not."""
        return frozenset(self.copies) - self.young(for_all)

    def were_young(self, copies: Collection[str], for_all: AgeGroup) -> frozenset[str]:
        """Of these, those that counted as a minor's until now."""
        return frozenset(one for one in copies if _counts(self.known.copies[one].age, for_all))


def when_told(known: CasePictures, picture_id: str, age: AgeGroup | None) -> Ages:
    """`age` is told of a picture that is registered. It counts for every copy but those that also show a picture that
    was said to be a minor's; one that was protected by this picture alone has again what was told of its own."""
    was, told = known.pictures[picture_id].age, {**known.told(), picture_id: age}
    surely, near, protection = known.surely(picture_id), known.near({picture_id}), known.protection(told)
    ages = Ages({}, {}, known)
    for one in sorted(surely.copies | near.copies):
        if one in protection:
            ages.copies[one] = protection[one]
        elif one in surely.copies:
            ages.copies[one] = age
        elif was in YOUNG and known.copies[one].age in YOUNG:
            ages.copies[one] = told.get(known.leader_of(one) or "")
    for one in sorted(surely.fingerprints | near.fingerprints):
        picture = known.pictures[one]
        if picture.registered:
            continue
        if picture.sighting_id in ages.copies:
            beside = ages.copies[picture.sighting_id]
            # Nobody told how old anybody was in what only lay beside: what protects counts there, and nothing else.
            ages.fingerprints[one] = beside if beside in YOUNG or not picture.beside else None
        elif one in protection:
            ages.fingerprints[one] = protection[one]
        elif one in surely.fingerprints:
            ages.fingerprints[one] = age
        elif was in YOUNG and picture.age in YOUNG:
            ages.fingerprints[one] = None
    return ages


def when_registered(known: CasePictures, shown: Shown, age: AgeGroup) -> Ages:
    """A picture is registered now as one that is, or may be, a minor's."""
    near = known.near((), also=shown)
    joined = [one for one in sorted(near.fingerprints) if not known.pictures[one].registered]
    return Ages(
        {one: most_protective((known.pictures[one].age, age)) for one in joined},
        {one: most_protective((known.copies[one].age, age)) for one in sorted(near.copies)},
        known,
    )


def _counts(age: str | None, for_all: AgeGroup) -> bool:
    return (AgeGroup(age) if age else for_all).counts_as_minor
