"""Removal receipts, the steps of a case's ledger, and what the police ask platforms to keep."""

from fastapi import APIRouter

from api.deps import AdvocateOnly, AnyActor, CaseToChange, CaseToRead, Context, IdPath, Reading, Writing
from api.schemas.custody import PreservationBody, PreservationsView
from api.schemas.notices import LedgerEntryView, LedgerView, ReceiptList, ReceiptTakenBack, ReceiptView
from api.views.custody import preservations_view
from db.queries.cases import ledger_entries_of, receipts_of, receipts_taken_back
from monitor.actions.reading import note_evidence_read
from monitor.exports.custody.recording import drop_preservation, record_preservation
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
        ],
        taken_back=[
            ReceiptTakenBack(written_at=row.written_at, taken_back_at=row.came_back_at, reason=row.taken_back_for or "")
            for row in await receipts_taken_back(session, actor, case.id)
        ],
    )


@router.get("/ledger")
async def see_ledger(session: Reading, _: AdvocateOnly, case: CaseToRead) -> LedgerView:
    """What happened when, without the facts; `python -m monitor ledger verify` proves it."""
    rows = await ledger_entries_of(session, case.id)
    return LedgerView(
        entries=[LedgerEntryView(seq=row.seq, at=row.at, kind=row.kind, entry_hash=row.entry_hash) for row in rows]
    )


@router.get("/preservation")
async def see_preservation(
    context: Context, session: Writing, _: AdvocateOnly, case: CaseToChange
) -> PreservationsView:
    """Drafts of requests for the police to send, and those that they told us of. An advocate's look is noted."""
    await note_evidence_read(session, context, case.id)
    return await preservations_view(session, context, case)


@router.post("/preservation", status_code=201)
async def record_sent(
    context: Context, session: Writing, actor: AdvocateOnly, case: CaseToChange, body: PreservationBody
) -> PreservationsView:
    """The police told that they sent a request, or a renewal: its 90 days run from then."""
    await record_preservation(
        session,
        context,
        case,
        platform=body.platform,
        sent_at=body.sent_at,
        reference=body.reference,
        by=actor.id,
    )
    return await preservations_view(session, context, case)


@router.post("/preservation/{preservation_id}/not-needed")
async def preservation_not_needed(
    context: Context, session: Writing, actor: AdvocateOnly, case: CaseToChange, preservation_id: IdPath
) -> PreservationsView:
    """What a platform keeps because of it, or kept, is not needed any more: nobody is told of its end again."""
    await drop_preservation(session, context, case, preservation_id, by=actor.id)
    return await preservations_view(session, context, case)
