"""Removal receipts, and the steps of a case's ledger."""

from fastapi import APIRouter

from api.deps import AdvocateOnly, AnyActor, CaseToRead, Context, Reading
from api.schemas.notices import LedgerEntryView, LedgerView, ReceiptList, ReceiptView
from db.queries.cases import ledger_entries_of, receipts_of
from monitor.model.records.receipts import RemovalRecord

router = APIRouter(prefix="/cases/{case_id}", tags=["evidence"])


@router.get("/receipts")
async def list_receipts(context: Context, session: Reading, actor: AnyActor, case: CaseToRead) -> ReceiptList:
    """What is gone, with the two checks that say so."""
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
async def see_ledger(session: Reading, _: AdvocateOnly, case: CaseToRead) -> LedgerView:
    """What happened when, without the facts; `python -m monitor ledger verify` proves it."""
    rows = await ledger_entries_of(session, case.id)
    return LedgerView(
        entries=[LedgerEntryView(seq=row.seq, at=row.at, kind=row.kind, entry_hash=row.entry_hash) for row in rows]
    )
