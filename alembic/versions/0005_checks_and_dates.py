"""where a reported copy is now, and when a notice left"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sightings", sa.Column("last_check", sa.LargeBinary(), nullable=True))
    op.add_column("notices", sa.Column("dated_at", db.types.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("notices", "dated_at")
    op.drop_column("sightings", "last_check")
