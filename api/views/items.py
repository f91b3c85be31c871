"""From an item's rows to what is shown of it. Never a picture."""

from collections.abc import Sequence

from api.schemas.items import (
    ChannelBeforeView,
    DecisionView,
    GroundView,
    ItemCopy,
    ItemDecision,
    ItemLine,
    ItemWhole,
    SaidView,
    StillFiled,
    WrittenNotice,
)
from api.schemas.sightings import DecisionNamed
from db.queries.queue import ItemRow
from monitor.actions.decide_item import ItemDecided
from monitor.actions.queue import ShownCopy, WholeItem
from monitor.actions.reopen import Decision, StandingFiling
from monitor.model.facts import PersonsWord
from monitor.model.states import SightingState


def item_line(row: ItemRow) -> ItemLine:
    """A line of the list."""
    return ItemLine(
        item_id=row.item_id,
        case_id=row.case_id,
        copies=row.copies,
        places=row.places,
        since=row.since,
        decided_at=row.decided_at,
        confident=row.confident,
        minor=row.minor,
        named=row.named,
        total_copies=row.total,
        total_places=row.total_places,
        asked=row.asked,
        person_says=None if row.says is None else PersonsWord(row.says),
        platform=row.source.platform,
        source=row.source.handle,
        kind=row.kind,
        identical=row.identical,
    )


def item_whole(item: WholeItem) -> ItemWhole:
    """All of it."""
    was = item.before
    return ItemWhole(
        item_id=item.item_id,
        case_id=item.case.id,
        state=item.head.row.state,
        count=item.count,
        minor=item.minor,
        police_first=item.held,
        how=item.head.row.how,
        copies=[_copy(one) for one in item.copies],
        grounds=[GroundView(basis=one.basis, ground=one.kind, at=one.at) for one in item.grounds],
        said=[
            SaidView(
                who=one.who, said=None if one.said is None else PersonsWord(one.said), at=one.at, asked_at=one.asked_at
            )
            for one in item.said
        ],
        person_says=item.person_says,
        decision=(
            None
            if item.decision is None
            else DecisionView(state=SightingState(item.decision.state), decided_at=item.decision.at)
        ),
        still_filed=_filed(item.filed),
        before=ChannelBeforeView(
            cases=was.cases,
            confirmed=was.confirmed,
            dismissed=was.dismissed,
            removed=was.removed,
            came_back=was.came_back,
            first_found=was.first_found,
        ),
    )


def _copy(one: ShownCopy) -> ItemCopy:
    return ItemCopy(
        sighting_id=one.row.id,
        state=one.row.state,
        platform=one.source.platform,
        source=one.source.handle,
        title=one.title or None,
        url=one.url,
        caption=one.caption or None,
        number=one.number,
        album=one.album,
        posted_at=one.row.posted_at,
        found_at=one.row.found_at,
        own_page=one.own_page,
    )


def item_decision(done: ItemDecided) -> ItemDecision:
    """What became of it."""
    return ItemDecision(
        item_id=done.item_id,
        case_id=done.case_id,
        sighting_ids=list(done.copies),
        own_page_ids=list(done.own),
        left_open=done.left,
        notices=[
            WrittenNotice(notice_id=one.id, sighting_id=one.sighting_id, route=one.route, state=one.state)
            for one in done.notices
        ],
        decided_at=done.decided_at,
        still_filed=_filed(done.filed),
    )


def decision_named(body: DecisionNamed | None) -> Decision | None:
    """The decision that is to be undone; None: whichever is the last."""
    if body is None or body.state is None or body.decided_at is None:
        return None
    return Decision(body.state, body.decided_at)


def _filed(filed: Sequence[StandingFiling]) -> list[StillFiled]:
    return [StillFiled(step=one.step, filed_at=one.filed_at, reference=one.reference or None) for one in filed]
