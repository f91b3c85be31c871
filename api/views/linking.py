"""Counts as they are shown."""

from dataclasses import asdict

from api.schemas.linking import AcrossView, CountedView, LinkedView, PlaceView
from monitor.actions.linking import Linked, Place
from monitor.model.linking import Across, Counted, MarkKind


def place_view(place: Place) -> PlaceView:
    """One channel or account."""
    return PlaceView(
        source_id=place.source.id,
        platform=place.source.platform,
        source=place.source.handle,
        counted=CountedView(**asdict(place.counted)),
        confirmed=place.confirmed,
        across=_across(place.across),
    )


def linked_view(linked: Linked) -> LinkedView:
    """What one sighting has in common with others."""
    return LinkedView(
        channel=CountedView(**asdict(linked.place)),
        channel_across=_across(linked.place_across),
        account=_counted(linked.marks.get(MarkKind.ACCOUNT)),
        account_across=_across(linked.marks_across.get(MarkKind.ACCOUNT)),
        origin=_counted(linked.marks.get(MarkKind.ORIGIN)),
        origin_across=_across(linked.marks_across.get(MarkKind.ORIGIN)),
        file=_counted(linked.marks.get(MarkKind.FILE)),
        file_across=_across(linked.marks_across.get(MarkKind.FILE)),
    )


def _counted(counted: Counted | None) -> CountedView | None:
    return None if counted is None else CountedView(**asdict(counted))


def _across(told: Across | None) -> AcrossView | None:
    return None if told is None else AcrossView(**asdict(told))
