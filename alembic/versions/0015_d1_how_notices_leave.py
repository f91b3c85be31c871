"""a centre has an address for answers, an advocate a name for work"""

import sqlalchemy as sa

from alembic import op

revision = "0015d1"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organisations", sa.Column("reply_to", sa.String(length=254), nullable=True))
    op.add_column("advocates", sa.Column("work_alias", sa.String(length=200), nullable=True))


def downgrade() -> None:
    op.drop_column("advocates", "work_alias")
    op.drop_column("organisations", "reply_to")
