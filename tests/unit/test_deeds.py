"""What a lead reads of the ledger is words: every kind of entry has a sentence in both languages."""

from api.i18n import LANGUAGES, translations
from api.pages.deeds import DEEDS, GROUPS
from monitor.evidence.entry_kinds import EntryKind


def test_every_kind_of_entry_has_words_in_both_languages() -> None:
    assert set(DEEDS) == set(EntryKind)
    said = {language: [translations(language).gettext(text) for text in DEEDS.values()] for language in LANGUAGES}
    assert all(said["ko"])
    assert [text for text, korean in zip(said["en"], said["ko"], strict=True) if text == korean] == []


def test_what_can_be_chosen_are_kinds_that_people_do() -> None:
    assert all(kinds and translations("ko").gettext(title) != title for title, kinds in GROUPS.values())
