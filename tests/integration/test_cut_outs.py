"""Cut-outs: a box around one's own face, found where that face was put on another body; always a person's look."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageOps

from api.pages.how import tell
from monitor.exports.matched import in_words
from monitor.fingerprints.cut_outs.boxes import JITTER, Face, face_within
from monitor.fingerprints.cut_outs.codes import CutOut, register_cut_out
from monitor.fingerprints.cut_outs.queries import unpack_faces
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.fingerprints.image import hash_picture
from monitor.fingerprints.packing import keep, kept
from monitor.matching.sketch import SIDE, sketch
from monitor.matching.verdict import Verdict, judge
from monitor.matching.watch_set import Watched, WatchSet
from tests.support.drawn_faces import portrait


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def _cut_out(image: Image.Image) -> CutOut:
    made = register_cut_out(image, "auto")
    assert made is not None
    return made


def _watched(seed: int, cut_out: CutOut | None = None) -> Watched:
    whole = hash_picture(_jpeg(portrait(seed))).whole.code
    return Watched(str(seed), "case", whole, "ordinary", cut_out=cut_out or _cut_out(portrait(seed)))


def _post(seed: int, *, ground: int, share: float = 0.3, mirrored: bool = False, faces: bool = True) -> HashedMedium:
    image = portrait(seed, ground=ground, share=share)
    return hash_picture(_jpeg(ImageOps.mirror(image) if mirrored else image), faces=faces)


@pytest.fixture(scope="module")
def watch() -> WatchSet:
    return WatchSet([_watched(seed) for seed in (1, 2, 3)])


@pytest.mark.parametrize(("share", "mirrored"), [(0.25, False), (0.4, True), (0.6, False)])
def test_head_on_another_ground_is_for_review_and_never_more(watch: WatchSet, share: float, mirrored: bool) -> None:
    (match,) = judge(_post(2, ground=40, share=share, mirrored=mirrored), watch)
    assert (match.fingerprint_id, match.verdict, match.view) == ("2", Verdict.REVIEW, "cut-out")
    assert not match.identical
    assert ("mirrored" in match.how) == mirrored


def test_same_code_is_for_review_too() -> None:
    """At no distance a cut-out alone makes anybody sure."""
    post = replace(_post(2, ground=40), views=())
    faces = unpack_faces(post.faces)
    own = CutOut((0.2, 0.2, 0.6, 0.6), tuple(range(25)), faces["code"][0].tobytes() * 25)
    (match,) = judge(post, [_watched(2, own)])
    assert (match.distance, match.verdict) == (0, Verdict.REVIEW)


def test_another_face_fits_nobody(watch: WatchSet) -> None:
    assert judge(_post(7, ground=40), watch) == ()


def test_no_face_is_looked_for_unless_it_is_asked_for(watch: WatchSet) -> None:
    post = _post(2, ground=40, faces=False)
    assert post.faces == b""
    assert judge(post, watch) == ()


def test_what_fits_by_itself_is_told_before_its_cut_out() -> None:
    (match,) = judge(hash_picture(_jpeg(portrait(2)), faces=True), [_watched(2)])
    assert (match.verdict, match.view) == (Verdict.CONFIDENT, "whole")


def test_boxes_around_faces_are_never_kept() -> None:
    post = _post(2, ground=40)
    assert post.faces
    assert kept(keep(post)).faces == b""
    assert keep(post) == keep(replace(post, faces=b""))


@pytest.mark.parametrize("error", [(0.1, 0, 1), (0, -0.12, 1), (0, 0.1, 0.85)])
def test_box_need_not_be_drawn_exactly(error: tuple[float, float, float]) -> None:
    image = portrait(2)
    exact = _cut_out(image).box
    left, top, right, bottom = (
        side * length for side, length in zip(exact, (image.width, image.height) * 2, strict=True)
    )
    face = face_within((left, top, right, bottom))
    across, down, scale = error
    drawn = Face(face.x + across * face.height, face.y + down * face.height, face.height * scale).box
    cut_out = register_cut_out(image, (drawn[0], drawn[1], drawn[2] - drawn[0], drawn[3] - drawn[1]))
    assert cut_out is not None
    assert [match.view for match in judge(_post(2, ground=40), [_watched(2, cut_out)])] == ["cut-out"]


def test_only_the_boxes_within_the_picture_are_coded_and_a_plain_one_has_none() -> None:
    image = portrait(2).crop((190, 0, 540, 720))
    cut_out = register_cut_out(image, (0, 150, 110, 400))
    assert cut_out is None or len(cut_out.numbers) < len(JITTER)
    assert register_cut_out(Image.new("RGB", (600, 800), "grey"), (100, 100, 200, 230)) is None
    assert register_cut_out(Image.new("RGB", (600, 800), "grey"), "auto") is None
    assert register_cut_out(portrait(2), (200, 300, 12, 12)) is None


def test_cut_out_is_read_back_as_it_was_written() -> None:
    cut_out = _cut_out(portrait(1))
    assert CutOut.from_json(cut_out.as_json()) == cut_out
    assert repr(cut_out.codes) not in repr(cut_out)


@pytest.mark.parametrize(
    "change",
    [
        {"version": "cutout-0"},
        {"box": [0.1, 0.2, 0.1, 0.5]},
        {"box": [0.1, 0.2, 1.5, 0.5]},
        {"box": [0.1, 0.2, float("nan"), 0.5]},
        {"box": "0123"},
        {"boxes": [*range(24)]},
        {"boxes": [*range(124), 125]},
        {"boxes": [*reversed(range(125))]},
        {"codes": "AAAA"},
    ],
    ids=str,
)
def test_what_is_no_cut_out_is_refused(change: dict[str, object]) -> None:
    table = np.zeros((len(JITTER), 32), np.uint8)
    sound = CutOut((0.1, 0.1, 0.5, 0.5), tuple(range(len(JITTER))), table.tobytes()).as_json()
    with pytest.raises(ValueError):
        CutOut.from_json(sound | change)


def test_reason_shows_both_boxes_and_says_that_it_tells_nobody(watch: WatchSet) -> None:
    (match,) = judge(_post(2, ground=40), watch)
    drawn = sketch(match.how, 540, 720)
    assert drawn is not None
    assert 0 < drawn.posted.box[2] < drawn.posted.width
    assert 0 < drawn.compared.box[2] < drawn.compared.width == SIDE
    told = tell(match.how, str)
    assert "drawn around a face" in told.compared
    assert "%" in told.compared and "%" in told.posted
    assert any("not tell who" in fact for fact in told.facts)
    for language, words in (("en", "nothing about who"), ("ko", "누구인지")):
        report = in_words(match.how, language)
        assert report.compared and report.posted
        assert any(words in fact for fact in report.facts)
