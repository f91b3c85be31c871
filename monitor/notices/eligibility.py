"""Which routes a confirmed copy may take now, and why not the others."""

from dataclasses import dataclass
from datetime import date, datetime

from monitor.model.facts import CopyFacts, Intake, PictureKind, SenderRole, Timing
from monitor.notices.fields import missing_fields
from monitor.notices.route import Audience, Route, Sender
from monitor.notices.route_table import ROUTES
from monitor.notices.texts import Reason, explain


@dataclass(frozen=True, slots=True)
class RouteEligibility:
    """One route, and whether it may be taken now."""

    route: Route
    allowed: bool
    reason: Reason
    missing: tuple[str, ...] = ()
    """Names of required fields that hold nothing; only with MISSING_FIELDS."""
    until: date | None = None
    """The date of the wait for the police, where the person gave one."""

    def explain(self, language: str) -> str:
        """The reason in Korean or English."""
        return explain(self.reason, language, missing=self.missing, until=self.until.isoformat() if self.until else "")


def refusal(route: Route, copy: CopyFacts, intake: Intake) -> Reason | None:
    """The rule that forbids this route for this copy whatever else is filled in; None when none does."""
    minor = copy.age_group(intake).counts_as_minor
    if copy.own_page:
        return Reason.OWN_PAGE
    if copy.platform not in route.platforms:
        return Reason.PLATFORM_MISMATCH
    if route.audience is Audience.ADULT and minor:
        return Reason.MINOR_OR_UNSURE
    if route.audience is Audience.MINOR and not minor:
        return Reason.MINORS_ONLY
    if not route.in_use:
        return Reason.ROUTE_NOT_IN_USE
    if not _is_for(route, copy, intake, minor=minor):
        return Reason.OTHER_COUNTRY
    if route.country_first and not intake.country.strip():
        return Reason.COUNTRY_NOT_TOLD
    if route.senders and not route.senders & entitled(copy, intake):
        return Reason.SENDER_NOT_ENTITLED
    if minor and copy.kind not in route.minor_kinds:
        return Reason.ORDINARY_PHOTO_ALONE
    if minor or not route.enabled:
        return Reason.SHOWN_ONLY
    if copy.kind not in route.kinds or (copy.kind is PictureKind.ORDINARY and not copy.posted_with):
        return Reason.ORDINARY_PHOTO_ALONE
    if route.posted_with and not route.posted_with & copy.posted_with:
        return Reason.NOTHING_POSTED_WITH
    return None


def _is_for(route: Route, copy: CopyFacts, intake: Intake, *, minor: bool) -> bool:
    country = intake.country.strip().upper()
    # Nobody told where: a minor's way to help is shown rather than hidden.
    return (minor and not country) or route.is_for(country, copy.centre.country)


def entitled(copy: CopyFacts, intake: Intake) -> frozenset[Sender]:
    """As whom the person, or the centre that acts for them, may send. A person may always act for themselves."""
    agent, centre = intake.sender_role is SenderRole.AGENT, copy.centre
    roles = {Sender.ANYONE, Sender.AGENT if agent else Sender.PERSON}
    if centre.name:
        roles.add(Sender.ANY_BODY)
    if centre.designated:
        roles.add(Sender.DESIGNATED_BODY)
    if centre.registered_with.strip():
        roles.add(Sender.REGISTERED_BODY)
    if copy.age_group(intake).counts_as_minor:
        roles |= {Sender.PERSON, Sender.GUARDIAN, Sender.KIN}
    return frozenset(roles)


def police_wait(intake: Intake, now: datetime) -> Reason | None:
    """The person's wait for the police. Its date only says when to ask again; the person alone lifts it."""
    if intake.timing is not Timing.WAIT_FOR_POLICE:
        return None
    over = intake.police_until is not None and now.date() > intake.police_until
    return Reason.POLICE_WAIT_OVER if over else Reason.WAITING_FOR_POLICE


def police_question(intake: Intake, now: datetime) -> bool:
    """Whether the person is asked anew, as they wished: the date of their wait is over, and something could be sent."""
    return not intake.age_group.counts_as_minor and police_wait(intake, now) is Reason.POLICE_WAIT_OVER


def permission(intake: Intake, now: datetime) -> Reason | None:
    """NO_PERMISSION unless the person allowed sending, and not at some later time."""
    given = intake.permission_to_send_at is not None and intake.permission_to_send_at <= now
    return None if given else Reason.NO_PERMISSION


def hold(intake: Intake, now: datetime) -> Reason | None:
    """What the person has not released: ask again right before a notice leaves. None when they have."""
    return police_wait(intake, now) or permission(intake, now)


def eligibility(route: Route, copy: CopyFacts, intake: Intake, now: datetime) -> RouteEligibility:
    """Judge one route. The rule that weighs most is named first."""
    reason = refusal(route, copy, intake) or hold(intake, now)
    if reason is not None:
        waiting = reason in (Reason.WAITING_FOR_POLICE, Reason.POLICE_WAIT_OVER)
        return RouteEligibility(route, False, reason, until=intake.police_until if waiting else None)
    missing = missing_fields(route, copy, intake)
    if missing:
        return RouteEligibility(route, False, Reason.MISSING_FIELDS, missing=missing)
    return RouteEligibility(route, True, Reason.ALLOWED)


def eligibilities(copy: CopyFacts, intake: Intake, now: datetime) -> tuple[RouteEligibility, ...]:
    """Every route of the table that may come first, judged, in the table's order."""
    return tuple(eligibility(route, copy, intake, now) for route in ROUTES.values() if route.first)


def first_allowed(given: tuple[RouteEligibility, ...]) -> Route | None:
    """The route that is taken where nobody chose one: the first of the table that may be."""
    return next((each.route for each in given if each.allowed), None)
