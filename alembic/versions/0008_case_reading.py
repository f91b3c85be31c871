"""what was read of a source is recorded for each case"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty at first: what was read before cannot be told apart by case, so it is shown to nobody.
    op.create_table(
        "case_sources",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.Column("since", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("told_until", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("noted_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("read_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("unavailable", sa.String(length=64), nullable=True),
        sa.Column("waits_until", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_sources_case_id_cases")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_case_sources_source_id_sources")),
        sa.PrimaryKeyConstraint("case_id", "source_id", name=op.f("pk_case_sources")),
    )
    op.create_table(
        "case_media",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.Column("post_id", sa.String(length=64), nullable=False),
        sa.Column("media_id", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("gone_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_media_case_id_cases")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_case_media_source_id_sources")),
        sa.PrimaryKeyConstraint("case_id", "source_id", "post_id", "media_id", name=op.f("pk_case_media")),
    )
    op.add_column("fingerprints", sa.Column("frames", sa.Integer(), nullable=True))
    op.add_column("inspections", sa.Column("gone_for", sa.String(length=32), nullable=True))
    op.add_column("inspections", sa.Column("posted_at", db.types.UtcDateTime(timezone=True), nullable=True))
    with op.batch_alter_table("inspections", schema=None) as batch_op:
        batch_op.create_index("ix_inspections_looked", ["source_id", "at"], unique=False)
        batch_op.create_index("ix_inspections_gone", ["source_id", "gone_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("inspections", schema=None) as batch_op:
        batch_op.drop_index("ix_inspections_gone")
        batch_op.drop_index("ix_inspections_looked")
    op.drop_column("inspections", "posted_at")
    op.drop_column("inspections", "gone_for")
    op.drop_column("fingerprints", "frames")
    op.drop_table("case_media")
    op.drop_table("case_sources")
