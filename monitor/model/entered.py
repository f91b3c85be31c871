"""What an advocate entered for a person, and what of it waits for the person's own word. Pure; time is an argument.

A signature, the permission to send, an age that lets notices for adults leave, and an erasure are the person's: entered
by an advocate they count only when the person confirmed them, or a recorded mandate covers them. What only stops or
protects (taking a permission back, an age that may be a minor's) counts at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from monitor.model.facts import AgeGroup, Intake, SenderRole


class Matter(StrEnum):
    """What counts as the person's only with their own word. The values are stored: add, never rename."""

    SIGNATURE = "signature"
    """In whose name, and with which signature or mandate."""
    PERMISSION = "permission-to-send"
    AGE = "age-group"
    ERASURE = "erasure"


class MandateKind(StrEnum):
    """What lets an advocate speak for a person. The values are stored: add, never rename."""

    WRITTEN = "written"
    SPOKEN = "spoken-with-witness"
    GUARDIAN = "guardian"
    COURT = "court"
    OTHER = "other"


PERMISSION_FIELD = "permission_to_send_at"
FIELDS: Mapping[Matter, tuple[str, ...]] = MappingProxyType(
    {
        Matter.SIGNATURE: ("signature", "sender_role", "mandate_reference"),
        Matter.PERMISSION: (PERMISSION_FIELD,),
        Matter.AGE: ("age_group",),
    }
)
"""The fields of the intake that a matter is about."""

STATEMENT = ("good_faith_facts", "content_identification")
"""What a person signs: once they did, other words are not theirs before they said so."""
_SIGNED: Mapping[Matter, tuple[str, ...]] = MappingProxyType({Matter.SIGNATURE: STATEMENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Who entered a field for the person; confirmed by them, or not."""

    by: str
    """The advocate's id."""
    at: datetime
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unconfirmed:
    """A matter that an advocate entered and that the person has not said yes or no to."""

    by: str
    """The advocate's id."""
    at: datetime
    values: Mapping[str, str] = field(repr=False)
    """Fields of the intake as they were entered; empty for an erasure."""
    before: Mapping[str, str] = field(repr=False)
    """The same fields as the person left them: what comes back when they say no."""
    in_effect: bool
    """It counts already: under a mandate, or because it only protects."""
    mandate: str | None = None
    """The id of the mandate that it counts under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the person said to one entry: said again because it was lost on the way, it is no other word."""

    to: datetime
    """When that was entered."""
    yes: bool
    names: tuple[str, ...]
    """The fields that it was about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredForPerson:
    """Everything of one case that advocates entered into the intake, or asked for."""

    marks: Mapping[str, Mark] = field(default_factory=dict)
    """Field of the intake -> who entered what stands there now."""
    unconfirmed: Mapping[Matter, Unconfirmed] = field(default_factory=dict)
    said: Mapping[Matter, datetime] = field(default_factory=dict)
    """When the person last decided about a matter themselves: a mandate that was seen before covers it no more."""
    answers: Mapping[Matter, Answer] = field(default_factory=dict)
    """What they last said to an entry, while it holds: no word of theirs, and nothing that counts, is newer."""

    @property
    def waiting(self) -> tuple[Matter, ...]:
        """What has no effect before the person said yes."""
        return tuple(
            matter for matter in Matter if matter in self.unconfirmed and not self.unconfirmed[matter].in_effect
        )

    def is_confirmed(self, matter: Matter, at: datetime) -> bool:
        """Whether the person said yes to what was entered then of the matter, and all that they said it to stands."""
        answer = self.answers.get(matter)
        if answer is None or not answer.yes or answer.to != at:
            return False
        marks = [self.marks.get(name) for name in answer.names]
        return all(mark is not None and mark.at == at and mark.confirmed_at is not None for mark in marks)

    def is_rejected(self, matter: Matter, at: datetime) -> bool:
        """Whether the person said no to what was entered then of the matter, and nothing of it counts since."""
        answer = self.answers.get(matter)
        return answer is not None and not answer.yes and answer.to == at

    def is_decided_since(self, matter: Matter, at: datetime) -> bool:
        """Whether the person decided about the matter themselves since then, so that what was entered is not asked."""
        told, said = self.unconfirmed.get(matter), self.said.get(matter)
        return (told is None or told.at != at) and said is not None and said > at

    def answered(self, matter: Matter, told: Unconfirmed, *, yes: bool) -> "EnteredForPerson":
        """The same when the person said so to what was entered."""
        answer = Answer(to=told.at, yes=yes, names=tuple(told.values))
        return replace(self, answers={**self.answers, matter: answer})

    def unanswered(self, *matters: Matter) -> "EnteredForPerson":
        """The same when what the person said to an entry of these holds no more."""
        return replace(self, answers={one: said for one, said in self.answers.items() if one not in matters})

    def without(self, matter: Matter) -> "EnteredForPerson":
        """The same, when nothing of the matter is open any more."""
        return replace(self, unconfirmed={one: told for one, told in self.unconfirmed.items() if one != matter})

    def said_at(self, at: datetime, *matters: Matter) -> "EnteredForPerson":
        """The same when the person decided about these themselves."""
        return replace(self, said={**self.said, **dict.fromkeys(matters, at)}) if matters else self

    def having(self, matter: Matter, told: Unconfirmed) -> "EnteredForPerson":
        """The same with a matter that the person is to be asked about."""
        return replace(self, unconfirmed={**self.unconfirmed, matter: told})

    def marked(self, names: Mapping[str, Mark]) -> "EnteredForPerson":
        """The same with who entered these fields."""
        return replace(self, marks={**self.marks, **names})


NOTHING = EnteredForPerson()


def values_of(intake: Intake, names: tuple[str, ...]) -> dict[str, str]:
    """Fields of the intake as text, as they are kept."""
    return {name: _text(getattr(intake, name)) for name in names}


def with_values(intake: Intake, values: Mapping[str, str], now: datetime) -> Intake:
    """The intake with these fields. A permission begins now, whatever time it was asked for."""
    typed: dict[str, object] = {}
    for name, text in values.items():
        if name == PERMISSION_FIELD:
            typed[name] = now if text else None
        else:
            typed[name] = {"age_group": AgeGroup, "sender_role": SenderRole}.get(name, str)(text)
    return replace(intake, **typed)  # type: ignore[arg-type]  # each field by its own type


def by_person(known: EnteredForPerson, before: Intake, told: Intake, *, at: datetime) -> EnteredForPerson:
    """What is left of the marks when the person changed the intake: what they changed is theirs.

    A mandate of before does not turn their own word round again: a permission taken back stays back.
    """
    changed = set(_changed(before, told))
    theirs = [matter for matter in FIELDS if changed & {*FIELDS[matter], *_SIGNED.get(matter, ())}]
    known = known.said_at(at, *theirs).unanswered(*theirs)
    left = replace(known, marks={name: mark for name, mark in known.marks.items() if name not in changed})
    for matter, entered in known.unconfirmed.items():
        if changed & {*FIELDS.get(matter, ()), *entered.values}:
            left = left.without(matter)
    return left


def by_advocate(
    known: EnteredForPerson, before: Intake, told: Intake, *, covered: Mapping[Matter, str], by: str, at: datetime
) -> tuple[Intake, EnteredForPerson]:
    """The intake that counts when an advocate entered `told`, and what of it waits for the person.

    `covered`: the mandate that lets a matter count at once. A field that is told as it stands changes nothing, so what
    waits goes on waiting.
    """
    counts = told
    for matter in FIELDS:
        names = FIELDS[matter] + (STATEMENT if matter is Matter.SIGNATURE and before.signature else ())
        changed = [name for name in names if getattr(before, name) != getattr(told, name)]
        if not changed:
            continue
        loosens = _loosens(matter, told, changed)
        mandate = covered.get(matter) if loosens else None
        in_effect = not loosens or mandate is not None
        if not in_effect:
            counts = replace(counts, **{name: getattr(before, name) for name in changed})
        if not loosens and matter is not Matter.AGE:
            known = known.without(matter)
            continue
        earlier = known.unconfirmed.get(matter)
        kept = {} if earlier is None or earlier.in_effect != in_effect else earlier.values
        untouched = {} if earlier is None or not (earlier.in_effect and in_effect) else earlier.before
        entered = Unconfirmed(
            by=by,
            at=at,
            values={**kept, **values_of(told, tuple(changed))},
            before={**values_of(before, tuple(changed)), **untouched},
            in_effect=in_effect,
            mandate=mandate,
        )
        known = known.having(matter, entered)
        if mandate is not None:
            known = known.unanswered(matter)
    return counts, known.marked({name: Mark(by=by, at=at) for name in _changed(before, counts)})


def _loosens(matter: Matter, told: Intake, changed: list[str]) -> bool:
    """Would more leave, or leave in another name? What only stops or protects needs nobody's word."""
    if matter is Matter.AGE:
        return not told.age_group.counts_as_minor
    return any(getattr(told, name) for name in changed)


def _changed(before: Intake, now: Intake) -> list[str]:
    return [one.name for one in fields(Intake) if getattr(before, one.name) != getattr(now, one.name)]


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)
