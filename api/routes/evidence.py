"""Removal receipts, the steps of a case's ledger, and what the police ask platforms to keep."""

from fastapi import APIRouter

from api.deps import AdvocateOnly, AnyActor, CaseToChange, CaseToRead, Context, IdPath, Reading, Writing
from api.schemas.custody import PreservationBody, PreservationsView
from api.schemas.notices import LedgerEntryView, LedgerView, ReceiptList
from api.views.custody import preservations_view
from api.views.receipts import receipt_list
from db.queries.cases import ledger_entries_of
from monitor.actions.reading import note_evidence_read
from monitor.exports.custody.recording import drop_preservation, record_preservation

router = APIRouter(prefix="/cases/{case_id}", tags=["evidence"])


@router.get("/receipts")
async def list_receipts(context: Context, session: Reading, actor: AnyActor, case: CaseToRead) -> ReceiptList:
    """What is gone, with the two checks that say so."""
    return await receipt_list(session, context, actor, case)


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
    """The police told that they sent a request, or a renewal: its 90 days run from then. Or the day that was recorded
    was wrong, and this is the right one."""
    await record_preservation(
        session,
        context,
        case,
        platform=body.platform,
        sent_at=body.sent_at,
        reference=body.reference,
        by=actor.id,
        corrects=body.corrects,
    )
    return await preservations_view(session, context, case)


@router.post("/preservation/{preservation_id}/not-needed")
async def preservation_not_needed(
    context: Context, session: Writing, actor: AdvocateOnly, case: CaseToChange, preservation_id: IdPath
) -> PreservationsView:
    """What a platform keeps because of it, or kept, is not needed any more: nobody is told of its end again."""
    await drop_preservation(session, context, case, preservation_id, by=actor.id)
    return await preservations_view(session, context, case)
