"""A draft as its own browser is shown it: what was answered, and what was kept, without a hash."""

from collections.abc import Sequence

from api.schemas.drafts import (
    AgreementBody,
    AnswersBody,
    DraftView,
    LeftOut,
    LinkKept,
    OpenedView,
    PictureKept,
    PlaceKept,
)
from monitor.cases.drafts import HeldDraft, HeldItem
from monitor.fingerprints.hashes.values import FRAMES_SET
from monitor.model.records.draft import (
    AgreementPart,
    DraftLinkRecord,
    DraftPictureRecord,
    DraftPlaceRecord,
    DraftRecord,
    OpenedPart,
)

_ANSWERS = tuple(name for name in AnswersBody.model_fields if name != "agreement")


def as_record(body: AnswersBody, agreement: AgreementPart) -> DraftRecord:
    """What is sealed of the answers."""
    return DraftRecord(agreement=agreement, **{name: getattr(body, name) for name in _ANSWERS})


def answers_of(record: DraftRecord) -> AnswersBody:
    """The answers as they were sent."""
    told = record.agreement
    agreement = AgreementBody(version=told.version, under_age=told.under_age, guardian=told.guardian)
    return AnswersBody(agreement=agreement, **{name: getattr(record, name) for name in _ANSWERS})


def draft_view(held: HeldDraft, items: Sequence[HeldItem], name: str) -> DraftView:
    """The whole of it; of one that was opened its keys alone."""
    if held.record.outcome is not None:
        opened = opened_view(held.record.outcome)
        return DraftView(state="opened", draft=name, expires_at=held.row.expires_at, opened=opened)
    return DraftView(
        state="begun",
        draft=name,
        key=held.opening_key,
        expires_at=held.row.expires_at,
        answers=answers_of(held.record),
        pictures=[picture_kept(one) for one in items if isinstance(one.record, DraftPictureRecord)],
        places=[place_kept(one) for one in items if isinstance(one.record, DraftPlaceRecord)],
        links=[link_kept(one) for one in items if isinstance(one.record, DraftLinkRecord)],
    )


def picture_kept(item: HeldItem) -> PictureKept:
    """A picture or video."""
    record = item.record
    assert isinstance(record, DraftPictureRecord)  # noqa: S101  # whoever asks has looked
    return PictureKept(
        id=item.id,
        replaced=item.replaced,
        kind=record.kind,
        set=record.set_name,
        frames=1 + len(record.frames) if record.set_name == FRAMES_SET else 0,
        cut_out=record.cut_out is not None,
        label=record.label,
        age_group=record.age_group,
    )


def place_kept(item: HeldItem) -> PlaceKept:
    """A place."""
    record = item.record
    assert isinstance(record, DraftPlaceRecord)  # noqa: S101
    return PlaceKept(
        id=item.id,
        replaced=item.replaced,
        platform=record.platform,
        source=record.source,
        purposes=list(record.purposes),
        days=record.days,
    )


def link_kept(item: HeldItem) -> LinkKept:
    """A link."""
    record = item.record
    assert isinstance(record, DraftLinkRecord)  # noqa: S101
    return LinkKept(id=item.id, replaced=item.replaced, url=record.url, kind=record.kind)


def opened_view(opened: OpenedPart) -> OpenedView:
    """The keys."""
    left_out = [LeftOut(what=what, number=number, code=code) for what, number, code in opened.left_out]
    return OpenedView(case_id=opened.case_id, passphrase=opened.passphrase, state=opened.state, left_out=left_out)
