"""What a platform's own program reads of the notices that go to its address, and how it answers."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from api.schemas.common import Body, LongText, Moment, View
from monitor.model.platform_answers import LONGEST_TEXT, AnswerKind, WhyRefused

AnswerTextLine = Annotated[LongText, StringConstraints(max_length=LONGEST_TEXT)]


class PlatformAnswerView(View):
    """An answer that was given."""

    kind: AnswerKind
    reason: WhyRefused | None
    at: Moment


class PlatformNoticeRow(View):
    """A notice in the list."""

    notice_id: str
    platform: str
    route: str
    law: str
    sent_at: Moment | None = Field(description="null while its sending is not yet known to have succeeded")
    deadline_at: Moment | None


class PlatformNoticeList(View):
    """The open notices that are addressed to you. Those that are over are not in it."""

    notices: list[PlatformNoticeRow]
    total: int


class PlatformLocation(View):
    """Where a copy stands. The platform's own numbers stay when a name changes."""

    platform: str
    url: str = Field(repr=False)
    handle: str = Field("", repr=False)
    account_id: str = Field("", repr=False)
    post_id: str = Field("", repr=False)
    media_id: str = Field("", repr=False)
    posted_at: str = ""
    observed_at: str = ""


class PlatformNoticeView(PlatformNoticeRow):
    """One notice as its mail said it, and where exactly. No picture is in it."""

    language: str
    subject: str = Field(repr=False)
    text: str = Field(repr=False)
    locations: list[PlatformLocation] = Field(repr=False)
    data: dict[str, Any] = Field(repr=False, description="the same for a program, as in the mail's own JSON part")
    answers: list[PlatformAnswerView]


class PlatformAnswerBody(Body):
    """Your answer. `removed` has the place looked at; what counts is what is seen there."""

    kind: AnswerKind
    reason: WhyRefused | None = Field(None, description="needed with refused, and with nothing else")
    text: AnswerTextLine = Field("", repr=False, description="needed with need-more, and with refused: other")


class AnswerForAdvocates(PlatformAnswerView):
    """The same for an advocate, with what was written: by a stranger, so show it as text."""

    answer_id: str
    by: str = Field(description="link, or token:ID")
    text: str = Field(repr=False)


class LinkView(View):
    """The link in the mail of a notice. Its secret is shown nowhere but in the mail."""

    state: str = Field(description="open, over (with the notice or its time) or revoked")
    expires_at: Moment
    revoked_at: Moment | None


class ReplyText(Body):
    """What an advocate writes back."""

    mail_id: str
    text: Annotated[str, StringConstraints(max_length=6000)] = Field(repr=False)


class ReplyBody(ReplyText):
    """The same, once it was looked at."""

    digest: str = Field(description="of what was shown by the preview: it leaves so, or not at all")


class ReplyPreview(View):
    """Exactly what would leave. Nothing is sent yet."""

    recipient: str = Field(repr=False)
    subject: str = Field(repr=False)
    body: str = Field(repr=False)
    cites: list[str]
    sender: str = Field(description="From", repr=False)
    reply_to: str = Field(repr=False, description="where answers go")
    digest: str


class ReplyView(View):
    """What was written back to a mail."""

    reply_id: str
    mail_id: str
    state: str
    reason: str | None
    created_at: Moment
    sent_at: Moment | None
    recipient: str = Field(repr=False)
    subject: str = Field(repr=False)
    body: str = Field(repr=False)
    text: str = Field(description="of the body what the advocate wrote, without their name", repr=False)
