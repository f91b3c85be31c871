"""The operator's open alerts, grouped: what `check` prints and the digest mail counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from db.models.sources import Alert
from monitor.context.alert_words import operator_words
from monitor.context.alerts import SOURCE_KINDS, AlertKind, Audience, kinds_for


@dataclass(frozen=True, slots=True)
class AlertLine:
    """Open alerts of one kind, of one part where it is not a source. No name of a source, nothing of a case."""

    kind: str
    subject: str
    count: int
    since: datetime

    @property
    def act(self) -> bool:
        """Must the operator do something? Of a source that is gone, or a report, those whose it is are told."""
        theirs = {one.value for one in AlertKind if one.audience is Audience.EVERYBODY}
        return self.kind not in theirs | {AlertKind.PICTURE_REPORTS_OPEN.value}

    @property
    def title(self) -> str:
        """Which alert, how often, since when."""
        about = f" ({self.subject})" if self.subject else ""
        times = f", {self.count} open" if self.count > 1 else ""
        return f"{self.kind}{about}{times}, since {self.since:%Y-%m-%d %H:%M} UTC"

    @property
    def text(self) -> str:
        """One line with what to do."""
        return f"{self.title}: {operator_words(self.kind).english}"


def alert_lines(rows: Sequence[Alert]) -> Sequence[AlertLine]:
    """The oldest first. Only what is no id of a source or a case is named."""
    found: dict[tuple[str, str], AlertLine] = {}
    for row in rows:
        known_kind = row.kind in kinds_for(Audience.OPERATOR, Audience.OPERATOR_ALONE)
        subject = row.subject if known_kind and row.kind not in SOURCE_KINDS else ""
        so_far = found.get((row.kind, subject), AlertLine(row.kind, subject, 0, row.raised_at))
        found[row.kind, subject] = AlertLine(row.kind, subject, so_far.count + 1, so_far.since)
    return tuple(found.values())
