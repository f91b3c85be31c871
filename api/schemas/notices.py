"""Notices, their clocks, their forms."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from api.deps import ID_PATTERN
from api.schemas.common import Body, Line, Moment, Text, View
from api.schemas.platform import AnswerForAdvocates, LinkView, ReplyView
from monitor.notices.letters import RetractReason

NoticeId = Annotated[str, StringConstraints(pattern=ID_PATTERN)]


class StoppedView(View):
    """What would have followed a notice by mail, and was stopped."""

    what: str = Field(description="reminder, revision, refiling or reply")
    reason: str = Field(description="case-moved or consent-withdrawn")


class NoticeView(View):
    """A notice and its clock."""

    notice_id: str
    case_id: str
    sighting_id: str
    platform: str
    route: str
    language: str
    state: str
    reason: str | None
    attempt: int
    one_hand: bool = Field(
        description="one advocate vouched, entered the permission and sent it: their organisation has no other"
    )
    posted_at: Moment = Field(description="when the post that it is about was posted")
    created_at: Moment
    sent_at: Moment | None = Field(description="when it left, whenever that was recorded")
    deadline_at: Moment | None
    due_at: Moment | None = Field(description="when it is touched next")
    standing: str = Field(description="how the clock stands: no-deadline, running, due-soon or lapsed")
    presence: str | None
    removed_at: Moment | None
    gone: str | None = Field(description="of a removed copy: post, or picture where the post still stands")
    carried_by: str | None = Field(
        default=None, description="the notice whose message carries, or carried, this one; null: its own"
    )
    followed: bool | None = Field(
        default=None,
        description="in the list of a case: the yes to look at its copy again stands and does not rest; else null",
    )
    stopped: list[StoppedView] = Field(
        default_factory=list, description="in the list of a case: letters and replies about it that did not leave"
    )


class NoticeList(View):
    """A page; `total` counts all that fit the question."""

    notices: list[NoticeView]
    total: int


class ContentView(View):
    """What left, or will leave."""

    recipient: str = Field(repr=False)
    subject: str = Field(repr=False)
    body: str = Field(repr=False)
    fields: dict[str, str] = Field(repr=False)


class EnvelopeView(View):
    """Who sees a notice, and from whom. For a report inside a platform only `to` is set: the channel."""

    sender: str = Field(description="From of an e-mail", repr=False)
    to: str = Field(repr=False)
    reply_to: str = Field(repr=False)
    subject: str = Field(repr=False)
    message_id: str
    cites: list[str] = Field(description="Message-IDs in References; the last of them is In-Reply-To")


class AttachmentView(View):
    """A part of an e-mail beside its text. Never a picture."""

    name: str
    media_type: str
    sha256: str
    text: str = Field(repr=False)


class LeavingView(View):
    """What exactly would leave now or, once it was sent, what left."""

    notice_id: str
    state: str
    channel: str
    digest: str = Field(description="SHA-256 over all of it; sending takes it, and refuses when it has changed")
    may_send: bool = Field(description="whether it waits to be sent from here; a form is submitted by a person")
    undo_until: Moment | None = Field(description="when it leaves; until then it can be undone")
    language: str = Field(description="of the text: ko or en")
    envelope: EnvelopeView
    text: str = Field(repr=False)
    paragraph: str = Field(repr=False, description="what an advocate added; it stands in the text")
    attachments: list[AttachmentView]
    menu: list[str] = Field(
        description="of a report inside Telegram: the first of these that its menu offers is chosen"
    )


class Together(Body):
    """Other notices that go into the message of this one."""

    notice_ids: list[NoticeId] = Field(min_length=1, max_length=50)


class LetterView(View):
    """What followed a notice: by e-mail, citing the notice, whose number in the thread is 1; or its form once more."""

    number: int
    purpose: str = Field(description="reminder, revision, refiling or retraction")
    state: str
    reason: str | None
    attempt: int
    created_at: Moment
    sent_at: Moment | None
    reference: str | None = Field(repr=False, description="of a form that was submitted again")
    leaving: LeavingView


class LetterList(View):
    """In order."""

    letters: list[LetterView]


class FormView(View):
    """For a form that a person submits: its address, each label with its value in the form's order."""

    address: str = Field(repr=False)
    fields: list[tuple[str, str]] = Field(repr=False)


class EscalationView(View):
    """A next step that was prepared when the deadline lapsed. A person decides whether it is taken."""

    escalation_id: str
    step: str
    explanation: str
    prepared_at: Moment
    content: dict[str, Any] = Field(repr=False)


class MinorsRoute(View):
    """Where a minor's picture is told of. A person takes it; `confirmed` false: please check."""

    route: str
    address: str
    confirmed: bool


class ForMinorView(View):
    """The picture is, or may be, a minor's: what to do about a notice for an adult that left before that was said."""

    left: bool = Field(description="it left, or may have")
    what_to_do: list[str] = Field(description="for advocates")
    routes: list[MinorsRoute]


class MailView(View):
    """A mail that came in about a notice."""

    mail_id: str
    kind: str = Field(description="bounce, claim (it did not arrive, which nothing proves), delay or reply")
    reason: str
    proven: bool = Field(description="the operator's mail server says that it comes from where it says")
    at: Moment
    sender: str = Field(repr=False, description="of a reply; anybody can write any address")
    text: str = Field(repr=False, description="the plain text of a reply; written by a stranger, so show it as text")
    may_reply: bool = Field(
        description="it can be answered from here: for the first time, or anew where the reply did not arrive. Of one "
        "in doubt find that out first"
    )
    reply: ReplyView | None = Field(description="what was written back")


class NoticeWhole(NoticeView):
    """A notice with everything that belongs to it."""

    content: ContentView
    receipt: dict[str, Any] | None = Field(description="what the other side answered", repr=False)
    escalations: list[EscalationView] = Field(description="none where the picture may be a minor's")
    form: FormView | None
    for_minor: ForMinorView | None = Field(description="null for an adult's picture")
    mails: list[MailView] = Field(description="what came back, for advocates")
    answers: list[AnswerForAdvocates] = Field(description="what the recipient answered, for advocates")
    link: LinkView | None = Field(description="the link in the mail, for advocates; null where it has none")


class SkippedView(View):
    """A route that was not taken, and why."""

    route: str
    reason: str
    detail: str


class WrittenNotice(View):
    """A notice that was written just now."""

    notice_id: str
    route: str
    state: str


class Written(View):
    """What a decision led to."""

    notices: list[WrittenNotice]
    skipped: list[SkippedView]


class Looked(Body):
    """What was looked at before it is sent."""

    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Paragraph(Body):
    """What an advocate adds."""

    text: Annotated[Text, StringConstraints(max_length=3000)] = Field(repr=False, description="empty: nothing")


class Retraction(Body):
    """Why it is taken back after it left."""

    reason: RetractReason


class LetterWanted(Body):
    """A further letter about a notice that is out."""

    purpose: Literal["reminder", "revision", "refiling"]
    text: Annotated[Text, StringConstraints(max_length=3000)] = Field(
        "", repr=False, description="a paragraph of the advocate's; a revision needs one"
    )


class Submission(Body):
    """The form was submitted by hand; this is the number it answered with."""

    reference: Annotated[Line, StringConstraints(min_length=1, max_length=500)] = Field(repr=False)
    submitted_at: AwareDatetime | None = Field(
        None, description="when it was submitted, neither to come nor before the notice was written; null: just now"
    )
    again: bool = Field(False, strict=True, description="it is out already, and was submitted once more")


class Settlement(Body):
    """What a person found out about a notice in doubt."""

    arrived: bool = Field(strict=True)


class ReceiptView(View):
    """A copy is gone: two checks apart in time said so."""

    sighting_id: str
    written_at: Moment
    content: dict[str, Any] = Field(repr=False, description="the text by language")


class ReceiptTakenBack(View):
    """A receipt that counts no more, because the copy should not have been confirmed."""

    written_at: Moment
    taken_back_at: Moment
    reason: str = Field(description="wrong-copy, person-asked or sent-in-error")


class ReceiptList(View):
    """All removal receipts of a case."""

    receipts: list[ReceiptView]
    taken_back: list[ReceiptTakenBack]


class LedgerEntryView(View):
    """One step of the case's chain, without its facts."""

    seq: int
    at: Moment
    kind: str
    entry_hash: str


class LedgerView(View):
    """The chain of a case in order."""

    entries: list[LedgerEntryView]
