"""Routes as files: what is wrong is named with its file and key, an operator's folder changes ours and adds to them."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.core.errors import RouteFileError
from monitor.model.facts import PictureKind
from monitor.notices.compose import compose
from monitor.notices.escalation import escalation
from monitor.notices.fields import FIELDS
from monitor.notices.render import render
from monitor.notices.route import Channel, Confidence, Start, recipient_of
from monitor.notices.route_files import OUR_FOLDER, read_routes
from monitor.notices.route_table import ROUTES, load_routes, use_routes
from monitor.notices.route_texts import FILES, MORE_NAMES
from monitor.platforms.base import PlatformName
from tests.support.notice_builders import NOW, make_copy, make_intake

NEW = """
name = "my_route"
title = { en = "My route", ko = "우리 경로" }
law = "A law"
channel = "form"
platforms = ["x"]
recipient = "https://example.org/form"
audience = "adult"
senders = ["any-body"]
required = ["common", "contact"]
[sources]
law = { source = "a page", date = "2026-11", confidence = "confirmed" }
recipient = { source = "a page", date = "2026", confidence = "?" }
senders = { source = "a page", date = "2026-11-26", confidence = "likely" }
required = { source = "a page", date = "2026-11-26", confidence = "likely" }
"""


def write(folder: Path, name: str, text: str) -> Path:
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def problems_of(folder: Path, name: str, text: str) -> list[str]:
    _, problems = read_routes(OUR_FOLDER, write(folder, name, text))
    assert all(line.startswith(f"{folder / name}.toml: ") for line in problems)
    return [line.partition(".toml: ")[2] for line in problems]


def test_our_own_files_are_right_and_state_a_source_for_each_fact() -> None:
    routes, problems = read_routes(OUR_FOLDER)
    assert problems == [] and list(routes) == list(ROUTES)
    for route in routes.values():
        assert {"law", "senders", "required"} <= set(route.sources), route.name
        assert ("deadline_hours" in route.sources) is (route.deadline_hours is not None), route.name
        assert all(one.source and one.date for one in route.sources.values())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('law = "A law"\n', ""), "law is missing"),
        (('channel = "form"', 'channel = "fax"'), "channel is wrong; allowed: telegram-report, email, form, assisted-"),
        (('platforms = ["x"]', "platforms = []"), "platforms is wrong; allowed: a list with at least one"),
        (('"contact"]', '"contract"]'), "required is wrong; allowed: common, route, kind"),
        (('audience = "adult"', 'audience = "adult"\ndeadline_hour = 4'), "deadline_hour is not a known key, did you"),
        (('audience = "adult"', 'audience = "adult"\ndeadline_hours = "4"'), "deadline_hours is wrong; allowed: a who"),
        (('audience = "adult"', 'audience = "adult"\ndeadline_hours = 4'), "sources.deadline_hours is missing"),
        (('date = "2026-11", ', ""), "sources is wrong; allowed: for each fact source, date and confidence"),
        (('date = "2026-11"', 'date = "last week"'), "sources is wrong; allowed: a date such as"),
        (('confidence = "?"', 'confidence = "sure"'), "sources is wrong; allowed: confirmed, likely, ?"),
        (('audience = "adult"', 'audience = "adult"\non_lapse = ["nowhere"]'), "on_lapse names nowhere, which is not"),
        (('ko = "우리 경로"', 'ko = ""'), "title is wrong; allowed: a text of one line"),
        (('audience = "adult"', 'audience = "adult"\nperson_countries = ["Korea"]'), "person_countries is wrong; allo"),
        (('channel = "form"', 'channel = "assisted-dialogue"'), "dialogue is wrong; allowed: at least one step"),
        (('audience = "adult"', 'audience = "adult"\nin_body = ["signature"]'), "in_body is wrong; allowed: fields o"),
        (('recipient = "https://example.org/form"', 'recipient = ""'), "recipient is wrong; allowed: a text of one"),
        (('name = "my_route"', 'name = "another"'), "name is wrong; allowed: the file's own name"),
        (("law =", "law ="), None),
    ],
)
def test_wrong_file_is_named_with_the_key_and_what_is_allowed(tmp_path, change, told) -> None:
    found = problems_of(tmp_path, "my_route", NEW.replace(*change))
    assert [line[: len(told)] for line in found] == [told] if told else found == []


def test_what_is_no_toml_and_a_folder_that_is_not_there_are_told(tmp_path) -> None:
    assert problems_of(tmp_path, "my_route", "name = [")[0].startswith("this is not TOML that can be read")
    with pytest.raises(RouteFileError, match="there is no such folder of routes"):
        load_routes(tmp_path / "absent")


def test_operators_file_changes_only_the_keys_that_it_names(tmp_path) -> None:
    write(
        tmp_path,
        "us_tida",
        'name = "us_tida"\nrecipient = "takedown@example.org"\nin_use = false\n[sources]\n'
        'recipient = { source = "a letter", date = "2026-12-01", confidence = "confirmed" }\n',
    )
    changed, ours = load_routes(tmp_path)["us_tida"], ROUTES["us_tida"]
    assert (changed.recipient, changed.in_use) == ("takedown@example.org", False)
    assert changed.sources["recipient"].source == "a letter" and changed.sources["law"] == ours.sources["law"]
    assert (changed.deadline_hours, changed.required, changed.law) == (48, ours.required, ours.law)


def test_operators_new_route_and_its_texts_are_used_until_they_are_let_go(tmp_path) -> None:
    write(tmp_path, "my_route", NEW)
    folder = tmp_path / "my_route" / "en"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("About {{ ids }}", encoding="utf-8")
    (folder / "body.txt").write_text("Please remove {{ ids }}.", encoding="utf-8")
    use_routes(tmp_path)
    try:
        route = ROUTES["my_route"]
        assert (route.channel, route.kinds, route.starts) == (Channel.FORM, frozenset(PictureKind), Start.RECEIPT)
        assert route.sources["recipient"].confidence is Confidence.UNCONFIRMED
        assert not route.confirmed and route.doubts == ("recipient",)
        assert render("my_route", "en", {"ids": "a/1"}) == ("About a/1", "Please remove a/1.\n")
        assert "us_tida" in ROUTES and list(ROUTES)[-1] == "my_route"
    finally:
        use_routes(None)
    assert "my_route" not in ROUTES


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("languages = []", "languages is wrong; allowed: at least one of en, ko"),
        ('template = "../../etc"', "template is wrong; allowed: the name of a folder with texts"),
        ('recipient = "the desk"', "recipient is wrong; allowed: one e-mail address for an email"),
        ('recipient = "a@example.org, b@example.org"', "recipient is wrong; allowed: one e-mail address for an email"),
        ('recipient = "Desk <a@example.org>"', "recipient is wrong; allowed: one e-mail address for an email"),
        ('recipient = "?"', "recipient is wrong; allowed: one e-mail address for an email"),
    ],
)
def test_change_that_no_notice_could_follow_is_told_at_start(tmp_path, change, told) -> None:
    sources = '[sources]\nrecipient = { source = "a letter", date = "2026", confidence = "?" }\n'
    with pytest.raises(RouteFileError, match=re.escape(told)):
        load_routes(write(tmp_path, "us_tida", f'name = "us_tida"\n{change}\n{sources}'))


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("my_texts/ko/subject.txt", None, "us_tida: its text my_texts/ko/subject.txt is missing"),
        ("my_texts/ko/subject.txt", "제목 {{ location_url }}", "asks for location_url; allowed: "),
        ("my_texts/en/body.txt", "Please {% if agent %} remove", "is no text that can be filled in: "),
    ],
)
def test_texts_that_cannot_be_filled_in_are_told_at_start(tmp_path, file, text, told) -> None:
    folder = write(tmp_path, "us_tida", 'name = "us_tida"\nlanguages = ["en", "ko"]\ntemplate = "my_texts"\n')
    write_texts(folder / "my_texts", "{{ ids }}")
    load_routes(folder)
    if text is None:
        (folder / file).unlink()
    else:
        (folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(RouteFileError, match=re.escape(told)):
        load_routes(folder)


def write_texts(folder: Path, text: str) -> None:
    for language in ("en", "ko"):
        (folder / language).mkdir(parents=True)
        for file in FILES:
            (folder / language / file).write_text(text, encoding="utf-8")


def test_whatever_a_text_may_ask_for_is_filled_in_for_a_notice_and_for_a_next_step(tmp_path) -> None:
    write_texts(tmp_path / "us_tida", " ".join(f"{{{{ {name} }}}}" for name in sorted({*FIELDS, *MORE_NAMES})))
    use_routes(tmp_path)
    try:
        composed = compose(make_copy(), make_intake(), ROUTES["us_tida"], "en", now=NOW)
        # The text of a first route as a next step, which a file may name as well.
        after = replace(ROUTES["telegram_report"], on_lapse=("us_tida",))
        (step,) = escalation(after, make_copy(), make_intake(), NOW, sent_at=NOW)
    finally:
        use_routes(None)
    assert composed.subject and step.subject and step.body


def test_wrong_folder_leaves_the_routes_as_they_were(tmp_path) -> None:
    with pytest.raises(RouteFileError):
        use_routes(write(tmp_path, "us_tida", 'name = "us_tida"\nchannel = "fax"\n'))
    assert ROUTES["us_tida"].channel is Channel.EMAIL


def test_address_may_depend_on_the_platform_and_the_operators_address_is_before_all(tmp_path) -> None:
    text = NEW.replace('platforms = ["x"]', 'platforms = ["x", "telegram"]').replace(
        'recipient = "https://example.org/form"', 'recipients = { x = "https://example.org/x", telegram = "tel:1" }'
    )
    write_texts(tmp_path / "my_route", "{{ ids }}")
    route = load_routes(write(tmp_path, "my_route", text))["my_route"]
    assert recipient_of(route, None, PlatformName.X) == "https://example.org/x"
    assert recipient_of(route, {"my_route": "tel:2"}, PlatformName.TELEGRAM) == "tel:2"
    assert problems_of(tmp_path, "my_route", text.replace(', telegram = "tel:1"', "")) == [
        "recipients is wrong; allowed: one for each of platforms, or a recipient for the others"
    ]
