"""What verification can find, and its report."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from monitor.evidence.chain import INSTALLATION


class What(StrEnum):
    """What was done to the ledger, as far as its remains tell."""

    PAYLOAD_CHANGED = "changed payload"
    PAYLOAD_REMOVED = "removed payload"
    FIELD_CHANGED = "changed field"
    REMOVED = "removed entry"
    SWAPPED = "swapped entries"
    REWRITTEN = "rewritten"
    FORGED = "forged entry"
    TAIL_CUT = "cut tail"
    SIGNATURE_BAD = "signature bad"
    SEAL_REMOVED = "removed seal"
    UNSEALED = "entry without a seal"
    CASE_REMOVED = "removed case"
    CHAIN_REMOVED = "removed chain"
    HEADS_MISSING = "heads file missing"
    HEADS_DAMAGED = "heads file damaged"


@dataclass(frozen=True, slots=True)
class ChainFault:
    """One thing that is wrong, where, and what it was judged by."""

    what: What
    detail: str
    case_id: str | None = None
    seq: int | None = None
    """The first bad entry, from 1."""

    def __str__(self) -> str:
        chain = "the installation" if self.case_id == INSTALLATION else f"case {self.case_id}"
        where = f"{chain}, entry {self.seq}: " if self.case_id is not None else ""
        return f"{where}{self.what} ({self.detail})"


@dataclass(frozen=True, slots=True)
class CaseReport:
    """One case's chain."""

    case_id: str
    entries: int
    sealed: int
    """How many entries, from the first, a signed head covers. What comes after has no protection yet."""
    destroyed: int
    """How many payloads were destroyed."""
    fault: ChainFault | None


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The whole ledger, or one case of it."""

    cases: tuple[CaseReport, ...]
    heads_fault: ChainFault | None = None
    """What is wrong with the heads file itself."""

    @property
    def faults(self) -> tuple[ChainFault, ...]:
        """Every fault: the first bad entry of each case, then the heads file's."""
        found = [case.fault for case in self.cases if case.fault]
        return (*found, *([self.heads_fault] if self.heads_fault else []))

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return not self.faults

    def is_sound_for(self, case_ids: Collection[str]) -> bool:
        """True when nothing is wrong with these cases.

        A broken chain of any other is not theirs to see, but a damaged heads file, or the installation's own chain,
        concerns everybody.
        """
        theirs = {*case_ids, INSTALLATION}
        return self.heads_fault is None and not any(case.fault for case in self.cases if case.case_id in theirs)

    @property
    def unsealed(self) -> int:
        """Entries that no signed head covers yet."""
        return sum(case.entries - case.sealed for case in self.cases)

    def __str__(self) -> str:
        if self.faults:
            return "\n".join(f"ledger BROKEN: {fault}" for fault in self.faults)
        entries, sealed = sum(case.entries for case in self.cases), sum(case.sealed for case in self.cases)
        number = sum(case.case_id != INSTALLATION for case in self.cases)
        cases = f"{number} case" + ("" if number == 1 else "s")
        own = " and the installation" if number < len(self.cases) else ""
        return f"ledger ok: {cases}{own}, {entries} entries, {sealed} sealed"
