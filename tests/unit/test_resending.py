"""An identical re-upload leaves by itself only where everything holds at once; the first reason why not is named."""

from dataclasses import replace

import pytest

from monitor.model.facts import PictureKind
from monitor.notices.resending import MOST_A_DAY, NotByItself, ReuploadAtHand, why_not_by_itself

ALLOWED = ReuploadAtHand(
    open=True,
    identical=True,
    kind=PictureKind.INTIMATE,
    person_on=True,
    advocate_on=True,
    counts_as_minor=False,
    waits_for_police=False,
    paused=False,
    closed=False,
    ways=1,
    lately=0,
)


@pytest.mark.parametrize("kind", [PictureKind.INTIMATE, PictureKind.FAKED])
def test_adults_intimate_or_faked_picture_may_leave_when_both_switched_it_on(kind: PictureKind) -> None:
    assert why_not_by_itself(replace(ALLOWED, kind=kind, lately=MOST_A_DAY - 1)) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"person_on": False}, NotByItself.PERSON_OFF),
        ({"advocate_on": False}, NotByItself.ADVOCATE_OFF),
        ({"counts_as_minor": True}, NotByItself.MINOR_OR_UNSURE),
        ({"waits_for_police": True}, NotByItself.POLICE_WAIT),
        ({"kind": PictureKind.ORDINARY}, NotByItself.ORDINARY),
        ({"identical": False}, NotByItself.NOT_IDENTICAL),
        ({"open": False}, NotByItself.DECIDED),
        ({"paused": True}, NotByItself.PAUSED),
        ({"closed": True}, NotByItself.CLOSED),
        ({"ways": 0}, NotByItself.NOTHING_SENT_BEFORE),
        ({"lately": MOST_A_DAY}, NotByItself.CAP),
    ],
)
def test_one_thing_that_does_not_hold_is_enough_and_is_named(change: dict[str, object], reason: NotByItself) -> None:
    assert why_not_by_itself(replace(ALLOWED, **change)) is reason  # type: ignore[arg-type]  # one field each


def test_every_reason_is_reached() -> None:
    assert len(NotByItself) == 11
