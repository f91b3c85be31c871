"""What every benchmark shares: its options, its table, its plot, and the JSON line it ends with."""

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

PLOTS = Path(__file__).parent / "plots"

# One core each: libraries that would take more are told before they load. Import this module first.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"


def parser(description: str, *, photos: bool = False) -> argparse.ArgumentParser:
    """A parser with the options that benchmarks have in common."""
    made = argparse.ArgumentParser(description=description)
    if photos:
        made.add_argument("--photos", type=Path, required=True, metavar="DIR", help="a folder of photos to work on")
    made.add_argument("--seed", type=int, default=1, help="the same seed makes the same data (default 1)")
    made.add_argument("--plot", type=Path, metavar="FILE", help="where the plot goes (default: benchmarks/plots/)")
    return made


def photos_in(folder: Path) -> list[Path]:
    """The photos of a folder, in the order of their names."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png"))


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a Markdown table, columns aligned; numbers to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(row[i]) for row in [list(heads), *cells]) for i in range(len(heads))]
    right = [all(_is_number(row[i]) for row in cells) for i in range(len(heads))]
    for line in [list(heads), ["-" * width for width in widths], *cells]:
        parts = [
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(line, widths, right, strict=True)
        ]
        print("| " + " | ".join(parts) + " |")
    print()


def finish(figures: dict[str, Any]) -> None:
    """The last line: every figure as JSON, with the machine's processor."""
    print(json.dumps(figures | {"processor": processor(), "python": platform.python_version()}))


def processor() -> str:
    """The processor's name, as far as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def seconds(work: Callable[[], object], *, rounds: int = 3) -> float:
    """Median processor seconds of `work` over `rounds` runs, after one that is not counted."""
    work()
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return statistics.median(spent)


def save_plot(figure: Any, name: str, wanted: Path | None) -> None:
    """Save a matplotlib figure as SVG and say where."""
    path = wanted or PLOTS / f"{name}.svg"
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
    print(f"plot: {path}\n")


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace("-", "", 1).replace("%", "", 1).replace(",", "").strip().isdigit()
