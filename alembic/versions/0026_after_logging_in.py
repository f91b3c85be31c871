"""a person pauses the reading of places, and sees what is new since they logged in last"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0026"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("watching_paused_at", "visited_at", "news_since"):
        op.add_column("cases", sa.Column(name, db.types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("consents", sa.Column("paused_at", db.types.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("consents", "paused_at")
    for name in ("news_since", "visited_at", "watching_paused_at"):
        op.drop_column("cases", name)
