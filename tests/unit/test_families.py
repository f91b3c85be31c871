"""Which of what a case holds shows one picture."""

import random

from monitor.matching.turned import turned
from monitor.model.facts import AgeGroup
from monitor.sightings.ages_told import when_told
from monitor.sightings.family import CasePictures, Found, Picture
from monitor.sightings.looking_alike import NOTHING, Shown


def code(seed: int) -> bytes:
    bits = random.Random(seed).sample(range(256), 128)
    return sum(1 << bit for bit in bits).to_bytes(32)


def picture(name: str, seed: int, age: str | None = None, origin: str = "registered", of: str | None = None) -> Picture:
    return Picture(name, origin, age, of, Shown((code(seed),)))


def copy(name: str, leader: str | None, shown: Shown = NOTHING, age: str | None = None, mates: str = "") -> Found:
    return Found(name, age, leader, frozenset({name, *mates.split()}), shown)


def test_what_joined_from_a_copy_and_the_mates_of_its_mates_belong_to_it() -> None:
    known = CasePictures(
        [picture("p", 1), picture("joined", 2, origin="confirmed", of="a"), picture("other", 3)],
        [copy("a", "p"), copy("b", "joined", mates="x"), copy("c", None, mates="x y"), copy("d", None, mates="y")],
    )
    surely = known.surely("p")
    assert surely.fingerprints == {"p", "joined"} and surely.copies == {"a", "b", "c", "d"}
    assert known.leader_of("b") == "p" and known.leader_of("c") is None


def test_adult_is_not_told_of_what_only_lay_beside_and_a_minors_protects_it() -> None:
    beside = picture("beside", 2, origin="beside", of="a")
    held = [picture("p", 1), beside], [copy("a", "p"), copy("b", "beside")]
    grown = when_told(CasePictures(*held), "p", AgeGroup.ADULT)
    assert grown.copies == {"a": "adult"} and grown.fingerprints == {"beside": None}
    young = when_told(CasePictures(*held), "p", AgeGroup.MINOR)
    assert young.copies == {"a": "minor", "b": "minor"} and young.fingerprints == {"beside": "minor"}
    held = (
        [picture("p", 1, "minor"), picture("beside", 2, "minor", "beside", "a")],
        [copy("a", "p", age="minor"), copy("b", "beside", age="minor")],
    )
    again = when_told(CasePictures(*held), "p", AgeGroup.ADULT)
    assert again.copies == {"a": "adult", "b": None} and again.fingerprints == {"beside": None}


def test_likeness_does_not_wear_out_over_several_registered_pictures() -> None:
    first, second, third = code(1), bytearray(code(1)), bytearray(code(1))
    second[:5] = bytes(each ^ 255 for each in second[:5])  # 40 bits from the first, and as many from the third
    third[:10] = bytes(each ^ 255 for each in third[:10])
    codes = {"p": first, "q": bytes(second), "r": bytes(third)}
    known = CasePictures(
        [Picture(name, "registered", None, None, Shown((one,))) for name, one in codes.items()],
        [copy(f"of-{name}", name) for name in codes],
    )
    assert known.near({"p"}).copies == {"of-p", "of-q"}
    assert known.near({"p"}).fingerprints == {"p", "q"}


def test_turned_copy_looks_like_its_picture_and_one_of_another_version_like_nothing() -> None:
    for at, each in enumerate(turned(code(1))):
        known = CasePictures([picture("p", 1)], [copy("a", None, Shown((each,))), copy("b", None)])
        assert known.near({"p"}).copies == {"a"}
        assert known.surely("p").copies == ({"a"} if at == 0 else set())
