"""cases that nobody vouched for belong to no organisation: they wait in a pool, and a centre can have one in hand"""

import sqlalchemy as sa

import db.types
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("any_centre", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("cases", sa.Column("in_hand_since", db.types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("in_hand_until", db.types.UtcDateTime(timezone=True), nullable=True))
    # They had been given to the organisation whose name comes first. Before vouching no advocate could do anything with
    # a case, so none of them is in anybody's hands. The person ticks whether any centre may help; nobody is asked here.
    cases = sa.table("cases", sa.column("organisation_id"), sa.column("vouched_at"), sa.column("state"))
    waiting = cases.c.vouched_at.is_(None) & cases.c.state.in_(("open", "erasing"))
    op.execute(cases.update().where(waiting).values(organisation_id=None))


def downgrade() -> None:
    op.drop_column("cases", "in_hand_until")
    op.drop_column("cases", "in_hand_since")
    op.drop_column("cases", "any_centre")
