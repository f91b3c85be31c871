"""How much a case holds, as whoever asks may know it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.model.states import CaseState


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """Numbers without content."""

    fingerprints: int
    links: int
    sightings_open: int | None
    """None for the person: what nobody decided about is not told them."""
    sightings_confirmed: int
    """For the person those whose place was released."""
    notices: dict[str, int]
    """By state."""
    removed: int


def counts_shown(counted: Mapping[str, int], case_state: str, *, to_person: bool) -> CaseCounts:
    """Of what `db.queries.cases.counts_of` counted: before vouching nothing that was found exists for anybody."""
    found = counted if case_state == CaseState.VOUCHED else {}
    notices = {name.removeprefix("notices-"): number for name, number in found.items() if name.startswith("notices-")}
    return CaseCounts(
        fingerprints=counted["fingerprints"],
        links=counted["links"],
        sightings_open=None if to_person else found.get("sightings-open", 0),
        sightings_confirmed=found.get("released" if to_person else "sightings-confirmed", 0),
        notices=notices,
        removed=found.get("removed", 0),
    )
