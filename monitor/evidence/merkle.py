"""One value for many heads, from which nobody learns anything of a chain but who is shown that chain's own path.

A tree of hashes as in RFC 9162, section 2.1.1 (0x00 before a leaf, 0x01 before a node), over salted leaves in the order
of their hashes, filled up with random-looking ones to a power of two: neither the place of a leaf nor the length of its
path tells how many cases there are, up to the power.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

FEWEST_LEAVES = 64


@dataclass(frozen=True, slots=True)
class Step:
    """One step from a leaf to the root: the other half, and on which side it stands."""

    other: str
    is_left: bool


def leaf(salt: str, chain: str, count: int, head_hash: str) -> str:
    """The leaf of a head, in hex. `salt`: 64 hex digits that only this chain's proof tells."""
    text = f"{chain}\n{count}\n{head_hash}\n".encode("ascii")
    return hashlib.sha256(b"\x00" + bytes.fromhex(salt) + text).hexdigest()


def width(leaves: int) -> int:
    """How many leaves a tree has that holds so many real ones."""
    found = FEWEST_LEAVES
    while found < leaves:
        found *= 2
    return found


def root(leaves: Sequence[str]) -> str:
    """The root over a power of two of leaves."""
    return _levels(leaves)[-1][0]


def path(leaves: Sequence[str], wanted: str) -> list[Step]:
    """How one leaf leads to the root. Raises ValueError when it is none of them."""
    found, place = [], sorted(leaves).index(wanted)
    for level in _levels(leaves)[:-1]:
        other = place ^ 1
        found.append(Step(level[other], is_left=other < place))
        place //= 2
    return found


def follow(start: str, steps: Sequence[Step]) -> str:
    """The root that a leaf leads to. Raises ValueError for what is no hash."""
    current = start
    for step in steps:
        current = _node(step.other, current) if step.is_left else _node(current, step.other)
    return current


def _levels(leaves: Sequence[str]) -> list[list[str]]:
    levels = [sorted(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([_node(below[at], below[at + 1]) for at in range(0, len(below), 2)])
    return levels


def _node(left: str, right: str) -> str:
    return hashlib.sha256(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()
