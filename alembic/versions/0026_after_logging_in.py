"""a person pauses the reading of places, sees what is new, is asked about copies, and writes with their centre"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("watching_paused_at", "visited_at", "news_since"):
        op.add_column("cases", sa.Column(name, db.types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("consents", sa.Column("paused_at", db.types.UtcDateTime(timezone=True), nullable=True))
    op.create_table(
        "messages",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("written_by", sa.String(length=32), nullable=True),
        sa.Column("content", db.types.Sealed(), nullable=False),
        sa.Column("written_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("read_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_messages_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_messages_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_messages_case_id_number")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_messages_organisation_id"), ["organisation_id"], unique=False)
    op.create_table(
        "sighting_questions",
        sa.Column("sighting_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("asked_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=True),
        sa.Column("answered_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_sighting_questions_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["sighting_id"], ["sightings.id"], name=op.f("fk_sighting_questions_sighting_id_sightings")
        ),
        sa.PrimaryKeyConstraint("sighting_id", name=op.f("pk_sighting_questions")),
    )
    with op.batch_alter_table("sighting_questions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sighting_questions_case_id"), ["case_id"], unique=False)
    op.create_table(
        "news_mailboxes",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("content", db.types.Sealed(), nullable=False),
        sa.Column("since", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("stopped", sa.String(length=64), nullable=True),
        sa.Column("due_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("told_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=128), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_news_mailboxes_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_news_mailboxes")),
    )
    with op.batch_alter_table("news_mailboxes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_news_mailboxes_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_news_mailboxes_message_id"), ["message_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("news_mailboxes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_news_mailboxes_message_id"))
        batch_op.drop_index(batch_op.f("ix_news_mailboxes_due_at"))
    op.drop_table("news_mailboxes")
    for table, index in (("sighting_questions", "case_id"), ("messages", "organisation_id")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(batch_op.f(f"ix_{table}_{index}"))
        op.drop_table(table)
    op.drop_column("consents", "paused_at")
    for name in ("news_since", "visited_at", "watching_paused_at"):
        op.drop_column("cases", name)
