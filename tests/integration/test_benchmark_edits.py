"""The edits of the benchmarks: thirteen families, the same for the same seed; the goals speak of edits that exist."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.edits import FAMILIES, edited, number_of
from benchmarks.edits.canvas import decoded
from benchmarks.edits.cutouts import EDITS as CUT_OUTS
from benchmarks.edits.cutouts import _laid
from benchmarks.edits.faces import Face, NoFace, largest_face
from benchmarks.edits.screens import tilted
from benchmarks.recall_gallery import Photo, chosen, photos_of
from benchmarks.recall_goals import GOALS, LEAST_FACES, lines
from benchmarks.recall_tally import Tally, interval, upper_bound
from tests.support.scenes import scene

PHOTO, OTHER = scene(1, (320, 240)), scene(2, (320, 240))
ONE_EACH = [(family, next(iter(edits))) for family, edits in FAMILIES.items() if edits is not CUT_OUTS]
NEW = [("screens", name) for name in ("screen at 8", "print scanned", "recorded on a desktop")] + [
    ("grids and chats", name) for name in ("gallery 3 x 5", "contact sheet 3 x 3", "inset 28", "chat cropped dark")
]


def test_there_are_thirteen_families_of_several_edits_each() -> None:
    assert len(FAMILIES) == 13
    assert all(len(edits) >= 7 for edits in FAMILIES.values())
    names = [number_of(family, name) for family, edits in FAMILIES.items() for name in edits]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("family", "name"), [*ONE_EACH, *NEW])
def test_an_edit_is_the_same_for_the_same_seed_and_another_for_another(family: str, name: str) -> None:
    edit = FAMILIES[family][name]

    once, again = (edited(edit, PHOTO, OTHER, (3, number_of(family, name))) for _ in range(2))

    assert once == again
    assert min(decoded(once).size) >= 32
    if (family, name) in NEW:
        assert edited(edit, PHOTO, OTHER, (4, number_of(family, name))) != once


@pytest.mark.parametrize("name", CUT_OUTS)
def test_a_photo_without_a_face_gives_no_cut_out(name: str) -> None:
    assert largest_face(PHOTO) is None
    with pytest.raises(NoFace):
        edited(CUT_OUTS[name], PHOTO, OTHER, (1,))


def test_a_swapped_face_lies_over_the_other_ones() -> None:
    photo = Image.new("RGB", (300, 300))
    photo.paste("white", (60, 80, 110, 130))

    laid = np.asarray(_laid(photo, Face(60, 80, 50, 50), (400, 300), Face(200, 100, 100, 100), 0).convert("L"))

    assert laid[105:195, 205:295].min() > 200
    assert laid[:, :190].max() < 60 and laid[:90].max() < 60


@pytest.mark.parametrize("degrees", [3, 8])
def test_a_tilted_screen_is_a_quadrilateral_and_no_rectangle(degrees: float) -> None:
    white = Image.new("RGB", (400, 300), "white")
    seen = np.asarray(tilted(np.random.default_rng(5), white, Image.new("RGB", (64, 64)), degrees=degrees, fill=0.8))
    across = (seen[..., 0] > 200).sum(1)
    down = (seen[..., 0] > 200).sum(0)

    spread = max(np.ptp(across[across > across.max() // 2]), np.ptp(down[down > down.max() // 2]))
    assert spread > 0.01 * degrees * down.max() / 3
    assert 0.3 < (seen[..., 0] > 200).mean() < 0.9


def test_goals_speak_of_edits_that_exist_and_say_when_too_few_faces_were_there() -> None:
    tally = Tally()
    for goal in GOALS:
        for family, name in goal.edits:
            assert name in FAMILIES[family]
            tally.found["full", family, name][0] = 1
    tally.found["full", "cut-outs and swaps", "face swapped"] = dict.fromkeys(range(LEAST_FACES - 1), 1)
    tally.found["slim", "crop", "square"][0] = 0

    told = {line.figure: line for line in lines(tally, set(range(LEAST_FACES)), cut_outs="full")}

    assert told["turned 1 to 15, each, full"].met is True
    assert told["face swapped by blending, full"].met is None
    assert told["head cut out and pasted, full"].got == "not measured"
    tally.found["full", "cut-outs and swaps", "face swapped"][LEAST_FACES - 1] = 0
    told = {line.figure: line for line in lines(tally, set(range(LEAST_FACES)), cut_outs="full")}
    assert told["face swapped by blending, full"].met is True


def test_no_event_in_n_tries_is_bounded_by_three_in_n() -> None:
    assert upper_bound(0, 3000) == pytest.approx(1e-3, rel=0.01)
    assert upper_bound(2, 3000) == pytest.approx(6.3 / 3000, rel=0.01)
    low, high = interval([1] * 27 + [0] * 3)
    assert 70 < low < 90 < high < 100


def test_what_full_misses_and_slim_finds_is_counted() -> None:
    tally = Tally()
    tally.found["slim", "crop", "square"].update({1: 1, 2: 1, 3: 0})
    tally.found["full", "crop", "square"].update({1: 0, 2: 1, 3: 1})
    assert tally.only_slim() == {("crop", "square"): 1}


def test_photos_of_odd_numbers_are_held_out_and_peoples_are_among_them(tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    for name in ("photo_000", "photo_001", "photo_002", "people/person_001", "people/person_002"):
        (tmp_path / f"{name}.jpg").touch()

    held_out, tuning = photos_of(tmp_path, "held-out"), photos_of(tmp_path, "tuning")

    assert [photo.path.stem for photo in held_out] == ["photo_001", "person_001"]
    assert [photo.path.stem for photo in tuning] == ["photo_000", "photo_002", "person_002"]
    assert [photo.of_people for photo in tuning] == [False, False, True]


def test_a_few_photos_are_chosen_evenly_and_half_of_people() -> None:
    photos = [Photo(Path(f"{number}.jpg"), number >= 8) for number in range(12)]
    assert chosen(photos, 4) == [0, 4, 8, 10]
    assert chosen(photos, None) == list(range(12))
