"""a centre has an address for answers, an advocate a name for work, a notice letters that follow it"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organisations", sa.Column("reply_to", sa.String(length=254), nullable=True))
    op.add_column("advocates", sa.Column("work_alias", sa.String(length=200), nullable=True))
    op.create_table(
        "notice_letters",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("notice_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=128), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("dated_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("sent_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("due_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notice_letters_case_id_cases")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_letters_notice_id_notices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_letters")),
        sa.UniqueConstraint("notice_id", "number", name=op.f("uq_notice_letters_notice_id_number")),
    )
    for column in ("case_id", "state", "due_at"):
        op.create_index(op.f(f"ix_notice_letters_{column}"), "notice_letters", [column])


def downgrade() -> None:
    op.drop_table("notice_letters")
    op.drop_column("advocates", "work_alias")
    op.drop_column("organisations", "reply_to")
