"""Two spellings that people take for one name are one organisation."""

import unicodedata

import pytest

from db.organisation_names import LONGEST_KEY, name_key
from monitor.cases.accounts.passkeys import Party, party_of
from monitor.cases.accounts.recovery import reads_as_code


@pytest.mark.parametrize(
    "other",
    [
        "our Centre ",
        "  OUR  CENTRE",
        "our\u00a0centre",
        "our\u3000Centre",
        "our\u200b Centre",
        "ou\u00adr Centre",
        "\uff4f\uff55\uff52 \uff23entre",
        "our\tCentre\n",
    ],
)
def test_another_spelling_is_the_same_name(other: str) -> None:
    assert name_key(other) == name_key("our Centre")


def test_korean_letters_and_syllables_are_the_same_and_other_names_are_not() -> None:
    name = "디지털성범죄피해자지원센터"
    assert name_key(unicodedata.normalize("NFD", name)) == name_key(name)
    assert len({name_key(one) for one in ("our Centre", "ourCentre", "our-Centre", "our Centre 2")}) == 4
    assert len(name_key("ﷺ" * 200)) <= LONGEST_KEY


@pytest.mark.parametrize(
    ("address", "party"),
    [
        ("https://help.example.org", Party("help.example.org", "https://help.example.org")),
        ("https://help.example.org:443/x", Party("help.example.org", "https://help.example.org")),
        ("https://help.example.org:8443", Party("help.example.org", "https://help.example.org:8443")),
        ("http://localhost:8000", Party("localhost", "http://localhost:8000")),
        ("http://help.example.org", None),
        ("http://127.0.0.1:8000", None),
        ("https://[::1]:8000", None),
        ("", None),
    ],
)
def test_the_site_of_passkeys_follows_from_the_configured_address(address: str, party: Party | None) -> None:
    assert party_of(address) == party


def test_a_recovery_code_is_read_as_people_type_it() -> None:
    for typed in ("1234-5678-9012-3456", "1234567890123456", "\uff11234 5678 9012 3456", " 1234-56789012 3456 "):
        assert reads_as_code(typed) == "1234567890123456"
    for other in ("123456", "1234-5678-9012-345", "1234-5678-9012-345x", ""):
        assert reads_as_code(other) is None
