"""What the record supports when an advocate says how it is known that a copy is the person's picture. Pure.

A notice states it, so nothing is offered that nobody said: the person's own answer, a link that they gave, a body that
looked, and the words and the place of the post, which the advocate reads.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.model.facts import Basis, PersonsWord
from monitor.model.viewings import Viewer

ANSWER = "answer"
"""Who said it: the person, asked on their page."""


class GroundKind(StrEnum):
    """Where it stands."""

    ANSWER = "answer"
    """The person was asked on their page, and said yes."""
    LINK = "link"
    """The person gave this very link."""
    PERSON = "person"
    """The person looked, and told the centre so."""
    POLICE = "police"
    CENTRE = "centre"
    CAPTION = "caption"
    """The post has a text."""
    PLACE = "place"
    """It has none: where it stands, and how the picture fits."""


_BASIS = {
    GroundKind.ANSWER: Basis.PERSON_SAID,
    GroundKind.LINK: Basis.PERSON_VIEWED,
    GroundKind.PERSON: Basis.PERSON_VIEWED,
    GroundKind.POLICE: Basis.OFFICIAL_VIEWED,
    GroundKind.CENTRE: Basis.OFFICIAL_VIEWED,
    GroundKind.CAPTION: Basis.CAPTION_CONTEXT,
    GroundKind.PLACE: Basis.CAPTION_CONTEXT,
}
_VIEWERS = {Viewer.PERSON: GroundKind.PERSON, Viewer.POLICE: GroundKind.POLICE, Viewer.CENTRE: GroundKind.CENTRE}
LOOKED = frozenset({Basis.PERSON_VIEWED, Basis.OFFICIAL_VIEWED})
"""What is said of one post, and not of the picture wherever it stands."""


_THEIRS = frozenset({ANSWER, Viewer.PERSON})


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing that is on record."""

    kind: GroundKind
    at: datetime | None = None
    """When it was said; None: it is read from the post."""

    @property
    def basis(self) -> Basis:
        """What a notice says by it."""
        return _BASIS[self.kind]


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What is known of the copies of one picture."""

    answers: Iterable[tuple[str | None, datetime | None]] = ()
    """What the person said when asked about any of them, and when."""
    links_at: datetime | None = None
    """When the person gave the link to one of them."""
    viewings: Iterable[tuple[str, str | None, datetime | None]] = ()
    """Who looked at one of them, what they said, and when."""
    text: bool = False
    """Any of the posts has a text."""


def grounds_of(known: OnRecord) -> tuple[Ground, ...]:
    """One of each basis, the surest first. What somebody denied later counts no more: the latest word is theirs."""
    found: list[Ground] = []
    said = [(ANSWER, word, at) for word, at in known.answers] + list(known.viewings)
    last = _last_word((word, at) for who, word, at in said if who in _THEIRS)
    denied_at = last[1] if last is not None and last[0] == PersonsWord.NO else None
    for who, kind in ((ANSWER, GroundKind.ANSWER), *_VIEWERS.items()):
        last = _last_word((word, at) for one, word, at in said if one == who)
        # On their page or to the centre: what the person denied last, they said nowhere.
        if last is not None and last[0] == PersonsWord.YES and (denied_at is None or who not in _THEIRS):
            found.append(Ground(kind, last[1]))
    if known.links_at is not None and (denied_at is None or denied_at < known.links_at):
        found.append(Ground(GroundKind.LINK, known.links_at))
    found.append(Ground(GroundKind.CAPTION if known.text else GroundKind.PLACE))
    first: dict[Basis, Ground] = {}
    for one in found:
        first.setdefault(one.basis, one)
    return tuple(first.values())


def supports(grounds: Iterable[Ground], basis: Basis) -> bool:
    """Whether this may be stated."""
    return any(one.basis is basis for one in grounds)


def persons_word(said: Iterable[tuple[str, str | None, datetime | None]]) -> PersonsWord | None:
    """What the person said last of any copy, asked on their page or to the centre; None: nothing.

    `said`: who, what and when; what others said of it is passed over.
    """
    last = _last_word((word, at) for who, word, at in said if who in _THEIRS)
    return None if last is None else PersonsWord(last[0])


def can_have_seen(at: datetime, *, posted_at: datetime, found_at: datetime, this_one: bool) -> bool:
    """Whether who looked at that time looked at a copy: `this_one`, of which it was noted, once it was posted; of
    another one of the same picture that is sure only from when it was found. Aware times."""
    # What is typed names no seconds.
    return at >= posted_at.replace(second=0, microsecond=0) if this_one else at >= found_at


def _last_word(said: Iterable[tuple[str | None, datetime | None]]) -> tuple[str, datetime] | None:
    """What was said last; of two words of one moment the one that is no yes."""
    told = [(word, at) for word, at in said if word is not None and at is not None]
    return max(told, key=lambda one: (one[1], one[0] != PersonsWord.YES), default=None)
