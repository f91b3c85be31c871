"""From transfers and new passphrases to what each side is shown of them."""

from dataclasses import asdict

from sqlalchemy.ext.asyncio import AsyncSession

from api.schemas.transfers import ReissueView, TransferView
from db.models.oversight import PassphraseReissue
from db.models.people import Organisation
from monitor.actions.transfer import Transfer


def transfer_view(one: Transfer) -> TransferView:
    """As its side sees it."""
    return TransferView(**asdict(one))


async def reissue_view(session: AsyncSession, row: PassphraseReissue, *, on_hold: bool = False) -> ReissueView:
    """With the name of the centre whose lead asked. `on_hold`: the case is, so that the delay rests."""
    home = await session.get_one(Organisation, row.organisation_id)
    return ReissueView(
        case_id=row.case_id,
        asked_at=row.asked_at,
        due_at=row.due_at,
        ends_at=row.ends_at,
        on_hold=on_hold,
        centre=home.name,
    )
