"""One licence, named by its SPDX identifier wherever it is named."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
IDENTIFIER = re.compile(r"SPDX-License-Identifier: (\S+)")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_notice_project_file_and_readme_name_the_same_licence() -> None:
    licence = tomllib.loads(text_of("pyproject.toml"))["project"]["license"]
    assert licence == "Apache-2.0"
    assert text_of("LICENSE").startswith(f"SPDX-License-Identifier: {licence}\n")
    for name in ("LICENSE", "README.md"):
        assert set(IDENTIFIER.findall(text_of(name))) == {licence}
    assert licence in text_of("CONTRIBUTING.md")
