"""What a lead reads of the ledger is words: every kind of entry has a sentence in both languages."""

from api.i18n import LANGUAGES, translations
from api.pages.deeds import GROUPS, words_of_deeds
from monitor.evidence.entry_kinds import EntryKind


def test_every_kind_of_entry_has_words_in_both_languages() -> None:
    english, korean = (words_of_deeds(language) for language in ("en", "ko"))
    assert {"en", "ko"} == set(LANGUAGES)
    for kind in EntryKind:
        assert english[kind].endswith(".") and korean[kind].endswith(".") and english[kind] != korean[kind], kind


def test_what_can_be_chosen_has_words_and_kinds() -> None:
    assert all(kinds and translations("ko").gettext(title) != title for title, kinds in GROUPS.values())
