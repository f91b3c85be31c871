"""How large the product's files and functions are, and whether its rooms hold: `structure.py [--tree DIR]`.

Ends with one JSON line. Lines are those of the file, blank ones and docstrings included; a function's are from its
first decorator to its end.
"""

import argparse
import ast
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median

PRODUCT = ("api", "monitor", "db")
Definition = ast.FunctionDef | ast.AsyncFunctionDef


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tree", type=Path, default=Path(__file__).parents[1], help="the checkout (default: this one)")
    tree: Path = parser.parse_args().tree
    files = {path: path.read_text(encoding="utf-8") for path in product_files(tree)}
    lengths = {path.relative_to(tree).as_posix(): len(text.splitlines()) for path, text in files.items() if text}
    functions = {
        f"{path.relative_to(tree).as_posix()}:{name}": lines
        for path, text in files.items()
        for name, lines in functions_of(ast.parse(text))
    }
    names = defaultdict(set)
    for path, text in files.items():
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef | Definition) and not node.name.startswith("_"):
                names[node.name].add(path.relative_to(tree).as_posix())
    loose = sorted(path.name for path in (tree / "monitor").glob("*.py") if not path.name.startswith("__"))
    told = {
        "lines": sum(lengths.values()),
        "files": len(lengths),
        "median_file": median(lengths.values()),
        "largest_file": max(lengths.items(), key=lambda each: each[1]),
        "functions": len(functions),
        "median_function": median(functions.values()),
        "largest_function": max(functions.items(), key=lambda each: each[1]),
        "entries_of_monitor": sum(1 for path in (tree / "monitor").iterdir() if path.name != "__pycache__"),
        "loose_modules": len(loose),
        "names_twice": {name: sorted(places) for name, places in sorted(names.items()) if len(places) > 1},
        "circles": circles(edges(tree, files)),
    }
    for key, value in told.items():
        print(f"{key}: {value}")
    print(json.dumps(told))


def product_files(tree: Path) -> Iterator[Path]:
    """Every Python file of the product."""
    for package in PRODUCT:
        yield from sorted(path for path in (tree / package).rglob("*.py") if "__pycache__" not in path.parts)


def functions_of(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Name and lines of every function, methods and inner ones too."""
    for node in ast.walk(module):
        if isinstance(node, Definition):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield node.name, (node.end_lineno or node.lineno) - first + 1


def edges(tree: Path, files: dict[Path, str]) -> dict[str, set[str]]:
    """Room -> the rooms it imports. A loose module is a room of its own."""
    found: dict[str, set[str]] = defaultdict(set)
    for path, text in files.items():
        parts = path.relative_to(tree).with_suffix("").parts
        if parts[0] != "monitor" or len(parts) < 2:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("monitor"):
                modules = (
                    [node.module or ""] if "." in (node.module or "") else [f"monitor.{n.name}" for n in node.names]
                )
                found[parts[1]] |= {module.split(".")[1] for module in modules} - {parts[1], "__version__"}
    return found


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Rooms that can reach themselves, each circle's members together."""
    reach: dict[str, set[str]] = {}
    for room in graph:
        seen: set[str] = set()
        waiting = list(graph[room])
        while waiting:
            other = waiting.pop()
            if other not in seen:
                seen.add(other)
                waiting += graph.get(other, ())
        reach[room] = seen
    rooms = sorted(room for room in graph if room in reach[room])
    groups: list[list[str]] = []
    for room in rooms:
        home = next((group for group in groups if room in reach[group[0]] and group[0] in reach[room]), None)
        if home is None:
            groups.append([room])
        else:
            home.append(room)
    return groups


if __name__ == "__main__":
    main()
