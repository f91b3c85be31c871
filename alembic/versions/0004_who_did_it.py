"""ledger entries commit to their plain payload and carry a tag that only the program can make"""

import sqlalchemy as sa

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ledger_entries", sa.Column("commitment", sa.String(length=64), nullable=True))
    op.add_column("ledger_entries", sa.Column("tag", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("ledger_entries", "tag")
    op.drop_column("ledger_entries", "commitment")
