"""a centre's profile and list, the person's own pages and names"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "centre_profiles",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_centre_profiles_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_centre_profiles")),
    )
    op.create_table(
        "list_places",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=32), nullable=False),
        sa.Column("removed_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_list_places_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_places")),
    )
    op.create_index(op.f("ix_list_places_organisation_id"), "list_places", ["organisation_id"])
    standing = sa.text("removed_at IS NULL")
    op.create_index(
        "uq_list_places_standing",
        "list_places",
        ["organisation_id", "tag"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    op.create_table(
        "list_consents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("given_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_list_consents_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_list_consents_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_consents")),
    )
    op.create_index(op.f("ix_list_consents_case_id"), "list_consents", ["case_id"])
    op.create_index(op.f("ix_list_consents_organisation_id"), "list_consents", ["organisation_id"])
    op.add_column("consents", sa.Column("list_consent_id", sa.String(length=32), nullable=True))
    op.create_index(op.f("ix_consents_list_consent_id"), "consents", ["list_consent_id"])
    op.create_table(
        "own_pages",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("entered_by", sa.String(length=32), nullable=True),
        sa.Column("added_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_own_pages_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_pages")),
    )
    op.create_index(op.f("ix_own_pages_case_id"), "own_pages", ["case_id"])
    op.create_table(
        "name_terms",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("entered_by", sa.String(length=32), nullable=True),
        sa.Column("entered_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_name_terms_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_terms")),
    )
    op.create_index(op.f("ix_name_terms_case_id"), "name_terms", ["case_id"])
    op.add_column("cases", sa.Column("names_at", db.types.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("cases", "names_at")
    op.drop_table("name_terms")
    op.drop_table("own_pages")
    op.drop_index(op.f("ix_consents_list_consent_id"), "consents")
    op.drop_column("consents", "list_consent_id")
    op.drop_table("list_consents")
    op.drop_table("list_places")
    op.drop_table("centre_profiles")
