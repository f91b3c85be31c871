"""a stop belongs to its account, a dead name is asked again later, and ids are kept for each account"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_stops",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("probes", sa.Integer(), nullable=False),
        sa.Column("probe_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_account_stops")),
    )
    op.create_table(
        "source_accesses",
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("remote_id", sa.String(length=32), nullable=False),
        sa.Column("access", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_source_accesses_source_id_sources")),
        sa.PrimaryKeyConstraint("source_id", "account", name=op.f("pk_source_accesses")),
    )
    # What the present login knows stays known when another one comes and goes.
    op.execute(
        "insert into source_accesses (source_id, account, remote_id, access) select id, account, remote_id, access "
        "from sources where account is not null and remote_id is not null and access is not null"
    )
    op.add_column("sources", sa.Column("name_trouble", sa.String(length=64), nullable=True))
    op.add_column("sources", sa.Column("name_tries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("sources", sa.Column("name_asked_at", db.types.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for column in ("name_asked_at", "name_tries", "name_trouble"):
        op.drop_column("sources", column)
    op.drop_table("source_accesses")
    op.drop_table("account_stops")
