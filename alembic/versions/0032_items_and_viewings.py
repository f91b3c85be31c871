"""which sightings show one picture, whose post names the person, and who looked at a copy"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sightings", sa.Column("alike_id", sa.String(length=32), nullable=True))
    op.add_column("sightings", sa.Column("named", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(op.f("ix_sightings_alike_id"), "sightings", ["alike_id"])
    op.create_index(
        "ix_sightings_desk",
        "sightings",
        [
            *("case_id", "state", "alike_id", "source_id", "found_at", "verdict", "identical", "distance"),
            *("fingerprint_id", "age_group", "named", "posted_with", "decided_at", "id"),
        ],
    )
    op.create_table(
        "viewings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("sighting_id", sa.String(length=32), nullable=False),
        sa.Column("body", sa.String(length=16), nullable=False),
        sa.Column("asked_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("asked_by", sa.String(length=32), nullable=True),
        sa.Column("said", sa.String(length=16), nullable=True),
        sa.Column("said_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("noted_by", sa.String(length=32), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_viewings_case_id_cases")),
        sa.ForeignKeyConstraint(["sighting_id"], ["sightings.id"], name=op.f("fk_viewings_sighting_id_sightings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_viewings")),
    )
    op.create_index(op.f("ix_viewings_case_id"), "viewings", ["case_id"])
    op.create_index(op.f("ix_viewings_sighting_id"), "viewings", ["sighting_id"])


def downgrade() -> None:
    op.drop_table("viewings")
    op.drop_index("ix_sightings_desk", "sightings")
    op.drop_index(op.f("ix_sightings_alike_id"), "sightings")
    op.drop_column("sightings", "named")
    op.drop_column("sightings", "alike_id")
