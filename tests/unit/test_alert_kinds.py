"""Every kind of alert has somebody who reads it, words for them, and what to do. A new kind without fails here."""

import re
from pathlib import Path

import pytest

from api.i18n import LANGUAGES, translations
from api.pages import texts
from monitor.context.alert_words import OPERATOR_WORDS
from monitor.context.alerts import AUDIENCES, SOURCE_KINDS, AlertKind, Audience, kinds_for

RUNBOOK = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", AlertKind)
def test_every_kind_has_an_audience_words_and_what_to_do(kind: AlertKind) -> None:
    assert kind.audience is AUDIENCES[kind]
    for table in (texts.ALERTS, texts.ALERT_STEPS):
        for language in LANGUAGES:
            said = texts.of(table, kind, translations(language).gettext)
            assert said and said != kind
    assert texts.of(texts.ALERT_STEPS, kind, translations("ko").gettext) != texts.ALERT_STEPS[kind]


@pytest.mark.parametrize("kind", kinds_for(Audience.OPERATOR, Audience.OPERATOR_ALONE, Audience.EVERYBODY))
def test_what_the_operator_reads_has_their_words_in_both_languages(kind: AlertKind) -> None:
    words = OPERATOR_WORDS[kind]
    assert re.search("[a-z]{3}", words.english) and re.search("[가-힣]", words.korean)


@pytest.mark.parametrize("kind", AlertKind)
def test_every_kind_has_its_line_in_the_runbook(kind: AlertKind) -> None:
    assert f"| `{kind}` | {kind.audience} |" in RUNBOOK


def test_no_words_are_for_a_kind_that_is_not_there() -> None:
    assert set(texts.ALERTS) == set(texts.ALERT_STEPS) == set(AUDIENCES) == set(AlertKind)
    assert all(kind.audience is not Audience.ORGANISATION for kind in SOURCE_KINDS)
