"""A live index in a process of its own: its memory, how soon a change is seen, and searches while it rebuilds.

python -m benchmarks.search_live COUNT SEED: prints one line of JSON. Memory as Linux tells it (VmRSS, VmHWM).
"""

import json
import statistics
import sys
import threading
import time
from pathlib import Path

from benchmarks import reporting  # noqa: F401  # first: it limits libraries to one thread
from benchmarks.live_index import LiveIndex
from benchmarks.search_codes import Ids, queries, unrelated

ADDED = 350
"""Codes added at once: one photo's."""


def memory(field: str) -> float:
    """Megabytes of resident memory now (VmRSS) or at most since `forget_peak` (VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def forget_peak() -> None:
    """Let VmHWM start anew."""
    Path("/proc/self/clear_refs").write_text("5")


def expect(right: bool, otherwise: str) -> None:
    """Figures of a search that errs are worth nothing."""
    if not right:
        raise SystemExit(otherwise)


def milliseconds(start: float) -> float:
    """Since `start`."""
    return 1e3 * (time.perf_counter() - start)


def changes(index: LiveIndex, seed: int, rounds: int = 20) -> tuple[float, float]:
    """Median milliseconds until an added photo is found, and until a removed one is not."""
    visible, gone = [], []
    for number in range(rounds):
        codes = unrelated(ADDED, seed + number)
        name, wanted = f"added {number}", codes[-1].tobytes()
        start = time.perf_counter()
        index.add([name] * ADDED, codes)
        expect(index.within(wanted, 31) == [(name, 0)], "an added code is not found")
        visible.append(milliseconds(start))
        start = time.perf_counter()
        index.remove([name])
        expect(index.within(wanted, 31) == [], "a removed code is found")
        gone.append(milliseconds(start))
    return statistics.median(visible), statistics.median(gone)


def rebuild(index: LiveIndex, wanted: list[bytes]) -> dict[str, float]:
    """Seconds and peak memory of a rebuild, and the searches that went on meanwhile."""
    expected = [index.within(code, 31) for code in wanted]
    forget_peak()
    worker = threading.Thread(target=index.rebuild)
    spent: list[float] = []
    missed = 0
    start = time.perf_counter()
    worker.start()
    while worker.is_alive() or not spent:  # a small index is rebuilt before the first search begins
        number = len(spent) % len(wanted)
        begun = time.perf_counter()
        missed += index.within(wanted[number], 31) != expected[number]
        spent.append(milliseconds(begun))
    worker.join()
    return {
        "rebuild_s": milliseconds(start) / 1e3,
        "peak_mb": memory("VmHWM"),
        "searches_meanwhile": len(spent),
        "median_search_meanwhile_ms": statistics.median(spent),
        "slowest_search_meanwhile_ms": max(spent),
        "missed_meanwhile": missed,
    }


def main() -> None:
    """Build, change, rebuild; tell."""
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    codes = unrelated(count, seed)
    wanted = [code.tobytes() for code in queries(codes, 200, seed)]
    LiveIndex(["one"], [bytes(32)]).within(bytes(32), 31)
    empty = memory("VmRSS") - codes.nbytes / 2**20
    start = time.perf_counter()
    index = LiveIndex(Ids(count), codes)
    built = time.perf_counter() - start
    del codes
    steady = memory("VmRSS")
    visible, gone = changes(index, seed + 1)
    figures = {
        "build_s": built,
        "process_mb": empty,
        "steady_mb": steady,
        "add_to_visible_ms": visible,
        "remove_to_gone_ms": gone,
        **rebuild(index, wanted),
        "after_rebuild_mb": memory("VmRSS"),
    }
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
