"""Images hashed a second on one core: ours beside what a user would pick instead. `hashing.py --photos DIR`.

Every photo is enlarged to 1280 x 960 and saved as a JPEG of 85, as platforms send them. Ours hashes the whole picture
in 8 orientations and searches for a border; the peers hash the whole picture once.
"""

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting  # first: it keeps libraries to one core

# isort: split
import imagehash
import numpy as np
from PIL import Image

from benchmarks.edits.canvas import RESAMPLE, decoded, encoded
from monitor.fingerprints.containers.guards import open_guarded
from monitor.fingerprints.hashes.normalise import shown
from monitor.fingerprints.hashes.pdq import Accumulator, hash_array
from monitor.fingerprints.image import hash_picture, views_of
from monitor.fingerprints.regions.boxes import SetName
from monitor.fingerprints.regions.codes import register_regions

SIZE = (1280, 960)
AREA_512 = (512, 384)


def fast(data: bytes) -> bytes:
    """Whole, orientations, trim: the upright hash."""
    with open_guarded(data) as image:
        return views_of(shown(image))[0].hash.code


def registering(set_name: SetName) -> Callable[[bytes], object]:
    """What a person's device or the command line does once a photo."""
    return lambda data: register_regions(decoded(data), set_name)


def reference(data: bytes) -> bytes:
    """Pillow, area 512, pdqhash (ours where pdqhash cannot be built: it says so in the table)."""
    pixels = np.asarray(decoded(data).resize(AREA_512, Image.Resampling.BOX))
    return _pdq(pixels)


def by_area(data: bytes) -> bytes:
    """PDQ of every pixel, averaged to 512 by exact area: what the bits are compared with."""
    pixels = np.asarray(decoded(data), np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    accumulator = Accumulator(*SIZE)
    accumulator.feed(pixels)
    return accumulator.hashes()[0].code


def _pdq(pixels: np.ndarray) -> bytes:
    try:
        import pdqhash
    except ImportError:
        return hash_array(pixels).code
    return np.packbits(pdqhash.compute(pixels)[0].astype(bool)).tobytes()


def apart(one: bytes, other: bytes) -> int:
    """Bits that differ."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def main() -> None:
    parser = reporting.parser(__doc__ or "", photos=True)
    parser.add_argument("--count", type=int, default=40, help="photos to hash (default 40)")
    options = parser.parse_args()
    paths = reporting.photos_in(options.photos)
    chosen = paths[1 :: max(1, len(paths) // options.count)][: options.count]
    files = [encoded(decoded(path.read_bytes()).resize(SIZE, RESAMPLE), "JPEG", quality=85) for path in chosen]
    ways: dict[str, Callable[[bytes], object]] = {
        "Pillow + area 512 + pdqhash": reference,
        "pdqhash, every pixel": lambda data: _pdq(np.asarray(decoded(data))),
        "imagehash phash 16": lambda data: imagehash.phash(decoded(data), hash_size=16),
        "imagehash dhash 16": lambda data: imagehash.dhash(decoded(data), hash_size=16),
        "ours, fast path": fast,
        "ours, everything looked at": hash_picture,
        "ours, registering slim": registering("slim"),
        "ours, registering full": registering("full"),
    }
    # Interleaved, so that a busy machine slows all of them alike.
    spent = dict.fromkeys(ways, 0.0)
    for _ in range(3):
        for name, way in ways.items():
            spent[name] += reporting.seconds(lambda way=way: [way(data) for data in files], rounds=1)
    speed = {name: 3 * len(files) / seconds for name, seconds in spent.items()}
    base = speed["Pillow + area 512 + pdqhash"]
    reporting.table(
        ["way", "images/s", "times the first"],
        [(name, round(value, 1), round(value / base, 2)) for name, value in speed.items()],
    )
    off = [apart(fast(data), by_area(data)) for data in files]
    off_reference = [apart(fast(data), reference(data)) for data in files]
    print(f"bits off exact area + PDQ: median {np.median(off):.0f}, most {max(off)}")
    print(f"bits off Pillow's BOX + PDQ (whose edges are rounded to pixels): most {max(off_reference)}\n")
    _plot(speed, options.plot)
    reporting.finish(
        {
            "images_per_s": {name: round(value, 1) for name, value in speed.items()},
            "ratio_reference": round(speed["ours, fast path"] / base, 2),
            "bits_off_median": float(np.median(off)),
            "bits_off_most": max(off),
            "images": len(files),
            "bytes": sum(map(len, files)) // len(files),
        }
    )


def _plot(speed: dict[str, float], wanted: Path | None) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 2.6))
    colours = ["tab:blue" if name.startswith("ours") else "tab:grey" for name in speed]
    axes.barh(list(speed), list(speed.values()), color=colours)
    axes.set_xlabel("images/s, one core, 1280 x 960 JPEG")
    axes.invert_yaxis()
    reporting.save_plot(figure, "hashing", wanted)


if __name__ == "__main__":
    main()
