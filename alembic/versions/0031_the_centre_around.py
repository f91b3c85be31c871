"""cases go to another centre, passphrases are drawn anew, the same picture in two cases, rest"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_transfers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("from_organisation_id", sa.String(length=32), nullable=False),
        sa.Column("to_organisation_id", sa.String(length=32), nullable=False),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("asked_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("answered_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_transfers_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["from_organisation_id"],
            ["organisations.id"],
            name=op.f("fk_case_transfers_from_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["to_organisation_id"], ["organisations.id"], name=op.f("fk_case_transfers_to_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_transfers")),
    )
    for column in ("case_id", "from_organisation_id", "to_organisation_id"):
        op.create_index(op.f(f"ix_case_transfers_{column}"), "case_transfers", [column])
    asked = sa.text("state = 'asked'")
    op.create_index(
        "uq_case_transfers_asked",
        "case_transfers",
        ["case_id"],
        unique=True,
        sqlite_where=asked,
        postgresql_where=asked,
    )
    op.create_table(
        "passphrase_reissues",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("asked_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("ended_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_passphrase_reissues_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_passphrase_reissues_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passphrase_reissues")),
    )
    op.create_index(op.f("ix_passphrase_reissues_case_id"), "passphrase_reissues", ["case_id"])
    op.create_index(op.f("ix_passphrase_reissues_organisation_id"), "passphrase_reissues", ["organisation_id"])
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "uq_passphrase_reissues_waiting",
        "passphrase_reissues",
        ["case_id"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "same_pictures",
        sa.Column("pair", sa.String(length=64), nullable=False),
        sa.Column("found_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("pair", name=op.f("pk_same_pictures")),
    )
    op.create_table(
        "exposure_days",
        sa.Column("advocate_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["advocate_id"], ["advocates.id"], name=op.f("fk_exposure_days_advocate_id_advocates")
        ),
        sa.PrimaryKeyConstraint("advocate_id", "day", name=op.f("pk_exposure_days")),
    )
    op.add_column("organisations", sa.Column("compares_pictures_at", db.types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("advocates", sa.Column("break_minutes", sa.Integer(), nullable=True))
    op.add_column("advocates", sa.Column("next_break_at", db.types.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("advocates", "next_break_at")
    op.drop_column("advocates", "break_minutes")
    op.drop_column("organisations", "compares_pictures_at")
    op.drop_table("exposure_days")
    op.drop_table("same_pictures")
    op.drop_table("passphrase_reissues")
    op.drop_table("case_transfers")
