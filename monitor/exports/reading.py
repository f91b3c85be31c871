"""Reads everything about one case that a package tells, in one go; nothing here writes."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, KnownLink
from db.models.copies import CopyClosing, Filing
from db.models.mailboxes import NoticeMail
from db.models.notices import Escalation, Notice
from db.models.observations import Observation
from db.models.people import Organisation
from db.models.platform_side import PlatformAnswer
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.people import names_of
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.evidence.by import Who
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.ledger import ToldEntry
from monitor.evidence.time_stamps import case_time_stamps
from monitor.exports.case_file import (
    AnswerLine,
    CaseFile,
    CopyLine,
    EntryLine,
    FilingLine,
    NoticeLine,
    ObservationLine,
    TimeStampFile,
)
from monitor.exports.custody.preservation import preservation_request
from monitor.exports.custody.recording import posts_to_keep
from monitor.exports.ledger_slice import attest, is_opened, slice_of
from monitor.exports.others import Others, others_of
from monitor.model.facts import Intake
from monitor.model.records.answer import AnswerRecord
from monitor.model.records.check import CheckRecord
from monitor.model.records.filing import FilingRecord
from monitor.model.records.link import LinkRecord
from monitor.model.records.notice import NoticeRecord
from monitor.model.records.observation import ObservationRecord
from monitor.model.records.observed import ObservedPart
from monitor.model.records.platform import PlatformAnswerRecord
from monitor.model.records.receipts import DeliveryRecord
from monitor.model.records.sighting import SightingRecord
from monitor.model.states import LinkState, SightingState
from monitor.platforms.base import PlatformName
from monitor.sightings.age import age_of

_WITH_EVIDENCE = (EntryKind.SIGHTING_FOUND, EntryKind.COPY_REPLACED)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is read once and used by several lines."""

    session: AsyncSession
    context: DomainContext
    case: Case
    told: Sequence[ToldEntry]
    names: Mapping[str, tuple[str, str]]
    intake: Intake
    others: Others

    def name_of(self, advocate_id: str | None) -> str:
        return self.names.get(advocate_id or "", ("", ""))[0]


async def read_case(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    *,
    heads_file: Path,
    export_id: str,
    language: str,
    source_id: str | None = None,
) -> CaseFile:
    """What leaves of this case; with `source_id` only the copies there.

    Raises KeyDestroyed when the case was erased, LedgerBroken when its chain cannot be read.
    """
    told = await context.ledger.told(session, case.id)
    query = select(Sighting, Source).join(Source, Source.id == Sighting.source_id)
    mine = [Sighting.case_id == case.id, Sighting.state == SightingState.CONFIRMED]
    if source_id is not None:
        mine.append(Sighting.source_id == source_id)
    found = (await session.execute(query.where(*mine).order_by(Sighting.found_at, Sighting.id))).all()
    written = select(Notice).where(Notice.case_id == case.id).order_by(Notice.created_at, Notice.id)
    numbers = {sighting.id: number for number, (sighting, _) in enumerate(found, 1)}
    notices = [one for one in await session.scalars(written) if one.sighting_id in numbers]
    names = await names_of(
        session,
        [
            *(sighting.decided_by for sighting, _ in found if sighting.decided_by),
            *(one.created_by for one in notices),
            *(one.by.advocate_id for one in told if one.by is not None and one.by.advocate_id),
        ],
    )
    intake = read_intake(context, case)
    others = await others_of(session, context, notices, numbers, language=language)
    parts = _Parts(session, context, case, told, names, intake, others)
    bare = {str(one.facts.get("sighting")) for one in told if one.facts and one.row.kind == EntryKind.TEXT_DESTROYED}
    noticed = {one.id for one in notices}
    opened = [
        one
        for one in told
        if is_opened(one, numbers, noticed, export_id, without_text=bare) and not others.are_named_in(one.facts or {})
    ]
    now, home = context.now(), case.organisation_id
    centre = await session.get(Organisation, home) if home else None
    return CaseFile(
        case_id=case.id,
        centre="" if centre is None else centre.name,
        opened_at=case.opened_at,
        vouched_at=case.vouched_at,
        age_group=intake.age_group,
        country=intake.country,
        copies=tuple([await _copy(parts, numbers[sighting.id], sighting, source) for sighting, source in found]),
        notices=tuple(
            [await _notice(parts, number, one, numbers[one.sighting_id]) for number, one in enumerate(notices, 1)]
        ),
        filings=await _filings(parts, numbers),
        entries=_entries(parts, opened, numbers, {one.id: number for number, one in enumerate(notices, 1)}),
        links=await _links(parts) if source_id is None else (),
        ledger=await slice_of(session, context.ledger, context.keys, heads_file, case.id, opened, now=now),
        attestation=attest(context.keys, case.id, opened, now=now),
        stamps=await _stamps(session, context, heads_file, case.id),
        more=await _drafts(parts, "" if centre is None else centre.name, {one.id for _, one in found}, language),
    )


async def _drafts(parts: _Parts, centre: str, source_ids: Collection[str], language: str) -> dict[str, bytes]:
    """Requests that the police may send to each platform, so that it keeps what it has; only about these sources."""
    session, context, case = parts.session, parts.context, parts.case
    names = await session.execute(select(Source.platform, Source.handle).where(Source.id.in_(source_ids)))
    here = {(platform, handle) for platform, handle in names}  # typed as pairs
    files = {}
    for platform, posts in (await posts_to_keep(session, context, case)).items():
        mine = [one for one in posts if (platform, one.handle) in here]
        if not mine:
            continue
        draft = preservation_request(
            platform,
            mine,
            language=language,
            case_number=case.id,
            organisation=centre,
            minor=any(one.minor for one in mine),
            recipients=context.recipients,
        )
        address = f"{draft.address}\n\n" if draft.address else ""
        files[f"preservation-{platform}.txt"] = f"{draft.subject}\n\n{address}{draft.body}\n".encode()
    return files


async def _stamps(
    session: AsyncSession, context: DomainContext, heads_file: Path, case_id: str
) -> tuple[TimeStampFile, ...]:
    return tuple(
        TimeStampFile(
            day=one.day.isoformat(),
            count=one.count,
            authority=one.authority,
            stamped_at=one.stamped_at,
            proof=_json(one.proof),
            response=one.response,
        )
        for one in await case_time_stamps(session, context.keys, heads_file, case_id)
    )


async def _copy(parts: _Parts, number: int, sighting: Sighting, source: Source) -> CopyLine:
    context, case_id = parts.context, parts.case.id
    answers = source.platform != PlatformName.X or source.platform in context.keeps_deleted_text
    record = context.open_record(SightingRecord, case_id, sighting.id, sighting.evidence)
    closing = await parts.session.get(CopyClosing, sighting.id)
    # As the chain tells it: of X without text and names, which must go with the post.
    evidence = _json(record.for_ledger(source.platform, sighting.post_id))
    checked: CheckRecord | None = None
    if sighting.last_check is not None:
        checked = context.open_record(CheckRecord, case_id, sighting.id, sighting.last_check)
    return CopyLine(
        number=number,
        id=sighting.id,
        platform=source.platform,
        handle=source.handle,
        remote_id=source.remote_id or "",
        post=sighting.post_id,
        url=record.url,
        kind=sighting.kind,
        posted_at=sighting.posted_at,
        found_at=sighting.found_at,
        verdict=sighting.verdict,
        distance=sighting.distance,
        identical=sighting.identical,
        how=sighting.how,
        evidence=evidence,
        evidence_entry=_entry_of(parts.told, sighting.id, evidence),
        frames=len(record.frames) + 1 if record.frames else 0,
        decided_at=sighting.decided_at,
        decided_by=parts.name_of(sighting.decided_by),
        basis=sighting.basis or "",
        presence=sighting.presence or "",
        checked_at=sighting.looked_at,
        checks=sighting.looks,
        removed_at=sighting.removed_at,
        age=age_of(sighting, parts.intake),
        seen_last=None if checked is None else _moved(checked, record.url),
        response=_response(record.observed) if answers else b"",
        observations=await _observations(parts, sighting, source.platform),
        closed_at=None if closing is None else closing.closed_at,
        closed_for="" if closing is None else closing.reason,
    )


def _response(observed: ObservedPart | None) -> bytes:
    """The platform's own answer, whose hash stands in the evidence; empty where it is not kept."""
    return b"" if observed is None or observed.response is None else observed.response.encode()


async def _observations(parts: _Parts, sighting: Sighting, platform: str) -> tuple[ObservationLine, ...]:
    rows = await parts.session.scalars(
        select(Observation).where(Observation.sighting_id == sighting.id).order_by(Observation.at, Observation.id)
    )
    lines = []
    for row in rows:
        seen: ObservationRecord | None = None
        if row.content is not None:
            seen = parts.context.open_record(ObservationRecord, parts.case.id, row.id, row.content)
        evidence = None if seen is None else _json(seen.for_ledger(platform))
        lines.append(ObservationLine(at=row.at, outcome=row.outcome, evidence=evidence))
    return tuple(lines)


def _moved(check: CheckRecord, url: str) -> Mapping[str, Any] | None:
    if not check.url or check.url == url:
        return None
    return {"at": check.at.astimezone(UTC).isoformat(), "url": check.url, "post": check.post_id}


def _entry_of(told: Sequence[ToldEntry], sighting_id: str, evidence: Mapping[str, Any]) -> int | None:
    """The newest entry that holds this very evidence."""
    for one in reversed(told):
        if one.facts is None or one.row.kind not in _WITH_EVIDENCE or one.facts.get("sighting") != sighting_id:
            continue
        kept = one.facts.get("evidence", {})
        if all(evidence[name] == value for name, value in kept.items() if name in evidence):
            return one.row.seq
    return None


async def _notice(parts: _Parts, number: int, row: Notice, copy: int) -> NoticeLine:
    context, case_id, session = parts.context, parts.case.id, parts.session
    record = context.open_record(NoticeRecord, case_id, row.id, row.content)
    receipt = None if row.receipt is None else context.open_record(DeliveryRecord, case_id, row.id, row.receipt)
    # What came in about the message that carried it is about this one as well.
    about = [one for one in (row.id, row.together_id) if one]
    mails = select(NoticeMail).where(NoticeMail.notice_id.in_(about)).order_by(NoticeMail.at, NoticeMail.id)
    by_link = PlatformAnswer.notice_id.in_(about) & (PlatformAnswer.by == "link")
    answers = select(PlatformAnswer).where((PlatformAnswer.notice_id == row.id) | by_link)
    answers = answers.order_by(PlatformAnswer.at, PlatformAnswer.id)
    steps = select(Escalation.step).where(Escalation.notice_id == row.id).order_by(Escalation.step)
    return NoticeLine(
        number=number,
        id=row.id,
        copy=copy,
        route=row.route,
        recipient=record.recipient,
        language=row.language,
        state=row.state,
        reason=row.reason or "",
        written_at=row.created_at,
        written_by=parts.name_of(row.created_by),
        sent_at=row.sent_at,
        deadline_at=row.deadline_at,
        subject=parts.others.without(record.subject),
        body=parts.others.without(record.body),
        fields={name: parts.others.without(value) for name, value in record.fields.items()},
        receipt=None if receipt is None else receipt.content(),
        answers=tuple(
            sorted(
                [
                    *(_answer(parts, mail) for mail in await session.scalars(mails)),
                    *(_platform_answer(parts, one) for one in await session.scalars(answers)),
                ],
                key=lambda one: one.at,
            )
        ),
        next_steps=tuple(await session.scalars(steps)),
    )


def _platform_answer(parts: _Parts, row: PlatformAnswer) -> AnswerLine:
    text = ""
    if row.content is not None:
        text = parts.context.open_record(PlatformAnswerRecord, parts.case.id, row.id, row.content).text
    told = parts.others.without(text)
    return AnswerLine(at=row.at, kind=row.kind, proven=True, sender=row.by, text=told, reason=row.reason or "")


async def _filings(parts: _Parts, copies: Mapping[str, int]) -> tuple[FilingLine, ...]:
    """Without the advocate's own words about them."""
    query = select(Filing).where(Filing.case_id == parts.case.id).order_by(Filing.filed_at, Filing.id)
    return tuple(
        FilingLine(
            copy=copies[row.sighting_id],
            step=row.step,
            filed_at=row.filed_at,
            reference=parts.context.open_record(FilingRecord, parts.case.id, row.id, row.content).reference,
            answer=row.answer or "",
            answered_at=row.answered_at,
        )
        for row in await parts.session.scalars(query)
        if row.sighting_id in copies
    )


def _answer(parts: _Parts, mail: NoticeMail) -> AnswerLine:
    told: AnswerRecord | None = None
    if mail.content is not None:
        told = parts.context.open_record(AnswerRecord, parts.case.id, mail.id, mail.content)
    return AnswerLine(
        at=mail.at,
        kind=mail.kind,
        proven=mail.proven,
        sender="" if told is None else told.sender,
        text="" if told is None else parts.others.without(told.text),
    )


def _entries(
    parts: _Parts, opened: Sequence[ToldEntry], copies: Mapping[str, int], notices: Mapping[str, int]
) -> tuple[EntryLine, ...]:
    shown = {one.row.seq for one in opened}
    lines = []
    for one in parts.told:
        facts = one.facts if one.row.seq in shown and one.facts is not None else {}
        lines.append(
            EntryLine(
                seq=one.row.seq,
                at=one.row.at,
                kind=one.row.kind,
                entry_hash=one.row.entry_hash,
                # Who did what stays closed is as little told as what it was.
                who=one.by.who if one.by is not None and facts else "",
                name=parts.name_of(one.by.id) if one.by is not None and facts and one.by.who is Who.ADVOCATE else "",
                opened=one.row.seq in shown,
                copy=copies.get(facts.get("sighting", "")),
                notice=notices.get(facts.get("notice", "")),
                presence=str(facts.get("presence", "")),
            )
        )
    return tuple(lines)


async def _links(parts: _Parts) -> tuple[tuple[datetime, str], ...]:
    """Those that are only passed on: what was read shows as a copy, where it is one."""
    query = select(KnownLink).where(
        KnownLink.case_id == parts.case.id, KnownLink.state.in_((LinkState.ROUTED, LinkState.DONE))
    )
    rows = await parts.session.scalars(query.order_by(KnownLink.entered_at, KnownLink.id))
    return tuple(
        (row.entered_at, parts.context.open_record(LinkRecord, parts.case.id, row.id, row.payload).url) for row in rows
    )


def _json(value: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(value))
    return plain
