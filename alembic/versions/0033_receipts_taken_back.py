"""which receipts of removal ended because their confirmation was wrong"""

import sqlalchemy as sa

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("past_receipts", sa.Column("taken_back_for", sa.String(length=32), nullable=True))
    op.add_column("past_receipts", sa.Column("was_shown", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("past_receipts", "was_shown")
    op.drop_column("past_receipts", "taken_back_for")
