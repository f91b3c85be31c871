"""From what a centre wrote to what is shown of it."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from api.i18n import LANGUAGES, city_of, on_clocks_of
from api.schemas.centres import CentreCard, OwnProfile, ProfileBody, ProfileView, SettingsView
from monitor.actions.centre_profile import Centre, KeptProfile
from monitor.actions.centre_settings import CentreSettings
from monitor.model.opening_hours import always_open, standing
from monitor.model.records.centre_profile import CentreProfile, HoursPart
from monitor.notices.contacts import opening_words


def profile_of(body: ProfileBody) -> CentreProfile:
    """What a program, or the form, sent."""
    told = body.model_dump(exclude={"hours", "languages"})
    hours = tuple(HoursPart(**one.model_dump()) for one in body.hours)
    return CentreProfile(**told, hours=hours, languages=tuple(dict.fromkeys(body.languages)))


def profile_view(profile: CentreProfile) -> ProfileView:
    """A profile as it is kept."""
    return ProfileView.model_validate(profile.content())


def settings_view(settings: CentreSettings) -> SettingsView:
    """What the routes and the notices of a centre go by."""
    return SettingsView(**asdict(settings))


def own_view(kept: KeptProfile | None, names: Mapping[str, tuple[str, str]]) -> OwnProfile:
    """`names`: of advocates with their organisation, by id."""
    if kept is None:
        return OwnProfile(profile=None, version=0, changed_at=None, changed_by=None)
    return OwnProfile(
        profile=profile_view(kept.profile),
        version=kept.version,
        changed_at=kept.changed_at,
        changed_by=names[kept.changed_by][0] if kept.changed_by in names else None,
    )


def card(centre: Centre, now: datetime) -> CentreCard:
    """A centre as everybody is told of it at this moment."""
    profile = centre.profile
    hours = () if profile is None else profile.opening
    zone = "" if profile is None else profile.zone
    stands = standing(hours, zone, now) if hours else None
    until = None if stands is None else stands.until
    return CentreCard(
        organisation=centre.organisation,
        contact=centre.contact,
        profile=None if profile is None else profile_view(profile),
        is_open=None if stands is None else stands.is_open,
        until=until,
        until_there={one: _there(until, zone, now, one) for one in LANGUAGES if until},
        city={one: city_of(zone, one) for one in LANGUAGES if zone},
        always=always_open(hours),
    )


def _there(until: datetime, zone: str, now: datetime, language: str) -> str:
    """As the contacts say when they open."""
    return on_clocks_of(opening_words(until.astimezone(ZoneInfo(zone)), now, language), zone, language)
