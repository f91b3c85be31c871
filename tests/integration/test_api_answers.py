"""Every answer carries its headers, every operation is documented, nothing private reaches a log."""

import logging
import re
from typing import Any

import pytest

from monitor import __version__
from tests.integration.test_api_bad_input import BODIES
from tests.support.api_world import INTAKE, ApiWorld, problem

_PAGES = ("/", "/case", "/advocate/login", "/static/person/main.mjs", "/static/pdq/worker.mjs", "/nothing")


async def test_every_answer_carries_the_security_headers(sqlite_world: ApiWorld) -> None:
    http = sqlite_world.http
    for path in ("/healthz", "/api/openapi.json", "/api/cases", "/api/nothing", "/nothing"):
        headers = (await http.get(path)).headers
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["strict-transport-security"].startswith("max-age=")
        assert "camera=()" in headers["permissions-policy"]
        assert headers["content-security-policy"].startswith("default-src 'none'; ")
        assert "set-cookie" not in headers
    too_large = await http.post("/api/cases", content=b" " * 70_000, headers={"Content-Type": "application/json"})
    assert too_large.headers["cache-control"] == "no-store"


async def test_only_the_case_page_may_show_a_video_and_only_from_the_device(sqlite_world: ApiWorld) -> None:
    policies = {path: (await sqlite_world.http.get(path)).headers["content-security-policy"] for path in _PAGES}
    assert {path for path, policy in policies.items() if "media-src" in policy} == {"/case"}
    assert policies["/case"].endswith("; media-src blob:")
    assert all(policy.startswith("default-src 'none'; ") for policy in policies.values())


async def test_no_redirect_names_a_scheme_or_a_host(sqlite_world: ApiWorld) -> None:
    """Behind a proxy we are spoken to in http: a redirect to where we think we are would take a password there."""
    body = {"case_id": "a" * 26, "passphrase": "x"}
    for method, path, content in (
        ("POST", "/api/log-ins/person/", body),
        ("GET", "/advocate/", None),
        ("GET", "/report/?lang=ko", None),
        ("GET", "/static", None),
    ):
        headers = {"Host": "elsewhere.invalid"}
        answer = await sqlite_world.http.request(method, path, json=content, headers=headers)
        assert answer.status_code == 307, path
        place, _, query = path.partition("?")
        place = f"{path}/" if path == "/static" else place.rstrip("/")
        assert answer.headers["location"] == (f"{place}?{query}" if query else place)


async def test_health_needs_no_log_in_and_tells_nothing(sqlite_world: ApiWorld) -> None:
    answer = await sqlite_world.http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_description_of_the_api_names_the_version(sqlite_world: ApiWorld) -> None:
    document: dict[str, Any] = (await sqlite_world.http.get("/api/openapi.json")).json()
    assert document["info"]["version"] == __version__
    for usual in ("/docs", "/openapi.json"):
        answer = await sqlite_world.http.get(usual)
        assert (answer.status_code, answer.headers["location"]) == (307, "/api/openapi.json")


async def test_every_operation_is_documented_with_its_problems(sqlite_world: ApiWorld) -> None:
    document: dict[str, Any] = (await sqlite_world.http.get("/api/openapi.json")).json()
    operations = [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        if path.startswith("/api/")
        for method, operation in methods.items()
    ]
    assert len(operations) > 35
    for name, operation in operations:
        assert operation["description"], name
        assert "application/problem+json" in operation["responses"]["422"]["content"], name
    # What platforms' programs send is spoiled in test_platform_api.py.
    ours = [(path, methods) for path, methods in document["paths"].items() if path.startswith("/api/")]
    taking = {path for path, methods in ours for one in methods.values() if "requestBody" in one}
    spoiled = {re.sub(r"\{\w+\}", "{}", f"/api{path}") for path in (*BODIES, "/cases/{case}/erasure")}
    assert {re.sub(r"\{\w+\}", "{}", path) for path in taking} == spoiled, "every body has its malformed twins"
    open_to_all = {name for name, operation in operations if "security" not in operation}
    assert open_to_all == {
        "get /api/figures/public",
        "get /api/centres",
        "post /api/cases",
        "post /api/log-ins/person",
        "post /api/log-ins/advocate",
        "get /api/work",
        "post /api/reports",
    }


async def test_fault_is_a_problem_and_logs_neither_words_nor_values(
    sqlite_world: ApiWorld, caplog: pytest.LogCaptureFixture
) -> None:
    world, person = sqlite_world, await sqlite_world.person()
    world.services.keys.close()
    file = world.services.settings.security.keys_url.partition("///")[2]
    with open(file, "wb") as damaged:  # noqa: ASYNC230, PTH123  # a test may
        damaged.write(b"not a database " * 100)
    with caplog.at_level(logging.DEBUG):
        answer = await person.call("PUT", f"/cases/{person.case_id}/intake", {**INTAKE, "signature": "zqxprivate"})
    assert problem(answer)[0] in (500, 503)
    assert "zqxprivate" not in answer.text and person.case_id not in answer.text
    ours = [record for record in caplog.records if record.name.startswith("api")]
    assert all("zqxprivate" not in str(record.__dict__) for record in ours)
