"""Every confirmed copy is in exactly one state, the worst of all that belongs to it, with who can change that."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.refusals import Refusal
from monitor.model.copies import Closing, FilingAnswer
from monitor.model.notice_states import NoticeState
from monitor.model.states import CaseState
from monitor.notices.copy_state import (
    BAD,
    BELIEVED_FOR,
    PATIENCE,
    WORST_FIRST,
    CopyAtHand,
    CopyState,
    FilingFacts,
    Mover,
    NoticeFacts,
    Offer,
    Why,
    copy_status,
    order_of,
    stands_still,
)
from monitor.notices.texts import Reason

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FREE = Offer(route="us_tida", reason=Reason.ALLOWED)


def copy(**values: object) -> CopyAtHand:
    base = CopyAtHand(confirmed_at=NOW - 3 * DAY, case=CaseState.VOUCHED, minor=False, offers=(FREE,))
    return replace(base, **values)  # type: ignore[arg-type]


def notice(state: NoticeState, **values: object) -> NoticeFacts:
    sent = NOW - DAY if state in (NoticeState.SENT, NoticeState.LAPSED, NoticeState.REMOVED) else None
    base = NoticeFacts(
        id="n1",
        route="us_tida",
        state=state,
        reason=None,
        written_at=NOW - 2 * DAY,
        sent_at=sent,
        deadline_at=None if sent is None else sent + 2 * DAY,
    )
    return replace(base, **values)  # type: ignore[arg-type]


def filing(**values: object) -> FilingFacts:
    base = FilingFacts(id="f1", step="ftc_complaint", notice_id="n1", filed_at=NOW - HOUR, deadline_at=NOW + DAY)
    return replace(base, **values)  # type: ignore[arg-type]


LAPSED = notice(NoticeState.LAPSED, deadline_at=NOW - 2 * HOUR, sent_at=NOW - 2 * DAY)
MINOR = copy(minor=True, offers=(Offer(route="us_tida", reason=Reason.MINOR_OR_UNSURE),))

TABLE = {
    "nothing was ever written, and a route is free": (copy(), CopyState.READY, Why.ROUTE_FREE, Mover.ADVOCATE),
    "no permission": (
        copy(offers=(Offer(route="us_tida", reason=Reason.NO_PERMISSION),)),
        *(CopyState.NOT_ALLOWED, Refusal.NO_PERMISSION, Mover.PERSON),
    ),
    "a field is empty": (
        copy(offers=(Offer(route="us_tida", reason=Reason.MISSING_FIELDS),)),
        *(CopyState.NOT_ALLOWED, Refusal.MISSING_FIELDS, Mover.PERSON),
    ),
    "an entry waits for the person": (
        copy(offers=(Offer(route="us_tida", reason=Reason.WAITS_FOR_PERSON),)),
        *(CopyState.NOT_ALLOWED, Refusal.WAITS_FOR_PERSON, Mover.PERSON),
    ),
    "an ordinary photo": (
        copy(offers=(Offer(route="us_tida", reason=Reason.ORDINARY_PHOTO_ALONE),)),
        *(CopyState.NOT_ALLOWED, Refusal.ORDINARY_PHOTO_ALONE, Mover.ADVOCATE),
    ),
    "no route for this platform": (
        copy(offers=()),
        *(CopyState.NOT_ALLOWED, Refusal.ROUTE_UNKNOWN, Mover.ADVOCATE),
    ),
    "consent to the source taken back": (
        copy(withdrawn=True),
        *(CopyState.NOT_ALLOWED, Refusal.CONSENT_WITHDRAWN, Mover.PERSON),
    ),
    "work is stopped": (copy(stopped=True), CopyState.NOT_ALLOWED, Refusal.WORK_STOPPED, Mover.LEAD),
    "queued while work is stopped": (
        copy(stopped=True, notices=(notice(NoticeState.QUEUED),)),
        *(CopyState.NOT_ALLOWED, Refusal.WORK_STOPPED, Mover.LEAD),
    ),
    "the case is on hold": (
        copy(frozen_since=NOW, notices=(notice(NoticeState.SENT),)),
        *(CopyState.NOT_ALLOWED, Refusal.CASE_FROZEN, Mover.LEAD),
    ),
    "held for the police": (
        copy(notices=(notice(NoticeState.HELD, reason=Refusal.WAITING_FOR_POLICE),)),
        *(CopyState.NOT_ALLOWED, Refusal.WAITING_FOR_POLICE, Mover.PERSON),
    ),
    "a form is prepared": (
        copy(notices=(notice(NoticeState.PREPARED, by_hand=True),)),
        *(CopyState.WAITING, Why.FORM, Mover.ADVOCATE),
    ),
    "written, and nobody sent it": (
        copy(notices=(notice(NoticeState.PREPARED),)),
        *(CopyState.READY, Why.WRITTEN, Mover.ADVOCATE),
    ),
    "queued": (copy(notices=(notice(NoticeState.QUEUED),)), CopyState.SENT, Why.ON_ITS_WAY, Mover.NOBODY),
    "sending": (copy(notices=(notice(NoticeState.SENDING),)), CopyState.SENT, Why.ON_ITS_WAY, Mover.NOBODY),
    "sent": (copy(notices=(notice(NoticeState.SENT),)), CopyState.SENT, Why.IN_TIME, Mover.RECIPIENT),
    "sent, and answered": (
        copy(notices=(notice(NoticeState.SENT, answered=True),)),
        *(CopyState.WAITING, Why.ANSWER, Mover.ADVOCATE),
    ),
    "sent, deadline over, nobody looked yet": (
        copy(notices=(notice(NoticeState.SENT, deadline_at=NOW),)),
        *(CopyState.OVERDUE, Why.DEADLINE_PASSED, Mover.ADVOCATE),
    ),
    "sent, deadline over, nobody can see it": (
        copy(notices=(notice(NoticeState.SENT, deadline_at=NOW, reason="unverifiable-at-deadline"),)),
        *(CopyState.OVERDUE, Why.CANNOT_SEE, Mover.ADVOCATE),
    ),
    "refused by its recipient": (
        copy(notices=(notice(NoticeState.SENT, said="refused", said_at=NOW - HOUR),)),
        *(CopyState.WAITING, Why.REFUSED, Mover.ADVOCATE),
    ),
    "refused by its recipient, the next step filed": (
        copy(notices=(notice(NoticeState.LAPSED, said="refused", said_at=NOW - DAY),), filings=(filing(),)),
        *(CopyState.ESCALATED, Why.FILED, Mover.RECIPIENT),
    ),
    "its recipient asks for more": (
        copy(notices=(notice(NoticeState.SENT, said="need-more", said_at=NOW),)),
        *(CopyState.WAITING, Why.NEED_MORE, Mover.ADVOCATE),
    ),
    "its recipient asks for more after a step was filed": (
        copy(
            notices=(replace(LAPSED, said="need-more", said_at=NOW - HOUR),),
            filings=(replace(filing(), filed_at=NOW - 2 * HOUR, notice_id=LAPSED.id),),
        ),
        *(CopyState.WAITING, Why.NEED_MORE, Mover.ADVOCATE),
    ),
    "on a page of the person's own": (
        copy(own_page=True, offers=(Offer(route="us_tida", reason=Reason.OWN_PAGE),)),
        *(CopyState.CLOSED, Refusal.OWN_PAGE, Mover.PERSON),
    ),
    "on a page that the person named as their own after a notice left": (
        copy(own_page=True, notices=(notice(NoticeState.SENT),)),
        *(CopyState.SENT, Why.IN_TIME, Mover.RECIPIENT),
    ),
    "refused once, retracted, and sent anew": (
        copy(notices=(notice(NoticeState.SENT, said="refused", said_at=NOW - 2 * DAY, begun_at=NOW - DAY),)),
        *(CopyState.SENT, Why.IN_TIME, Mover.RECIPIENT),
    ),
    "lapsed, and an answer that nobody read": (
        copy(notices=(replace(LAPSED, answered=True),)),
        *(CopyState.OVERDUE, Why.LAPSED, Mover.ADVOCATE),
    ),
    "deadline over, and an answer that nobody read": (
        copy(notices=(notice(NoticeState.SENT, deadline_at=NOW, answered=True),)),
        *(CopyState.OVERDUE, Why.DEADLINE_PASSED, Mover.ADVOCATE),
    ),
    "in doubt, and somebody says that it came back": (
        copy(notices=(notice(NoticeState.IN_DOUBT, answered=True),)),
        *(CopyState.IN_DOUBT, Why.IN_DOUBT, Mover.ADVOCATE),
    ),
    "lapsed, the next step filed, and an answer that nobody read": (
        copy(notices=(replace(LAPSED, answered=True),), filings=(filing(),)),
        *(CopyState.WAITING, Why.ANSWER, Mover.ADVOCATE),
    ),
    "gone, and back": (
        copy(notices=(notice(NoticeState.SENT, deadline_at=NOW, reason="came-back"),)),
        *(CopyState.OVERDUE, Why.CAME_BACK, Mover.ADVOCATE),
    ),
    "in doubt": (copy(notices=(notice(NoticeState.IN_DOUBT),)), CopyState.IN_DOUBT, Why.IN_DOUBT, Mover.ADVOCATE),
    "failed": (copy(notices=(notice(NoticeState.FAILED),)), CopyState.IN_DOUBT, Why.FAILED, Mover.ADVOCATE),
    "came back": (
        copy(notices=(notice(NoticeState.FAILED, reason="bounced-5.1.1"),)),
        *(CopyState.IN_DOUBT, Why.BOUNCED, Mover.ADVOCATE),
    ),
    "lapsed": (copy(notices=(LAPSED,)), CopyState.OVERDUE, Why.LAPSED, Mover.ADVOCATE),
    "lapsed, the next step filed": (
        copy(notices=(LAPSED,), filings=(filing(),)),
        *(CopyState.ESCALATED, Why.FILED, Mover.RECIPIENT),
    ),
    "lapsed, another notice sent since": (
        copy(notices=(LAPSED, notice(NoticeState.SENT, id="n2", sent_at=NOW - HOUR, deadline_at=NOW + DAY))),
        *(CopyState.SENT, Why.IN_TIME, Mover.RECIPIENT),
    ),
    "filed, and silent": (
        copy(notices=(LAPSED,), filings=(filing(deadline_at=NOW),)),
        *(CopyState.OVERDUE, Why.UNANSWERED, Mover.ADVOCATE),
    ),
    "filed, acknowledged, and silent": (
        copy(filings=(filing(answer=FilingAnswer.ACKNOWLEDGED, answered_at=NOW - HOUR, deadline_at=NOW),)),
        *(CopyState.OVERDUE, Why.UNANSWERED, Mover.ADVOCATE),
    ),
    "filed again": (
        copy(notices=(LAPSED,), filings=(filing(deadline_at=NOW - HOUR), filing(id="f2", filed_at=NOW))),
        *(CopyState.ESCALATED, Why.FILED, Mover.RECIPIENT),
    ),
    "filed, and refused": (
        copy(notices=(LAPSED,), filings=(filing(answer=FilingAnswer.REFUSED, answered_at=NOW),)),
        *(CopyState.WAITING, Why.REFUSED, Mover.ADVOCATE),
    ),
    "refused, and another step filed since": (
        copy(
            notices=(LAPSED,),
            filings=(
                filing(answer=FilingAnswer.REFUSED, answered_at=NOW - HOUR),
                filing(id="f2", step="kr_commission", filed_at=NOW),
            ),
        ),
        *(CopyState.ESCALATED, Why.FILED, Mover.RECIPIENT),
    ),
    "hidden in one country": (
        copy(filings=(filing(answer=FilingAnswer.BLOCKED, answered_at=NOW),)),
        *(CopyState.WAITING, Why.BLOCKED, Mover.ADVOCATE),
    ),
    "said to be removed": (
        copy(filings=(filing(answer=FilingAnswer.REMOVED, answered_at=NOW),)),
        *(CopyState.ESCALATED, Why.SAID_REMOVED, Mover.NOBODY),
    ),
    "said to be removed, and still not seen gone": (
        copy(filings=(filing(answer=FilingAnswer.REMOVED, answered_at=NOW - BELIEVED_FOR),)),
        *(CopyState.OVERDUE, Why.SAID_REMOVED, Mover.ADVOCATE),
    ),
    "every notice taken back": (
        copy(offers=(), notices=(notice(NoticeState.WITHDRAWN),)),
        *(CopyState.WAITING, Why.TAKEN_BACK, Mover.ADVOCATE),
    ),
    "one taken back, another route free": (
        copy(notices=(notice(NoticeState.WITHDRAWN),)),
        *(CopyState.READY, Why.ROUTE_FREE, Mover.ADVOCATE),
    ),
    "a minor's": (MINOR, CopyState.READY, Why.MINORS_ROUTES, Mover.ADVOCATE),
    "a minor's, an old form never leaves": (
        replace(MINOR, notices=(notice(NoticeState.PREPARED),)),
        *(CopyState.READY, Why.MINORS_ROUTES, Mover.ADVOCATE),
    ),
    "a minor's, filed": (
        replace(MINOR, filings=(filing(notice_id=None, step="kr_police"),)),
        *(CopyState.SENT, Why.FILED, Mover.RECIPIENT),
    ),
    "a minor's, the duty to report is over": (
        replace(MINOR, duty_by=NOW),
        *(CopyState.OVERDUE, Why.DUTY, Mover.ADVOCATE),
    ),
    "a minor's, filed, and the duty to report is over": (
        replace(MINOR, duty_by=NOW, filings=(filing(notice_id=None, step="telegram_stopca"),)),
        *(CopyState.OVERDUE, Why.DUTY, Mover.ADVOCATE),
    ),
    "a minor's, an adult's notice left": (
        replace(MINOR, notices=(notice(NoticeState.SENT),)),
        *(CopyState.WAITING, Why.FOR_ADULT, Mover.ADVOCATE),
    ),
    "a minor's, an adult's notice left, a minors' route taken since": (
        replace(MINOR, notices=(notice(NoticeState.SENT),), filings=(filing(notice_id=None, step="kr_police"),)),
        *(CopyState.SENT, Why.FILED, Mover.RECIPIENT),
    ),
    "closed": (
        copy(closed_at=NOW, closed_for=Closing.REFUSED_FOR_GOOD, notices=(LAPSED,)),
        *(CopyState.CLOSED, Closing.REFUSED_FOR_GOOD, Mover.ADVOCATE),
    ),
    "removed": (copy(removed_at=NOW, notices=(LAPSED,)), CopyState.REMOVED, Why.REMOVED, Mover.NOBODY),
    "closed, and seen gone": (
        copy(removed_at=NOW, closed_at=NOW, closed_for=Closing.SEEN_GONE),
        *(CopyState.REMOVED, Why.REMOVED, Mover.NOBODY),
    ),
    "a minor's, gone, and the police must still be told": (
        replace(MINOR, removed_at=NOW, duty_by=NOW + HOUR),
        *(CopyState.WAITING, Why.DUTY_OPEN, Mover.ADVOCATE),
    ),
    "a minor's, gone, and the police were not told in time": (
        replace(MINOR, removed_at=NOW, duty_by=NOW),
        *(CopyState.OVERDUE, Why.DUTY, Mover.ADVOCATE),
    ),
    "a minor's, closed, and the police must still be told": (
        replace(MINOR, closed_at=NOW, closed_for=Closing.HANDED_OVER, duty_by=NOW + HOUR),
        *(CopyState.WAITING, Why.DUTY_OPEN, Mover.ADVOCATE),
    ),
    "a minor's, confirmed by mistake": (
        replace(MINOR, closed_at=NOW, closed_for=Closing.BY_MISTAKE, duty_by=NOW),
        *(CopyState.CLOSED, Closing.BY_MISTAKE, Mover.ADVOCATE),
    ),
    "erasing": (
        copy(case=CaseState.ERASING, removed_at=NOW, notices=(LAPSED,)),
        *(CopyState.ERASING, Why.ERASING, Mover.PERSON),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_copy_is_in_the_state_that_fits_with_why_and_who(name: str) -> None:
    given_copy, state, why, mover = TABLE[name]
    told = copy_status(given_copy, NOW)
    assert (told.state, told.why, told.mover) == (state, why, mover)


def test_every_state_is_somebodys() -> None:
    assert {state for _, state, _, _ in TABLE.values()} == set(CopyState)
    assert {why for _, _, why, _ in TABLE.values()} >= set(Why) - {Why.NOT_CHECKED}


NOTICES = st.builds(
    notice,
    st.sampled_from(NoticeState),
    id=st.sampled_from(["n1", "n2", "n3"]),
    answered=st.booleans(),
    for_adult=st.booleans(),
    deadline_at=st.sampled_from([None, NOW - HOUR, NOW + HOUR]),
)
FILINGS = st.builds(
    filing,
    id=st.sampled_from(["f1", "f2"]),
    step=st.sampled_from(["ftc_complaint", "kr_police"]),
    notice_id=st.sampled_from([None, "n1"]),
    answer=st.sampled_from([None, *FilingAnswer]),
    answered_at=st.just(NOW),
    deadline_at=st.sampled_from([None, NOW - HOUR, NOW + HOUR]),
)
COPIES = st.builds(
    copy,
    minor=st.booleans(),
    stopped=st.booleans(),
    withdrawn=st.booleans(),
    notices=st.lists(NOTICES, max_size=3).map(tuple),
    filings=st.lists(FILINGS, max_size=3).map(tuple),
    offers=st.lists(st.builds(Offer, route=st.just("us_tida"), reason=st.sampled_from(Reason)), max_size=3).map(tuple),
    duty_by=st.sampled_from([None, NOW - HOUR, NOW + HOUR]),
)


@given(COPIES)
def test_whatever_belongs_to_a_copy_it_is_in_one_state_and_the_worst_counts(one: CopyAtHand) -> None:
    whole = copy_status(one, NOW)
    assert whole.state in set(CopyState) - {CopyState.ERASING, CopyState.CLOSED, CopyState.REMOVED}
    assert whole.why and whole.mover
    if one.duty_by is not None and one.duty_by <= NOW:
        assert whole.state is CopyState.OVERDUE
    for state, counts in ((NoticeState.IN_DOUBT, CopyState.IN_DOUBT), (NoticeState.FAILED, CopyState.IN_DOUBT)):
        for each in one.notices:
            if each.state is state and not (one.minor and each.for_adult and state is NoticeState.FAILED):
                assert whole.rank <= WORST_FIRST.index(counts)


@given(COPIES)
def test_a_copy_for_which_nobody_can_act_is_on_its_way_or_in_time(one: CopyAtHand) -> None:
    told = copy_status(one, NOW)
    if told.mover in (Mover.NOBODY, Mover.RECIPIENT):
        assert told.state in (CopyState.SENT, CopyState.ESCALATED)


def test_others_may_stand_for_a_day_an_overdue_one_and_a_minors_not() -> None:
    fresh = copy_status(copy(confirmed_at=NOW), NOW)
    assert not stands_still(fresh, NOW, minor=False)
    assert stands_still(fresh, NOW, minor=True)
    assert stands_still(fresh, NOW + PATIENCE, minor=False)
    assert stands_still(copy_status(copy(notices=(LAPSED,)), NOW), NOW, minor=False)
    for name, (one, state, _, _) in TABLE.items():
        if state not in BAD:
            assert not stands_still(copy_status(one, NOW), NOW + 30 * DAY, minor=True), name


def test_minors_that_stand_still_are_on_top_and_then_the_worst_comes_first() -> None:
    lapsed, ready = copy_status(copy(notices=(LAPSED,)), NOW), copy_status(copy(), NOW)
    late, minors = copy_status(replace(MINOR, duty_by=NOW), NOW), copy_status(MINOR, NOW)
    sent = copy_status(replace(MINOR, filings=(filing(notice_id=None),)), NOW)
    keys = [
        order_of(late, minor=True),
        order_of(minors, minor=True),
        order_of(lapsed, minor=False),
        order_of(ready, minor=False),
        order_of(sent, minor=True),
    ]
    assert keys == sorted(keys)
