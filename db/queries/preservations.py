"""Which recorded requests of the police to keep data count: conditions on rows of `Preservation`.

See the model for how it is recorded that nothing is needed any more, and that a day was wrong.
"""

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased

from db.models.preservations import Preservation

Row = type[Preservation]


def is_request(row: Row = Preservation) -> ColumnElement[bool]:
    """The condition that a row is a request, and not the end of one."""
    return row.ends_at > row.sent_at


def dropped(row: Row = Preservation) -> ColumnElement[bool]:
    """The condition that somebody said, after it was recorded, that nothing more need be kept."""
    end = aliased(Preservation)
    return exists().where(*_ends(end, row), end.renew_at == end.sent_at)


def corrected(row: Row = Preservation) -> ColumnElement[bool]:
    """The condition that it names a wrong day, and another row names the right one."""
    end = aliased(Preservation)
    named = and_(end.renew_at < end.sent_at, end.sent_at == row.recorded_at)
    of_its_day = and_(end.renew_at > end.sent_at, end.sent_at == row.sent_at)
    return exists().where(*_ends(end, row), or_(named, of_its_day))


def counts(row: Row = Preservation) -> ColumnElement[bool]:
    """The condition that it is the request of its case and platform that counts: of those that nothing ended the one
    sent last; of two sent at one time the one recorded last."""
    newer = aliased(Preservation)
    later = or_(newer.recorded_at > row.recorded_at, and_(newer.recorded_at == row.recorded_at, newer.id > row.id))
    renewed = exists().where(
        newer.case_id == row.case_id,
        newer.platform == row.platform,
        is_request(newer),
        ~_ended(newer),
        or_(newer.sent_at > row.sent_at, and_(newer.sent_at == row.sent_at, later)),
    )
    return and_(is_request(row), ~_ended(row), ~renewed)


def _ended(row: Row) -> ColumnElement[bool]:
    return or_(dropped(row), corrected(row))


def _ends(end: Row, row: Row) -> tuple[ColumnElement[bool], ...]:
    """What is recorded after an end counts, whatever day it names."""
    return (
        end.case_id == row.case_id,
        end.platform == row.platform,
        end.ends_at == end.sent_at,
        end.recorded_at >= row.recorded_at,
    )
