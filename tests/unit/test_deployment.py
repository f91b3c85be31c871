"""No container engine runs where the tests do, so they hold what can be held: every name in these files is real."""

import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.__main__ import COMMANDS
from monitor.settings.loading import load_settings

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
SERVICES_OF_OURS = ("web", "worker")


@pytest.fixture
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
def instructions() -> list[tuple[str, str]]:
    joined = DOCKERFILE.replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def assert_is_a_command_of_ours(words: list[str]) -> None:
    assert words[:3] == ["python", "-m", "monitor"]
    assert words[3] in COMMANDS
    assert (ROOT / "monitor" / "commands" / f"{words[3]}.py").exists()
    assert words[4:] == ["--config", "/data/config.toml"]


def test_everything_that_the_image_copies_exists(instructions: list[tuple[str, str]]) -> None:
    copied = [rest.split()[:-1] for word, rest in instructions if word == "COPY"]
    assert copied
    for sources in copied:
        for source in sources:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def test_image_holds_every_package_of_ours(instructions: list[tuple[str, str]]) -> None:
    copied = {source for word, rest in instructions if word == "COPY" for source in rest.split()[:-1]}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages | {"alembic", "alembic.ini", "requirements.lock"} == copied


def test_image_starts_a_command_of_ours_without_root(instructions: list[tuple[str, str]]) -> None:
    words = [word for word, _ in instructions]
    assert dict(instructions)["USER"] not in ("root", "0")
    assert words.index("USER") < words.index("CMD")
    assert_is_a_command_of_ours(json.loads(dict(instructions)["CMD"]))


def test_image_installs_wheels_by_hash_only(instructions: list[tuple[str, str]]) -> None:
    (install,) = [rest for word, rest in instructions if word == "RUN" and "pip install" in rest]
    assert {"--require-hashes", "--only-binary", ":all:", "requirements.lock"} <= set(shlex.split(install))


def test_health_check_asks_for_a_page_that_the_application_has(instructions: list[tuple[str, str]]) -> None:
    check = dict(instructions)["HEALTHCHECK"]
    command = json.loads(check[check.index("CMD") + 3 :])
    compile(command[2], "healthcheck", "exec")
    (path,) = re.findall(r"http://127\.0\.0\.1:8000(/\w+)", command[2])
    sources = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "api").rglob("*.py"))
    assert f'"{path}"' in sources


def test_services_start_commands_of_ours(compose: dict[str, Any]) -> None:
    for name in SERVICES_OF_OURS:
        service = compose["services"][name]
        assert_is_a_command_of_ours(service["command"])
        assert (ROOT / service["build"] / "Dockerfile").exists()
    assert compose["services"]["web"]["command"][3] == "serve"
    assert compose["services"]["worker"]["command"][3] == "work"


def test_names_within_the_compose_file_fit_together(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for secret in service.get("secrets", []):
            assert secret in compose["secrets"]
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in compose["volumes"] or source.startswith("./")
        for other, condition in service.get("depends_on", {}).items():
            assert other in compose["services"]
            if condition["condition"] == "service_healthy":
                checked = compose["services"][other]
                assert "healthcheck" in checked or checked.get("build") == "."  # ours has the image's


def test_files_that_compose_needs_are_explained_and_stay_out_of_git(compose: dict[str, Any]) -> None:
    bound = {
        volume.partition(":")[0].removeprefix("./")
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
        if volume.startswith("./")
    }
    secret_files = {secret["file"].removeprefix("./") for secret in compose["secrets"].values()}
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    for name in bound | secret_files:
        assert f"`{name}`" in OPERATING
        assert f"/{name}" in ignored or f"/{Path(name).parent}/" in ignored


def test_keys_lie_in_a_volume_of_their_own(compose: dict[str, Any]) -> None:
    for name in SERVICES_OF_OURS:
        mounts = dict(volume.split(":")[:2] for volume in compose["services"][name]["volumes"])
        assert mounts["keys"] == "/keys" and mounts["data"] == "/data"
    assert "database" in compose["volumes"]


def test_configuration_shown_for_containers_is_right(compose: dict[str, Any], tmp_path: Path) -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", OPERATING, re.DOTALL)
    secret = tmp_path / "postgres_password"
    secret.write_text("test-password\n")
    file = tmp_path / "config.toml"
    file.write_text(shown.replace("/run/secrets/postgres_password", str(secret)))
    web = compose["services"]["web"]
    settings = load_settings(file, web["environment"])
    assert settings.database.url == "postgresql+psycopg://jikimi:test-password@postgres/jikimi"
    assert str(settings.security.master_key_file).startswith("/keys/")
    assert "/keys/" in settings.security.keys_url
    assert str(settings.web.port) == web["ports"][0].rpartition(":")[2]


def test_ci_runs_what_the_makefile_has() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    ci = ROOT / ".ci" / "run"
    assert os.access(ci, os.X_OK)
    for target in re.findall(r"^make (\w+)", ci.read_text(encoding="utf-8"), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    for target in ("help", "demo", "test", "soak", "check", "run"):
        assert re.search(rf"^{target}:.* ## ", makefile, re.MULTILINE)


@pytest.mark.parametrize(
    "name", ["Dockerfile", "compose.yaml", "Makefile", "requirements.lock", "requirements-dev.lock"]
)
def test_no_address_of_a_package_index_is_written_down(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"--(extra-)?index-url|--find-links|--trusted-host|simple/", text)
