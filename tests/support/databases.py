"""Which databases a test of the parametrised worlds runs on; what decides stands in tests/conftest.py."""

import pytest

on_sqlite = pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
"""On SQLite alone: what the test is about stands above the database."""
