"""how often in a row a mail did not leave for a fault of ours"""

import sqlalchemy as sa

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_TABLES = ("notices", "notice_letters", "notice_replies")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("faults", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "faults")
