"""A case's removal receipts, and those that count no more."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.schemas.notices import ReceiptList, ReceiptTakenBack, ReceiptView
from db.models.cases import Case
from db.queries.actors import Actor
from db.queries.cases import receipts_of, receipts_taken_back
from monitor.context.context import DomainContext
from monitor.model.records.receipts import RemovalRecord


async def receipt_list(session: AsyncSession, context: DomainContext, actor: Actor, case: Case) -> ReceiptList:
    """All of them, as this actor sees them."""
    return ReceiptList(
        receipts=[
            ReceiptView(
                sighting_id=row.sighting_id,
                written_at=row.written_at,
                content=context.open_record(RemovalRecord, case.id, row.sighting_id, row.content).content(),
            )
            for row in await receipts_of(session, actor, case.id)
        ],
        taken_back=[
            ReceiptTakenBack(written_at=row.written_at, taken_back_at=row.came_back_at, reason=row.taken_back_for or "")
            for row in await receipts_taken_back(session, actor, case.id)
        ],
    )
