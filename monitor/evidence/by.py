"""Who did a step, and through which door they came. Every ledger entry holds one, so nothing happens by nobody."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class Who(StrEnum):
    """What kind of actor it is. The values are stored and hashed: add kinds, never rename one."""

    PERSON = "person"
    """Whoever has the passphrase of the case."""
    ADVOCATE = "advocate"
    CODE = "code"
    """A one-time code; the id is its maker's."""
    PLATFORM = "platform"
    """What a platform or a recipient of a notice told through a link or an address of its own."""
    OPERATOR = "operator"
    """Whoever may run commands on the server."""
    PROGRAM = "program"


class Door(StrEnum):
    """Where they came in. The values are stored and hashed, too."""

    API = "api"
    PAGE = "page"
    COMMAND = "command"
    JOB = "job"
    MAIL = "mail"
    """The operator's mailbox."""
    LINK = "link"
    """The link in the mail of a notice."""


@dataclass(frozen=True, slots=True)
class By:
    """The actor of an entry. Make it with one of the methods below, which know what belongs to each kind."""

    who: Who
    door: Door
    id: str | None = None
    """Of an advocate; of a code its maker (None: the operator); the platform's name; the command's or the job's; of an
    operator who is logged in, their account's."""

    @classmethod
    def person(cls, door: Door) -> Self:
        """The person of the case."""
        return cls(Who.PERSON, door)

    @classmethod
    def advocate(cls, advocate_id: str, door: Door) -> Self:
        """An advocate, by id: names change."""
        return cls(Who.ADVOCATE, door, advocate_id)

    @classmethod
    def code(cls, made_by: str | None, door: Door) -> Self:
        """A one-time code of a helpline. `made_by`: the advocate who made it, None for the operator."""
        return cls(Who.CODE, door, made_by)

    @classmethod
    def platform(cls, name: str, door: Door) -> Self:
        """What the other side told."""
        return cls(Who.PLATFORM, door, name)

    @classmethod
    def operator(cls, command: str) -> Self:
        """Somebody at the command line."""
        return cls(Who.OPERATOR, Door.COMMAND, command)

    @classmethod
    def operator_account(cls, account_id: str, door: Door) -> Self:
        """An operator with a log-in of their own, by its id."""
        return cls(Who.OPERATOR, door, account_id)

    @classmethod
    def program(cls, job: str) -> Self:
        """The program itself, in one of its jobs."""
        return cls(Who.PROGRAM, Door.JOB, job)

    @property
    def advocate_id(self) -> str | None:
        """Of an advocate; None for anybody else."""
        return self.id if self.who is Who.ADVOCATE else None

    def as_json(self) -> dict[str, str]:
        """As it stands inside a payload."""
        told = {"who": self.who.value, "door": self.door.value}
        return told if self.id is None else {**told, "id": self.id}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """What `as_json` gave. Raises KeyError or ValueError for anything else."""
        return cls(Who(told["who"]), Door(told["door"]), told.get("id"))
