"""axe-core, which judges a page as people with disabilities would need it: from a package of the tests, or from AXE.

Nothing is fetched while tests run. Where it is not there the checks that need it are skipped, and say so.
"""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from playwright.async_api import Page

WHERE = "axe-core is not here: install axe-playwright-python (a package of the tests), or set AXE to an axe.min.js"
_RUN = """async (only) => {
  const {violations} = await axe.run(document, only ? {runOnly: only} : {});
  const said = ({target, any}) => `${target} ${any.map((one) => one.message)}`;
  return violations.map(({id, nodes}) => `${id}: ${nodes.slice(0, 3).map(said).join(" | ")}`);
}"""


def script() -> str | None:
    """The text of axe-core; None: it is not here."""
    given = os.environ.get("AXE")
    if given:
        return Path(given).read_text(encoding="utf-8")
    found = find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        return None
    return (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")


async def violations(page: Page, *, only: list[str] | None = None) -> list[str]:
    """What it finds on the page as it stands: a line a rule. `only`: these rules."""
    found: Any = await page.evaluate(_RUN, only)
    return list(found)
