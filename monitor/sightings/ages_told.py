"""What a new word about one picture means for every copy in its case. Pure: `actions/picture_age.py` writes it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from monitor.model.facts import AgeGroup
from monitor.sightings.age import YOUNG, most_protective
from monitor.sightings.family import CasePictures, Picture
from monitor.sightings.looking_alike import Shown


@dataclass(frozen=True, slots=True)
class Ages:
    """Ids with the AgeGroup that each is to have from now on; None: the answer for all counts."""

    fingerprints: dict[str, str | None]
    """Of those that joined the watch. One that was registered keeps what was said of it."""
    copies: dict[str, str | None]
    known: CasePictures
    near: frozenset[str] = frozenset()
    """Copies that the picture led to, or that look like it, whether or not their age is another from now on."""
    protection: Mapping[str, str] = field(default_factory=dict)
    """What was told of a picture that protects, by the fingerprints and copies that it reaches."""
    asked: Mapping[str, str | None] = field(default_factory=dict)
    """Copies that count as a minor's and show no picture that was said to be one, now or before, as far as their own
    codes tell: they may show a part of one. Each with the age that it has where nothing protects it any more."""
    freed: frozenset[str] = frozenset()
    """Of `copies` those that a picture protected until now and does no more. They, too, may show a part of another."""

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
    was, told = known.told(), known.told({picture_id: age})
    grown = any(was[one] in YOUNG and told[one] not in YOUNG for one in told)
    surely, near = known.surely(picture_id), known.near(known.stands_for(picture_id))
    protection = known.protection(told)
    copies: dict[str, str | None] = {}
    for one in sorted(surely.copies | near.copies):
        if one in protection:
            copies[one] = protection[one]
        elif one in surely.copies:
            copies[one] = age
        elif grown and known.copies[one].age in YOUNG:
            copies[one] = told.get(known.leader_of(one) or "")
    young = {one.id for one in known.copies.values() if one.age in YOUNG}
    let_go = {one for one, now in copies.items() if one in young and now not in YOUNG}
    before = known.protection({one.id: one.age for one in known.pictures.values() if one.registered}) if let_go else {}
    asked = {one: copies.pop(one) for one in sorted(let_go - before.keys())}
    if age not in YOUNG:
        others = young - copies.keys() - asked.keys() - protection.keys()
        asked |= {one: told.get(known.leader_of(one) or "") for one in sorted(others)}
    fingerprints: dict[str, str | None] = {}
    for one in sorted(surely.fingerprints | near.fingerprints):
        picture = known.pictures[one]
        if picture.registered or picture.sighting_id in asked:
            continue
        if picture.sighting_id in copies:
            fingerprints[one] = _joined(picture, copies[picture.sighting_id])
        elif one in protection:
            fingerprints[one] = protection[one]
        elif one in surely.fingerprints:
            fingerprints[one] = age
        elif grown and picture.age in YOUNG:
            fingerprints[one] = None
    freed = frozenset(let_go & before.keys())
    return Ages(fingerprints, copies, known, surely.copies | near.copies, protection, asked, freed)


def when_removed(known: CasePictures, picture_id: str) -> Ages:
    """A registered picture is removed now. What was said of it goes on counting, but where one that is in use shows the
    very same: then what was said of that one does."""
    left = known.without(picture_id)
    told = left.told()
    same = [one for one in sorted(left.instead_of(picture_id)) if told[one] is not None]
    if told[picture_id] in YOUNG or not same:
        return Ages({}, {}, left)
    return when_told(left, same[0], AgeGroup.ADULT)  # nothing else was said of any of them


def when_asked(ages: Ages, kept: Collection[str]) -> Ages:
    """Of what was to be asked anew `kept` stays protected, and what was taken for one picture with it; nothing protects
    the others any more, nor what joined from them."""
    known, stay = ages.known, set[str]()
    for group in known.alone({*ages.asked, *ages.freed}):
        if not group.isdisjoint(kept):
            stay |= group
    copies = {one: age for one, age in {**ages.copies, **ages.asked}.items() if one not in stay}
    fingerprints = {one: age for one, age in ages.fingerprints.items() if known.pictures[one].sighting_id not in stay}
    for picture in known.pictures.values():
        if not picture.registered and picture.sighting_id in ages.asked and picture.sighting_id in copies:
            mine = _joined(picture, copies[picture.sighting_id])
            fingerprints[picture.id] = ages.protection.get(picture.id) or mine
    return replace(ages, copies=copies, fingerprints=fingerprints, asked={}, freed=frozenset())


def when_joined(known: CasePictures) -> Ages:
    """What protects a copy or what joined from one, where their own rows do not: an older program wrote them before
    what was told of one picture counted for the others that show the same."""
    told = {one.id: one.age for one in known.pictures.values() if not one.beside} | known.told()
    protection = known.protection(told, {one.id: one.age for one in known.copies.values()})
    joined = (one for one in known.pictures.values() if not one.registered and one.age not in YOUNG)
    return Ages(
        {one.id: protection[one.id] for one in joined if one.id in protection},
        {one.id: protection[one.id] for one in known.copies.values() if one.age not in YOUNG and one.id in protection},
        known,
        protection=protection,
    )


def when_registered(known: CasePictures, shown: Shown, age: AgeGroup) -> Ages:
    """A picture is registered now as one that is, or may be, a minor's."""
    near = known.near((), also=shown)
    joined = [one for one in sorted(near.fingerprints) if not known.pictures[one].registered]
    return Ages(
        {one: most_protective((known.pictures[one].age, age)) for one in joined},
        {one: most_protective((known.copies[one].age, age)) for one in sorted(near.copies)},
        known,
    )


def _joined(picture: Picture, beside: str | None) -> str | None:
    """Of what joined from a copy. Nobody told how old anybody was in what only lay beside it: what protects counts
    there, and nothing else."""
    return beside if beside in YOUNG or not picture.beside else None


def _counts(age: str | None, for_all: AgeGroup) -> bool:
    return (AgeGroup(age) if age else for_all).counts_as_minor
