"""The tables, one noun a file."""

import importlib
import pkgutil


def load() -> None:
    """Import every model, so that the metadata is whole."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
