"""the operator's mailbox is read for bounces and replies"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailboxes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("failing_since", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailboxes")),
    )
    op.create_table(
        "notice_mails",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("notice_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notice_mails_case_id_cases")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_mails_notice_id_notices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_mails")),
        sa.UniqueConstraint("notice_id", "digest", name=op.f("uq_notice_mails_notice_id_digest")),
    )
    with op.batch_alter_table("notice_mails", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_mails_case_id"), ["case_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("notice_mails", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_mails_case_id"))
    op.drop_table("notice_mails")
    op.drop_table("mailboxes")
