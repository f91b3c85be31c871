"""what an advocate enters for a person is marked, mandates are recorded, alerts say who caused them"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_MARKED = ("fingerprints", "known_links", "consents")


def upgrade() -> None:
    # Nothing is marked of what is there: nobody knows who entered it, so it counts as it did.
    op.create_table(
        "mandates",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("content", db.types.Sealed(), nullable=False),
        sa.Column("covers", sa.String(length=100), nullable=False),
        sa.Column("seen_by", sa.String(length=32), nullable=False),
        sa.Column("recorded_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_mandates_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandates")),
    )
    with op.batch_alter_table("mandates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mandates_case_id"), ["case_id"], unique=False)
    op.add_column("cases", sa.Column("entered", db.types.Sealed(), nullable=True))
    for table in _MARKED:
        op.add_column(table, sa.Column("entered_by", sa.String(length=32), nullable=True))
    op.add_column("alerts", sa.Column("caused_by", sa.String(length=16), nullable=True))
    op.add_column(
        "organisations", sa.Column("sole_advocate", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("notices", sa.Column("one_hand", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("notices", "one_hand")
    op.drop_column("organisations", "sole_advocate")
    op.drop_column("alerts", "caused_by")
    for table in _MARKED:
        op.drop_column(table, "entered_by")
    op.drop_column("cases", "entered")
    with op.batch_alter_table("mandates", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mandates_case_id"))
    op.drop_table("mandates")
