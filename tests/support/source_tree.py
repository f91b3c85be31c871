"""The project's own source as syntax trees, each file parsed once a process. Nobody changes what they get."""

import ast
from functools import cache
from pathlib import Path


@cache
def parsed_file(path: Path) -> ast.Module:
    """The tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a Python file, as ast.walk gives them."""
    return tuple(ast.walk(parsed_file(path)))
