"""What is said of a control holds what is seen on it: people tell their device what they see (WCAG 2.5.3)."""

from playwright.async_api import Page

_RUN = r"""() => {
  const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/[\p{P}\p{S}\s]+/gu, " ").trim();
  const seen = (one) => one.getClientRects().length > 0 && getComputedStyle(one).visibility !== "hidden";
  const wrong = [];
  for (const one of document.querySelectorAll("[aria-label], [aria-labelledby]")) {
    if (!seen(one) || !one.matches("button, a, summary, input, select, textarea")) continue;
    const parts = (one.getAttribute("aria-labelledby") ?? "").split(/\s+/).map((id) => document.getElementById(id));
    const name = one.getAttribute("aria-label") ?? parts.map((part) => part?.textContent ?? "").join(" ");
    const labels = one.labels ? [...one.labels].filter(seen) : [one];
    for (const text of labels.map((label) => label.innerText)) {
      if (plain(text) && !plain(name).includes(plain(text))) wrong.push(`"${text}" is called "${name}"`);
    }
  }
  return wrong;
}"""


async def unlike_what_is_seen(page: Page) -> list[str]:
    """Every control whose name does not hold the words that are seen on it or beside it."""
    return [str(one) for one in await page.evaluate(_RUN)]
