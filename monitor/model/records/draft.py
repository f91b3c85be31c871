"""What a draft holds, as it is sealed: the answers, and each picture, place and link."""

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime, Field

from monitor.model.facts import AgeGroup, PictureKind, SenderRole, Timing
from monitor.model.guardians import Guardian
from monitor.model.records.fingerprint import StoredClip, StoredCutOut, StoredRegions
from monitor.model.records.hash_fields import Frames, PdqHex, Quality
from monitor.model.records.record import Record, RecordPart
from monitor.model.states import Purpose
from monitor.platforms.base import PlatformName


class ItemKind(StrEnum):
    """What an item is. The values are stored: add, never rename."""

    PICTURE = "picture"
    PLACE = "place"
    LINK = "link"


class AgreementPart(RecordPart):
    """What was agreed to before anything was kept."""

    version: str
    """Of the privacy notice."""
    language: str
    """In which it was read."""
    at: AwareDatetime
    under_age: bool
    guardian: Guardian


class OpenedPart(RecordPart):
    """What opening gave, shown until the keys were typed back."""

    case_id: str
    passphrase: str
    state: str
    left_out: tuple[tuple[str, int, str], ...]
    """What could not be kept: which kind of item, its number among those, why."""


class DraftRecord(Record):
    """The answers of a draft."""

    PLACE: ClassVar[str] = "draft:{}"

    agreement: AgreementPart
    step: str = ""
    """Where the person was."""
    age_group: AgeGroup | None = None
    """None: not answered yet."""
    country: str = ""
    language: str = "ko"
    sender_role: SenderRole = SenderRole.PERSON
    signature: str = ""
    mandate_reference: str = ""
    good_faith_facts: str = ""
    content_identification: str = ""
    contact: str = ""
    permission_to_send: bool = False
    timing: Timing = Timing.NOW
    police_until: date | None = None
    code: str = ""
    any_centre: bool = False
    unfinished: dict[str, str] = Field(default_factory=dict)
    """What was typed and not added yet, by the field's name."""
    outcome: OpenedPart | None = None
    """Once a case was opened from it: then this is all that it holds."""

    def over(self, kept: "DraftRecord", changed: Collection[str]) -> "DraftRecord":
        """`kept`, with what was `changed` here: an older window takes nothing back that a newer one told."""
        told = {name: getattr(self, name) for name in changed}
        if "unfinished" in told:
            told["unfinished"] = {**kept.unfinished, **self.unfinished}
        return kept.model_copy(update=told)

    def asked_of(self, *, grown: bool) -> "DraftRecord":
        """As `Intake.asked_of`; where no age was told yet, all of it."""
        if grown or self.age_group is None or not self.age_group.counts_as_minor:
            return self
        return self.model_copy(update={"signature": "", "contact": "", "permission_to_send": False})


class DraftPictureRecord(Record):
    """A picture or video of a draft."""

    PLACE: ClassVar[str] = "draft-item:{}"

    pdq: PdqHex
    quality: Quality
    kind: PictureKind
    version: str
    set_name: str
    regions: StoredRegions | None = None
    frames: Frames = ()
    clip: StoredClip | None = None
    cut_out: StoredCutOut | None = None
    label: str = ""
    age_group: AgeGroup | None = None


class DraftPlaceRecord(Record):
    """A public channel or account, with what the person says yes to there."""

    PLACE: ClassVar[str] = "draft-item:{}"

    platform: PlatformName
    source: str
    """As it was typed."""
    purposes: tuple[Purpose, ...]
    days: float | None = None


class DraftLinkRecord(Record):
    """A link that the person knows."""

    PLACE: ClassVar[str] = "draft-item:{}"

    url: str
    kind: PictureKind
