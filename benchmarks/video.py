"""Processor seconds for 60 s of 720p video, ours and what vpdq does, and which edits of a clip are still found.

Ours is everything that a decoder process does: reading, decoding the frames that are sampled, scaling, and hashing
each frame in eight orientations, with and without its border. Its processor time is the process's own, start excluded.

The vpdq package has no wheel for this Python and cannot be installed from one, so it is emulated: every frame is
decoded, and one a second is turned to RGB and hashed with pdqhash at full size. That is what vpdq does at one hash a
second, less its own overhead.
"""

import argparse
import io
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting  # first: it keeps libraries to one core

# isort: split
import av
import numpy as np
from PIL import Image

from benchmarks.recall_gallery import HALVES
from benchmarks.video_clips import FPS, SIZE, Picture, Scenery, encode
from benchmarks.video_kinds import measure_kinds
from monitor.fingerprints.hashes.values import HashedMedium, PictureView
from monitor.fingerprints.media import hash_medium

WHOLE, TRIMMED = 31, 60
"""Bits within which a whole frame is confident, and a whole or trimmed one is worth a review."""

Edit = Callable[[list[Picture]], list[Picture]]


def main() -> None:
    """Print the tables, save the plot, end with the JSON line."""
    parser = reporting.parser(__doc__.splitlines()[0])
    parser.add_argument(
        "--photos", type=Path, metavar="DIR", help="build the clip from these photos (default: painted)"
    )
    parser.add_argument("--seconds", type=int, default=60, help="length of the clip (default 60)")
    parser.add_argument("--decoys", type=int, default=60, help="seconds of another clip, for wrong hits (default 60)")
    parser.add_argument("--kinds", type=int, default=0, metavar="N", help="also N photos and clips in clips of others")
    parser.add_argument("--half", choices=tuple(HALVES), default="held-out", help="of the photos in --kinds")
    args = parser.parse_args()
    if args.kinds and args.photos is None:
        parser.error("--kinds needs --photos")
    wall = Scenery(args.photos, args.seed)
    whole = encode(wall.frames(0, args.seconds), crf=23)
    print(f"{args.seconds} s of {SIZE[0]}x{SIZE[1]} at {FPS} a second, H.264, {len(whole) / 2**20:.1f} MB\n")
    speed = measure_speed(whole)
    registered = hash_medium(whole, closely=True)
    recall = measure_recall(wall, registered, args)
    draw(speed, recall, args.plot)
    wrong = decoys(args, registered)
    kinds = measure_kinds(args.photos, args.half, args.kinds, args.seed) if args.kinds else {}
    reporting.finish(
        {"cpu_s": speed, "seconds": args.seconds, "recall_31": {k: v[0] for k, v in recall.items()}}
        | {"recall_60": {k: v[1] for k, v in recall.items()}, "wrong_31": wrong[0], "wrong_60": wrong[1]}
        | {"frames": len(registered.frames), "megabytes": round(len(whole) / 2**20, 2), "kinds": kinds}
    )


def measure_speed(data: bytes) -> dict[str, float]:
    """Processor seconds of each way, median of three."""
    ways: dict[str, Callable[[], object]] = {
        "ours": lambda: hash_medium(data),
        "ours, to be compared with": lambda: hash_medium(data, closely=True),
        "ours, frames only": lambda: _frames_only(data),
        "every frame decoded, nothing else": lambda: _decode_all(data),
    }
    if (peer := _vpdq(data)) is not None:
        ways["as vpdq does (see above)"] = peer
    spent = {name: reporting.seconds(way) for name, way in ways.items()}
    reporting.table(
        ("way", "processor s", "x ours"), [(name, f"{s:.2f}", f"{s / spent['ours']:.1f}") for name, s in spent.items()]
    )
    return {name: round(s, 3) for name, s in spent.items()}


def _frames_only(data: bytes) -> int:
    from monitor.fingerprints.video.clip import Clip

    return sum(1 for _ in Clip(data, "MP4"))


def _decode_all(data: bytes) -> int:
    with av.open(io.BytesIO(data)) as file:
        file.streams.video[0].thread_count = 1
        return sum(1 for _ in file.decode(video=0))


def _vpdq(data: bytes) -> Callable[[], object] | None:
    try:
        import pdqhash
    except ImportError:
        print("pdqhash is not installed: vpdq cannot be emulated\n")
        return None

    def run() -> int:
        due, count = 0.0, 0
        with av.open(io.BytesIO(data)) as file:
            file.streams.video[0].thread_count = 1
            for frame in file.decode(video=0):
                if frame.time >= due:
                    pdqhash.compute(frame.to_ndarray(format="rgb24"))
                    due, count = due + 1, count + 1
        return count

    return run


def measure_recall(wall: Scenery, registered: HashedMedium, args: argparse.Namespace) -> dict[str, tuple[float, float]]:
    """Share of the edited clip's frames that are near one of the registered video's: within 31 bits as whole pictures,
    within 60 whole or trimmed."""
    start = args.seconds / 3 + 0.3  # a whole second would be where the registered video is sampled too
    clip = list(wall.frames(start, min(10, args.seconds / 3)))
    rows, found = [], {}
    for name, edit in EDITS.items():
        copy = hash_medium(edit(clip))
        found[name] = shares = near(registered, copy)
        rows.append((name, len(copy.frames), f"{shares[0]:.0%}", f"{shares[1]:.0%}"))
    print(
        f"{len(clip) / FPS:.0f} s cut out from second {start:.2f}, edited; {len(registered.frames)} frames registered"
    )
    reporting.table(("edit", "frames", f"within {WHOLE}", f"within {TRIMMED}"), rows)
    return found


def near(registered: HashedMedium, copy: HashedMedium) -> tuple[float, float]:
    """The two shares; a copy's frame counts in its nearest orientation."""
    known = {
        name: _codes(v for f in registered.frames for v in f.views if v.name == name and v.orientation == 0)
        for name in ("whole", "trimmed")
    }
    everything = np.concatenate([codes for codes in known.values() if len(codes)])
    confident = review = 0
    for frame in copy.frames:
        wholes = _codes(view for view in frame.views if view.name == "whole")
        confident += _nearest(wholes, known["whole"]) <= WHOLE
        review += _nearest(_codes(frame.views), everything) <= TRIMMED
    count = max(1, len(copy.frames))
    return round(confident / count, 3), round(review / count, 3)


def _codes(views: Iterable[PictureView]) -> np.ndarray:
    return np.array([np.frombuffer(view.hash.code, np.uint64) for view in views], np.uint64).reshape(-1, 4)


def _nearest(some: np.ndarray, others: np.ndarray) -> int:
    return int(np.bitwise_count(some[:, None] ^ others[None]).sum(-1).min()) if len(some) and len(others) else 256


def _logo(frames: list[Picture]) -> list[Picture]:
    size = (frames[0].width // 6, frames[0].height // 8)
    logo = Image.new("RGB", size, (220, 30, 60))
    logo.paste((250, 250, 250), (size[0] // 5, size[1] // 4, size[0] * 4 // 5, size[1] * 3 // 4))
    copies = [frame.copy() for frame in frames]
    for frame in copies:
        frame.paste(logo, (frame.width - size[0] - 20, 20))
    return copies


def _letterboxed(frames: list[Picture]) -> list[Picture]:
    made = []
    for frame in frames:
        page = Image.new("RGB", (720, 1280))
        page.paste(frame.resize((720, 405), Image.Resampling.BICUBIC), (0, 437))
        made.append(page)
    return made


def _smaller(frames: list[Picture]) -> list[Picture]:
    return [frame.resize((640, 360), Image.Resampling.BICUBIC) for frame in frames]


EDITS: dict[str, Callable[[list[Picture]], bytes]] = {
    "cut out": lambda clip: encode(clip, crf=23),
    "logo": lambda clip: encode(_logo(clip), crf=23),
    "re-encoded at crf 35": lambda clip: encode(clip, crf=35),
    "360p": lambda clip: encode(_smaller(clip), crf=28),
    "mirrored": lambda clip: encode([f.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for f in clip], crf=23),
    "letterboxed to portrait": lambda clip: encode(_letterboxed(clip), crf=23),
    "1.1x speed": lambda clip: encode([clip[int(i * 1.1)] for i in range(int(len(clip) / 1.1))], crf=23),
    "logo, 360p, mirrored, crf 35": lambda clip: encode(
        [f.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for f in _smaller(_logo(clip))], crf=35
    ),
}


def decoys(args: argparse.Namespace, registered: HashedMedium) -> tuple[float, float]:
    """The same shares for a clip of other pictures: they should be zero. With --photos, of photos painted instead."""
    other = hash_medium(encode(Scenery(None, args.seed + 1).frames(0, args.decoys), crf=23))
    shares = near(registered, other)
    print(
        f"another clip, {len(other.frames)} frames: {shares[0]:.1%} within {WHOLE}, {shares[1]:.1%} within {TRIMMED}\n"
    )
    return shares


def draw(speed: dict[str, float], recall: dict[str, tuple[float, float]], wanted: Path | None) -> None:
    """Two panels: time, recall."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 3.6))
    left.barh(list(speed)[::-1], list(speed.values())[::-1])
    left.set_xlabel("processor seconds for the clip")
    names = list(recall)[::-1]
    places = np.arange(len(names))
    right.barh(places + 0.2, [recall[name][0] * 100 for name in names], 0.4, label=f"whole, {WHOLE} bits")
    right.barh(places - 0.2, [recall[name][1] * 100 for name in names], 0.4, label=f"whole or trimmed, {TRIMMED} bits")
    right.set_yticks(places, names)
    right.set_xlabel("% of the copy's frames found")
    right.legend(fontsize=7)
    figure.tight_layout()
    reporting.save_plot(figure, "video", wanted)


if __name__ == "__main__":
    main()
