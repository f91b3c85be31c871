"""work that visitors did is taken once"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spent_work",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("until", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spent_work")),
    )
    op.create_index(op.f("ix_spent_work_until"), "spent_work", ["until"])


def downgrade() -> None:
    op.drop_index(op.f("ix_spent_work_until"), table_name="spent_work")
    op.drop_table("spent_work")
