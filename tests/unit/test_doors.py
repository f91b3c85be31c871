"""The doors hold no rule: they find, call one function of the domain and say what it did."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.source_tree import parsed_file

ROOT = Path(__file__).parents[2]

CALLS = {
    "monitor.actions.decide_item.confirm_one": ("api/routes/sightings.py", "api/pages/queue.py"),
    "monitor.actions.decide_item.confirm_item": ("api/routes/items.py", "api/pages/items.py"),
    "monitor.actions.decide_item.dismiss_item": ("api/routes/items.py", "api/pages/items.py"),
    "monitor.actions.decide_item.reopen_item": ("api/routes/items.py", "api/pages/items.py"),
    "monitor.actions.decide_item.ask_about_item": ("api/routes/items.py", "api/pages/items.py"),
    "monitor.actions.decide_item.decide_several": ("api/routes/items.py", "api/pages/items.py"),
    "monitor.actions.viewings.hand_over": ("api/routes/items.py", "api/pages/items.py"),
    "monitor.actions.viewings.note_viewing": ("api/routes/items.py", "api/pages/items.py"),
    "monitor.actions.take_routes.take_routes": ("api/routes/sightings.py", "api/pages/queue.py"),
    "monitor.sightings.review.dismiss": ("api/routes/sightings.py", "api/pages/queue.py"),
    "monitor.actions.reopen.reopen_sighting": ("api/routes/sightings.py", "api/pages/queue.py"),
    "monitor.notices.writing.retry": ("api/routes/notices.py", "api/pages/notices.py"),
    "monitor.notices.writing.settle": ("api/routes/notices.py", "api/pages/notices.py"),
    "monitor.notices.writing.record_submission": ("api/routes/notices.py", "api/pages/notices.py"),
    "monitor.notices.renewing.record_renewal": ("api/routes/notices.py", "api/pages/notices.py"),
    "monitor.notices.sending.send_notice": ("api/routes/notices.py", "api/pages/notices.py"),
    "monitor.notices.sending.change_paragraph": ("api/routes/notices.py", "api/pages/notices.py"),
    "monitor.actions.bulk_links.bulk_links": ("api/routes/sightings.py", "api/pages/queue.py"),
    "monitor.notices.corresponding.retract": ("api/routes/notices.py", "api/pages/notices.py"),
    "monitor.notices.corresponding.write_letter": ("api/routes/notices.py", "api/pages/notices.py"),
    "monitor.notices.corresponding.send_letter": ("api/routes/notices.py", "api/pages/notices.py"),
    "monitor.notices.corresponding.undo_letter": ("api/routes/notices.py", "api/pages/notices.py"),
    "monitor.notices.corresponding.withdraw_letter": ("api/routes/notices.py", "api/pages/notices.py"),
    "monitor.notices.sending.undo_sending": ("api/routes/notices.py", "api/pages/notices.py"),
    "monitor.notices.stopping.withdraw_notice": ("api/routes/notices.py", "api/pages/notices.py"),
    "monitor.actions.resend.switch_resending": ("api/routes/following.py", "api/pages/following.py"),
    "monitor.notices.platform_links.revoke_link": ("api/routes/notices.py", "api/pages/notices.py"),
    "monitor.notices.replies.preview_reply": ("api/routes/notices.py", "api/pages/notices.py"),
    "monitor.notices.replies.queue_reply": ("api/routes/notices.py", "api/pages/notices.py"),
    "monitor.notices.platform_answers.answer_with_token": ("api/routes/platform.py",),
    "monitor.notices.platform_answers.take_answer": ("api/pages/platform.py",),
    "monitor.cases.opening.vouch": ("api/routes/cases.py", "api/pages/cases.py"),
    "monitor.cases.quarantine.release": ("api/routes/fingerprints.py", "api/pages/cases.py"),
    "monitor.actions.picture_age.remove_picture": ("api/routes/fingerprints.py",),
    "monitor.cases.quarantine.remove_paused_fingerprint": ("api/pages/cases.py",),
    "monitor.cases.codes.make_codes": ("api/routes/codes.py", "api/pages/centre.py", "monitor/commands/codes.py"),
    "monitor.actions.centre_profile.set_profile": ("api/routes/centres.py", "api/pages/centre.py"),
    "monitor.actions.centre_list.add_places": ("api/routes/lists.py", "api/pages/centre.py"),
    "monitor.actions.centre_list.note_place": ("api/routes/lists.py", "api/pages/centre.py"),
    "monitor.actions.centre_list.remove_place": ("api/routes/lists.py", "api/pages/centre.py"),
    "monitor.actions.names.decide_term": ("api/routes/names.py", "api/pages/names.py"),
    "api.auth.log_in_advocate": ("api/routes/log_ins.py", "api/pages/signing_in.py"),
    # One door each; the person's page is a client of the JSON API.
    "monitor.cases.opening.open_case": ("api/routes/cases.py",),
    "monitor.actions.change_intake.change_intake": ("api/routes/intake.py",),
    "monitor.cases.consents.give_consent": ("api/routes/consents.py",),
    "monitor.actions.withdraw_consent.withdraw_consent": ("api/routes/consents.py",),
    "monitor.actions.register_picture.register_picture": ("api/routes/fingerprints.py",),
    "monitor.cases.links.enter_link": ("api/routes/links.py",),
    "monitor.actions.erase.ask_erasure": ("api/routes/cases.py", "api/pages/entered.py"),
    "monitor.actions.entered.record_mandate": ("api/routes/entries.py", "api/pages/entered.py"),
    "monitor.actions.entered.revoke_mandate": ("api/routes/entries.py", "api/pages/entered.py"),
    "monitor.actions.entered.take_back_entry": ("api/routes/entries.py", "api/pages/entered.py"),
    "monitor.actions.erase.cancel_erasure": ("api/routes/cases.py",),
    "monitor.actions.entered.confirm_entry": ("api/routes/entries.py",),
    "monitor.actions.entered.reject_entry": ("api/routes/entries.py",),
    "monitor.exports.orders.ask_package": ("api/pages/evidence.py",),
    "monitor.exports.orders.fetch_package": ("api/pages/evidence.py",),
    "monitor.exports.orders.delete_package": ("api/pages/evidence.py",),
    "monitor.exports.package.make_package": ("monitor/commands/evidence.py",),
    "monitor.cases.advocates.set_sole_advocate": ("monitor/commands/organisation.py",),
    "monitor.actions.centre_settings.set_own_settings": ("api/routes/centres.py", "api/pages/centre.py"),
    "monitor.cases.correspondence.set_reply_to": ("monitor/commands/organisation.py",),
    "monitor.cases.correspondence.set_alias": ("monitor/commands/advocate.py",),
    "monitor.cases.advocates.add_advocate": ("monitor/commands/advocate.py",),
    "monitor.cases.advocates.disable_advocate": ("monitor/commands/advocate.py",),
}
"""Each thing that can be done, and the doors that lead to it."""

DOORS = ("api/routes/*.py", "api/pages/*.py", "monitor/commands/*.py")


def parsed(*patterns: str) -> Iterator[tuple[str, ast.Module]]:
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            yield path.relative_to(ROOT).as_posix(), parsed_file(path)


@cache
def called(module: ast.Module) -> set[str]:
    """The full names of what a file imports and calls."""
    imported = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    names = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in imported:
            names.add(imported[node.func.id])
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            names.add(f"{imported.get(node.func.value.id)}.{node.func.attr}")
    return names


@pytest.mark.parametrize("function", CALLS)
def test_each_thing_that_can_be_done_is_called_by_its_doors_and_no_other(function: str) -> None:
    doors = {name for name, module in parsed(*DOORS) if function in called(module)}
    assert doors == set(CALLS[function])


def assigned(module: ast.Module) -> Iterator[ast.Attribute]:
    for node in ast.walk(module):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                parts = target.elts if isinstance(target, ast.Tuple) else [target]
                yield from (part for part in parts if isinstance(part, ast.Attribute))


def test_no_door_moves_a_state_or_writes_a_row() -> None:
    wrong = []
    for name, module in parsed("api/**/*.py"):
        wrong += [f"{name}:{each.lineno} {each.attr}" for each in assigned(module) if each.attr == "state"]
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                writes = node.func.attr in ("add", "add_all", "delete", "merge")
                if writes and ast.unparse(node.func.value).endswith("session"):
                    wrong.append(f"{name}:{node.lineno} session.{node.func.attr}")
    assert wrong == []


def test_a_sighting_a_notice_and_a_case_are_found_in_one_place() -> None:
    """Who sees what is written once: a door asks `monitor.actions.access`, which asks `db.queries`."""
    twice = [
        f"{name}: {node.name}"
        for name, module in parsed("api/**/*.py", "monitor/**/*.py")
        for node in ast.walk(module)
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)
        and node.name in ("find_case", "find_notice", "find_sighting", "visible", "owned")
    ]
    assert twice == []
    for name, module in parsed("api/**/*.py"):
        compared = {
            ast.unparse(part)
            for node in ast.walk(module)
            if isinstance(node, ast.Compare)
            for part in (node.left, *node.comparators)
        }
        assert "Case.organisation_id" not in compared, name
