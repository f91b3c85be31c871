"""from which link a fingerprint came

What joined the watch before is of a link that nobody noted: it stays when that link is removed.
"""

import sqlalchemy as sa

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("fingerprints") as table:
        table.add_column(sa.Column("link_id", sa.String(length=32), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("fingerprints") as table:
        table.drop_column("link_id")
