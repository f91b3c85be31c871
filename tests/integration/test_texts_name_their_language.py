"""A text in another language than its page says so: a screen reader speaks it as what it is."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.api_world import ApiWorld
from tests.support.page_forms import see

API = Path(__file__).parents[2] / "api"
UNKNOWN = {
    "one.text": "what a recipient answered",
    "mail.text": "a mail that came in",
    "mail.reply.body": "what an advocate answered to it",
    "leaving.body": "the same before it leaves",
    "data": "JSON",
    "part.text": "a file beside the mail",
    "detail.removal.texts[lang].body": "in the page's own language",
}
"""Shown as they came: nobody knows their language, or it is that of the page."""


def without_language() -> Iterator[str]:
    """Every text in its own letters that names none: what it shows."""
    for template in sorted((API / "templates").rglob("*.html")):
        for properties, shown in re.findall(r"<pre([^>]*)>\{\{ (.*?) \}\}", template.read_text("utf-8")):
            if " lang=" not in properties:
                yield shown
    for script in sorted((API / "static").rglob("*.mjs")):
        for properties in re.findall(r'make\("pre", \{(.*?)\}', script.read_text("utf-8")):
            if "lang" not in properties:
                yield script.name


def test_every_text_that_is_shown_whole_names_its_language() -> None:
    assert set(without_language()) <= set(UNKNOWN)


async def test_an_english_notice_is_english_on_a_korean_page(sqlite_world: ApiWorld) -> None:
    advocate = await sqlite_world.advocate()
    person = await sqlite_world.vouched(advocate)
    written = await advocate.post(
        f"/sightings/{await sqlite_world.sighting(person)}/confirm", {"basis": "caption-context", "routes": ["us_tida"]}
    )
    notice = written["notices"][0]["notice_id"]
    assert (await advocate.get(f"/notices/{notice}/preview"))["language"] == "en"
    page = await see(sqlite_world, advocate, f"/advocate/notices/{notice}?lang=ko")
    assert '<html lang="ko">' in page and '<pre tabindex="0" id="leaving-text" lang="en">' in page
    subject = page[page.index("<dt>제목</dt>") :]
    assert re.match(r'<dt>제목</dt><dd>\s*<span class="copyable"><code tabindex="0" lang="en">', subject)
