"""What a case takes, a draft keeps: nothing that a page sends is lost on the way through a draft."""

import inspect
from typing import get_args

from api.schemas.drafts import AnswerName, AnswersBody
from api.schemas.watching import ConsentBody, FingerprintBody
from monitor.cases.fingerprints import add_fingerprint, new_fingerprint
from monitor.model.records.draft import DraftPictureRecord, DraftPlaceRecord


def test_a_draft_keeps_all_of_a_picture() -> None:
    sent = {"set_name" if name == "set" else name for name in FingerprintBody.model_fields}
    assert sent <= set(DraftPictureRecord.model_fields)
    taken = set(inspect.signature(add_fingerprint).parameters) - {"session", "context", "case", "backfill"}
    assert taken == set(inspect.signature(new_fingerprint).parameters), "what opens a case keeps all of it as well"
    assert {"age_group" if name == "age" else name for name in taken} <= set(DraftPictureRecord.model_fields)


def test_a_draft_keeps_all_of_a_place() -> None:
    assert set(ConsentBody.model_fields) <= set(DraftPlaceRecord.model_fields)


def test_each_answer_can_be_told_alone() -> None:
    assert set(get_args(AnswerName)) == set(AnswersBody.model_fields)
