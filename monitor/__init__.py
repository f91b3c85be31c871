"""Jikimi, the one who keeps watch: everything that happens without a person at a screen."""

__version__ = "0.2.0"
"""What `--version`, the log's first line and the JSON API say. A release raises it here, in pyproject.toml and in
CHANGELOG.md; a test holds that the three agree."""
