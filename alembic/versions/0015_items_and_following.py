"""copies belong to items and are followed themselves, removals are remembered, a notice has several clocks"""

from datetime import timedelta

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sightings", sa.Column("item_id", sa.String(length=32), nullable=True))
    op.add_column("sightings", sa.Column("follow_look", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("sightings", sa.Column("second_view", sa.String(length=16), nullable=True))
    for column in ("follow_due_at", "came_back_at", "by_itself_at"):
        op.add_column("sightings", sa.Column(column, db.types.UtcDateTime(timezone=True), nullable=True))
    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sightings_item_id"), ["item_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sightings_follow_due_at"), ["follow_due_at"], unique=False)
    # Nobody told which copies are of one picture, so each confirmed one is an item of its own. All of them are due:
    # the sweeper asks for their checks by and by, and a copy that a notice follows is left to that notice.
    op.execute(
        "update sightings set item_id = id, follow_due_at = coalesce(decided_at, found_at) where state = 'confirmed'"
    )
    op.create_table(
        "past_receipts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("sighting_id", sa.String(length=32), nullable=False),
        sa.Column("content", db.types.Sealed(), nullable=False),
        sa.Column("written_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("came_back_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_past_receipts_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["sighting_id"], ["sightings.id"], name=op.f("fk_past_receipts_sighting_id_sightings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_receipts")),
    )
    with op.batch_alter_table("past_receipts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_past_receipts_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_past_receipts_sighting_id"), ["sighting_id"], unique=False)
    op.create_table(
        "notice_clocks",
        sa.Column("notice_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("advocate_id", sa.String(length=32), nullable=False),
        sa.Column("ends_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("remind_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reminded_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_clocks_notice_id_notices")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notice_clocks_case_id_cases")),
        sa.PrimaryKeyConstraint("notice_id", "kind", name=op.f("pk_notice_clocks")),
    )
    with op.batch_alter_table("notice_clocks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_clocks_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_clocks_remind_at"), ["remind_at"], unique=False)
    _start_clocks()
    op.add_column("alerts", sa.Column("advocate_id", sa.String(length=32), nullable=True))
    op.add_column("cases", sa.Column("resend_person_at", db.types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("resend_advocate_at", db.types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("resend_advocate_by", sa.String(length=32), nullable=True))


def _start_clocks() -> None:
    """The answers that are waited for now; who wrote the notice is in charge. Reminded twelve hours before, as then."""
    names = ("notice_id", "kind", "case_id", "advocate_id")
    times = [sa.column(name, db.types.UtcDateTime()) for name in ("ends_at", "remind_at")]
    clocks = sa.table("notice_clocks", *map(sa.column, names), *times)
    notices = sa.table(
        "notices",
        *map(sa.column, ("id", "case_id", "created_by", "state")),
        sa.column("deadline_at", db.types.UtcDateTime()),
    )
    waiting = sa.select(notices).where(notices.c.state == "sent", notices.c.deadline_at.is_not(None))
    for row in op.get_bind().execute(waiting).all():
        ends = row.deadline_at
        values = dict(zip(names, (row.id, "answer", row.case_id, row.created_by), strict=True))
        op.execute(clocks.insert().values(**values, ends_at=ends, remind_at=ends - timedelta(hours=12)))


def downgrade() -> None:
    for column in ("resend_advocate_by", "resend_advocate_at", "resend_person_at"):
        op.drop_column("cases", column)
    op.drop_column("alerts", "advocate_id")
    for table, indices in (
        ("notice_clocks", ("ix_notice_clocks_remind_at", "ix_notice_clocks_case_id")),
        ("past_receipts", ("ix_past_receipts_sighting_id", "ix_past_receipts_case_id")),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for index in indices:
                batch_op.drop_index(batch_op.f(index))
        op.drop_table(table)
    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sightings_follow_due_at"))
        batch_op.drop_index(batch_op.f("ix_sightings_item_id"))
    for column in ("by_itself_at", "came_back_at", "follow_due_at", "second_view", "follow_look", "item_id"):
        op.drop_column("sightings", column)
