"""roles, passkeys, recovery codes, recent proof, and one key for names of organisations that are alike"""

import sqlalchemy as sa

import db.types
from alembic import op
from db.organisation_names import name_key

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

organisations = sa.table("organisations", sa.column("id"), sa.column("name"), sa.column("name_key"))
advocates = sa.table("advocates", sa.column("organisation_id"), sa.column("created_at"), sa.column("disabled_at"))


def upgrade() -> None:
    op.add_column("organisations", sa.Column("name_key", sa.String(length=250), nullable=True))
    give_keys(op.get_bind())
    op.create_index(op.f("ix_organisations_name_key"), "organisations", ["name_key"], unique=True)
    for name in ("operator", "enrols", "has_news"):
        op.add_column("advocates", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("advocates", sa.Column("reset_asked_at", db.types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("advocates", sa.Column("reset_asked_by", sa.String(length=120), nullable=True))
    op.add_column("logins", sa.Column("proved_at", db.types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("logins", sa.Column("browser", sa.String(length=60), server_default="", nullable=False))
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("advocate_id", sa.String(length=32), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["advocate_id"], ["advocates.id"], name=op.f("fk_passkeys_advocate_id_advocates")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index(op.f("ix_passkeys_advocate_id"), "passkeys", ["advocate_id"])
    op.create_table(
        "used_challenges",
        sa.Column("challenge_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("challenge_hash", name=op.f("pk_used_challenges")),
    )
    op.create_index(op.f("ix_used_challenges_expires_at"), "used_challenges", ["expires_at"])
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("advocate_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["advocate_id"], ["advocates.id"], name=op.f("fk_recovery_codes_advocate_id_advocates")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_advocate_id"), "recovery_codes", ["advocate_id"])
    op.create_table(
        "account_events",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("advocate_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by_whom", sa.String(length=120), nullable=False),
        sa.Column("seen_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["advocate_id"], ["advocates.id"], name=op.f("fk_account_events_advocate_id_advocates")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_events")),
    )
    op.create_index(op.f("ix_account_events_advocate_id"), "account_events", ["advocate_id"])


def give_keys(connection: sa.Connection) -> None:
    """Of organisations whose names are alike the one that has worked here longest keeps the plain key: whoever types
    the name in some other way means that one. The others are found by their exact names, as before."""
    first = (
        sa.select(advocates.c.organisation_id, sa.func.min(advocates.c.created_at).label("since"))
        .group_by(advocates.c.organisation_id)
        .subquery()
    )
    query = sa.select(organisations.c.id, organisations.c.name).outerjoin(
        first, first.c.organisation_id == organisations.c.id
    )
    taken: set[str] = set()
    for id_, name in connection.execute(
        query.order_by(first.c.since.is_(None), first.c.since, organisations.c.id)
    ).all():
        key = name_key(name)
        if key in taken:
            key = f"{key}|{id_}"
        taken.add(key)
        connection.execute(organisations.update().where(organisations.c.id == id_).values(name_key=key))


def downgrade() -> None:
    for name in ("account_events", "recovery_codes", "used_challenges", "passkeys"):
        op.drop_table(name)
    op.drop_column("logins", "browser")
    op.drop_column("logins", "proved_at")
    for name in ("reset_asked_by", "reset_asked_at", "has_news", "enrols", "operator"):
        op.drop_column("advocates", name)
    op.drop_index(op.f("ix_organisations_name_key"), "organisations")
    op.drop_column("organisations", "name_key")
