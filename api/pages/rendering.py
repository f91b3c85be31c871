"""Templates with the language of the request, times in the reader's zone, and nothing unescaped."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from api.assets.store import assets
from api.i18n import LANGUAGES, choose, day_words, on_clocks_of, translations
from api.pages import texts
from api.pages.alert_reasons import alert_reason, alert_step
from api.pages.compiling import Once, Templates
from api.pages.help_texts import help_for
from api.pages.how import tell
from api.refusals import refusal_text
from monitor.model.facts import PostedWith
from monitor.notices.fields import KST, moment_in_both
from monitor.notices.receipts import span
from monitor.notices.texts import BROUGHT_WORDS, in_language

LANGUAGE_COOKIE = "jikimi_language"
_YEAR = 365 * 24 * 3600
_WITH_COOKIES = ("/advocate", "/platform", "/figures")
"""Pages of people at work. A person's pages keep the language in their addresses: no mark stays on the device."""
TEMPLATES = Path(__file__).parent.parent / "templates"


def language_of(request: Request) -> str:
    """The language of this request."""
    return choose(
        request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language")
    )


_ONCE = Once()


@lru_cache
def _environment(language: str) -> Templates:
    catalogue = translations(language)
    environment = Templates(
        catalogue.gettext,
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=_ONCE,
        auto_reload=False,  # they change with the program alone
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]  # by the extension
    environment.filters["when"] = partial(_when, language)
    environment.filters["day"] = partial(day_words, language=language)
    environment.filters["on_clocks_of"] = partial(on_clocks_of, language=language)
    environment.filters["query"] = lambda address: address.partition("?")[2]
    environment.filters["tell"] = partial(tell, gettext=catalogue.gettext)
    environment.globals["span"] = lambda length: span(abs(length), language)
    environment.globals["say"] = lambda table, value: (
        texts.route_title(value, language)  # an operator's route has words too
        if table == "ROUTES"
        else texts.of(getattr(texts, table), value, catalogue.gettext)
    )
    environment.globals["language_of_route"] = texts.language_of_route
    environment.globals["brought"] = lambda name: in_language(BROUGHT_WORDS[name], language)
    environment.globals["asset"] = partial(assets().address, language=language)
    environment.globals["posted_with_choices"] = [one.value for one in PostedWith]
    environment.globals["alert_reason"] = partial(alert_reason, gettext=catalogue.gettext)
    environment.globals["alert_step"] = partial(alert_step, gettext=catalogue.gettext)
    environment.globals["help_for"] = help_for
    environment.globals["problem_text"] = partial(refusal_text, gettext=catalogue.gettext)
    return environment


def _when(language: str, at: datetime | None) -> Markup:
    """A time element: Korean time for Korean readers, UTC for the others, both on hover."""
    if at is None:
        return Markup("")
    zone = KST if language == "ko" else UTC
    shown = f"{at.astimezone(zone):%Y-%m-%d %H:%M} {'KST' if language == 'ko' else 'UTC'}"
    both = escape(moment_in_both(at))
    return Markup(f'<time datetime="{at.isoformat()}" title="{both}">{shown}</time>')  # noqa: S704  # digits alone


def render_page(
    request: Request, template: str, values: Mapping[str, Any] | None = None, *, status: int = 200
) -> HTMLResponse:
    """The page. At work `?lang=` also stays for the next visit, in a cookie that says nothing else."""
    language, done = language_of(request), request.query_params.get("done", "")
    context = {
        "lang": language,
        "languages": [(code, _same_page(request, code)) for code in LANGUAGES],
        "to": partial(keeping_language, request),
        "problem": request.query_params.get("problem", ""),
        "done": done if done in texts.DONE else "",  # a page says nothing that a link put into its mouth
        **(values or {}),
    }
    text = render_text(language, template, context)
    response = HTMLResponse(text, status_code=status)
    if request.query_params.get("lang") in LANGUAGES and request.url.path.startswith(_WITH_COOKIES):
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR, httponly=True, samesite="strict")
    return response


def render_text(language: str, template: str, context: Mapping[str, Any]) -> str:
    """The text of a page."""
    return _environment(language).get_template(template).render(context)


def templates() -> Sequence[str]:
    """The names of all of them."""
    return _environment(LANGUAGES[0]).list_templates()


def compile_template(name: str) -> None:
    """In every language, so that nobody who asks for its page waits for that. Safe in a thread."""
    for language in LANGUAGES:
        _environment(language).get_template(name)


def keeping_language(request: Request, path: str) -> str:
    """The address of another page of ours, in the language that was asked for in this one's address."""
    asked = request.query_params.get("lang")
    if asked not in LANGUAGES:
        return path
    page, mark, part = path.partition("#")
    return f"{page}?lang={asked}{mark}{part}"


def _same_page(request: Request, code: str) -> str:
    """The address of this page in another language. A form's own answer has no address: its page then."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in ("lang", "done")]
    return f"{request.url.path}?{urlencode([*kept, ('lang', code)])}"
