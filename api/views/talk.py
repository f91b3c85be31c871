"""From messages and questions to what is shown of them."""

from collections.abc import Sequence
from dataclasses import asdict

from api.i18n import translations
from api.pages.how import tell_plainly
from api.schemas.talk import FrameView, MessageView, QuestionList, QuestionView, TalkView
from monitor.actions.ask_person import Question
from monitor.actions.messages import Talk
from monitor.matching.sketch import SketchFrame


def talk_view(talk: Talk) -> TalkView:
    """Both sides' messages."""
    return TalkView(messages=[MessageView(**asdict(one)) for one in talk.messages], centre=talk.centre)


def question_list(found: Sequence[Question], language: str) -> QuestionList:
    """Why each may be a copy, in words of that language."""
    return QuestionList(questions=[_question(one, language) for one in found])


def _question(one: Question, language: str) -> QuestionView:
    told = tell_plainly(one.how, translations(language).gettext)
    return QuestionView(
        sighting_id=one.sighting_id,
        platform=one.source.platform,
        source=one.source.handle,
        posted_at=one.posted_at,
        found_at=one.found_at,
        label=one.label,
        own=one.own,
        compared=told.compared,
        posted=told.posted,
        facts=list(told.facts),
        mine=None if one.sketch is None else _frame(one.sketch.compared),
        theirs=None if one.sketch is None else _frame(one.sketch.posted),
        asked_at=one.asked_at,
        answer=one.answer,
        answered_at=one.answered_at,
    )


def _frame(frame: SketchFrame) -> FrameView:
    return FrameView(width=frame.width, height=frame.height, box=frame.box, flag=frame.flag)
