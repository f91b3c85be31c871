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


def render(name: str, language: str, values: Mapping[str, object]) -> tuple[str, str]:
    """Subject (one line) and body (ends with one newline). A value the template misses is an error, not a gap."""
    subject = _templates.get_template(f"{name}/{language}/subject.txt").render(values)
    body = _templates.get_template(f"{name}/{language}/body.txt").render(values)
    return " ".join(subject.split()), re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"
