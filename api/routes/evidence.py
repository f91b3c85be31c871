"""Removal receipts, and the steps of a case's ledger."""

from fastapi import APIRouter

from api.deps import AdvocateOnly, AnyActor, IdPath, Reading, ServicesDep, acting
from api.schemas.notices import LedgerEntryView, LedgerView, ReceiptList, ReceiptView
from db.queries.cases import ledger_entries_of, receipts_of
from monitor.actions.access import get_open_case
from monitor.model.records.receipts import RemovalRecord

router = APIRouter(prefix="/cases/{case_id}", tags=["evidence"])


@router.get("/receipts")
async def list_receipts(services: ServicesDep, session: Reading, actor: AnyActor, case_id: IdPath) -> ReceiptList:
    """What is gone, with the two checks that say so."""
    case, context = await get_open_case(session, actor, case_id), acting(services, actor)
    rows = await receipts_of(session, actor, case.id)
    return ReceiptList(
        receipts=[
            ReceiptView(
                sighting_id=row.sighting_id,
                written_at=row.written_at,
                content=context.open_record(RemovalRecord, case.id, row.sighting_id, row.content).content(),
            )
            for row in rows
        ]
    )


@router.get("/ledger")
async def see_ledger(session: Reading, actor: AdvocateOnly, case_id: IdPath) -> LedgerView:
    """What happened when, without the facts; `python -m monitor ledger verify` proves it."""
    case = await get_open_case(session, actor, case_id)
    rows = await ledger_entries_of(session, case.id)
    return LedgerView(
        entries=[LedgerEntryView(seq=row.seq, at=row.at, kind=row.kind, entry_hash=row.entry_hash) for row in rows]
    )
