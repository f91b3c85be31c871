"""What somebody reads on a page: its text without what is quoted, and where its links lead."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_QUOTED = frozenset({"code", "pre", "script", "style", "textarea", "title", "svg"})
_VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "source", "wbr"})
_SAID = ("aria-label", "title", "alt", "placeholder")


@dataclass
class PageText:
    """Of one page. `words`: what stands there in the page's own language, labels that only a reader hears included."""

    words: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)


def page_text(html: str, language: str) -> PageText:
    """Texts in another language, and what is quoted word by word (code, pre, what a person typed), are left out."""
    reader = _Reader(language)
    reader.feed(html)
    return reader.found


class _Reader(HTMLParser):
    def __init__(self, language: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found = PageText()
        self._language = language
        self._open: list[tuple[str, bool]] = []

    @property
    def _silent(self) -> bool:
        return any(silent for _, silent in self._open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if "id" in told:
            self.found.ids.add(told["id"])
        if tag == "a" and told.get("href"):
            self.found.links.append(told["href"])
        other = told.get("lang", self._language) != self._language
        # A button that copies is called after the field of somebody's form, which is as they call it.
        if not self._silent and not other and "data-copy" not in told:
            self.found.words += [told[name] for name in _SAID if name in told]
        if tag not in _VOID:
            self._open.append((tag, other or tag in _QUOTED or "data-quoted" in told))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._silent:
            self.found.words.append(data.strip())
