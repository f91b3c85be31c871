"""what sources showed is kept, sealed; who waits to be compared with it"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seen_media",
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.Column("post_id", sa.String(length=64), nullable=False),
        sa.Column("media_id", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seen_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("checked_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_seen_media_source_id_sources")),
        sa.PrimaryKeyConstraint("source_id", "post_id", "media_id", name=op.f("pk_seen_media")),
    )
    with op.batch_alter_table("seen_media", schema=None) as batch_op:
        batch_op.create_index("ix_seen_media_unchecked", ["source_id", "checked_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_seen_media_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "look_backs",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_look_backs_case_id_cases")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_look_backs_source_id_sources")),
        sa.PrimaryKeyConstraint("case_id", "source_id", name=op.f("pk_look_backs")),
    )
    with op.batch_alter_table("look_backs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_look_backs_due_at"), ["due_at"], unique=False)

    op.add_column("sources", sa.Column("seen_epoch", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("inspections", sa.Column("gone_at", db.types.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("inspections", "gone_at")
    op.drop_column("sources", "seen_epoch")
    op.drop_table("look_backs")
    op.drop_table("seen_media")
