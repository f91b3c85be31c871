"""a notice may be carried by another one's message, and an address leaves only where the person agreed to it"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notices", sa.Column("together_id", sa.String(length=32), nullable=True))
    op.create_index(op.f("ix_notices_together_id"), "notices", ["together_id"])
    op.create_table(
        "address_agreements",
        sa.Column("notice_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("answered_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_address_agreements_case_id_cases")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_address_agreements_notice_id_notices")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_address_agreements")),
    )
    op.create_index(op.f("ix_address_agreements_case_id"), "address_agreements", ["case_id"])


def downgrade() -> None:
    op.drop_table("address_agreements")
    op.drop_index(op.f("ix_notices_together_id"), "notices")
    op.drop_column("notices", "together_id")
