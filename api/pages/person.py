"""The person's pages: what this is and who helps at once; and the case itself, which lives in the browser."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from api.deps import ServicesDep, services_of
from api.i18n import LANGUAGES, translations
from api.pages import texts
from api.pages.advocate_page import PageRoute
from api.pages.refused import with_browser
from api.pages.shared import SharedPages, Values
from api.refusals import TEXTS
from api.work_refusals import AT_WORK, SAID_BY_SCRIPT
from monitor.app.bootstrap import Services
from monitor.cases.drafts import KEPT_FOR
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION, MIN_QUALITY, MOST_FRAMES
from monitor.fingerprints.video.sampling import CLOSE_STEP, MAX_SECONDS
from monitor.model.facts import AgeGroup
from monitor.model.guardians import AGES, PRIVACY_VERSION
from monitor.model.guardians import ELSEWHERE as AGE_ELSEWHERE
from monitor.notices.contact_files import FirstFor
from monitor.notices.contacts import CONTACTS, ELSEWHERE, Contact, cautions, contacts
from monitor.notices.route_table import ROUTES
from monitor.notices.self_help import HELPERS, SELF_HELP
from monitor.notices.texts import in_language

router = APIRouter(route_class=PageRoute, include_in_schema=False)


def shared(request: Request, template: str, values: Values, part: str = "") -> Response:
    """A page that is the same for everybody, at this hour. `part`: which of several by one template."""
    pages: SharedPages = request.app.state.shared_pages
    return pages.answer(request, template, values, services_of(request).context.now(), part)


@router.get("/")
async def show_start(request: Request) -> Response:
    """What this is, for whom, and who answers at this hour."""
    return shared(request, "person/start.html", _start)


def _start(language: str, country: str, now: datetime) -> dict[str, Any]:
    return {
        **_own_contacts(language, country, now),
        "cautions": cautions(country, AgeGroup.ADULT, language),
        "young_cautions": cautions(country, AgeGroup.MINOR, language)[1:],
        "elsewhere": [
            {
                "code": other,
                **_own_contacts(language, other, now),
                "cautions": cautions(other, AgeGroup.MINOR, language)[1:],
            }
            for other in CONTACTS.countries
            if other not in (country, ELSEWHERE)
        ],
    }


def _own_contacts(language: str, country: str, now: datetime) -> dict[str, Any]:
    return {
        "contacts": contacts(country, AgeGroup.ADULT, language, now),
        "young": contacts(country, AgeGroup.MINOR, language, now),
    }


@router.get("/safe")
async def show_safety(request: Request) -> Response:
    """How to stay safe while somebody threatens, looks at the phone, or wants money."""
    return shared(request, "person/safe.html", _safety)


def _safety(language: str, country: str, now: datetime) -> dict[str, Any]:
    all_of_them = _own_contacts(language, country, now)
    everybody = all_of_them["contacts"]
    return {
        "urgent": [one for one in everybody if one.first_for is FirstFor.DANGER],
        "crisis": [one for one in everybody if one.first_for is FirstFor.CRISIS],
        "contacts": [one for one in everybody if one.first_for is None],
        "young": [one for one in all_of_them["young"] if one not in everybody],
    }


@router.get("/elsewhere")
async def show_elsewhere(request: Request) -> Response:
    """What a person can do themselves at places that are not watched."""
    return shared(request, "person/elsewhere.html", _elsewhere)


def _elsewhere(language: str, country: str, now: datetime) -> dict[str, Any]:
    own = _of_any_age(language, country, now)
    korea = texts.of(texts.COUNTRIES, "KR", translations(language).gettext)
    korean = {key: replace(one, name=f"{one.name} ({korea})") for key, one in _of_any_age(language, "KR", now).items()}
    known = korean | own  # Korean services see to Korean sites, wherever somebody reads this
    removers = [key for key, one in own.items() if one.removes]
    first = ("stopncii", "ncmec_take_it_down", *removers, "kr_d4u")
    return {
        "first": [known[key] for key in first if key in known],
        "places": [
            {
                "key": place.key,
                "name": in_language(place.name, language),
                "steps": [in_language(step, language) for step in place.steps],
                "pages": [{"to": page.to, "label": in_language(page.label, language)} for page in place.pages],
                "helpers": [
                    {"name": known[key].name, "to": _reached_at(known[key])}
                    for key in (*removers, *(HELPERS[name][0] for name in place.helpers))
                    if key in known
                ],
                "confirmed": place.confirmed,
                "date": place.date,
            }
            for place in SELF_HELP.values()
        ],
    }


def _of_any_age(language: str, country: str, now: datetime) -> dict[str, Contact]:
    ages = (AgeGroup.MINOR, AgeGroup.ADULT)
    return {one.key: one for age in ages for one in contacts(country, age, language, now)}


def _reached_at(one: Contact) -> str:
    number = one.phone.replace(" ", "").replace("-", "")
    return one.address if one.address.startswith("https:") else f"tel:{number}"


@router.get("/case")
async def show_case(request: Request, services: ServicesDep) -> Response:
    """The page of the person. Without scripts it says why it needs them, and shows the contacts."""
    cards = await request.app.state.centres.get()

    def values(language: str, country: str, now: datetime) -> dict[str, Any]:
        return {
            "contacts": contacts(country, AgeGroup.ADULT, language, now),
            "young": contacts(country, AgeGroup.MINOR, language, now),
            "helpers": _helpers(language, now),
            "elsewhere": ELSEWHERE,
            "centres": cards,
            "kinds": texts.KINDS,
            "most_minutes": round(MAX_SECONDS / 60),
            **_notice(services),
            "settings": _embedded(
                {
                    "privacy_version": PRIVACY_VERSION,
                    "ages_of_consent": {code: one.years for code, one in AGES.items()} | {"": AGE_ELSEWHERE.years},
                    "language": language,
                    "version": FINGERPRINT_VERSION,
                    "min_quality": MIN_QUALITY,
                    "cut_outs": bool(services.context.cut_outs),
                    "video": {"step": CLOSE_STEP, "seconds": MAX_SECONDS, "frames": MOST_FRAMES},
                    "tables": _tables(language),
                }
            ),
        }

    return shared(request, "person/case.html", values)


@router.get("/privacy")
async def show_privacy(request: Request, services: ServicesDep) -> Response:
    """What is kept of a person, in the words of the page that asks for their yes."""
    return shared(request, "person/privacy.html", lambda _language, _country, _now: _notice(services))


def _notice(services: Services) -> dict[str, object]:
    """What the privacy notice says in numbers."""
    return {
        "privacy_version": PRIVACY_VERSION,
        "draft_hours": round(KEPT_FOR.total_seconds() / 3600),
        "unvouched_days": services.context.unvouched_for.days,
    }


def _helpers(language: str, now: datetime) -> list[dict[str, object]]:
    """Contacts and cautions for each country and age that differ: which ones are shown is decided on the device."""
    return [
        _helper(language, country, age, now)
        for country in CONTACTS.countries
        for age in (AgeGroup.ADULT, AgeGroup.MINOR)
    ]


def _helper(language: str, country: str, age: AgeGroup, now: datetime) -> dict[str, object]:
    return {
        "country": country,
        "minor": age.counts_as_minor,
        "contacts": contacts(country, age, language, now),
        "cautions": cautions(country, age, language),
    }


@router.get("/helpers")
async def show_helpers(request: Request) -> Response:
    """Who helps in one country, the young or adults. The case page fetches it as a piece when needed; whoever opens it
    by itself gets it in the frame of every page, with the way out."""
    age = AgeGroup.MINOR if request.query_params.get("age") == "minor" else AgeGroup.ADULT

    def values(language: str, country: str, now: datetime) -> dict[str, Any]:
        return {
            "helper": _helper(language, country, age, now),
            "languages": [(code, f"/helpers?country={country}&age={age}&lang={code}") for code in LANGUAGES],
        }

    template = "person/helpers_page.html" if with_browser(request) else "person/helpers.html"
    return shared(request, template, values, part=age.value)


def _tables(language: str) -> dict[str, dict[str, str]]:
    """The words for states, routes and kinds that our scripts show."""
    tables: dict[str, Mapping[Any, str]] = {
        "notice_states": {**texts.NOTICE_STATES, **texts.OWN_NOTICE_STATES},
        "mail_after": texts.MAIL_AFTER,
        "mail_stopped": texts.MAIL_STOPPED,
        "presences": texts.PRESENCES,
        "standings": texts.STANDINGS,
        "kinds": texts.KINDS,
        "video_kinds": texts.VIDEO_KINDS,
        "sets": texts.SETS,
        "framings": texts.FRAMINGS,
        "platforms": texts.PLATFORMS,
        "weekdays": texts.WEEKDAYS,
        "term_kinds": texts.TERM_KINDS,
        "term_states": texts.TERM_STATES,
        "spoken": texts.SPOKEN,
        "refusals": {code: text for code, text in TEXTS.items() if code not in AT_WORK | SAID_BY_SCRIPT},
    }
    gettext = translations(language).gettext
    titles = {"routes": {name: texts.route_title(name, language) for name in ROUTES}}
    return titles | {name: {code: gettext(text) for code, text in table.items()} for name, table in tables.items()}


def _embedded(value: object) -> Markup:
    """JSON inside a data block of a page: no sign in it can end the block."""
    text = json.dumps(value, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704
