"""Videos by their points: a small photo within one, and cropped, framed and pasted copies of a registered one."""

from dataclasses import replace
from itertools import pairwise

import pytest
from PIL import Image, ImageDraw

from monitor.fingerprints.hashes.values import HashedMedium
from monitor.fingerprints.media import hash_medium
from monitor.fingerprints.points.features import POINT, unpack_points
from monitor.fingerprints.regions.codes import register_regions
from monitor.fingerprints.video.clip_points import MOST_CLIP_POINTS, MOST_POINT_FRAMES, POINTS_EVERY, ClipPoints
from monitor.fingerprints.video.sampling import MOST_CLOSE_FRAMES, closely_seen
from monitor.matching.point_index import PointIndex
from monitor.matching.verdict import Verdict, judge
from monitor.matching.watch_set import Watched, WatchSet
from tests.support.clips import video, webp
from tests.support.scenes import scene

SIZE, PAGE = (640, 360), (720, 1280)
Frames = list[Image.Image]


def moving(*seeds: int, seconds: float = 2.0, fps: int = 4, size: tuple[int, int] = SIZE) -> Frames:
    """A slow pan over one scene after another."""
    frames = []
    for seed in seeds:
        wide = scene(seed, (size[0] * 9 // 8, size[1] * 9 // 8))
        for step in range(round(seconds * fps)):
            share = step / (seconds * fps)
            left, top = round(share * (wide.width - size[0])), round(share * (wide.height - size[1]))
            frames.append(wide.crop((left, top, left + size[0], top + size[1])))
    return frames


def registered(frames: Frames, name: str = "mine", fps: int = 4) -> Watched:
    found = hash_medium(video(frames, fps=fps), closely=True)
    rest = tuple((frame.at, frame.views[0].hash.code) for frame in found.frames[1:])
    return Watched(name, name, found.whole.code, "intimate", set_name="frames", frames=rest, clip=found.clip)


def posted(frames: Frames, fps: int = 4) -> HashedMedium:
    return hash_medium(video(frames, fps=fps))


def on(ground: Image.Image, frames: Frames, place: tuple[int, int]) -> Frames:
    made = []
    for frame in frames:
        page = ground.copy()
        page.paste(frame, place)
        made.append(page)
    return made


def test_cropped_framed_and_pasted_copies_of_a_registered_video_are_found_by_its_points() -> None:
    frames = moving(1, 2)
    one, other = registered(frames), registered(moving(8, 9), "other")
    watch, without = WatchSet([one, other]), WatchSet([replace(one, clip=None)])
    small = [frame.resize((320, 180), Image.Resampling.LANCZOS) for frame in frames]
    text = Image.new("RGB", PAGE, (250, 250, 250))
    ImageDraw.Draw(text).text((40, 900), "follow @channel for the whole", fill="black")
    copies = {
        "cropped": [frame.crop((150, 60, 596, 314)) for frame in frames],
        "framed": on(text, [frame.resize((640, 360)) for frame in frames], (40, 320)),
        "inset": on(scene(5, (1280, 720)), small, (930, 30)),
    }
    for name, copy in copies.items():
        hashed = posted(copy)
        (match,) = judge(hashed, watch)
        assert (match.fingerprint_id, match.verdict, match.view) == ("mine", Verdict.REVIEW, "region"), name
        assert "; registered video, second " in match.how and "frames fit" in match.how
        assert judge(hashed, without) == (), f"{name}: the wholes of the frames find it, so this tests nothing"
    (still,) = judge(hash_medium(webp([copies["inset"][3]])), watch)
    assert (still.fingerprint_id, still.verdict) == ("mine", Verdict.REVIEW)
    assert judge(posted(moving(11, 12)), watch) == ()


def test_what_is_on_screen_whatever_is_shown_finds_no_other_video() -> None:
    """A channel's bar and logo, in all of its videos."""
    bar = scene(31, (640, 200))

    def with_bar(frames: Frames) -> Frames:
        made = on(Image.new("RGB", (640, 560)), frames, (0, 200))
        for page in made:
            page.paste(bar, (0, 0))
        return made

    mine, others = registered(with_bar(moving(1, 2, 3))), posted(with_bar(moving(15, 16)))
    assert judge(others, WatchSet([mine])) == ()
    # One scene alone cannot tell the bar from what it shows.
    alone = registered(with_bar(moving(1)))
    assert judge(others, WatchSet([alone])) != ()
    cut = [page.crop((100, 240, 560, 530)) for page in with_bar(moving(1, 2, 3))]
    assert [match.fingerprint_id for match in judge(posted(cut), WatchSet([mine]))] == ["mine"]


def test_small_photo_within_a_recorded_screen_is_found_by_the_slim_set() -> None:
    photo = scene(3, (900, 1200))
    page = Image.new("RGB", PAGE, (239, 234, 226))
    draw = ImageDraw.Draw(page)
    for line in range(4):
        draw.text((60, 700 + 60 * line), "and then she said that this is how it was", fill=(60, 60, 60))
    page.paste(photo.resize((150, 200), Image.Resampling.LANCZOS), (60, 200))
    one = Watched("mine", "mine", b"\x55" * 32, "intimate", set_name="slim", regions=register_regions(photo, "slim"))
    shown = [page.crop((0, 10 * step, 720, 1280 - 60 + 10 * step)) for step in range(6)]
    hashed = posted(shown, fps=2)
    assert [match.fingerprint_id for match in judge(hashed, WatchSet([one]))] == ["mine"]


def test_frames_that_are_looked_at_closely_are_few_and_spread_over_a_video() -> None:
    """Where every one holds a small picture: 300 frames must fit into 40 seconds."""
    for seconds in (10.0, 250.0, 600.0):
        times = [seconds * number / 300 for number in range(300)]
        close = closely_seen(seconds)
        taken = [at for at in times if close.takes(at)]
        assert min(len(times), 60) <= len(taken) <= MOST_CLOSE_FRAMES
        assert taken[-1] > 0.95 * times[-1]


def test_points_of_a_video_are_few_and_spread_over_its_length() -> None:
    small = (160, 120)
    short = registered(moving(1, seconds=10, size=small)).clip
    long = registered(moving(1, 2, seconds=60, fps=1, size=small), fps=1).clip
    assert short is not None and long is not None
    times = [at for at, _ in short.frames]
    assert times[0] == 0 and len(times) == 5
    assert all(later - at >= POINTS_EVERY for at, later in pairwise(times))
    assert len(long.frames) <= MOST_POINT_FRAMES and long.frames[-1][0] > 100
    assert len(short.points) <= MOST_CLIP_POINTS and len(long.points) <= MOST_CLIP_POINTS
    assert hash_medium(video(moving(1))).clip is None, "only where others will be compared with it"


def test_a_registered_videos_frames_are_not_each_compared_where_they_resemble_each_other() -> None:
    clip = registered(moving(1, seconds=14)).clip
    assert clip is not None and len(clip.frames) > 6
    watch = WatchSet([replace(registered(moving(1)), clip=clip)])
    found = unpack_points(posted(moving(1)).frames[0].points)
    assert 0 < len(watch.points.hits(found, *SIZE)) <= 3
    assert len(PointIndex([register_regions(scene(1, SIZE), "slim")] * 6).hits(found, *SIZE)) == 6, "pictures are"


def test_points_of_a_video_come_back_from_json_and_nonsense_is_refused() -> None:
    clip = registered(moving(1, 2)).clip
    assert clip is not None
    assert ClipPoints.from_json(clip.as_json()) == clip
    first, second = clip.frames[:2]
    left = clip.only_at([second[0]])
    assert left is not None and left.frames == ((0.0, second[1]),)
    assert clip.only_at([77.0]) is None
    good = clip.as_json()
    for wrong in (
        None,
        {**good, "version": "clip-0"},
        {**good, "size": [0, 4]},
        {**good, "size": [1.5, 4]},
        {**good, "frames": [{"at": 1}]},
        {**good, "frames": [{"at": "1", "points": ""}]},
        {**good, "frames": [good["frames"][1], good["frames"][0]]},
        {**good, "frames": [{**good["frames"][0], "at": float(at)} for at in range(MOST_POINT_FRAMES + 1)]},
    ):
        with pytest.raises(ValueError, match=r"video|frame|size"):
            ClipPoints.from_json(wrong)
    for packed in (b"", first[1][:-1], first[1] * 9, bytes(POINT.itemsize)):
        with pytest.raises(ValueError, match=r"point"):
            ClipPoints(4, 3, ((0.0, packed),))
    full = first[1][: 39 * POINT.itemsize]
    with pytest.raises(ValueError, match=str(MOST_CLIP_POINTS)):
        ClipPoints(4, 3, tuple((float(at), full) for at in range(MOST_POINT_FRAMES)))
