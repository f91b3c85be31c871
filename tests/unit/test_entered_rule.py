"""The rule of what an advocate enters for a person: what counts at once, what waits, and what comes back."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.model.entered import (
    NOTHING,
    Answer,
    EnteredForPerson,
    Mark,
    Matter,
    Unconfirmed,
    by_advocate,
    by_person,
    values_of,
    with_values,
)
from monitor.model.facts import AgeGroup, Intake, SenderRole, Timing
from monitor.model.records.entered import EnteredRecord

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
EMPTY = Intake(age_group=AgeGroup.UNSURE)
SIGNED = Intake(age_group=AgeGroup.ADULT, signature="Own Name", good_faith_facts="mine", permission_to_send_at=NOW)


def enter(before: Intake, known: EnteredForPerson = NOTHING, **changed: Any) -> tuple[Intake, EnteredForPerson]:
    told = replace(before, **changed)
    return by_advocate(known, before, told, covered={}, by="a", at=LATER)


@pytest.mark.parametrize(
    ("changed", "matter"),
    [
        ({"signature": "Typed"}, Matter.SIGNATURE),
        ({"sender_role": SenderRole.AGENT}, Matter.SIGNATURE),
        ({"mandate_reference": "M 1"}, Matter.SIGNATURE),
        ({"permission_to_send_at": NOW}, Matter.PERMISSION),
        ({"age_group": AgeGroup.ADULT}, Matter.AGE),
    ],
)
def test_what_lets_more_leave_waits_and_counts_as_before(changed: dict[str, Any], matter: Matter) -> None:
    counts, known = enter(EMPTY, **changed)
    assert counts == EMPTY and known.waiting == (matter,) and not known.marks
    assert known.unconfirmed[matter].values == values_of(replace(EMPTY, **changed), tuple(changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": ""},
        {"permission_to_send_at": None},
        {"age_group": AgeGroup.MINOR},
        {"age_group": AgeGroup.UNSURE},
        {"timing": Timing.WAIT_FOR_POLICE},
        {"contact": "a@example.org"},
        {"country": "DE"},
    ],
)
def test_what_only_stops_protects_or_helps_counts_at_once_and_is_marked(changed: dict[str, Any]) -> None:
    counts, known = enter(SIGNED, **changed)
    assert counts == replace(SIGNED, **changed)
    assert known.waiting == () and set(known.marks) == set(changed)


def test_other_words_under_a_persons_signature_wait_and_before_it_they_do_not() -> None:
    counts, known = enter(SIGNED, good_faith_facts="other words")
    assert counts == SIGNED and known.waiting == (Matter.SIGNATURE,)
    counts, known = enter(EMPTY, good_faith_facts="first words")
    assert counts.good_faith_facts == "first words" and known.waiting == ()


def test_second_entry_adds_to_what_waits() -> None:
    _, known = enter(EMPTY, signature="Typed")
    _, known = enter(EMPTY, known, sender_role=SenderRole.AGENT)
    assert known.unconfirmed[Matter.SIGNATURE].values == {"signature": "Typed", "sender_role": "agent"}


def test_what_comes_back_is_what_the_person_left_however_often_it_was_entered() -> None:
    covered = {Matter.SIGNATURE: "m"}
    first, known = by_advocate(NOTHING, SIGNED, replace(SIGNED, signature="One"), covered=covered, by="a", at=NOW)
    second, known = by_advocate(known, first, replace(first, signature="Two"), covered=covered, by="b", at=LATER)
    told = known.unconfirmed[Matter.SIGNATURE]
    assert (second.signature, told.before["signature"], told.mandate) == ("Two", "Own Name", "m")
    assert with_values(second, told.before, LATER) == SIGNED


def test_permission_begins_when_it_is_confirmed() -> None:
    _, known = enter(EMPTY, permission_to_send_at=NOW)
    confirmed = with_values(EMPTY, known.unconfirmed[Matter.PERMISSION].values, LATER)
    assert confirmed.permission_to_send_at == LATER


def test_what_the_person_changes_is_theirs_and_the_rest_stays() -> None:
    counts, known = enter(EMPTY, signature="Typed", permission_to_send_at=NOW, contact="a@example.org")
    left = by_person(known, counts, replace(counts, signature="Mine"), at=LATER)
    assert left.waiting == (Matter.PERMISSION,) and set(left.marks) == {"contact"}
    assert by_person(left, counts, counts, at=LATER) == left
    _, known = enter(SIGNED, good_faith_facts="other words")
    assert by_person(known, SIGNED, replace(SIGNED, good_faith_facts="my words"), at=LATER).waiting == ()


def test_record_gives_back_what_was_entered() -> None:
    told = Unconfirmed(by="a", at=NOW, values={"signature": "T"}, before={"signature": ""}, in_effect=True, mandate="m")
    marks = {"contact": Mark(by="a", at=NOW), "signature": Mark(by="b", at=NOW, confirmed_at=LATER)}
    answers = {Matter.AGE: Answer(to=NOW, yes=False, names=("age_group",))}
    said = {Matter.AGE: LATER}
    entered = EnteredForPerson(marks=marks, unconfirmed={Matter.SIGNATURE: told}, said=said, answers=answers)
    record = EnteredRecord.of(entered)
    assert record.entered() == entered
    assert EnteredRecord.opened(json.dumps(record.as_json()).encode()).entered() == entered
