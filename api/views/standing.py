"""From how a case stands to what its person is shown first."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from api.schemas.standing import CoverageView, NewsView, PlaceList, PlaceView, PurposeView, StandingView
from api.views.entered import Name
from db.models.cases import Case
from monitor.actions.standing import Standing
from monitor.actions.watching import Place
from monitor.model.consent import is_to_be_renewed


def standing_view(found: Standing) -> StandingView:
    """Numbers and times."""
    return StandingView(
        removed=found.removed,
        waiting=found.waiting,
        followed=found.followed,
        resting=found.resting,
        unfollowed=found.unfollowed,
        asked=found.asked,
        police_over=found.police_over,
        unread=found.unread,
        news=NewsView(**asdict(found.news)),
        coverage=CoverageView(**asdict(found.coverage)),
        paused_at=found.paused_at,
        reissue_due_at=found.reissue_due_at,
        next_check_at=found.next_check_at,
        next_check_due=found.next_check_due,
    )


def place_list(case: Case, places: Sequence[Place], now: datetime, name: Name) -> PlaceList:
    """One row a place."""
    return PlaceList(places=[_place(one, now, name) for one in places], paused_at=case.watching_paused_at)


def _place(place: Place, now: datetime, name: Name) -> PlaceView:
    source = place.source
    return PlaceView(
        source_id=source.name.id,
        platform=source.name.platform,
        source=source.name.handle,
        purposes=[
            PurposeView(
                purpose=one.purpose,
                consent_id=one.id,
                expires_at=one.expires_at,
                renewal=is_to_be_renewed(one, now),
                entered_by=name(one.entered_by),
            )
            for one in place.consents
        ],
        paused_at=place.paused_at,
        read_at=source.read_at,
        unavailable=source.unavailable,
        not_inspected=source.not_inspected,
    )
