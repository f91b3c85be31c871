"""a centre names a case, tags it, notes what matters, and somebody there is in charge of it"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_desks",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("content", db.types.Sealed(), nullable=True),
        sa.Column("in_charge", sa.String(length=32), nullable=True),
        sa.Column("in_charge_since", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("handed_by", sa.String(length=32), nullable=True),
        sa.Column("seen_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_desks_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_case_desks_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("case_id", "organisation_id", name=op.f("pk_case_desks")),
    )
    with op.batch_alter_table("case_desks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_desks_organisation_id"), ["organisation_id"], unique=False)
    op.create_table(
        "case_notes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("written_by", sa.String(length=32), nullable=False),
        sa.Column("handed_to", sa.String(length=32), nullable=True),
        sa.Column("content", db.types.Sealed(), nullable=True),
        sa.Column("written_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_notes_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_case_notes_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notes")),
    )
    with op.batch_alter_table("case_notes", schema=None) as batch_op:
        batch_op.create_index("ix_case_notes_case_id_organisation_id", ["case_id", "organisation_id"], unique=False)


def downgrade() -> None:
    op.drop_table("case_notes")
    op.drop_table("case_desks")
