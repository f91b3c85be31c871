"""The videos of the benchmarks: frames that an encoder takes, and a photo that is in view where it says so."""

from itertools import islice, pairwise

import numpy as np
import pytest
from PIL import Image

from benchmarks.video_kinds import FPS, PHOTO_KINDS, TALL, chat_recording, clip_kinds, cropped_clip
from tests.support.scenes import scene

RED = Image.new("RGB", (320, 241), (250, 10, 10))


def redness(frame: Image.Image) -> float:
    pixels = np.asarray(frame.convert("RGB").reduce(8), np.int16)
    return float(((pixels[..., 0] > 180) & (pixels[..., 1:].max(-1) < 80)).mean())


@pytest.mark.parametrize("kind", PHOTO_KINDS)
def test_frames_of_a_video_are_of_one_even_size(kind: str) -> None:
    frames = islice(PHOTO_KINDS[kind](np.random.default_rng(1), RED, scene(1, (240, 181))), 0, 60, 20)
    sizes = {frame.size for frame in frames}
    assert len(sizes) == 1
    assert not any(side % 2 for size in sizes for side in size)


def test_a_chat_is_scrolled_past_the_photo_and_rests_at_it() -> None:
    frames = list(chat_recording(np.random.default_rng(2), RED, RED))[::2]

    assert {frame.size for frame in frames} == {TALL}
    seen = [redness(frame) for frame in frames]
    assert seen[0] < 0.01 and seen[-1] < 0.01 and max(seen) > 0.15
    still = [one.tobytes() == other.tobytes() for one, other in pairwise(frames)]
    assert sum(still) >= FPS / 2


def test_copies_of_a_clip_keep_its_length_and_a_crop_its_place() -> None:
    frames = [scene(number, (240, 180)) for number in range(3)]
    for name, copy in clip_kinds(np.random.default_rng(3), frames, RED).items():
        assert len(list(copy)) == len(frames), name
    cut = list(cropped_clip(np.random.default_rng(3), [frames[0]] * 2, 0.5))
    assert cut[0].tobytes() == cut[1].tobytes()
    assert cut[0].width * cut[0].height == pytest.approx(0.5 * 240 * 180, rel=0.03)
