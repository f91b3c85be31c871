"""steps that people file, and copies that they close"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "filings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("sighting_id", sa.String(length=32), nullable=False),
        sa.Column("notice_id", sa.String(length=32), nullable=True),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("filed_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("filed_by", sa.String(length=32), nullable=False),
        sa.Column("deadline_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=True),
        sa.Column("answered_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("answer_content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_filings_case_id_cases")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_filings_notice_id_notices")),
        sa.ForeignKeyConstraint(["sighting_id"], ["sightings.id"], name=op.f("fk_filings_sighting_id_sightings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filings")),
        sa.UniqueConstraint("sighting_id", "step", "number", name=op.f("uq_filings_sighting_id_step_number")),
    )
    with op.batch_alter_table("filings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_filings_case_id"), ["case_id"], unique=False)
    op.create_table(
        "copy_closings",
        sa.Column("sighting_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("closed_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_copy_closings_case_id_cases")),
        sa.ForeignKeyConstraint(["sighting_id"], ["sightings.id"], name=op.f("fk_copy_closings_sighting_id_sightings")),
        sa.PrimaryKeyConstraint("sighting_id", name=op.f("pk_copy_closings")),
    )
    with op.batch_alter_table("copy_closings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_copy_closings_case_id"), ["case_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("copy_closings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_copy_closings_case_id"))
    op.drop_table("copy_closings")
    with op.batch_alter_table("filings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_filings_case_id"))
    op.drop_table("filings")
