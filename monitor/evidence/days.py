"""The value of a day: the root over every chain's newest head then. It can be published, printed or time-stamped.

Who holds the value of a day can later be shown, for one case, that its chain stood so on that day; of other cases the
value and the proof tell nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from monitor.core.errors import LedgerBroken
from monitor.evidence.chain import Head, Seal, standing_heads
from monitor.evidence.heads import from_line, read_heads
from monitor.evidence.merkle import Step, follow, leaf, path, root, width
from monitor.keys.envelope import Key
from monitor.keys.store import KeyStore

FORMAT = "jikimi-ledger-day-1"
_NAME = "system:ledger-days"


def day_root(keys: KeyStore, heads_file: Path, day: date) -> str:
    """The value of a day in hex. It stays the same however often it is asked for, unless the heads file was changed."""
    leaves, _ = _tree(keys.create(_NAME), _seals(heads_file), day)
    return root(leaves)


def day_proof(keys: KeyStore, heads_file: Path, day: date, chain: str) -> dict[str, Any]:
    """What shows somebody where one chain stood on a day. Raises LedgerBroken when nothing of it was signed by then."""
    found = next(iter(day_proofs(keys, heads_file, [day], chain)), None)
    if found is None:
        raise LedgerBroken(f"nothing of case {chain} was signed by the end of {day.isoformat()}")
    return found


def day_proofs(keys: KeyStore, heads_file: Path, days: Iterable[date], chain: str) -> Iterator[dict[str, Any]]:
    """The same for several days, from one reading of the file. Days by which nothing was signed are left out."""
    key, seals = keys.create(_NAME), _seals(heads_file)
    for day in days:
        leaves, heads = _tree(key, seals, day)
        if chain in heads:
            yield _proof(key, leaves, heads[chain], day)


def _proof(key: Key, leaves: list[str], head: Head, day: date) -> dict[str, Any]:
    salt = _salt(key, day, head.case_id)
    steps = path(leaves, leaf(salt, head.case_id, head.count, head.head_hash))
    return {
        "format": FORMAT,
        "day": day.isoformat(),
        "case_id": head.case_id,
        "count": head.count,
        "head_hash": head.head_hash,
        "salt": salt,
        "path": [asdict(step) for step in steps],
        "root": root(leaves),
    }


def proves(proof: Mapping[str, Any], value: str) -> bool:
    """Does the proof lead to this value of a day? Offline: nothing else is needed."""
    try:
        start = leaf(proof["salt"], proof["case_id"], proof["count"], proof["head_hash"])
        steps = [Step(str(step["other"]), bool(step["is_left"])) for step in proof["path"]]
        return follow(start, steps) == value
    except (KeyError, TypeError, ValueError):
        return False


def _seals(heads_file: Path) -> list[Seal]:
    return [seal for line in read_heads(heads_file).lines if (seal := from_line(line))]


def _tree(key: Key, seals: list[Seal], day: date) -> tuple[list[str], dict[str, Head]]:
    """Every leaf, and the newest head of each chain by the end of the day."""
    by_then = standing_heads(seal for seal in seals if seal.head.at[:10] <= day.isoformat())
    heads = {chain: max(known, key=lambda head: head.count) for chain, known in by_then.items()}
    real = [leaf(_salt(key, day, chain), chain, head.count, head.head_hash) for chain, head in heads.items()]
    fill = [key.tag(f"{day.isoformat()}|{at}", "ledger-day-fill") for at in range(width(len(real)) - len(real))]
    return real + fill, heads


def _salt(key: Key, day: date, chain: str) -> str:
    return key.tag(f"{day.isoformat()}|{chain}", "ledger-day-salt")
