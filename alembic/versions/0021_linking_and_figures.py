"""sightings are linked by keyed hashes, centres may share counts, whole channels are reported, hours stand beside others'"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Sightings of before are marked by the worker: here nothing can be opened.
    op.create_table(
        "sighting_marks",
        sa.Column("sighting_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["sighting_id"], ["sightings.id"], name=op.f("fk_sighting_marks_sighting_id_sightings")
        ),
        sa.PrimaryKeyConstraint("sighting_id", "kind", name=op.f("pk_sighting_marks")),
    )
    with op.batch_alter_table("sighting_marks", schema=None) as batch_op:
        batch_op.create_index("ix_sighting_marks_kind_mark", ["kind", "mark"], unique=False)
    op.create_table(
        "place_reports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.Column("route", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("content", db.types.Sealed(), nullable=False),
        sa.Column("receipt", db.types.Sealed(), nullable=True),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.String(length=32), nullable=True),
        sa.Column("dated_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("sent_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_place_reports_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_place_reports_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_reports")),
    )
    with op.batch_alter_table("place_reports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_place_reports_organisation_id"), ["organisation_id"], unique=False)
    op.create_table(
        "report_parts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("content", db.types.Sealed(), nullable=True),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("asked_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answered_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_report_parts_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["place_reports.id"], name=op.f("fk_report_parts_report_id_place_reports")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_parts")),
        sa.UniqueConstraint("report_id", "case_id", name=op.f("uq_report_parts_report_id_case_id")),
    )
    with op.batch_alter_table("report_parts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_parts_case_id"), ["case_id"], unique=False)
    op.create_table(
        "published_hours",
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("noticed", sa.Boolean(), nullable=False),
        sa.Column("hours", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("decisions", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "noticed", "hours", name=op.f("pk_published_hours")),
    )
    op.create_table(
        "published_files",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("decisions", sa.BigInteger(), nullable=False),
        sa.Column("first_day", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_day", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("loaded_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_published_files")),
    )
    op.add_column("organisations", sa.Column("shares_links_at", db.types.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("organisations", "shares_links_at")
    op.drop_table("published_files")
    op.drop_table("published_hours")
    with op.batch_alter_table("report_parts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_parts_case_id"))
    op.drop_table("report_parts")
    with op.batch_alter_table("place_reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_place_reports_organisation_id"))
    op.drop_table("place_reports")
    with op.batch_alter_table("sighting_marks", schema=None) as batch_op:
        batch_op.drop_index("ix_sighting_marks_kind_mark")
    op.drop_table("sighting_marks")
