"""The rules that turn distances into verdicts."""

import pytest

from monitor.fingerprints.hashes.values import FrameViews, Hash, HashedMedium, PictureView, ViewName
from monitor.matching.index import HashIndex
from monitor.matching.verdict import Match, Verdict, judge, nearest
from monitor.matching.watch_set import Watched, WatchSet

ZERO = bytes(32)


def code(bits: int) -> bytes:
    """A code that lies `bits` from ZERO."""
    return ((1 << bits) - 1).to_bytes(32)


FAR = b"\xf0" * 32


def hashed(*views: tuple[ViewName, int, bytes, int], phash: bytes = bytes(8)) -> HashedMedium:
    """Views as (name, orientation, code, quality)."""
    made = tuple(PictureView(name, number, Hash(bits, quality)) for name, number, bits, quality in views)
    return HashedMedium(800, 600, "JPEG", "00" * 32, made, phash)


def watched(bits: bytes = ZERO, *, one: str = "f1", origin: str = "registered", phash: bytes | None = None) -> Watched:
    """A watched fingerprint."""
    return Watched(one, "case-1", bits, "intimate", origin, phash)  # type: ignore[arg-type]


def only(matches: tuple[Match, ...]) -> Match:
    """The one match there is."""
    assert len(matches) == 1
    return matches[0]


@pytest.mark.parametrize("name", ["whole", "trimmed"])
@pytest.mark.parametrize(
    ("distance", "quality", "verdict"),
    [
        (0, 100, Verdict.CONFIDENT),
        (31, 50, Verdict.CONFIDENT),
        (31, 49, Verdict.REVIEW),
        (0, 0, Verdict.REVIEW),
        (32, 100, Verdict.REVIEW),
        (60, 100, Verdict.REVIEW),
        (60, 10, Verdict.REVIEW),
    ],
)
def test_distance_and_quality_decide(name: ViewName, distance: int, quality: int, verdict: Verdict) -> None:
    match = only(judge(hashed((name, 0, code(distance), quality)), [watched()]))

    assert (match.verdict, match.distance, match.view, match.quality) == (verdict, distance, name, quality)


def video(*codes: bytes) -> HashedMedium:
    """A video of one whole view a second."""
    frames = tuple(FrameViews(float(at), (PictureView("whole", 0, Hash(bits, 100)),)) for at, bits in enumerate(codes))
    first = frames[0].views
    return HashedMedium(8, 6, "MP4", "00" * 32, first, bytes(8), kind="video", seconds=len(codes), frames=frames)


def test_any_frame_of_a_video_may_match_and_the_verdict_says_when() -> None:
    match = only(judge(video(FAR, FAR, code(40), code(20), FAR), [watched()]))

    assert (match.verdict, match.distance) == (Verdict.CONFIDENT, 20)
    assert "from second 2 to 3" in match.how


def test_one_frame_never_makes_a_video_an_identical_copy() -> None:
    match = only(judge(video(ZERO), [watched(origin="confirmed", phash=bytes(8))]))

    assert match.verdict is Verdict.CONFIDENT
    assert not match.identical


def known_video(origin: str, *more: bytes) -> Watched:
    """A watched video that begins with ZERO and goes on with other frames."""
    frames = tuple((float(at), bits) for at, bits in enumerate(more, 1))
    return Watched("f1", "case-1", ZERO, "intimate", origin, bytes(8), frames=frames)  # type: ignore[arg-type]


OTHERS = tuple(bytes([255 ^ (1 << bit)]) * 32 for bit in range(5))
"""Frames that fit nothing."""


@pytest.mark.parametrize("origin", ["registered", "confirmed", "link"])
def test_video_that_shares_only_an_intro_with_a_known_one_is_for_review(origin: str) -> None:
    known = known_video(origin, FAR)

    few = only(judge(video(ZERO, *OTHERS[:3]), [known]))
    third = only(judge(video(ZERO, *OTHERS[:2]), [known]))

    assert (few.verdict, third.verdict) == (Verdict.REVIEW, Verdict.CONFIDENT)
    assert few.how.endswith("; 1 of 4 frames fit, at second 0; too few to be sure")
    assert "too few" not in third.how


def test_surely_known_video_comes_before_a_shared_intro() -> None:
    intro, real = known_video("confirmed", FAR), watched(code(20), one="real")

    assert [match.fingerprint_id for match in judge(video(ZERO, *OTHERS[:3]), [intro, real])] == ["real", "f1"]


@pytest.mark.parametrize(
    ("origin", "verdict"),
    [
        ("registered", Verdict.CONFIDENT),
        ("confirmed", Verdict.REVIEW),
        ("beside", Verdict.REVIEW),
        ("link", Verdict.REVIEW),
    ],
)
@pytest.mark.parametrize("at", [ZERO, FAR])
def test_picture_that_is_one_frame_of_a_video_is_sure_only_where_the_person_registered_it(
    origin: str, verdict: Verdict, at: bytes
) -> None:
    match = only(judge(hashed(("whole", 0, at, 100)), [known_video(origin, FAR)]))

    assert (match.verdict, match.identical) == (verdict, False)


def test_what_nobody_decided_about_is_never_sure_and_says_so() -> None:
    posted = hashed(("whole", 0, ZERO, 100))

    match = only(judge(posted, [watched(origin="beside", phash=bytes(8))]))

    assert (match.verdict, match.identical) == (Verdict.REVIEW, False)
    assert match.how.endswith("quality 100; known from beside a confirmed copy, which nobody decided about")


@pytest.mark.parametrize("distance", [61, 70, 128, 256])
def test_beyond_sixty_bits_there_is_no_match(distance: int) -> None:
    posted = hashed(("whole", 0, code(distance), 100))

    assert judge(posted, [watched()]) == ()
    match = nearest(posted, [watched()])
    assert match is not None
    assert (match.verdict, match.distance) == (Verdict.NO, distance)


def test_nothing_watched_is_nothing_found() -> None:
    assert judge(hashed(("whole", 0, ZERO, 100)), []) == ()
    assert nearest(hashed(("whole", 0, ZERO, 100)), WatchSet([])) is None


def test_best_view_speaks_for_a_fingerprint() -> None:
    posted = hashed(("whole", 0, code(40), 90), ("whole", 1, code(5), 90), ("trimmed", 0, code(9), 90))

    match = only(judge(posted, [watched()]))

    assert (match.verdict, match.distance, match.view, match.orientation) == (Verdict.CONFIDENT, 5, "whole", 1)


def test_confident_view_beats_a_nearer_plain_one() -> None:
    posted = hashed(("whole", 0, code(20), 90), ("trimmed", 0, code(2), 10))

    match = only(judge(posted, [watched()]))

    assert (match.verdict, match.view) == (Verdict.CONFIDENT, "whole")


def test_best_fingerprint_comes_first() -> None:
    posted = hashed(("whole", 0, ZERO, 100))
    watch = [watched(code(50), one="far"), watched(code(3), one="near"), watched(FAR, one="other")]

    assert [match.fingerprint_id for match in judge(posted, watch)] == ["near", "far"]


def test_reason_is_in_words_and_numbers() -> None:
    match = only(judge(hashed(("whole", 1, code(4), 93)), [watched()]))

    assert match.how == "whole picture, mirrored: 4 of 256 bits differ (limit 31), quality 93"


def test_reason_says_when_a_picture_is_plain() -> None:
    match = only(judge(hashed(("trimmed", 0, code(4), 20)), [watched()]))

    assert match.how == ("picture without its border: 4 of 256 bits differ (limit 31), quality 20 (plain: below 50)")


def test_reason_holds_no_hash() -> None:
    match = only(judge(hashed(("whole", 0, FAR, 100), phash=b"\xab" * 8), [watched(FAR)]))

    assert FAR.hex() not in repr(match)
    assert "ab" * 8 not in repr(match)


PHASH = bytes(7) + b"\xff"
"""8 bits from zero."""


@pytest.mark.parametrize(
    ("phash", "distance", "identical"),
    [(bytes(8), 31, True), (PHASH, 0, True), (bytes(6) + b"\x01\xff", 0, False), (bytes(8), 32, False)],
)
def test_identical_needs_both_hashes_to_agree(phash: bytes, distance: int, identical: bool) -> None:
    posted = hashed(("whole", 0, code(distance), 100), phash=phash)

    match = only(judge(posted, [watched(origin="confirmed", phash=bytes(8))]))

    assert match.identical is identical


@pytest.mark.parametrize("origin", ["registered", "link"])
def test_only_a_confirmed_post_has_identical_copies(origin: str) -> None:
    posted = hashed(("whole", 0, ZERO, 100))

    assert not only(judge(posted, [watched(origin=origin, phash=bytes(8))])).identical


def test_confirmed_post_without_second_hash_has_no_identical_copies() -> None:
    assert not only(judge(hashed(("whole", 0, ZERO, 100)), [watched(origin="confirmed")])).identical


@pytest.mark.parametrize(("name", "orientation", "quality"), [("trimmed", 0, 100), ("whole", 1, 100), ("whole", 0, 20)])
def test_turned_trimmed_or_plain_copy_is_not_identical(name: ViewName, orientation: int, quality: int) -> None:
    posted = hashed((name, orientation, ZERO, quality))

    assert not only(judge(posted, [watched(origin="confirmed", phash=bytes(8))])).identical


def test_fingerprint_of_another_version_is_reported_not_compared() -> None:
    other = Watched("old", "case-1", ZERO, "intimate", version="pdq-0")
    watch = WatchSet([other, watched()])

    assert watch.incomparable == ("old",)
    assert [match.fingerprint_id for match in judge(hashed(("whole", 0, ZERO, 100)), watch)] == ["f1"]


def listed(*codes: bytes) -> HashIndex:
    """A list of harmless pictures."""
    return HashIndex([str(number) for number in range(len(codes))], codes)


def shifted(bits: int, start: int) -> bytes:
    """A code with `bits` set from bit `start` on: so far from ZERO, and another way than code()."""
    return (((1 << bits) - 1) << start).to_bytes(32)


@pytest.mark.parametrize("view", [("whole", 0), ("whole", 6), ("trimmed", 0)])
def test_listed_picture_is_no_review_match(view: tuple[ViewName, int]) -> None:
    seen = code(60)
    benign = bytes(a ^ b for a, b in zip(seen, shifted(31, 100), strict=True))
    posted = hashed(("whole", 0, FAR, 90), (*view, seen, 90)) if view != ("whole", 0) else hashed((*view, seen, 90))
    assert only(judge(posted, [watched()])).verdict is Verdict.REVIEW
    assert judge(posted, WatchSet([watched()], benign=listed(FAR[::-1], benign))) == ()
    farther = bytes(a ^ b for a, b in zip(seen, shifted(32, 100), strict=True))
    assert only(judge(posted, WatchSet([watched()], benign=listed(farther)))).verdict is Verdict.REVIEW


def test_listed_picture_that_surely_is_the_persons_own_is_shown_with_a_remark() -> None:
    match = only(judge(hashed(("whole", 0, code(20), 90)), WatchSet([watched()], benign=listed(code(30)))))
    assert match.verdict is Verdict.CONFIDENT
    assert match.how.endswith("on the list of harmless pictures")


def test_list_that_holds_the_persons_own_picture_hides_no_edited_copy_of_it() -> None:
    posted = hashed(("whole", 0, code(50), 90))
    match = only(judge(posted, WatchSet([watched()], benign=listed(ZERO, code(45)))))
    assert (match.verdict, match.how.endswith("on the list of harmless pictures")) == (Verdict.REVIEW, True)


def test_list_concerns_each_fingerprint_alone() -> None:
    posted = hashed(("whole", 0, code(50), 90))
    other = bytes(a ^ b for a, b in zip(code(50), shifted(40, 200), strict=True))
    benign = bytes(a ^ b for a, b in zip(code(50), shifted(30, 200), strict=True))
    matches = judge(posted, WatchSet([watched(), watched(other, one="f2")], benign=listed(benign)))
    assert [match.fingerprint_id for match in matches] == ["f2"]
