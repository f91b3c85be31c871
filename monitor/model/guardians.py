"""From which age a person may agree alone that what they tell is kept; below it a guardian agrees first. Pure.

The age is about now, not about the picture. It is data, country by country, each with its source and how sure it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

PRIVACY_VERSION = "2026-11-28.3"
"""Of the privacy notice (api/templates/person/_privacy.html): a day, and which of that day. A changed word is another
version: a test holds it."""


class Guardian(StrEnum):
    """Who agreed beside a child. The values are stored: add, never rename."""

    NOT_NEEDED = "not-needed"
    AGREED = "agreed"
    """A parent or guardian, on this page."""
    CENTRE = "centre"
    """A parent cannot be asked, or it is not safe: a centre spoke with the child and gave a code."""


@dataclass(frozen=True, slots=True)
class AgeOfConsent:
    """One country's."""

    years: int
    source: str
    confirmed: bool = True
    """False: to be checked by who runs this here."""


AGES: Mapping[str, AgeOfConsent] = MappingProxyType(
    {
        "KR": AgeOfConsent(14, "Personal Information Protection Act, article 22-2"),
        "US": AgeOfConsent(13, "Children's Online Privacy Protection Rule, 16 CFR 312.2"),
        "GB": AgeOfConsent(13, "Data Protection Act 2018, section 9"),
        "FR": AgeOfConsent(15, "Act 78-17 on data processing, article 45"),
        "DE": AgeOfConsent(16, "GDPR, article 8(1), with no lower age set"),
        "AU": AgeOfConsent(15, "Privacy Commissioner's guidance on capacity", confirmed=False),
        "CA": AgeOfConsent(13, "Privacy Commissioner's guidelines on consent", confirmed=False),
        "JP": AgeOfConsent(15, "Commission's questions and answers on the Act", confirmed=False),
    }
)
ELSEWHERE = AgeOfConsent(16, "the highest age that GDPR, article 8(1), knows")


def age_of_consent(country: str) -> AgeOfConsent:
    """`country`: ISO 3166-1 alpha-2; empty: unknown, which counts as Korea, as the contacts do."""
    here = country.strip().upper() or "KR"
    return AGES.get(here, ELSEWHERE)


class Missing(StrEnum):
    """What stands against keeping anything."""

    AGREEMENT = "agreement"
    """The notice was not agreed to, or another version of it."""
    GUARDIAN = "guardian"


def may_keep(version: str, *, under_age: bool, guardian: Guardian) -> Missing | None:
    """Whether anything may be kept of somebody who agreed to this version; None: it may."""
    if version != PRIVACY_VERSION:
        return Missing.AGREEMENT
    if under_age and guardian is Guardian.NOT_NEEDED:
        return Missing.GUARDIAN
    return None
