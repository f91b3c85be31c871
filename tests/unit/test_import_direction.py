"""Who may import whom: api -> monitor -> db; vendors inside their adapter; pure rules stay pure."""

import ast
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path

import pytest

from tests.support.source_tree import nodes_of

ROOT = Path(__file__).parents[2]
OURS = ("api", "monitor", "db", "alembic", "tests", "benchmarks")
PRODUCT = ("api", "monitor", "db")

FORBIDDEN_BELOW = {"db": ("api", "monitor"), "monitor": ("api",)}

# `serve` and the demo put the pages and the work together: that is their job.
MAY_IMPORT_API = ("monitor/commands/serve.py", "monitor/demo/*")

VENDORS = {
    # Web and words.
    "fastapi": ("api/*",),
    "starlette": (
        "api/assets/store.py",
        "api/errors.py",
        "api/gate.py",
        "api/guard.py",
        "api/problems.py",
        "api/sections.py",
    ),
    "uvicorn": ("api/connections.py", "api/serving.py"),
    "babel": ("api/i18n.py", "api/translating.py"),
    "markupsafe": ("api/pages/*",),
    "jinja2": (
        "api/pages/compiling.py",
        "api/pages/rendering.py",
        "monitor/notices/render.py",
        "monitor/notices/route_texts.py",
    ),
    "pydantic": ("api/schemas/*", "monitor/model/records/*", "monitor/settings/*"),
    "pydantic_core": ("monitor/settings/*",),
    "openpyxl": ("monitor/notices/bulk_sheet.py",),
    # Secrets.
    "cryptography": ("monitor/keys/*", "monitor/evidence/*", "monitor/commands/ledger.py", "monitor/demo/authority/*"),
    "argon2": ("api/auth.py", "monitor/cases/*", "monitor/context/context.py", "monitor/keys/envelope.py"),
    "pyotp": ("api/auth.py", "monitor/cases/accounts/*", "monitor/cases/advocates.py", "monitor/demo/*"),
    "webauthn": ("monitor/cases/accounts/passkeys.py",),
    "mnemonic": ("monitor/cases/word_lists.py", "monitor/cases/code_words.py"),
    "segno": ("monitor/commands/advocate.py", "api/pages/account.py", "api/pages/code_sheet.py"),
    # Databases and durable work. Pure rules, fingerprints, matching, platforms and delivery know no database.
    "sqlalchemy": (
        "api/*",
        "db/*",
        *(f"monitor/{room}/*" for room in ("actions", "cases", "commands", "context", "history", "jobs", "notices")),
        "monitor/cases/accounts/*",
        "monitor/exports/*",
        *(f"monitor/{room}/*" for room in ("app", "evidence", "keys", "settings", "sightings", "sources", "watch")),
        "monitor/core/endpoints.py",
        "monitor/demo/run.py",
        "monitor/demo/first_day/*",
        "monitor/work/*",
    ),
    "aiosqlite": ("db/sqlite_driver.py",),
    "alembic": ("db/migrate.py",),
    "psycopg": ("monitor/work/*",),
    "dbos": ("monitor/work/*",),
    "apscheduler": ("monitor/work/*",),
    # Platforms and mail.
    "dns": ("monitor/delivery/sending_domain.py",),
    "telethon": ("monitor/platforms/telegram/*", "monitor/demo/telegram/*"),
    "tweepy": ("monitor/platforms/x/*",),
    "requests": ("monitor/platforms/x/api.py",),
    "yarl": ("monitor/platforms/x/*",),
    "aiohttp": (
        "monitor/platforms/x/http.py",
        "monitor/evidence/time_authority.py",
        "monitor/platforms/telegram/web_page.py",
        "monitor/demo/authority/*",
        "monitor/demo/front_page.py",
        "monitor/demo/telegram/web.py",
        "monitor/demo/x/*",
    ),
    "rfc3161_client": ("monitor/evidence/time_authority.py",),
    "aiosmtplib": ("monitor/delivery/smtp*",),
    "aiosmtpd": ("monitor/demo/mail/*",),
    "httpx": ("monitor/demo/*",),
    "rsa": ("monitor/demo/telegram/*",),
    # Packages of evidence.
    "typst": ("monitor/exports/*",),
    "pyrage": ("monitor/exports/encryption.py",),
    # Pictures.
    "PIL": ("monitor/fingerprints/*", "monitor/demo/world/*"),
    "cv2": ("monitor/fingerprints/points/*", "monitor/fingerprints/cut_outs/*"),
    "pillow_heif": ("monitor/fingerprints/containers/guards.py",),
    "av": ("monitor/fingerprints/*",),
    "numpy": ("monitor/fingerprints/*", "monitor/matching/*", "monitor/demo/world/*", "api/schemas/watching.py"),
    "numba": ("monitor/matching/compiled.py",),
    "llvmlite": ("monitor/matching/compiled.py",),
}
"""Each library of somebody else, and where it may stand: in its adapter, or in the rooms whose material it is."""

FLOORS = (
    ("commands", "demo"),
    ("app",),
    ("jobs", "settings"),
    ("actions",),
    ("exports",),
    ("notices",),
    ("cases",),
    ("sightings",),
    ("delivery", "history", "mailbox"),
    ("sources", "watch"),
    ("context",),
    ("model",),
    ("evidence", "matching", "platforms"),
    ("fingerprints", "keys", "work"),
    ("core",),
)
"""The rooms of monitor/, from the top floor down. A room uses the floors below it, never its own and none above."""

MOST_ENTRIES = 26

PURE = (
    "monitor/cases/counts.py",
    "monitor/exports/custody/preservation.py",
    "monitor/exports/custody/statement.py",
    "monitor/mailbox/plain_text.py",
    "monitor/mailbox/report.py",
    "monitor/mailbox/structure.py",
    "monitor/mailbox/trust.py",
    "monitor/model/records/escalation.py",
    "monitor/model/records/fingerprint.py",
    "monitor/model/records/intake.py",
    "monitor/model/records/link.py",
    "monitor/model/records/notice.py",
    "monitor/model/records/receipts.py",
    "monitor/model/records/observation.py",
    "monitor/model/records/observed.py",
    "monitor/model/records/sighting.py",
    "monitor/model/consent.py",
    "monitor/model/following.py",
    "monitor/model/facts.py",
    "monitor/model/states.py",
    "monitor/model/notice_states.py",
    "monitor/model/route_figures.py",
    "monitor/matching/verdict.py",
    "monitor/notices/clocks.py",
    "monitor/notices/compose.py",
    "monitor/notices/deadlines.py",
    "monitor/notices/eligibility.py",
    "monitor/notices/escalation.py",
    "monitor/notices/receipts.py",
    "monitor/notices/removal_rules.py",
    "monitor/notices/route_files.py",
    "monitor/notices/route_table.py",
)
IMPURE = (
    "sqlalchemy",
    "httpx",
    "aiohttp",
    "telethon",
    "tweepy",
    "asyncio",
    "socket",
    "dbos",
    "db",
    "api",
    "time",
    "random",
)


def files(pattern: str) -> list[Path]:
    return sorted(path for path in ROOT.glob(pattern) if "__pycache__" not in path.parts)


@lru_cache(1000)
def imported(path: Path) -> tuple[str, ...]:
    """Every module that a file names, wherever in the file; `from a import b` gives a and a.b."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the direction"
            yield node.module or ""
            yield from (f"{node.module}.{name.name}" for name in node.names)


def top(module: str) -> str:
    return module.partition(".")[0]


def local_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("package", FORBIDDEN_BELOW)
def test_lower_layers_know_nothing_of_higher_ones(package: str) -> None:
    wrong = [
        (local_name(path), module)
        for path in files(f"{package}/**/*.py")
        if not any(fnmatch(local_name(path), allowed) for allowed in MAY_IMPORT_API)
        for module in imported(path)
        if top(module) in FORBIDDEN_BELOW[package]
    ]
    assert wrong == []


@lru_cache(1)
def vendor_users() -> dict[str, set[str]]:
    """Which file names which library, wherever in it."""
    users: dict[str, set[str]] = {}
    for package in PRODUCT:
        for path in files(f"{package}/**/*.py"):
            for module in imported(path):
                if top(module) not in (*PRODUCT, *sys.stdlib_module_names):
                    users.setdefault(top(module), set()).add(local_name(path))
    return users


@pytest.mark.parametrize("vendor", VENDORS)
def test_vendor_library_stays_inside_its_adapter(vendor: str) -> None:
    users = sorted(vendor_users()[vendor])
    assert [user for user in users if not any(fnmatch(user, allowed) for allowed in VENDORS[vendor])] == []
    assert [allowed for allowed in VENDORS[vendor] if not any(fnmatch(user, allowed) for user in users)] == []


def test_every_vendor_library_has_its_place() -> None:
    new = {vendor: sorted(users) for vendor, users in vendor_users().items() if vendor not in VENDORS}
    assert not new, (
        f"{new}: a library of somebody else that has no place yet. Let one adapter name it, everybody else calls the "
        "adapter; then write a line in VENDORS with that place, and the library with its reason into pyproject.toml"
    )


def room_of(module: str) -> str:
    return module.split(".")[1]


def arrows() -> Iterator[tuple[str, str, str]]:
    """From which room an import leads to which, and where it stands."""
    for path in files("monitor/*/**/*.py"):
        room = path.relative_to(ROOT / "monitor").parts[0]
        for module in imported(path):
            if module.startswith("monitor.") and room_of(module) not in (room, "__version__"):
                yield room, room_of(module), f"{local_name(path)}: {module}"


def test_every_room_has_its_floor_and_monitor_holds_nothing_else() -> None:
    rooms = {name for floor in FLOORS for name in floor}
    there = {path.name for path in (ROOT / "monitor").iterdir() if path.name != "__pycache__"}
    assert there == rooms | {"__init__.py", "__main__.py"}
    assert len(there) <= MOST_ENTRIES


def test_rooms_use_only_the_floors_below_them() -> None:
    """So no room depends on itself in a circle either."""
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    assert [where for room, other, where in arrows() if floor[other] <= floor[room]] == []


def what_it_stands_on(path: Path) -> Iterator[Path]:
    """The file and every file of `monitor` that it imports, to the end of the chain."""
    seen: set[Path] = set()
    waiting = [path]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        yield current
        for module in imported(current):
            if top(module) == "monitor":
                candidate = ROOT / (module.replace(".", "/") + ".py")
                if candidate.exists():
                    waiting.append(candidate)


@pytest.mark.parametrize("name", PURE)
def test_pure_rules_know_no_session_clock_or_network(name: str) -> None:
    wrong = [
        (local_name(path), module)
        for path in what_it_stands_on(ROOT / name)
        for module in imported(path)
        if top(module) in IMPURE
    ]
    assert wrong == []


@pytest.mark.parametrize("name", PURE)
def test_pure_rules_get_the_time_as_an_argument(name: str) -> None:
    for path in what_it_stands_on(ROOT / name):
        for node in nodes_of(path):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("utcnow", "today"), local_name(path)
                reads_clock = node.attr == "now" and isinstance(node.value, ast.Name) and node.value.id == "datetime"
                assert not reads_clock, local_name(path)


def test_tests_and_migrations_are_no_packages() -> None:
    assert files("tests/**/__init__.py") == files("alembic/**/__init__.py") == []


def test_only_known_packages_stand_in_the_root() -> None:
    assert {path.parent.name for path in files("*/*.py")} <= set(OURS)
