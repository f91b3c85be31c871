"""What must not be taken for a copy: screens of one app, the same person elsewhere; and what must: a wave of copies."""

from pathlib import Path

from benchmarks.false_matches import app_lines, pair_lines
from benchmarks.occasions import occasions, same_person
from benchmarks.recall_gallery import registered
from benchmarks.same_app import EACH, SCREENS
from benchmarks.waves import AGAIN, reuploads
from monitor.fingerprints.image import hash_picture
from monitor.matching.verdict import judge
from monitor.matching.watch_set import WatchSet
from tests.support.scenes import jpeg, scene


def test_screens_of_one_app_show_different_photos_each_the_same_for_the_same_seed() -> None:
    photos = [scene(seed, (240, 180)) for seed in range(3)]
    for made in SCREENS.values():
        screens = made(photos, 1)
        assert len({screen.tobytes() for screen in screens}) == len(photos)
        assert [screen.tobytes() for screen in made(photos, 1)] == [screen.tobytes() for screen in screens]


def test_lines_say_of_how_many_pairs() -> None:
    photos = [scene(seed, (240, 180)) for seed in range(2)]
    lines = {line.figure: line for line in (*pair_lines(photos), *app_lines(photos, 1, ["story"]))}

    assert len(lines) == 4 + 2
    assert {line.n for line in lines.values()} == {2}
    assert lines["wrong confident of unedited photos, full"].met is True
    assert "below" in lines["wrong review of unedited photos, slim"].got
    assert EACH * (EACH - 1) == 380


def test_every_reupload_of_a_wave_is_found_and_none_is_another_files_twin() -> None:
    photo, watch = scene(1, (320, 240)), WatchSet([registered("mine", scene(1, (320, 240)), "slim")])
    wave = list(reuploads(photo, scene(2), count=len(AGAIN)))
    framed = list(reuploads(photo, scene(2), count=2, frame="chat"))

    assert len({*wave, *framed}) == len(wave) + 2
    for number, data in enumerate([*wave, framed[0]]):
        assert [match.fingerprint_id for match in judge(hash_picture(data), watch)] == ["mine"], number


def test_the_same_person_is_measured_where_folders_say_who_and_when(tmp_path: Path) -> None:
    assert {line.met for line in same_person(tmp_path)} == {None}
    for number, place in enumerate(("one/work", "one/beach", "people/two/home", "people/two/street", "alone/once")):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "a.jpg").write_bytes(jpeg(scene(number, (240, 180))))

    assert set(occasions(tmp_path)) == {"one", "two"}
    lines = same_person(tmp_path)
    assert [(line.n, line.met) for line in lines] == [(4, True), (4, True)]
    assert "2 people" in lines[0].got
