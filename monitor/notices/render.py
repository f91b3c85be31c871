"""Fills the templates: `templates/<route or step>/<language>/{subject,body}.txt`, plain text."""

import re
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).parent / "templates"

_templates = Environment(
    loader=FileSystemLoader(FOLDER, encoding="utf-8"),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701  Plain text for e-mails and forms; `fields.clean` keeps every value on one line.
    trim_blocks=True,
    lstrip_blocks=True,
)


def use_templates(folder: Path | None) -> None:
    """Texts of the operator's folder, `NAME/LANGUAGE/subject.txt` and `body.txt`, before ours; None: ours alone."""
    _templates.loader = FileSystemLoader([*([] if folder is None else [folder]), FOLDER], encoding="utf-8")
    if _templates.cache is not None:
        _templates.cache.clear()


def render(name: str, language: str, values: Mapping[str, object]) -> tuple[str, str]:
    """Subject (one line) and body (ends with one newline). A value the template misses is an error, not a gap."""
    subject = _templates.get_template(f"{name}/{language}/subject.txt").render(values)
    body = _templates.get_template(f"{name}/{language}/body.txt").render(values)
    return " ".join(subject.split()), re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"
