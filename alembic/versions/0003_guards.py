"""fingerprints that fit too much are paused; pictures known to be harmless are listed"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fingerprints", sa.Column("quarantined_at", db.types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("fingerprints", sa.Column("wave_until", db.types.UtcDateTime(timezone=True), nullable=True))
    op.create_table(
        "benign_hashes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.LargeBinary(length=32), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=100), nullable=False),
        sa.Column("added_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benign_hashes")),
        sa.UniqueConstraint("code", name=op.f("uq_benign_hashes_code")),
    )


def downgrade() -> None:
    op.drop_table("benign_hashes")
    op.drop_column("fingerprints", "wave_until")
    op.drop_column("fingerprints", "quarantined_at")
