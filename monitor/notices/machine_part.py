"""What a notice says, for programs: the JSON part of an e-mail, and the same as XARF. See docs/notice-json.md.

Pure, and without a time of its own: the same notice gives the same bytes, so that what was looked at is what leaves.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from monitor.model.facts import CopyFacts, Intake, PictureKind
from monitor.notices.route import Route

SCHEMA = "jikimi-notice"
VERSION = 1
FILE_NAME, XARF_NAME = "notice.json", "xarf.json"
MEDIA_TYPE = "application/json"
XARF_VERSION = "4.2.0"


@dataclass(frozen=True, slots=True)
class Category:
    """What the picture is in the words of others."""

    dsa: str
    """A keyword of the EU's transparency database, under STATEMENT_CATEGORY_CYBER_VIOLENCE."""
    ozone: str
    """A reason of the AT Protocol's moderation service."""


DSA_CATEGORY = "STATEMENT_CATEGORY_CYBER_VIOLENCE"
CATEGORIES: Mapping[PictureKind, Category] = {
    PictureKind.INTIMATE: Category("KEYWORD_NON_CONSENSUAL_IMAGE_SHARING", "tools.ozone.report.defs#reasonSexualNCII"),
    PictureKind.FAKED: Category(
        "KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE", "tools.ozone.report.defs#reasonSexualDeepfake"
    ),
    PictureKind.ORDINARY: Category("KEYWORD_NON_CONSENSUAL_IMAGE_SHARING", "tools.ozone.report.defs#reasonSexualNCII"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What both files are made of."""

    notice_id: str
    route: Route
    role: str
    copies: Sequence[CopyFacts] = field(repr=False)
    """At least one, all of one channel or account."""
    number: int = 1
    """Of the letter in its thread: 1 is the first."""
    cites: str = ""
    """Message-ID of the first."""
    purpose: str = "request"
    """See monitor.notices.letters.Purpose."""


def part_of(intake: Intake, copies: Sequence[CopyFacts], route: Route, notice_id: str) -> Part:
    """What a notice of this route about these copies says."""
    return Part(notice_id=notice_id, route=route, role=intake.sender_role.value, copies=tuple(copies))


def notice_json(part: Part) -> str:
    """The JSON part, indented for people who open it."""
    first = part.copies[0]
    told: dict[str, Any] = {
        "schema": SCHEMA,
        "version": VERSION,
        "notice": {
            "id": part.notice_id,
            "purpose": part.purpose,
            "number": part.number,
            "cites": part.cites or None,
        },
        "category": {
            "kind": first.kind.value,
            "dsa_category": DSA_CATEGORY,
            "dsa_keyword": CATEGORIES[first.kind].dsa,
            "ozone_reason": CATEGORIES[first.kind].ozone,
        },
        "authority": {
            "route": part.route.name,
            "law": part.route.law,
            "sender_role": part.role,
            "basis_of_knowledge": first.basis.value,
        },
        "clock": None
        if part.route.deadline_hours is None
        else {"hours": part.route.deadline_hours, "starts": part.route.starts.value},
        "sender": {"centre": first.centre.name, "name": first.reviewer, "answers_to": first.contact},
        "locations": [_location(copy) for copy in part.copies],
    }
    return _text(told)


def xarf_json(part: Part) -> str:
    """An XARF report about the first copy; the others stand in its description of evidence, the JSON part.

    XARF 4.2 has no type for pictures shared without consent: it goes as `exposed_data` of personal information, and
    says what it is in its tags and in two fields of its own.
    """
    first, category = part.copies[0], CATEGORIES[part.copies[0].kind]
    centre = {
        "org": (first.centre.name or "Jikimi")[:200],
        "contact": first.contact,
        "domain": first.contact.rpartition("@")[2],
    }
    told = {
        "xarf_version": XARF_VERSION,
        "report_id": str(uuid.UUID(bytes=hashlib.sha256(part.notice_id.encode()).digest()[:16], version=4)),
        "timestamp": _moment(first.observed_at),
        "reporter": centre,
        "sender": centre,
        "source_identifier": first.url.partition("://")[2].partition("/")[0],
        "category": "content",
        "type": "exposed_data",
        "url": first.url,
        "data_types": ["personal_information"],
        "exposure_method": "forum_post",
        "evidence_source": "user_report",
        "verified_at": _moment(first.observed_at),
        "verification_method": "manual",
        "tags": [f"dsa:{category.dsa.lower()}", f"ozone:{category.ozone.rpartition('#')[2].lower()}"],
        "description": "An intimate picture of an adult, or one faked to look so, published without consent. "
        f"All locations, hashes and the legal basis are in the attached {FILE_NAME}. No picture is attached.",
        "dsa_keyword": category.dsa,
        "ozone_reason": category.ozone,
    }
    return _text(told)


def _location(copy: CopyFacts) -> dict[str, Any]:
    return {
        "platform": copy.platform.value,
        "url": copy.url,
        "channel": {"id": copy.remote_id or None, "handle": copy.handle},
        "author_id": copy.author_id or None,
        "post_id": copy.post_id,
        "media": {"id": copy.media_id or None, "index": copy.media_index},
        "posted_at": _moment(copy.posted_at),
        "observed_at": _moment(copy.observed_at),
        # Of what stands there; never of a photo that the person registered.
        "hashes": {
            name: value
            for name, value in (("sha256", copy.media_sha256), ("pdq", copy.pdq), ("phash", copy.phash))
            if value
        },
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"
