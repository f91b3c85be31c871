"""a fingerprint says whether a cut-out is sealed with it"""

import sqlalchemy as sa

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fingerprints", sa.Column("cut_out", sa.String(length=16), nullable=True))


def downgrade() -> None:
    op.drop_column("fingerprints", "cut_out")
