"""From a centre's own words about cases to what is shown of them."""

from dataclasses import asdict

from api.ledger_words import about, words_of
from api.schemas.desk import (
    ChargeView,
    CopyOfItemView,
    DeskList,
    DeskView,
    ItemsView,
    ItemView,
    ListedCaseView,
    NoteView,
    RecordLine,
    RecordView,
)
from api.schemas.gathered import AuthorView, GatheredCopyView, GatheredView, RingsView, RingView
from api.schemas.linking import CountedView
from db.queries.actors import AdvocateActor
from monitor.actions.case_list import CaseListPage, ListedCase
from monitor.actions.case_page import CaseHead, ItemPage, RecordPage
from monitor.actions.desk import ToldNote
from monitor.actions.gathered import Author, GatheredPage, RingList
from monitor.model.desk import Standing


def desk_list(page: CaseListPage) -> DeskList:
    """A page of the centre's cases."""
    return DeskList(
        cases=[_listed(one) for one in page.cases],
        total=page.total,
        counts={one.value: number for one, number in page.counts.items()},
        mine=page.mine,
        colleagues={one.id: one.name for one in page.colleagues.values() if one.active},
        left_out=page.left_out,
    )


def _listed(one: ListedCase) -> ListedCaseView:
    return ListedCaseView(
        case_id=one.row.case_id,
        name=one.called.name,
        tags=list(one.called.tags),
        standing=one.standing,
        in_charge=one.row.in_charge,
        in_charge_left=one.in_charge_left,
        handed_to_me=one.taken,
        to_decide=one.waiting.decide,
        notices=one.waiting.notices,
        messages=one.waiting.messages,
        next_clock=one.next_clock,
    )


def desk_view(head: CaseHead, standing: Standing) -> DeskView:
    """What the centre keeps of a case."""
    desk = head.desk
    charge = None
    if desk is not None and desk.in_charge is not None:
        charge = ChargeView(
            advocate_id=desk.in_charge,
            name=head.in_charge,
            left=head.in_charge_left,
            since=desk.in_charge_since,
            handed_by=head.name(desk.handed_by) or None,
        )
    return DeskView(
        case_id=head.case.id,
        name=head.called.name,
        tags=list(head.called.tags),
        version=head.called.version,
        in_charge=charge,
        standing=standing,
        rests_since=head.case.watching_paused_at,
    )


def note_view(head: CaseHead, actor: AdvocateActor, one: ToldNote) -> NoteView:
    """A note as colleagues see it."""
    return NoteView(
        note_id=one.note_id,
        kind=one.kind,
        by=head.name(one.by),
        mine=one.by == actor.id,
        handed_to=head.name(one.handed_to) or None,
        text=one.text,
        written_at=one.written_at,
        taken_back_at=one.taken_back_at,
    )


def items_view(page: ItemPage) -> ItemsView:
    """Copies by picture."""
    return ItemsView(
        items=[
            ItemView(
                item=item.item,
                label=item.label,
                copies=[
                    CopyOfItemView(
                        sighting_id=one.sighting_id,
                        platform=one.platform,
                        source=one.handle,
                        state=one.state,
                        posted_at=one.posted_at,
                        found_at=one.found_at,
                        presence=one.presence,
                        removed_at=one.removed_at,
                        notices=dict(page.notices.get(one.sighting_id, ())),
                    )
                    for one in item.copies
                ],
            )
            for item in page.items
        ],
        total=page.total,
    )


def record_view(page: RecordPage, language: str) -> RecordView:
    """A case's record in words."""
    lines = []
    for one in page.entries:
        kind, subject = about(one)
        who = "" if one.by is None else one.by.who.value
        lines.append(
            RecordLine(
                seq=one.row.seq,
                at=one.row.at,
                kind=one.row.kind,
                words=words_of(one.row.kind, language),
                by=who if one.by is None or one.by.id is None else page.names.get(one.by.id, who),
                notice_id=subject if kind == "notices" else None,
                sighting_id=subject if kind == "sightings" else None,
            )
        )
    return RecordView(entries=lines, total=page.total)


def rings_view(found: RingList) -> RingsView:
    """What copies have in common."""
    return RingsView(
        rings=[
            RingView(
                sighting_id=one.sighting_id,
                platform=one.platform,
                author=_author(one.author),
                counted=CountedView(**asdict(one.counted)),
            )
            for one in found.rings
        ],
        total=found.total,
    )


def gathered_view(page: GatheredPage) -> GatheredView:
    """The copies that have it."""
    return GatheredView(
        copies=[
            GatheredCopyView(
                sighting_id=one.row.id,
                case_id=one.row.case_id,
                case_name=one.called.name,
                platform=one.source.platform,
                source=one.source.handle,
                state=one.row.state,
                posted_at=one.row.posted_at,
                found_at=one.row.found_at,
                removed_at=one.row.removed_at,
            )
            for one in page.copies
        ],
        counted=CountedView(**asdict(page.counted)),
        author=None if page.author is None else _author(page.author),
    )


def _author(author: Author) -> AuthorView:
    return AuthorView(id=author.id, handle=author.handle, name=author.name)
