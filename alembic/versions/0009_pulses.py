"""workers leave signs of life"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pulses",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pulses")),
    )
    op.add_column("alerts", sa.Column("mailed_at", db.types.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("alerts", "mailed_at")
    op.drop_table("pulses")
