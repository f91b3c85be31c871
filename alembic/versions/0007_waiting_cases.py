"""cases that nobody vouches for end, and are grouped by a keyed hash of where they came from"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("ends_at", db.types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("origin_tag", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("cases", "origin_tag")
    op.drop_column("cases", "ends_at")
