"""What is sealed: typed, versioned, and readable as the program sealed it before records had a version."""

import copy
import dataclasses
import json
import traceback
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from monitor.context.context import DomainContext
from monitor.core.clock import Clock
from monitor.core.errors import CryptoError, RecordInvalid, RecordTooNew, RuleBroken
from monitor.evidence.by import By
from monitor.evidence.ledger import Ledger
from monitor.fingerprints.hashes.values import FrameViews, Hash, HashedMedium, PictureView
from monitor.fingerprints.regions.codes import WITH_SQUARES, Regions
from monitor.keys.envelope import Key, canonical_json
from monitor.keys.store import KeyStore, case_key
from monitor.model.facts import AgeGroup, Intake, SenderRole, Timing
from monitor.model.medium_hashes import MediumHashes
from monitor.model.records.check import CheckRecord
from monitor.model.records.escalation import EscalationRecord
from monitor.model.records.filing import FilingAnswerRecord, FilingRecord
from monitor.model.records.fingerprint import FingerprintRecord
from monitor.model.records.intake import IntakeRecord
from monitor.model.records.link import LinkRecord
from monitor.model.records.notice import NoticeRecord
from monitor.model.records.observation import ObservationRecord
from monitor.model.records.receipts import DeliveryRecord, RemovalRecord
from monitor.model.records.record import Record
from monitor.model.records.sighting import SightingRecord
from monitor.model.states import LinkState, move_link
from monitor.platforms.base import Link, Media, MediaKind, PlatformName, Post
from monitor.platforms.links import parse_link

CASE, ROW = "c" * 26, "r" * 26
PDQ, OTHER, PHASH = "0f" * 32, "3c" * 32, "9a" * 8
AT = datetime(2026, 11, 24, 8, 30, 15, 250000, tzinfo=UTC)

# As the program sealed them before records had a version, key by key. Stored databases hold such: do not change them.
REGISTERED: dict[str, Any] = {
    "pdq": PDQ,
    "quality": 88,
    "phash": None,
    "label": "해변 beach",
    "regions": {
        "version": "regions-1",
        "set": "slim",
        "size": [1200, 900],
        "boxes": [0, 1],
        "codes": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQECAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg==",
    },
    "frames": [],
}
JOINED: dict[str, Any] = {"pdq": PDQ, "quality": 50, "phash": PHASH, "frames": [[0.5, OTHER], [12, PDQ]], "label": ""}
OLDEST: dict[str, Any] = {"pdq": PDQ, "quality": 90, "phash": None, "label": ""}
INTAKE: dict[str, Any] = {
    "age_group": "adult",
    "country": "KR",
    "language": "ko",
    "sender_role": "agent",
    "signature": "Typed Name",
    "mandate_reference": "M-17",
    "good_faith_facts": "nobody asked me",
    "content_identification": "a photo at a beach",
    "contact": "person@example.org",
    "permission_to_send_at": "2026-11-24T08:30:15.250000+00:00",
    "timing": "wait-for-police",
    "police_until": "2027-01-31",
}
EMPTY_INTAKE: dict[str, Any] = {
    "age_group": "unsure",
    "country": "",
    "language": "ko",
    "sender_role": "person",
    "signature": "",
    "mandate_reference": "",
    "good_faith_facts": "",
    "content_identification": "",
    "contact": "",
    "permission_to_send_at": None,
    "timing": "now",
    "police_until": None,
}
EVIDENCE: dict[str, Any] = {
    "url": "https://t.me/some_channel/12",
    "caption": "글 caption",
    "author_id": "77",
    "group_id": None,
    "edited_at": "2026-11-24T08:30:15.250000+00:00",
    "response_sha256": "ab" * 32,
    "media_sha256": "cd" * 32,
    "media_id": "photo:12",
    "width": 640,
    "height": 480,
    "format": "MP4",
    "pdq": PDQ,
    "quality": 93,
    "phash": PHASH,
    "version": "pdq-1",
}
SIGHTING: dict[str, Any] = EVIDENCE | {"frames": [[0.5, OTHER]]}
OBSERVED: dict[str, Any] = {
    "at": "2026-11-24T08:31:00Z",
    "status": "found",
    "author_handle": "some_channel",
    "author_name": "어떤 채널",
    "forwarded": {
        "channel_id": "78",
        "user_id": None,
        "handle": "origin",
        "name": "Origin",
        "post_id": "5",
        "at": "2026-11-23T08:31:00Z",
    },
    "response": '{"id":12}',
    "response_left_out": None,
    "variant": "photo size y, 1280x960",
    "size": 93211,
    "algorithm": "pdq, phash",
    "distance": 4,
    "clock_offset": -0.25,
    "collector": "telegram:0123456789ab",
    "tool": "jikimi 0.3.0",
    "largest": {"variant": "photo size w, 2560x1920", "size": 412345, "sha256": "ef" * 32, "reason": None},
}
SEEN: dict[str, Any] = SIGHTING | {"observed": OBSERVED}
OBSERVATION: dict[str, Any] = {
    "url": "https://t.me/some_channel/12",
    "post_id": "12",
    "caption": "글 caption",
    "author_id": "77",
    "group_id": None,
    "posted_at": "2026-11-24T08:30:15.250000+00:00",
    "edited_at": None,
    "response_sha256": "ab" * 32,
    "media_id": "photo:12",
    "media_ids": ["photo:12"],
    "observed": OBSERVED,
}
LINK: dict[str, Any] = {"url": "https://t.me/Some_Channel/12?single", "handle": "Some_Channel", "post_id": "12"}
LINK_ELSEWHERE: dict[str, Any] = {"url": "https://example.org/사진", "handle": None, "post_id": None}
NOTICE: dict[str, Any] = {
    "recipient": "abuse@example.org",
    "subject": "Removal request",
    "body": "Please remove ...",
    "fields": {"urls": "https://t.me/some_channel/12", "contact": "person@example.org"},
    "preferences": ["Pornography", "Other"],
}
ESCALATION: dict[str, Any] = {
    "address": "tel:1377",
    "channel": "phone",
    "subject": "Next step",
    "body": "Please ...",
    "fields": {"urls": "https://t.me/some_channel/12"},
    "missing": ["contact"],
    "confirmed": False,
}
MAILED: dict[str, Any] = {"reference": "<n@example.org>", "smtp_reply": "250", "bcc": "refused"}
REPORTED: dict[str, Any] = {"reference": None, "option_path": "Pornography > Other", "comment": "yes", "steps": "3"}
SUBMITTED: dict[str, Any] = {"reference": "REF-1234", "submitted_by": "a" * 26}
SETTLED: dict[str, Any] = {"reference": None, "settled_by": "a" * 26}
CHECK: dict[str, Any] = {
    "at": "2026-11-24T03:05:00Z",
    "url": "https://t.me/moved_here/17",
    "handle": "moved_here",
    "post_id": "17",
    "restricted": True,
    "for_all": False,
}
FILING: dict[str, Any] = {
    "address": "https://ecrm.police.go.kr",
    "subject": "신고",
    "body": "https://t.me/some_channel/12",
    "reference": "2026-1",
    "note": "by phone",
}
FILING_ANSWER: dict[str, Any] = {"text": "접수되었습니다"}
REMOVAL: dict[str, Any] = {
    "ko": {"subject": "내려감", "body": "두 번 확인"},
    "en": {"subject": "Gone", "body": "Two looks"},
}

STORED: list[tuple[type[Record], dict[str, Any]]] = [
    (FingerprintRecord, REGISTERED),
    (FingerprintRecord, JOINED),
    (FingerprintRecord, OLDEST),
    (IntakeRecord, INTAKE),
    (IntakeRecord, EMPTY_INTAKE),
    (SightingRecord, SIGHTING),
    (SightingRecord, EVIDENCE),
    (SightingRecord, SEEN),
    (ObservationRecord, OBSERVATION),
    (LinkRecord, LINK),
    (LinkRecord, LINK_ELSEWHERE),
    (NoticeRecord, NOTICE),
    (EscalationRecord, ESCALATION),
    (DeliveryRecord, MAILED),
    (DeliveryRecord, REPORTED),
    (DeliveryRecord, SUBMITTED),
    (DeliveryRecord, SETTLED),
    (RemovalRecord, REMOVAL),
    (CheckRecord, CHECK),
    (FilingRecord, FILING),
    (FilingAnswerRecord, FILING_ANSWER),
]
PLACES = {
    FingerprintRecord: f"fingerprint:{ROW}",
    IntakeRecord: "intake",
    SightingRecord: f"sighting:{ROW}",
    ObservationRecord: f"observation:{ROW}",
    LinkRecord: f"link:{ROW}",
    NoticeRecord: f"notice:{ROW}",
    EscalationRecord: f"escalation:{ROW}",
    DeliveryRecord: f"receipt:{ROW}",
    RemovalRecord: f"removal:{ROW}",
    CheckRecord: f"check:{ROW}",
    FilingRecord: f"filing:{ROW}",
    FilingAnswerRecord: f"filing-answer:{ROW}",
}
MAY_BE_ABSENT = {FingerprintRecord: {"regions", "frames"}, SightingRecord: {"frames", "observed"}}


@pytest.fixture
def context(tmp_path: Path) -> Iterator[DomainContext]:
    async def nothing(*_: object) -> None:
        """Nothing is enqueued here."""

    keys = KeyStore(f"sqlite:///{tmp_path / 'keys.sqlite'}", Key.generate())
    keys.prepare()
    keys.create(case_key(CASE))
    yield DomainContext(
        by=By.program("test"), keys=keys, ledger=Ledger(keys), clock=Clock(), enqueue=nothing, accounts={}
    )
    keys.close()


def opened(kind: type[Record], value: Any) -> Record:
    return kind.opened(canonical_json(value))


@pytest.mark.parametrize(("kind", "stored"), STORED)
def test_what_was_sealed_before_opens_and_is_sealed_again_with_a_version(
    context: DomainContext, kind: type[Record], stored: dict[str, Any]
) -> None:
    key = context.key(CASE)
    record = context.open_record(kind, CASE, ROW, key.seal_json(stored, f"{PLACES[kind]}|{CASE}"))
    assert same_meaning(record.content(), stored)
    sealed = context.seal_record(CASE, ROW, record)
    written = key.open_json(sealed, f"{PLACES[kind]}|{CASE}")
    assert written.pop("record_version") == 1 and same_meaning(written, stored)
    again = context.open_record(kind, CASE, ROW, sealed)
    assert again == record and again.as_json() == record.as_json()
    if kind is not IntakeRecord:
        with pytest.raises(CryptoError):
            context.open_record(kind, CASE, "s" * 26, sealed)


def same_meaning(written: dict[str, Any], stored: dict[str, Any]) -> bool:
    """What older rows lack is empty; a moment may be spelled with Z."""
    times = ("edited_at", "posted_at", "permission_to_send_at")
    more = {name: value for name, value in written.items() if name not in stored}
    same = {name: written[name] for name in stored} | {
        name: datetime.fromisoformat(written[name]).isoformat() for name in times if stored.get(name)
    }
    return same == stored and not any(more.values())


def damaged() -> Iterator[tuple[type[Record], dict[str, Any], str]]:
    """Each field of each stored value gone or of another type, with the field's name."""
    for kind, stored in STORED:
        for name, value in stored.items():
            if name not in MAY_BE_ABSENT.get(kind, ()) and not (kind is DeliveryRecord and name != "reference"):
                yield kind, {other: one for other, one in stored.items() if other != name}, name
            if kind is DeliveryRecord and name != "reference":
                yield kind, stored | {name: 5}, name
                continue
            for wrong in ([["secret"]], {"secret": ["secret"]}, True if not isinstance(value, bool) else "secret", 2.5):
                yield kind, stored | {name: wrong}, name
    for name in ("quality", "width"):
        yield SightingRecord, SIGHTING | {name: "93"}, name
    for code in ("secret", PDQ + "0", "zz" * 32, PDQ + "\n"):
        yield SightingRecord, SIGHTING | {"pdq": code}, "pdq"
        yield FingerprintRecord, JOINED | {"frames": [[1.0, code]]}, "frames"
        yield FingerprintRecord, JOINED | {"phash": code}, "phash"
    yield FingerprintRecord, JOINED | {"frames": [[1.0]]}, "frames"
    yield FingerprintRecord, JOINED | {"frames": [["1.0", PDQ]]}, "frames"
    yield FingerprintRecord, JOINED | {"quality": 101}, "quality"
    yield FingerprintRecord, REGISTERED | {"regions": {"set": "slim"}}, "regions"
    yield IntakeRecord, INTAKE | {"age_group": "secret"}, "age_group"
    yield IntakeRecord, INTAKE | {"permission_to_send_at": "2026-11-24T08:30:15"}, "permission_to_send_at"
    yield NoticeRecord, NOTICE | {"fields": {"contact": None}}, "fields"
    yield RemovalRecord, REMOVAL | {"ko": {"subject": "secret"}}, "ko"
    yield RemovalRecord, REMOVAL | {"ko": REMOVAL["ko"] | {"secret": "secret"}}, "ko"


def test_every_wrong_shape_is_refused_by_the_name_of_its_field() -> None:
    tried = 0
    for kind, value, name in damaged():
        tried += 1
        with pytest.raises(RecordInvalid) as refused:
            opened(kind, value)
        allowed = kind.model_fields.keys() | {"an unknown field"}
        assert refused.value.record == kind.__name__ and set(refused.value.fields) <= allowed
        assert refused.value.fields == ((name,) if name in kind.model_fields else ("an unknown field",))
    assert tried > 300


@pytest.mark.parametrize(("kind", "stored"), STORED)
def test_a_refusal_quotes_nothing_that_was_sealed(kind: type[Record], stored: dict[str, Any]) -> None:
    secret = "a-secret-that-nobody-may-read"
    extra = {**copy.deepcopy(stored), secret: {secret: secret}, "record_version": secret}
    with pytest.raises(RecordInvalid) as refused:
        opened(kind, extra)
    assert "an unknown field" in str(refused.value) and kind.__name__ in str(refused.value)
    assert secret not in "".join(traceback.format_exception(refused.value))
    assert refused.value.__context__ is None


@pytest.mark.parametrize("data", [b"", b"5", b"[]", b"null", b'"text"', b"{", b"\xff\xfe", b"{} {}"])
def test_what_is_no_object_is_refused(data: bytes) -> None:
    with pytest.raises(RecordInvalid, match="LinkRecord cannot be read: see no object of JSON"):
        LinkRecord.opened(data)


@pytest.mark.parametrize(("kind", "stored"), STORED)
def test_a_newer_programs_record_says_to_upgrade(kind: type[Record], stored: dict[str, Any]) -> None:
    for value in (stored, {}, stored | {"what came later": 1}):
        with pytest.raises(RecordTooNew, match=f"{kind.__name__} was written by a newer version .* upgrade"):
            opened(kind, value | {"record_version": 2})
    for wrong in (0, "1", 1.5, None):
        with pytest.raises(RecordInvalid, match="record_version") as refused:
            opened(kind, stored | {"record_version": wrong})
        assert not isinstance(refused.value, RecordTooNew)


@pytest.mark.parametrize(("kind", "stored"), STORED)
def test_a_record_shows_nothing_of_itself_and_stays_as_it_is(kind: type[Record], stored: dict[str, Any]) -> None:
    record = opened(kind, stored)
    assert repr(record) == str(record) == f"{kind.__name__}(...)"
    with pytest.raises(ValidationError, match="frozen"):
        record.record_version = 2


def test_a_fingerprint_is_built_of_what_it_shows() -> None:
    regions = Regions("slim", 1200, 900, (0, 1), b"\x01" * 32 + b"\x02" * 32, version=WITH_SQUARES)
    record = FingerprintRecord.of([(0.0, PDQ)], quality=88, label="해변 beach", regions=regions)
    assert record == opened(FingerprintRecord, REGISTERED)
    assert record.regions is not None and record.regions.comparable and record.regions.read() == regions
    assert record.codes == [PDQ] and repr(record.regions) == "StoredRegions(...)"
    video = FingerprintRecord.of([(0.0, PDQ), (0.5, OTHER), (12.0, PDQ)], quality=50, phash=PHASH)
    assert video == opened(FingerprintRecord, JOINED) and video.codes == [PDQ, OTHER, PDQ]


def test_regions_with_points_come_back_from_a_record() -> None:
    point = np.array([(1, 2, 3, 4, b"\x0f" * 32)], [*((name, "<u2") for name in "adrt"), ("code", "S32")]).tobytes()
    regions = Regions("slim", 1200, 900, (0,), b"\x01" * 32, point)
    record = FingerprintRecord.of([(0.0, PDQ)], quality=88, regions=regions)
    assert record.regions is not None and record.regions.comparable and record.regions.read() == regions
    assert record.content()["regions"]["points"]


def test_regions_of_another_version_open_and_are_not_compared() -> None:
    other = {"version": "regions-0", "boxes": {"of": "another shape"}}
    record = FingerprintRecord.opened(canonical_json(REGISTERED | {"regions": other}))
    assert record.regions is not None and not record.regions.comparable
    assert record.content()["regions"] == other
    broken = FingerprintRecord.opened(canonical_json(REGISTERED | {"regions": {"version": "regions-1"}}))
    assert broken.regions is not None
    with pytest.raises(ValueError, match="regions have a size"):
        broken.regions.read()


def test_an_intake_comes_back_whole() -> None:
    intake = Intake(
        age_group=AgeGroup.ADULT,
        country="KR",
        language="ko",
        sender_role=SenderRole.AGENT,
        signature="Typed Name",
        mandate_reference="M-17",
        good_faith_facts="nobody asked me",
        content_identification="a photo at a beach",
        contact="person@example.org",
        permission_to_send_at=AT,
        timing=Timing.WAIT_FOR_POLICE,
        police_until=date(2027, 1, 31),
    )
    assert IntakeRecord.opened(canonical_json(INTAKE)).intake() == intake == IntakeRecord.of(intake).intake()
    assert IntakeRecord.opened(canonical_json(EMPTY_INTAKE)).intake() == Intake() == IntakeRecord.of(Intake()).intake()
    told = {one.name for one in dataclasses.fields(Intake)}
    assert IntakeRecord.model_fields.keys() == told | {"record_version"}


def test_evidence_is_built_of_the_post_and_stands_in_the_ledger_without_frames() -> None:
    first, second, plain = Hash(bytes.fromhex(PDQ), 93), Hash(bytes.fromhex(OTHER), 80), Hash(bytes.fromhex(OTHER), 49)
    views = [(PictureView("whole", 0, one),) for one in (first, second, plain)]
    frames = tuple(FrameViews(at, one) for at, one in zip((0.0, 0.5, 1.0), views, strict=True))
    hashed = HashedMedium(640, 480, "MP4", "cd" * 32, views[0], bytes.fromhex(PHASH), kind="video", frames=frames)
    post = Post("12", "https://t.me/some_channel/12", AT, (), AT, "77", "글 caption", None, "ab" * 32)
    record = SightingRecord.of(post, Media("photo:12", MediaKind.PHOTO), hashed)
    assert record == opened(SightingRecord, SIGHTING)
    assert record.hashes == MediumHashes.of(hashed) == MediumHashes(PDQ, 93, PHASH, ((0.5, OTHER),))
    told = record.for_ledger("telegram", "12")
    assert told.pop("observed") is None and told == EVIDENCE
    assert canonical_json(told) == canonical_json(EVIDENCE)
    assert PDQ not in repr(record.hashes)


def test_of_x_neither_text_nor_names_stand_in_the_ledger_nor_stay_where_they_must_go() -> None:
    """Ids, times and hashes do. Of Telegram the ledger holds both, and never the answer itself."""
    seen, later = opened(SightingRecord, SEEN), opened(ObservationRecord, OBSERVATION)
    assert isinstance(seen, SightingRecord) and isinstance(later, ObservationRecord)
    told = json.dumps([seen.for_ledger("telegram", "12"), later.for_ledger("telegram")], ensure_ascii=False)
    assert "어떤 채널" in told and "글 caption" in told and '{\\"id\\":12}' not in told
    left = [seen.without_text("x", "12"), later.without_text("x")]
    kept = [json.dumps(one.as_json(), ensure_ascii=False) for one in left]
    kept += [json.dumps(one, ensure_ascii=False) for one in (seen.for_ledger("x", "12"), later.for_ledger("x"))]
    for text in kept:
        for gone in ("some_channel", "어떤 채널", 'caption": "', "Origin", 'origin"', '{\\"id\\":12}'):
            assert gone not in text
        for stays in ("https://x.com/i/status/12", "ab" * 32, "ef" * 32, '"77"', '"78"', "2026-11-23", "412345"):
            assert stays in text
    again = SightingRecord.opened(canonical_json(left[0].as_json()))
    assert again == left[0] and again.observed is not None and again.observed.response_left_out == "deleted"


def test_the_ledger_gets_what_it_got_before() -> None:
    notice = NoticeRecord.opened(json.dumps(NOTICE).encode())
    assert canonical_json(notice.content()) == canonical_json(NOTICE)
    for receipt in (MAILED, REPORTED, SUBMITTED, SETTLED):
        facts = {name: value for name, value in receipt.items() if name != "reference"}
        record = DeliveryRecord.of(receipt["reference"], facts)
        assert record == opened(DeliveryRecord, receipt)
        assert canonical_json(record.content()) == canonical_json(receipt)


@pytest.mark.parametrize("url", ["https://t.me/some_channel/12", "http://t.me/s/SOME_CHANNEL/12"])
def test_a_link_names_the_same_post_in_many_spellings(url: str) -> None:
    stored, same = LinkRecord.opened(canonical_json(LINK)), parse_link(url)
    assert same is not None and stored.names(same)
    assert not stored.names(dataclasses.replace(same, post_id="13"))
    assert not stored.names(dataclasses.replace(same, handle="another"))
    assert LinkRecord.of(LINK["url"], parse_link(LINK["url"])) == stored


def test_a_link_that_names_no_post_is_the_same_as_no_other() -> None:
    elsewhere = LinkRecord.of(LINK_ELSEWHERE["url"], None)
    assert elsewhere == LinkRecord.opened(canonical_json(LINK_ELSEWHERE))
    invitation = Link(PlatformName.TELEGRAM, "", "", public=False)
    assert not elsewhere.names(invitation) and not LinkRecord.of("https://t.me/+abc", invitation).names(invitation)


def test_removal_is_told_in_both_languages() -> None:
    record = RemovalRecord.opened(canonical_json(REMOVAL))
    assert {language: text.body for language, text in record.texts.items()} == {"ko": "두 번 확인", "en": "Two looks"}
    assert repr(record.ko) == "RemovalText(...)"


@pytest.mark.parametrize("after", LinkState)
@pytest.mark.parametrize("before", LinkState)
def test_only_a_link_that_waits_or_is_ticked_moves_on(before: LinkState, after: LinkState) -> None:
    ticked = {(LinkState.ROUTED, LinkState.DONE), (LinkState.DONE, LinkState.ROUTED)}
    read = before is LinkState.ENTERED and after in (LinkState.READ, LinkState.UNAVAILABLE)
    taken_out = after is LinkState.REMOVED and before is not LinkState.REMOVED
    if read or taken_out or (before, after) in ticked:
        assert move_link(before.value, after) == after
        return
    with pytest.raises(RuleBroken, match="link-state"):
        move_link(before.value, after)


def test_stored_states_of_links_keep_their_names() -> None:
    assert [state.value for state in LinkState] == ["entered", "routed", "read", "done", "unavailable", "removed"]
