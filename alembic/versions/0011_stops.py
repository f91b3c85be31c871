"""leads, stops, frozen cases and reports of registered pictures"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("advocates", sa.Column("lead", sa.Boolean(), server_default=sa.false(), nullable=False))
    # Whoever works longest for an organisation, and still does, is its lead.
    op.execute(
        """
        UPDATE advocates SET lead = true WHERE id IN (
            SELECT id FROM (
                SELECT id, row_number() OVER (PARTITION BY organisation_id ORDER BY created_at, id) AS place
                FROM advocates WHERE disabled_at IS NULL
            ) AS ranked WHERE place = 1
        )
        """
    )
    op.add_column("cases", sa.Column("frozen_at", db.types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("freeze", sa.LargeBinary(), nullable=True))
    op.create_table(
        "stops",
        sa.Column("id", sa.String(length=48), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("stopped_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("stopped_by", sa.String(length=120), nullable=False),
        sa.Column("asked_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("asked_by", sa.String(length=120), nullable=True),
        sa.Column("ended_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("caught_up", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stops")),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_reports_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reports_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reports_made_at"), ["made_at"], unique=False)
    op.create_table(
        "reports_closed",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("closed_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_reports_closed_report_id_reports")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_reports_closed_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("report_id", "organisation_id", name=op.f("pk_reports_closed")),
    )


def downgrade() -> None:
    op.drop_table("reports_closed")
    op.drop_table("reports")
    op.drop_table("stops")
    op.drop_column("cases", "freeze")
    op.drop_column("cases", "frozen_at")
    op.drop_column("advocates", "lead")
