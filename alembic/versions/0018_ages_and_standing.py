"""age for each picture, what was posted with a copy, and an organisation's standing"""

import sqlalchemy as sa

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty: the answer for all pictures of the case counts, as it did.
    op.add_column("fingerprints", sa.Column("age_group", sa.String(length=16), nullable=True))
    op.add_column("sightings", sa.Column("age_group", sa.String(length=16), nullable=True))
    op.add_column(
        "sightings", sa.Column("posted_with", sa.String(length=64), nullable=False, server_default="")
    )
    op.add_column("organisations", sa.Column("country", sa.String(length=2), nullable=False, server_default=""))
    op.add_column("organisations", sa.Column("designated", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(
        "organisations", sa.Column("registered_with", sa.String(length=200), nullable=False, server_default="")
    )


def downgrade() -> None:
    for column in ("registered_with", "designated", "country"):
        op.drop_column("organisations", column)
    for column in ("posted_with", "age_group"):
        op.drop_column("sightings", column)
    op.drop_column("fingerprints", "age_group")
