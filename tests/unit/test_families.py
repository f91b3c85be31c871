"""Which of what a case holds shows one picture."""

import random

from monitor.matching.turned import turned
from monitor.model.facts import AgeGroup
from monitor.sightings.ages_told import when_asked, when_joined, when_told
from monitor.sightings.family import CasePictures, Found, Picture, very_same
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


def removed(name: str, age: str | None) -> Picture:
    return Picture(name, "registered", age, None, NOTHING, removed=True)


def led(name: str, leader: str, seed: int, age: str | None = None, *, sure: bool = True) -> Found:
    return Found(name, age, leader, frozenset({name}), Shown((code(seed),)), sure=sure)


def test_picture_that_is_registered_again_has_the_word_about_the_one_that_was_removed() -> None:
    found = [led("whole", "gone", 1, "minor"), led("part", "gone", 5, "minor", sure=False)]
    young = [removed("gone", "minor"), picture("joined", 1, "minor", "confirmed", "whole")]
    told = when_told(CasePictures([*young, picture("p", 1)], found), "p", AgeGroup.ADULT)
    assert told.copies == {"whole": "adult", "part": "adult"} and told.fingerprints == {"joined": "adult"}
    # Another one that is in use and shows the very same is not asked less.
    also = CasePictures([*young, picture("p", 1), picture("q", 1, "unsure")], found)
    assert when_told(also, "p", AgeGroup.ADULT).copies == {"whole": "unsure", "part": "unsure"}


def test_removed_picture_of_a_minor_goes_on_protecting_where_nothing_was_said_of_the_same() -> None:
    found = [led("whole", "gone", 1, "minor"), led("part", "gone", 5, "minor", sure=False)]
    silent = CasePictures([removed("gone", "minor"), picture("p", 1)], found)
    assert silent.protection(silent.told()) == {"gone": "minor", "whole": "minor", "part": "minor"}
    assert when_told(silent, "p", None).copies == {"whole": "minor", "part": "minor"}
    # What is like only a copy that a part of it led to is another picture.
    other = CasePictures([removed("gone", "minor"), picture("p", 5)], found)
    assert when_told(other, "p", AgeGroup.ADULT).copies == {"part": "minor"}
    assert when_told(other, "p", AgeGroup.ADULT).asked == {}


def test_videos_are_the_very_same_by_most_frames_of_each() -> None:
    whole = Shown(tuple(code(seed) for seed in range(10, 19)), video=True)
    cut = Shown(whole.codes[:6], video=True)
    begins = Shown((*whole.codes[:4], *(code(seed) for seed in range(30, 35))), video=True)
    mirrored = Shown(tuple(turned(one)[1] for one in whole.codes), video=True)
    assert very_same(whole, whole) and very_same(whole, cut) and very_same(cut, whole)
    assert not very_same(whole, begins) and not very_same(whole, mirrored)
    assert not very_same(whole, Shown(whole.codes[:1])) and not very_same(Shown(whole.codes[:1]), whole)
    linked = [copy("a", None, whole), copy("b", None, begins)]
    known = CasePictures([Picture("v", "registered", None, None, whole)], linked)
    assert when_told(known, "v", AgeGroup.ADULT).copies == {"a": "adult"}


def test_copy_that_a_part_of_a_picture_protected_is_asked_anew_with_its_mates() -> None:
    copies = [
        copy("a", "p", Shown((code(5),)), "minor", "x"),
        copy("b", None, age="minor", mates="x"),
        copy("c", "p", Shown((code(6),)), "minor"),
        copy("d", "q", age="minor"),
    ]
    joined = [picture("of-a", 5, "minor", "confirmed", "a"), picture("beside-c", 7, "minor", "beside", "c")]
    known = CasePictures([picture("p", 1, "adult"), picture("q", 2, "minor"), *joined], copies)
    told = when_told(known, "q", AgeGroup.ADULT)
    assert told.copies == {"d": "adult"} and told.asked == {"a": "adult", "b": None, "c": "adult"}
    kept = when_asked(told, {"b"})
    assert kept.copies == {"c": "adult", "d": "adult"} and kept.fingerprints == {"beside-c": None}
    free = when_asked(told, ())
    assert free.copies == {"a": "adult", "b": None, "c": "adult", "d": "adult"}
    assert free.fingerprints == {"of-a": "adult", "beside-c": None}
    assert when_told(known, "q", AgeGroup.UNSURE).asked == {}


def test_rows_of_an_older_program_are_brought_up_to_what_protects_and_none_is_let_go() -> None:
    copies = [
        copy("led", "p"),
        copy("mate", None, mates="led"),
        copy("looks", "q", Shown((code(1),)), "adult"),
        copy("apart", "q", Shown((code(2),)), "adult"),
        copy("part", "q", Shown((code(8),)), "minor"),
        copy("same", "q", mates="part"),
        copy("own", "q", Shown((code(9),)), "unsure"),
    ]
    joined = [picture("of-led", 4, None, "confirmed", "led"), picture("of-apart", 2, "adult", "confirmed", "apart")]
    known = CasePictures([picture("p", 1, "minor"), picture("q", 3, "adult"), *joined], copies)
    ages = when_joined(known)
    assert ages.copies == {"led": "minor", "mate": "minor", "looks": "minor", "same": "minor"}
    assert ages.fingerprints == {"of-led": "minor"} and ages.changed
