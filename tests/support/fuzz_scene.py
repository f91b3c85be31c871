"""A small world for one batch of fuzzed requests: people in every role, and ids of every kind.

Fuzzed requests spoil what they meet (they log out, erase, freeze, stop): then the next batch gets new people, in a
centre of their own (fuzz_centre.py). What must be before one request: fuzz_cases.py, fuzz_copies.py and their like.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from monitor.work.pulses import beat
from tests.support.api_world import ApiWorld, Caller

ROLES = ("lead", "mate", "other", "person", "waiting", "gone", "nobody")
_NEED_NOT_BE = ("gone", "nobody", "platform")


@dataclass
class State:
    """What one honest request needs: the person it is about, and the ids it names."""

    person: Caller
    ids: dict[str, str]
    lead: Caller | None = None
    """Who works at the centre, if not the scene's own lead."""


@dataclass
class Scene:
    """`lead` and `mate` are of one centre, `other` leads another; `waiting` is a person whom nobody vouched for, and
    `gone` one whose case was erased."""

    world: ApiWorld
    number: int
    callers: dict[str, Caller] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    """Ids of a case whose key was destroyed."""

    @property
    def lead(self) -> Caller:
        """The first advocate of the centre."""
        return self.callers["lead"]

    def state(self, person: Caller | None = None, **ids: str) -> State:
        """The scene's own ids, but for those that are given."""
        person = person or self.callers["person"]
        known = {**self.ids, "case_id": person.case_id, "passphrase": person.passphrase, **ids}
        return State(person, {**known, **{name.removesuffix("_id"): value for name, value in known.items()}})


Ready = Callable[[Scene], Awaitable[State]]


async def still_whole(scene: Scene) -> bool:
    """Whether nothing that was sent logged somebody out, or closed, froze or stopped what honest requests need."""
    for role, caller in scene.callers.items():
        if role not in _NEED_NOT_BE:
            path = f"/cases/{caller.case_id}" if caller.case_id else "/stops"
            answer = await caller.call("GET", path)
            if not answer.is_success or answer.json().get("stops") or answer.json().get("paused"):
                return False
            if role == "person" and (answer.json()["state"], answer.json()["waiting"]) != ("vouched", []):
                return False
    return True


async def as_it_is(scene: Scene) -> State:
    """Nothing more is needed."""
    return scene.state()


async def with_worker(scene: Scene) -> State:
    """A worker lives, or /readyz would rightly say that nobody works."""
    await beat(scene.world.services.database, "fuzz")
    return scene.state()
