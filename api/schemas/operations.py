"""How the work goes: figures of the organisation's own vouched cases, and what was read for them."""

from pydantic import Field

from api.schemas.common import Moment, View


class SourceView(View):
    """A source that is read for the organisation's cases, and since when it was silent or unreadable for them."""

    platform: str
    source: str
    read_at: Moment | None
    unavailable: str | None


class Summary(View):
    """Counts so far."""

    posts_seen: int = Field(description="with pictures or videos, read for the organisation's cases")
    media_inspected: int
    not_inspected: int = Field(
        description="could not be inspected, or (a video) only in part: a copy may be among them"
    )
    sightings: int
    confirmed: int
    dismissed: int
    notices_sent: int
    in_doubt: int
    removed_verified: int
    escalated: int
    ledger_ok: bool
    sources: list[SourceView]


class AlertView(View):
    """Something that a person must look at. `subject` is the id of what it is about, or the platform."""

    alert_id: str
    kind: str
    audience: str = Field(
        description="organisation; its leads; operator: whoever runs Jikimi must act; everybody: both"
    )
    subject: str = Field(description="empty where it is nothing of the organisation's own")
    reason: str
    caused_by: str | None = Field(
        description="whose act it follows from: person, advocate, code, platform, operator or program; null: it was "
        "raised by an older version"
    )
    raised_at: Moment = Field(description="for a source: since when it was not read for the organisation's cases")
    case_id: str | None = Field(description="the case, where the subject is a fingerprint in quarantine")
    advocate_id: str | None = Field(None, description="the advocate in charge; null: whoever comes first")
    notices: int = Field(0, description="with `copies-ready`: notices of the case that wait to be looked at and sent")


class AlertList(View):
    """Open alerts of the organisation and of the installation, the oldest first."""

    alerts: list[AlertView]


class PlatformView(View):
    """Is a platform read from here, and must its account wait?"""

    platform: str
    enabled: bool
    waits_until: Moment | None = Field(
        description="until when reads for the organisation's own cases were told to wait"
    )


class Health(View):
    """How the parts stand."""

    status: str = Field(description="ok, or attention")
    platforms: list[PlatformView]
    sources: int
    sources_unavailable: int
    oldest_read_at: Moment | None
    overdue_notices: int
    open_alerts: int
    stopped: bool = Field(description="all work is stopped, or this organisation's: see /api/stops")


class Alive(View):
    """The process answers."""

    status: str


class Ready(View):
    """Whether the work goes on."""

    status: str = Field(description="ready, stopped (on purpose; no 503), or not-ready")
    reasons: list[str] = Field(description="database-not-writable, worker-missing, queue-stuck, work-stopped")
