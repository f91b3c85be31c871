"""The JSON part of a notice holds what docs/notice-json.md promises, and XARF's own schema takes the other file."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from monitor.model.facts import CopyFacts, PictureKind, SenderRole
from monitor.notices.machine_part import notice_json, part_of, xarf_json
from monitor.notices.route_table import ROUTES
from tests.support.notice_builders import make_copy, make_intake, make_x_copy

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "notice-json-1.schema.json").read_text(encoding="utf-8"))
SEEN = {"media_sha256": "ab" * 32, "pdq": "0f" * 32, "phash": "9a" * 8, "media_id": "photo:9", "media_index": 2}
# The fields that https://github.com/xarf/xarf-spec (schemas/v4: core, content-base, content-exposed-data) requires, and
# the values that it allows where it lists them.
XARF_REQUIRED = {
    *("xarf_version", "report_id", "timestamp", "reporter", "sender", "source_identifier", "category", "type"),
    *("url", "data_types", "exposure_method"),
}
XARF_CORE: dict[str, Any] = {
    "required": sorted(XARF_REQUIRED),
    "properties": {
        "xarf_version": {"pattern": r"^4\.[0-9]+\.[0-9]+$"},
        "report_id": {"format": "uuid", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"},
        "timestamp": {"format": "date-time"},
        "category": {"const": "content"},
        "type": {"const": "exposed_data"},
        "data_types": {"items": {"enum": ["personal_information", "other"]}, "minItems": 1},
        "exposure_method": {"enum": ["forum_post", "intentional_leak", "other"]},
        "verification_method": {"enum": ["manual", "automated_crawler", "user_report"]},
        "tags": {"items": {"pattern": "^[a-z0-9][a-z0-9_+-]*:[a-z0-9][a-z0-9_+-.]*$"}, "maxItems": 20},
        "description": {"maxLength": 1000},
        "reporter": {"required": ["org", "contact", "domain"], "additionalProperties": True},
    },
}


def told(copy: CopyFacts, *, role: SenderRole = SenderRole.PERSON) -> dict[str, Any]:
    part = part_of(make_intake(sender_role=role), [copy], ROUTES["us_tida"], "a" * 26)
    found: dict[str, Any] = json.loads(notice_json(part))
    return found


@pytest.mark.parametrize("kind", PictureKind)
@pytest.mark.parametrize("copy", [make_copy(remote_id="1234567890", **SEEN), make_copy(), make_x_copy(author_id="77")])
def test_the_json_part_is_as_its_schema_says(copy: CopyFacts, kind: PictureKind) -> None:
    from dataclasses import replace

    jsonschema_rs.validate(SCHEMA, told(replace(copy, kind=kind)))


def test_the_json_part_names_place_category_authority_and_clock() -> None:
    found = told(make_copy(remote_id="1234567890", author_id="42", **SEEN), role=SenderRole.AGENT)
    (place,) = found["locations"]
    assert place["channel"] == {"id": "1234567890", "handle": "examplechannel"}
    assert (place["url"], place["post_id"], place["author_id"]) == ("https://t.me/examplechannel/17", "17", "42")
    assert place["media"] == {"id": "photo:9", "index": 2}
    assert place["hashes"] == {"sha256": "ab" * 32, "pdq": "0f" * 32, "phash": "9a" * 8}
    assert (place["posted_at"], place["observed_at"]) == ("2026-11-23T03:05:00Z", "2026-11-24T01:05:00Z")
    assert found["category"]["dsa_keyword"] == "KEYWORD_NON_CONSENSUAL_IMAGE_SHARING"
    assert found["authority"]["law"] == "TAKE IT DOWN Act, 47 U.S.C. 223a"
    assert found["authority"]["sender_role"] == "agent"
    assert found["clock"] == {"hours": 48, "starts": "receipt"}
    assert found["sender"]["answers_to"] == "answers@centre.example"


def test_a_faked_picture_has_its_own_keyword_and_reason() -> None:
    category = told(make_copy(kind=PictureKind.FAKED))["category"]
    assert category["dsa_keyword"] == "KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE"
    assert category["ozone_reason"] == "tools.ozone.report.defs#reasonSexualDeepfake"


def test_nothing_of_the_person_stands_in_the_files_for_programs() -> None:
    part = part_of(make_intake(), [make_copy(**SEEN)], ROUTES["us_tida"], "a" * 26)
    for text in (notice_json(part), xarf_json(part)):
        for secret in ("Typed Signature", "person@example.org", "blue room", "never agreed"):
            assert secret not in text


def test_xarf_is_what_its_schema_takes_and_says_what_it_is_about() -> None:
    copies = [make_copy(kind=PictureKind.FAKED)]
    report = json.loads(xarf_json(part_of(make_intake(), copies, ROUTES["us_tida"], "a" * 26)))
    jsonschema_rs.validate(XARF_CORE, report)
    assert report["dsa_keyword"] == "KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE"
    assert report["tags"] == ["dsa:keyword_non_consensual_material_deepfake", "ozone:reasonsexualdeepfake"]
    assert "exposed_data" in (ROOT / "docs" / "notice-json.md").read_text(encoding="utf-8")


def test_the_same_notice_gives_the_same_bytes() -> None:
    made = [part_of(make_intake(), [make_copy(**SEEN)], ROUTES["us_tida"], "b" * 26) for _ in range(2)]
    assert notice_json(made[0]) == notice_json(made[1]) and xarf_json(made[0]) == xarf_json(made[1])
