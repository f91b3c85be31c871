"""The person's pages: what this is and who helps at once; and the case itself, which lives in the browser."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from api.deps import ServicesDep
from api.i18n import browser_texts, translations
from api.pages import texts
from api.pages.advocate_page import PageRoute
from api.pages.rendering import language_of, render_page
from api.refusals import TEXTS
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION, MIN_QUALITY, MOST_FRAMES
from monitor.fingerprints.video.sampling import CLOSE_STEP, MAX_SECONDS
from monitor.model.facts import AgeGroup
from monitor.notices.contacts import COUNTRIES, ELSEWHERE, cautions, contacts
from monitor.notices.route_table import ROUTES

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/")
async def show_start(request: Request) -> Response:
    """What this is, for whom, and who answers day and night."""
    language = language_of(request)
    return render_page(
        request,
        "person/start.html",
        {
            "contacts": [each for each in contacts("KR", AgeGroup.ADULT, language) if each.key.startswith("kr_")],
            "cautions": cautions("KR", AgeGroup.ADULT, language),
        },
    )


@router.get("/case")
async def show_case(request: Request, services: ServicesDep) -> Response:
    """The page of the person. Without scripts it says why it needs them, and shows the contacts."""
    language = language_of(request)
    return render_page(
        request,
        "person/case.html",
        {
            "contacts": [each for each in contacts("KR", AgeGroup.ADULT, language) if each.key.startswith("kr_")],
            "helpers": _helpers(language),
            "elsewhere": ELSEWHERE,
            "centres": await request.app.state.centres.get(),
            "kinds": texts.KINDS,
            "most_minutes": round(MAX_SECONDS / 60),
            "settings": _embedded(
                {
                    "language": language,
                    "version": FINGERPRINT_VERSION,
                    "min_quality": MIN_QUALITY,
                    "cut_outs": bool(services.context.cut_outs),
                    "video": {"step": CLOSE_STEP, "seconds": MAX_SECONDS, "frames": MOST_FRAMES},
                    "texts": dict(browser_texts(language)),
                    "tables": _tables(language),
                }
            ),
        },
    )


def _helpers(language: str) -> list[dict[str, object]]:
    """Contacts and cautions for each country and age that differ: which ones are shown is decided on the device."""
    return [
        {
            "country": country,
            "minor": age.counts_as_minor,
            "contacts": contacts(country, age, language),
            "cautions": cautions(country, age, language),
        }
        for country in COUNTRIES
        for age in (AgeGroup.ADULT, AgeGroup.MINOR)
    ]


def _tables(language: str) -> dict[str, dict[str, str]]:
    """The words for states, routes and kinds that our scripts show."""
    tables: dict[str, Mapping[Any, str]] = {
        "notice_states": texts.NOTICE_STATES,
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
        "refusals": TEXTS,
    }
    gettext = translations(language).gettext
    titles = {"routes": {name: texts.route_title(name, language) for name in ROUTES}}
    return titles | {name: {code: gettext(text) for code, text in table.items()} for name, table in tables.items()}


def _embedded(value: object) -> Markup:
    """JSON inside a data block of a page: no sign in it can end the block."""
    text = json.dumps(value, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704
