"""Every reason that a page can print has words in Korean: each code of the enums, and each that a way out raises."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from api.i18n import translations
from api.pages import texts
from api.pages.alert_reasons import alert_reason
from api.refusals import refusal_text
from monitor.context.alerts import AlertKind
from monitor.core.refusals import Refusal
from monitor.model.copies import Closing, FilingAnswer
from monitor.model.facts import Intake
from monitor.model.notice_states import NoticeState
from monitor.model.place_reports import PartState, PlaceRoute, PlaceState
from monitor.model.platform_answers import ReplyState, WhyRefused
from monitor.notices.copy_state import CopyState
from monitor.notices.route_table import ROUTES
from tests.support.source_tree import nodes_of

ROOT = Path(__file__).parents[2]
RAISED = frozenset({"NotSent", "Deferred", "WrongSettings", "DeliveryRefused", "InDoubt"})
"""Errors whose text becomes the reason of a notice, of a letter, or of a report."""
IN_HOLES = {"code": "550", "error.code": "451", "status": "500", "len": "2", "MAX_STEPS": "8", "stage": "recipient"}
ALLOWED = frozenset({"jikimi", "telegram", "x", "d4u", "kst", "age", "age1", "imap", "smtp", "json", "pdq", "utc"})

_korean = translations("ko").gettext


def latin(text: str) -> list[str]:
    """Words in Latin letters, but for names, examples of addresses, and units."""
    plain = re.sub(r"https?://\S*|\S+@\S+", " ", text)
    return [word for word in re.findall(r"[A-Za-z][A-Za-z0-9_-]*", plain) if word.lower() not in ALLOWED]


def reasons_raised() -> Iterator[str]:
    """The first argument of each error in `monitor/`, with something sensible where it holds a value."""
    for path in (ROOT / "monitor").rglob("*.py"):
        for node in nodes_of(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED and node.args:
                yield from _texts(node.args[0])


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
    elif isinstance(node, ast.JoinedStr):
        parts = []
        for part in node.values:
            hole = ast.unparse(part.value) if isinstance(part, ast.FormattedValue) else ""
            filled = IN_HOLES.get(hole, "" if hole == "suffix" else "sender" if hole in ("name", "stage") else "550")
            parts.append(part.value if isinstance(part, ast.Constant) else filled)
        yield "".join(str(part) for part in parts)


@cache
def raised_to_alerts() -> tuple[str, ...]:
    """Reasons that stand as a text where an alert is raised."""
    found = set[str]()
    for path in (ROOT / "monitor").rglob("*.py"):
        for node in nodes_of(path):
            named = node.func if isinstance(node, ast.Call) else None
            if isinstance(named, ast.Attribute) and named.attr == "alert":
                found |= {str(one.value) for one in node.args[3:4] if isinstance(one, ast.Constant)}  # type: ignore[attr-defined]
    assert len(found) > 5
    return tuple(sorted(found))


def test_whatever_a_way_out_answers_is_said_in_korean() -> None:
    reasons = set(reasons_raised())
    assert len(reasons) > 30
    wrong = {reason: alert_reason(reason, _korean) for reason in reasons}
    assert {reason: said for reason, said in wrong.items() if latin(said) or not said} == {}


@pytest.mark.parametrize(
    "codes", [Refusal, CopyState, WhyRefused, raised_to_alerts()], ids=["refusals", "states", "answers", "alerts"]
)
def test_the_reason_of_an_alert_is_said_in_korean(codes: Iterable[str]) -> None:
    prefix = "platform-" if codes is WhyRefused else ""
    said = {code: alert_reason(f"{prefix}{code}", _korean) for code in map(str, codes)}
    assert {code: text for code, text in said.items() if latin(text)} == {}


def test_every_refusal_is_said_in_korean() -> None:
    said = {code.value: refusal_text(code.value, _korean) for code in Refusal}
    assert {code: text for code, text in said.items() if not text or latin(text)} == {}


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (texts.ALERTS, AlertKind),
        (texts.COPY_STATES, CopyState),
        (texts.CLOSINGS, Closing),
        (texts.FILING_ANSWERS, FilingAnswer),
        (texts.NOTICE_STATES, NoticeState),
        (texts.PLACE_STATES, PlaceState),
        (texts.PLACE_ROUTES, PlaceRoute),
        (texts.PART_STATES, PartState),
        (texts.REPLY_STATES, ReplyState),
        (texts.WHY_REFUSED, WhyRefused),
        (texts.INTAKE_FIELDS, [name for name in Intake.__slots__ if name != "permission_to_send_at"]),
    ],
)
def test_every_code_of_a_page_has_korean_words(table: dict[str, str], codes: Iterable[str]) -> None:
    said = {str(code): texts.of(table, str(code), _korean) for code in codes}
    assert {code: text for code, text in said.items() if latin(text)} == {}


def test_every_route_has_a_korean_title() -> None:
    bodies = re.compile(r"FTC|DSA|IWF|NCMEC|Ofcom|STOPCA|TAKE IT DOWN|Take It Down|CSAM|EU|GAC|IT|DMCA|NCII|SafeLine")
    said = {name: bodies.sub("", texts.route_title(name, "ko")) for name in ROUTES}
    assert {name: text for name, text in said.items() if not re.search("[가-힣]", text)} == {}
