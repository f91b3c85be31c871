"""Which of the routes that a copy may take comes first, which are ticked, and why. Pure.

A route of the person's own country is before all others; then the one with more law behind it, moved by whose country's
way it is, by the centre's standing and by what worked before; then the order of the files. Ticked beforehand: the
strongest legal one, and the platform's own report in the app beside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from monitor.model.facts import CopyFacts, Intake
from monitor.model.route_figures import RouteFigures
from monitor.notices.eligibility import RouteEligibility
from monitor.notices.route import Route, Sender, Words
from monitor.notices.texts import NO_TEXT, Reason, in_language

ENOUGH = 10
"""Notices of a route whose end is known, below which what worked before says nothing."""
MOST_MOVED = 20
"""Points of strength that a route gains where all were removed, and loses where none was."""
FOR_STANDING = 10
"""Points of strength where the centre's standing counts by this route."""


@dataclass(frozen=True, slots=True)
class Worked:
    """What became of the notices of one route that were sent, and whose end is known."""

    ended: int
    removed: int


class Near(StrEnum):
    """Whose country's way a route is."""

    PERSON = "person"
    CENTRE = "centre"
    NOBODY = "nobody"


FOR_NEARNESS: Mapping[Near, int] = MappingProxyType({Near.PERSON: 10, Near.CENTRE: -40, Near.NOBODY: 0})
"""Points of strength by whose way it is."""

Figures = Mapping[str, Worked]
"""Route name -> what became of its notices."""
NO_FIGURES: Figures = MappingProxyType({})


def worked_before(by_route: Mapping[str, RouteFigures]) -> Figures:
    """What became of the notices whose end is known, from what was counted."""
    return {name: Worked(one.sent - one.waiting, one.removed) for name, one in by_route.items()}


class Why(StrEnum):
    """Why a route is offered where it is."""

    HOME = "home"
    CENTRE = "centre"
    IN_APP = "in-app"
    HOURS = "hours"
    STANDING = "standing"
    WORKED = "worked"
    STRONGEST = "strongest"
    OFF = "off"
    POSTED_WITH = "posted-with"
    ELSEWHERE = "elsewhere"


WHY_WORDS: Mapping[Why, Words] = MappingProxyType(
    {
        Why.HOME: {
            "en": "the law or the help of the person's own country",
            "ko": "본인이 있는 나라의 법이나 도움이에요",
        },
        Why.CENTRE: {"en": "your centre's country's way", "ko": "기관이 있는 나라의 방법이에요"},
        Why.IN_APP: {
            "en": "the platform's own report, beside a legal one",
            "ko": "법적 신고와 함께 하는 플랫폼의 신고예요",
        },
        Why.HOURS: {"en": "a time is set: {hours} hours", "ko": "기한이 있어요: {hours}시간"},
        Why.STANDING: {"en": "your centre's standing counts here", "ko": "기관의 지정·등록이 힘이 돼요"},
        Why.WORKED: {
            "en": "so far {removed} of {ended} were removed",
            "ko": "지금까지 {ended}건 가운데 {removed}건이 지워졌어요",
        },
        Why.STRONGEST: {"en": "the strongest that may be taken now", "ko": "지금 쓸 수 있는 것 가운데 가장 강해요"},
        Why.OFF: {
            "en": "never ticked beforehand: to be chosen on purpose",
            "ko": "미리 골라 두지 않아요. 필요할 때 직접 골라 주세요",
        },
        Why.POSTED_WITH: {"en": "because of what was posted with it", "ko": "함께 올라온 내용 때문이에요"},
        Why.ELSEWHERE: {"en": "{elsewhere}", "ko": "{elsewhere}"},
    }
)


@dataclass(frozen=True, slots=True)
class RankedRoute:
    """One route, judged and in its place."""

    judged: RouteEligibility
    why: tuple[Why, ...] = ()
    """Of one that may be taken, or is shown; the others' reason is the judgement's."""
    ticked: bool = False
    worked: Worked | None = None

    @property
    def route(self) -> Route:
        """The route itself."""
        return self.judged.route

    def explain(self, language: str) -> tuple[str, ...]:
        """Why it is offered, in Korean or English; else the one reason why not."""
        if not self.why:
            return (self.judged.explain(language),)
        known = self.worked or Worked(0, 0)
        values: dict[str, object] = {"hours": self.route.deadline_hours, "removed": known.removed, "ended": known.ended}
        values["elsewhere"] = in_language(self.route.elsewhere or NO_TEXT, language)
        return tuple(in_language(WHY_WORDS[one], language).format(**values) for one in self.why)


def rank(
    given: Iterable[RouteEligibility], copy: CopyFacts, intake: Intake, figures: Figures = NO_FIGURES
) -> tuple[RankedRoute, ...]:
    """Those that may be taken first, the best first; then what is only shown, the best first; then the others."""
    given = tuple(given)
    weights = {one.route.name: _weigh(one.route, copy, intake, figures) for one in given}

    def place(one: RouteEligibility) -> tuple[int, bool, float]:
        if one.allowed or one.reason is Reason.SHOWN_ONLY:
            weight = weights[one.route.name]
            return 0 if one.allowed else 1, weight.near is not Near.PERSON, -weight.points
        return 2, False, 0

    ordered = sorted(given, key=place)  # stable: the files' own order decides between equals
    ticked = _ticked(ordered, weights)
    return tuple(
        RankedRoute(
            one,
            _why(one, weights[one.route.name], ticked),
            one.route.name in ticked,
            weights[one.route.name].worked,
        )
        for one in ordered
    )


def ticked_routes(ranked: Iterable[RankedRoute]) -> tuple[str, ...]:
    """Names of the routes that are taken unless the advocate chooses otherwise."""
    return tuple(one.route.name for one in ranked if one.ticked)


@dataclass(frozen=True, slots=True)
class _Weight:
    points: float
    near: Near
    standing: bool
    worked: Worked | None


def _weigh(route: Route, copy: CopyFacts, intake: Intake, figures: Figures) -> _Weight:
    person, centre = intake.country.strip().upper(), copy.centre.country.strip().upper()
    near = Near.NOBODY
    if route.is_home(person or centre):  # of a person who did not say where they are, the centre's way is theirs
        near = Near.PERSON
    elif route.is_home(centre):
        near = Near.CENTRE
    named = copy.centre.designated and Sender.DESIGNATED_BODY in route.senders
    standing = named or (bool(copy.centre.registered_with.strip()) and Sender.REGISTERED_BODY in route.senders)
    worked = figures.get(route.name)
    points = route.strength + FOR_NEARNESS[near] + (FOR_STANDING if standing else 0) + _moved(worked)
    return _Weight(points, near, standing, worked if worked is not None and worked.ended >= ENOUGH else None)


def _moved(worked: Worked | None) -> float:
    if worked is None or worked.ended < ENOUGH:
        return 0
    return (2 * worked.removed / worked.ended - 1) * MOST_MOVED


def _ticked(ordered: Sequence[RouteEligibility], weights: Mapping[str, _Weight]) -> tuple[str, ...]:
    """The strongest legal route, and one report in the app; what is to be chosen with open eyes is never among them."""
    may = [one.route for one in ordered if one.allowed and not one.route.default_off and not one.route.posted_with]
    legal = max((route for route in may if not route.in_app), key=lambda one: weights[one.name].points, default=None)
    in_app = next((route for route in may if route.in_app), None)
    return tuple(route.name for route in (legal, in_app) if route is not None)


def _why(one: RouteEligibility, weight: _Weight, ticked: tuple[str, ...]) -> tuple[Why, ...]:
    route = one.route
    if not (one.allowed or one.reason is Reason.SHOWN_ONLY):
        return ()
    holds = {
        Why.STRONGEST: route.name in ticked and not route.in_app,
        Why.HOME: weight.near is Near.PERSON,
        Why.CENTRE: weight.near is Near.CENTRE,
        Why.IN_APP: route.in_app,
        Why.POSTED_WITH: bool(route.posted_with),
        Why.HOURS: route.deadline_hours is not None,
        Why.STANDING: weight.standing,
        Why.WORKED: weight.worked is not None,
        Why.OFF: route.default_off,
        Why.ELSEWHERE: bool(route.elsewhere) and weight.near is not Near.PERSON,
    }
    return tuple(why for why, true in holds.items() if true)
