"""A start with other settings than the last one's is a step of the installation: no value stands in it, only where."""

from monitor import __version__
from monitor.app.bootstrap import Services
from monitor.evidence.by import By
from monitor.evidence.chain import sha256
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.ledger import last_of_installation
from monitor.keys.envelope import canonical_json


async def note_settings(services: Services) -> None:
    """Append the digest of each section, and which of them changed; nothing where all is as at the last start."""
    shown = services.settings.model_dump(mode="json")  # secrets print as stars
    now = {"version": __version__, **{name: sha256(canonical_json(value)) for name, value in shown.items()}}
    context = services.context.acting(By.program("start"))
    async with services.database.begin() as session:
        known = await last_of_installation(session, context.ledger, EntryKind.SETTINGS_CHANGED)
        before = {} if known is None else known["settings"]
        changed = sorted(name for name in now.keys() | before.keys() if now.get(name) != before.get(name))
        if changed:
            await context.record_installation(session, EntryKind.SETTINGS_CHANGED, changed=changed, settings=now)
