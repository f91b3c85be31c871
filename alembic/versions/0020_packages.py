"""packages of evidence that the console made, until they are deleted"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence_packages",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("asked_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("source_id", sa.String(length=32), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("fetched_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_evidence_packages_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_packages")),
    )
    op.create_index(op.f("ix_evidence_packages_organisation_id"), "evidence_packages", ["organisation_id"])
    op.create_index(op.f("ix_evidence_packages_ends_at"), "evidence_packages", ["ends_at"])
    op.create_table(
        "evidence_package_cases",
        sa.Column("package_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["package_id"], ["evidence_packages.id"], name=op.f("fk_evidence_package_cases_package_id_evidence_packages")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_evidence_package_cases_case_id_cases")),
        sa.PrimaryKeyConstraint("package_id", "case_id", name=op.f("pk_evidence_package_cases")),
    )
    op.create_index(op.f("ix_evidence_package_cases_case_id"), "evidence_package_cases", ["case_id"])


def downgrade() -> None:
    op.drop_table("evidence_package_cases")
    op.drop_table("evidence_packages")
