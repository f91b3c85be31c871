"""What the person told us, kept sealed."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from monitor.context.context import DomainContext
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.facts import AgeGroup, Intake, SenderRole, Timing


async def fill_intake(session: AsyncSession, context: DomainContext, case: Case, intake: Intake) -> None:
    """Keep what the person told, sealed. The ledger notes the choices, not the words.

    Whoever stops or holds notices with it does that before: notices are locked before the ledger.
    """
    case.intake = context.seal(case.id, "intake", intake_to_json(intake))
    await context.record(
        session,
        case.id,
        EntryKind.INTAKE_CHANGED,
        age_group=intake.age_group,
        country=intake.country,
        sender_role=intake.sender_role,
        timing=intake.timing,
        permission_to_send_at=intake.permission_to_send_at and intake.permission_to_send_at.isoformat(),
    )


def read_intake(context: DomainContext, case: Case) -> Intake:
    """The intake of a case; an empty one (unsure of age, nothing permitted) until it was filled in."""
    if case.intake is None:
        return Intake(language=case.language)
    return intake_from_json(context.open(case.id, "intake", case.intake))


def intake_to_json(intake: Intake) -> dict[str, Any]:
    """Plain values: enums as text, times in ISO 8601."""
    return {
        name: value.isoformat() if isinstance(value, date | datetime) else value
        for name, value in asdict(intake).items()
    }


def intake_from_json(values: dict[str, Any]) -> Intake:
    """The reverse of intake_to_json."""
    permission, until = values["permission_to_send_at"], values["police_until"]
    return Intake(
        **{
            **values,
            "age_group": AgeGroup(values["age_group"]),
            "sender_role": SenderRole(values["sender_role"]),
            "timing": Timing(values["timing"]),
            "permission_to_send_at": None if permission is None else datetime.fromisoformat(permission),
            "police_until": None if until is None else date.fromisoformat(until),
        }
    )
