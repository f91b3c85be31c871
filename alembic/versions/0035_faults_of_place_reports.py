"""how often in a row a report about a whole channel did not leave for a fault of ours"""

import sqlalchemy as sa

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("place_reports", sa.Column("faults", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("place_reports", "faults")
