"""How a confirmed copy stands: one state of all its notices, filed steps and rules, so that none stands still unseen.

Pure: whoever reads the database brings the facts (`monitor/actions/copies.py`), and the time is an argument.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.core.refusals import Refusal
from monitor.model.copies import ANSWERED_FOR_GOOD, Closing, FilingAnswer
from monitor.model.notice_states import MAY_RETURN, UNSENT, NoticeState, has_bounced
from monitor.model.states import CaseState
from monitor.notices.texts import Reason


class CopyState(StrEnum):
    """Every confirmed copy is in exactly one. The worst comes first: of several reasons the first one counts."""

    OVERDUE = "overdue"
    """A clock ran out, and nobody has done what follows."""
    IN_DOUBT = "in-doubt"
    """A notice may not have arrived: in doubt, come back, or failed."""
    WAITING = "waiting"
    """For a person: a form to submit, an answer to read, a choice to make."""
    NOT_ALLOWED = "not-allowed"
    """Nothing may be sent yet."""
    READY = "ready"
    """A route may be taken, and a person must take it."""
    ESCALATED = "escalated"
    """A next step was filed and is in time."""
    SENT = "sent"
    """On its way, or sent, and in time."""
    ERASING = "erasing"
    CLOSED = "closed"
    REMOVED = "removed"


WORST_FIRST = tuple(CopyState)
BAD = (CopyState.OVERDUE, CopyState.IN_DOUBT, CopyState.WAITING, CopyState.NOT_ALLOWED, CopyState.READY)
"""States in which a copy stands still until somebody acts."""
PATIENCE = timedelta(hours=24)
"""How long a copy may stand still before its advocates are alerted; a minor's, and an overdue one, at once."""
BELIEVED_FOR = timedelta(hours=48)
"""How long a recipient's word that it is gone counts while no check has seen it."""


class Mover(StrEnum):
    """Who can change how a copy stands."""

    ADVOCATE = "advocate"
    PERSON = "person"
    LEAD = "lead"
    """Who let rest the case, or its work."""
    RECIPIENT = "recipient"
    """Whom the notice was sent to: until the clock runs out nobody else needs to act."""
    NOBODY = "nobody"
    """It is over, or goes on by itself."""


class Why(StrEnum):
    """Why a copy stands as it does, where no refusal and no closing names it."""

    LAPSED = "lapsed"
    DEADLINE_PASSED = "deadline-passed"
    CANNOT_SEE = "unverifiable-at-deadline"
    NOT_CHECKED = "no-consent-to-follow"
    CAME_BACK = "came-back"
    UNANSWERED = "filing-unanswered"
    DUTY = "duty-to-report"
    DUTY_OPEN = "duty-still-open"
    IN_DOUBT = "in-doubt"
    BOUNCED = "bounced"
    FAILED = "failed"
    FORM = "form-prepared"
    WRITTEN = "notice-written"
    FOR_ADULT = "sent-for-minor"
    ANSWER = "answer-to-read"
    REFUSED = "refused"
    NEED_MORE = "need-more"
    BLOCKED = "blocked"
    TAKEN_BACK = "taken-back"
    ROUTE_FREE = "route-free"
    MINORS_ROUTES = "minors-routes"
    FILED = "filed"
    SAID_REMOVED = "said-removed"
    ON_ITS_WAY = "on-its-way"
    IN_TIME = "in-time"
    ERASING = "erasing"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFacts:
    """One notice about the copy."""

    id: str
    route: str
    state: NoticeState
    reason: str | None
    written_at: datetime
    sent_at: datetime | None = None
    deadline_at: datetime | None = None
    for_adult: bool = True
    by_hand: bool = False
    """A form, say: what is prepared is submitted by a person, and not sent from here."""
    answered: bool = False
    """Something came in about it that nobody has read."""
    said: str | None = None
    """What its recipient answered last, by link or token: a value of FilingAnswer; None: nothing."""
    said_at: datetime | None = None
    begun_at: datetime | None = None
    """When the attempt began by which it left: what was said before is about a mail before this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingFacts:
    """One step that a person filed."""

    id: str
    step: str
    notice_id: str | None
    """The notice that it follows; None for a route that a person takes without one."""
    filed_at: datetime
    number: int = 1
    deadline_at: datetime | None = None
    answer: FilingAnswer | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the rules say of one route for this copy."""

    route: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyAtHand:
    """A confirmed copy with everything that belongs to it."""

    confirmed_at: datetime
    case: CaseState
    minor: bool
    """Under age when pictured, or not sure."""
    removed_at: datetime | None = None
    closed_at: datetime | None = None
    closed_for: Closing | None = None
    frozen_since: datetime | None = None
    stopped: bool = False
    """The work of the centre, or of all, is stopped."""
    withdrawn: bool = False
    """The person took back their consent to this source."""
    own_page: bool = False
    """It stands on a page of the person's own: nobody is told to remove it."""
    notices: tuple[NoticeFacts, ...] = ()
    filings: tuple[FilingFacts, ...] = ()
    offers: tuple[Offer, ...] = ()
    """Of the routes that no notice has taken."""
    duty_by: datetime | None = None
    """Until when the centre must tell the police, where it must and has not; None: no such duty is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyStatus:
    """How a copy stands: its state, why, and who can change it."""

    state: CopyState
    why: str
    """A value of Why, Refusal or Closing."""
    mover: Mover
    since: datetime
    next_at: datetime | None = None
    """When a clock runs out."""
    notice_id: str | None = None
    filing_id: str | None = None

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return WORST_FIRST.index(self.state)


def copy_status(copy: CopyAtHand, now: datetime) -> CopyStatus:
    """The one state of a confirmed copy, the worst of everything that belongs to it."""
    settled = _settled(copy)
    if settled is not None:
        return _owed(copy, now) or settled if settled.state in (CopyState.REMOVED, CopyState.CLOSED) else settled
    found = [*_of_notices(copy, now), *_of_filings(copy, now), *_of_duty(copy, now)]
    return min(found or [_of_offers(copy)], key=lambda one: (one.rank, one.since))


def stands_still(status: CopyStatus, now: datetime, *, minor: bool) -> bool:
    """Must somebody be told? An overdue copy and a minor's at once, others after PATIENCE."""
    if status.state not in BAD:
        return False
    return minor or status.state is CopyState.OVERDUE or now - status.since >= PATIENCE


def order_of(status: CopyStatus, *, minor: bool) -> tuple[bool, int, datetime]:
    """Sorts copies: minors' that stand still on top, then the worst first, then who waits longest."""
    return not (minor and status.state in BAD), status.rank, status.next_at or status.since


def _settled(copy: CopyAtHand) -> CopyStatus | None:
    """What no notice changes any more, and what hides them all."""
    if copy.case in (CaseState.ERASING, CaseState.ERASED):
        return _status(CopyState.ERASING, Why.ERASING, Mover.PERSON, copy.confirmed_at)
    if copy.frozen_since is not None:
        return _status(CopyState.NOT_ALLOWED, Refusal.CASE_FROZEN, Mover.LEAD, copy.frozen_since)
    if copy.removed_at is not None:
        return _status(CopyState.REMOVED, Why.REMOVED, Mover.NOBODY, copy.removed_at)
    if copy.closed_at is not None and copy.closed_for is not None:
        return _status(CopyState.CLOSED, copy.closed_for, Mover.ADVOCATE, copy.closed_at)
    out = any(one.state in MAY_RETURN for one in copy.notices)
    if copy.own_page and not copy.filings and not out:
        # What is out goes on having its clocks, whatever the person said of the place since.
        return _status(CopyState.CLOSED, Refusal.OWN_PAGE, Mover.PERSON, copy.confirmed_at)
    return None


def _of_notices(copy: CopyAtHand, now: datetime) -> Iterator[CopyStatus]:
    for one in copy.notices:
        found = _of_notice(copy, one, now)
        if found is not None:
            yield found
        # Beside how it stands: an answer that nobody read, however polite, stops no clock and settles no doubt.
        if one.answered and one.state not in (NoticeState.WITHDRAWN, NoticeState.REMOVED):
            since = one.sent_at or one.written_at
            yield CopyStatus(
                state=CopyState.WAITING, why=Why.ANSWER, mover=Mover.ADVOCATE, since=since, notice_id=one.id
            )


def _of_notice(copy: CopyAtHand, one: NoticeFacts, now: datetime) -> CopyStatus | None:
    def told(state: CopyState, why: str, mover: Mover, since: datetime | None = None) -> CopyStatus:
        at, ends = since or one.sent_at or one.written_at, one.deadline_at if state is CopyState.SENT else None
        return CopyStatus(state=state, why=why, mover=mover, since=at, next_at=ends, notice_id=one.id)

    if copy.minor and one.for_adult and one.state in UNSENT:
        return None  # it never leaves
    match one.state:
        case NoticeState.HELD if one.reason == Refusal.ADDRESS_NOT_AGREED:
            return told(CopyState.WAITING, Refusal.ADDRESS_NOT_AGREED, Mover.PERSON)
        case NoticeState.HELD:
            return told(CopyState.NOT_ALLOWED, one.reason or Refusal.WAITING_FOR_POLICE, Mover.PERSON)
        case NoticeState.PREPARED if one.by_hand:
            return told(CopyState.WAITING, Why.FORM, Mover.ADVOCATE)
        case NoticeState.PREPARED:
            return told(CopyState.READY, Why.WRITTEN, Mover.ADVOCATE)
        case NoticeState.QUEUED | NoticeState.SENDING:
            if copy.stopped:
                return told(CopyState.NOT_ALLOWED, Refusal.WORK_STOPPED, Mover.LEAD)
            return told(CopyState.SENT, Why.ON_ITS_WAY, Mover.NOBODY)
        case NoticeState.IN_DOUBT:
            return told(CopyState.IN_DOUBT, Why.IN_DOUBT, Mover.ADVOCATE)
        case NoticeState.FAILED:
            return told(CopyState.IN_DOUBT, Why.BOUNCED if has_bounced(one.reason) else Why.FAILED, Mover.ADVOCATE)
        case NoticeState.LAPSED | NoticeState.SENT:
            return _of_sent(copy, one, now, told)
    return None


def _of_sent(copy: CopyAtHand, one: NoticeFacts, now: datetime, told: Callable[..., CopyStatus]) -> CopyStatus | None:
    if copy.minor and one.for_adult:
        # A step of the minors' routes that was filed since puts it right.
        righted = any(filing.notice_id is None and filing.filed_at >= (one.sent_at or now) for filing in copy.filings)
        return None if righted else told(CopyState.WAITING, Why.FOR_ADULT, Mover.ADVOCATE)
    said = {FilingAnswer.REFUSED.value: Why.REFUSED, FilingAnswer.NEED_MORE.value: Why.NEED_MORE}.get(one.said or "")
    if said is not None and one.said_at is not None and _is_of_this(one) and not _done_after(copy, one, one.said_at):
        return told(CopyState.WAITING, said, Mover.ADVOCATE, one.said_at)
    lapsed = one.state is NoticeState.LAPSED
    ends = one.deadline_at or one.sent_at
    if not lapsed and (one.deadline_at is None or now < one.deadline_at):
        return told(CopyState.SENT, Why.IN_TIME, Mover.RECIPIENT)
    if ends is not None and _went_on(copy, one, ends):
        return None
    why: str = Why.LAPSED if lapsed else Why.DEADLINE_PASSED
    if one.reason == Why.CAME_BACK or (not lapsed and one.reason in (Why.CANNOT_SEE, Why.NOT_CHECKED)):
        why = one.reason or why
    return told(CopyState.OVERDUE, why, Mover.ADVOCATE, ends)


def _is_of_this(one: NoticeFacts) -> bool:
    """Was it said of the mail that is out now, and not of one that came back or was retracted before it?"""
    return one.begun_at is None or one.said_at is None or one.said_at >= one.begun_at


def _went_on(copy: CopyAtHand, lapsed: NoticeFacts, since: datetime) -> bool:
    """Did somebody do what follows: file a step about this notice, or send by another route after the clock ran out?"""
    return any(one.notice_id == lapsed.id for one in copy.filings) or _done_after(copy, lapsed, since)


def _done_after(copy: CopyAtHand, notice: NoticeFacts, since: datetime) -> bool:
    """Was anything filed, or another notice sent, from then on? What was filed before an answer does not answer it."""
    filed = any(one.filed_at >= since for one in copy.filings)
    return filed or any(
        one.id != notice.id and one.sent_at is not None and one.sent_at >= since for one in copy.notices
    )


def _of_filings(copy: CopyAtHand, now: datetime) -> Iterator[CopyStatus]:
    """The latest filing of each step: what was filed before it is spoken for by it."""
    latest: dict[str, FilingFacts] = {}
    for one in sorted(copy.filings, key=lambda filing: (filing.filed_at, filing.number)):
        latest[one.step] = one
    for one in latest.values():
        at = one.answered_at or one.filed_at
        if one.answer in ANSWERED_FOR_GOOD and _done_since(copy, at, but=one.id):
            continue
        yield _of_filing(one, now)


def _of_filing(one: FilingFacts, now: datetime) -> CopyStatus:
    def told(state: CopyState, why: Why, mover: Mover, since: datetime, ends: datetime | None = None) -> CopyStatus:
        return CopyStatus(state=state, why=why, mover=mover, since=since, next_at=ends, filing_id=one.id)

    at = one.answered_at or one.filed_at
    asks = {
        FilingAnswer.REFUSED: Why.REFUSED,
        FilingAnswer.NEED_MORE: Why.NEED_MORE,
        FilingAnswer.BLOCKED: Why.BLOCKED,
    }
    if one.answer in asks:
        return told(CopyState.WAITING, asks[one.answer], Mover.ADVOCATE, at)
    # What a person filed without a notice before it is the first step, not the next one.
    running = CopyState.SENT if one.notice_id is None else CopyState.ESCALATED
    if one.answer is FilingAnswer.REMOVED:
        seen_by = at + BELIEVED_FOR
        if now >= seen_by:
            return told(CopyState.OVERDUE, Why.SAID_REMOVED, Mover.ADVOCATE, seen_by)
        return told(running, Why.SAID_REMOVED, Mover.NOBODY, at, seen_by)
    if one.deadline_at is not None and now >= one.deadline_at:
        return told(CopyState.OVERDUE, Why.UNANSWERED, Mover.ADVOCATE, one.deadline_at)
    return told(running, Why.FILED, Mover.RECIPIENT, one.filed_at, one.deadline_at)


def _done_since(copy: CopyAtHand, at: datetime, *, but: str) -> bool:
    """Was anything filed or sent after `at`, other than this filing?"""
    filed = any(one.id != but and one.filed_at >= at for one in copy.filings)
    return filed or any(one.sent_at is not None and one.sent_at >= at for one in copy.notices)


def _owed(copy: CopyAtHand, now: datetime) -> CopyStatus | None:
    """That a copy is gone, or closed, ends no duty to tell the police: of a minor's picture it stays open."""
    if copy.duty_by is None or copy.own_page or copy.closed_for is Closing.BY_MISTAKE:
        return None
    since = copy.removed_at or copy.closed_at or copy.confirmed_at
    waits = _status(CopyState.WAITING, Why.DUTY_OPEN, Mover.ADVOCATE, since, copy.duty_by)
    return next(_of_duty(copy, now), waits)


def _of_duty(copy: CopyAtHand, now: datetime) -> Iterator[CopyStatus]:
    if copy.duty_by is not None and now >= copy.duty_by:
        yield _status(CopyState.OVERDUE, Why.DUTY, Mover.ADVOCATE, copy.duty_by)


_WHOSE: dict[Reason, Mover] = {
    Reason.WAITS_FOR_PERSON: Mover.PERSON,
    Reason.WAITING_FOR_POLICE: Mover.PERSON,
    Reason.POLICE_WAIT_OVER: Mover.PERSON,
    Reason.NO_PERMISSION: Mover.PERSON,
    Reason.COUNTRY_NOT_TOLD: Mover.PERSON,
    Reason.MISSING_FIELDS: Mover.PERSON,
    Reason.SECOND_ADVOCATE: Mover.ADVOCATE,
    Reason.ORDINARY_PHOTO_ALONE: Mover.ADVOCATE,
}
"""Who can lift each reason; the one that is named first is told, as the rules name the weightiest first."""


def _of_offers(copy: CopyAtHand) -> CopyStatus:
    """Nothing is out: may anything be, and who can change that if not?"""
    since = max((copy.confirmed_at, *(one.sent_at or one.written_at for one in copy.notices)))
    if copy.stopped:
        return _status(CopyState.NOT_ALLOWED, Refusal.WORK_STOPPED, Mover.LEAD, since)
    if copy.minor:
        # A person takes the routes for minors: no permission, and no wait, stands before the police.
        return _status(CopyState.READY, Why.MINORS_ROUTES, Mover.ADVOCATE, copy.confirmed_at, copy.duty_by)
    if copy.withdrawn:
        return _status(CopyState.NOT_ALLOWED, Refusal.CONSENT_WITHDRAWN, Mover.PERSON, since)
    reasons = {one.reason for one in copy.offers}
    if Reason.ALLOWED in reasons:
        return _status(CopyState.READY, Why.ROUTE_FREE, Mover.ADVOCATE, since)
    for reason, mover in _WHOSE.items():
        if reason in reasons:
            return _status(CopyState.NOT_ALLOWED, reason, mover, since)
    if copy.notices:
        return _status(CopyState.WAITING, Why.TAKEN_BACK, Mover.ADVOCATE, since)
    return _status(CopyState.NOT_ALLOWED, _first(reasons), Mover.ADVOCATE, since)


def _first(reasons: Iterable[Reason]) -> str:
    """Where no rule that anybody can lift is named: there is no route for this platform."""
    left = sorted(set(reasons) - {Reason.MINORS_ONLY, Reason.SHOWN_ONLY})
    return left[0] if left else Refusal.ROUTE_UNKNOWN


def _status(state: CopyState, why: str, mover: Mover, since: datetime, ends: datetime | None = None) -> CopyStatus:
    return CopyStatus(state=state, why=why, mover=mover, since=since, next_at=ends)
