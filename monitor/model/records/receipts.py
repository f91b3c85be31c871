"""Two receipts as they are sealed: what the other side answered to a notice, and that a copy is gone."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Self

from pydantic import ConfigDict

from monitor.model.records.record import Record, RecordPart


class DeliveryRecord(Record):
    """What the other side answered, or who submitted or settled the notice by hand.

    Beside the reference stand the facts of the way out (`smtp_reply`, `option_path`, `submitted_by`, ...), each a text.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, str]

    PLACE: ClassVar[str] = "receipt:{}"

    reference: str | None
    """The other side's ticket, where it gives one."""

    @classmethod
    def of(cls, reference: str | None, facts: Mapping[str, str]) -> Self:
        """`facts`: see monitor.delivery.base.Receipt."""
        extra: dict[str, Any] = dict(facts)
        return cls(reference=reference, **extra)


class RemovalText(RecordPart):
    """The receipt in one language."""

    subject: str
    body: str


class RemovalRecord(Record):
    """A copy is gone: the same receipt in each language, for the person to keep."""

    PLACE: ClassVar[str] = "removal:{}"

    ko: RemovalText
    en: RemovalText

    @property
    def texts(self) -> Mapping[str, RemovalText]:
        """By language."""
        return MappingProxyType({"ko": self.ko, "en": self.en})
