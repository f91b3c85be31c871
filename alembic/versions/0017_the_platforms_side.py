"""each e-mailed notice carries a link, its recipient answers, tokens and webhooks for platforms, replies to mails"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TIME = db.types.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "platform_links",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("notice_id", sa.String(length=32), nullable=False),
        sa.Column("recipient_tag", sa.String(length=64), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("revoked_at", _TIME, nullable=True),
        sa.Column("code_number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("code_nonce", sa.String(length=32), nullable=True),
        sa.Column("code_at", _TIME, nullable=True),
        sa.Column("code_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("codes_today", sa.Integer(), server_default="0", nullable=False),
        sa.Column("codes_since", _TIME, nullable=True),
        sa.Column("look_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_platform_links_case_id_cases")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_platform_links_notice_id_notices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_links")),
        sa.UniqueConstraint("notice_id", name=op.f("uq_platform_links_notice_id")),
    )
    op.create_index(op.f("ix_platform_links_case_id"), "platform_links", ["case_id"], unique=False)
    op.create_index(op.f("ix_platform_links_recipient_tag"), "platform_links", ["recipient_tag"], unique=False)
    op.create_table(
        "platform_answers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("notice_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("by", sa.String(length=48), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_platform_answers_case_id_cases")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_platform_answers_notice_id_notices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_answers")),
    )
    op.create_index(op.f("ix_platform_answers_case_id"), "platform_answers", ["case_id"], unique=False)
    op.create_index(op.f("ix_platform_answers_notice_id"), "platform_answers", ["notice_id"], unique=False)
    op.create_table(
        "platform_tokens",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("recipient_tag", sa.String(length=64), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("revoked_at", _TIME, nullable=True),
        sa.Column("webhook", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_platform_tokens_token_hash")),
    )
    op.create_index(op.f("ix_platform_tokens_recipient_tag"), "platform_tokens", ["recipient_tag"], unique=False)
    op.create_table(
        "platform_calls",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("notice_id", sa.String(length=32), nullable=False),
        sa.Column("token_id", sa.String(length=32), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("due_at", _TIME, nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_platform_calls_case_id_cases")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_platform_calls_notice_id_notices")),
        sa.ForeignKeyConstraint(
            ["token_id"], ["platform_tokens.id"], name=op.f("fk_platform_calls_token_id_platform_tokens")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_calls")),
        sa.UniqueConstraint("token_id", "notice_id", "event", name=op.f("uq_platform_calls_token_id_notice_id_event")),
    )
    op.create_index(op.f("ix_platform_calls_case_id"), "platform_calls", ["case_id"], unique=False)
    op.create_index(op.f("ix_platform_calls_due_at"), "platform_calls", ["due_at"], unique=False)
    op.create_table(
        "notice_replies",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("notice_id", sa.String(length=32), nullable=False),
        sa.Column("mail_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=128), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=True),
        sa.Column("sent_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notice_replies_case_id_cases")),
        sa.ForeignKeyConstraint(["mail_id"], ["notice_mails.id"], name=op.f("fk_notice_replies_mail_id_notice_mails")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_replies_notice_id_notices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_replies")),
        sa.UniqueConstraint("mail_id", name=op.f("uq_notice_replies_mail_id")),
    )
    for column in ("case_id", "due_at", "notice_id"):
        op.create_index(op.f(f"ix_notice_replies_{column}"), "notice_replies", [column], unique=False)


def downgrade() -> None:
    for table in ("notice_replies", "platform_calls", "platform_tokens", "platform_answers", "platform_links"):
        op.drop_table(table)
