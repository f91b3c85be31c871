"""The table of roles, cell by cell: a right that somebody gains or loses is changed here on purpose."""

import pytest

from db.queries.actors import AdvocateActor, OperatorActor
from monitor.cases.roles import Right, Role, may, require, role_of
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal

CELLS = {
    Right.OWN_ACCOUNT: "advocate lead operator",
    Right.CASES: "advocate lead",
    Right.CENTRE: "advocate lead",
    Right.LEAD_CENTRE: "lead",
    Right.SEE_COLLEAGUES: "advocate lead operator",
    Right.MANAGE_COLLEAGUES: "lead",
    Right.MANAGE_ACCOUNTS: "operator",
}


def test_every_role_has_exactly_these_rights() -> None:
    assert {right: " ".join(role for role in Role if may(role, right)) for right in Right} == CELLS


def test_who_somebody_is() -> None:
    assert role_of(AdvocateActor("a", "o", "Name")) is Role.ADVOCATE
    assert role_of(AdvocateActor("a", "o", "Name", lead=True)) is Role.LEAD
    assert role_of(OperatorActor("a", "Name")) is Role.OPERATOR


@pytest.mark.parametrize(
    ("role", "rights", "refusal"),
    [
        (Role.OPERATOR, (Right.CASES,), Refusal.NO_CASE_CONTENT),
        (Role.OPERATOR, (Right.LEAD_CENTRE,), Refusal.NO_CASE_CONTENT),
        (Role.ADVOCATE, (Right.LEAD_CENTRE,), Refusal.LEADS_ONLY),
        (Role.ADVOCATE, (Right.MANAGE_COLLEAGUES, Right.MANAGE_ACCOUNTS), Refusal.LEADS_ONLY),
        (Role.LEAD, (Right.MANAGE_ACCOUNTS,), Refusal.OPERATORS_ONLY),
        (Role.LEAD, (Right.MANAGE_COLLEAGUES, Right.MANAGE_ACCOUNTS), None),
    ],
)
def test_whoever_has_none_of_the_rights_is_told_why(
    role: Role, rights: tuple[Right, ...], refusal: Refusal | None
) -> None:
    if refusal is None:
        require(role, *rights)
        return
    with pytest.raises(RuleBroken) as refused:
        require(role, *rights)
    assert refused.value.reason is refusal
