"""A case, its intake, its end."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.schemas.common import Body, Line, LongText, Moment, ShortLine, View
from api.schemas.entered import EntrySeen, MarkView
from monitor.model.entered import Matter
from monitor.model.facts import AgeGroup, SenderRole, Timing

Language = Literal["ko", "en"]


class CaseWanted(Body):
    """Opening a case."""

    language: Language
    code: Annotated[Line, StringConstraints(min_length=1, max_length=120)] | None = Field(
        None,
        description="a helpline's one-time code, as letters or six words: the case is vouched for from the start",
        repr=False,
    )
    any_centre: bool = Field(
        False, strict=True, description="any centre may take the case; else only one that is told its number"
    )


class CaseOpened(View):
    """Passphrase and token are shown once. Nobody can recover the passphrase."""

    case_id: str
    passphrase: str = Field(repr=False)
    state: str
    token: str = Field(repr=False)


class WayView(View):
    """One way to reach a contact: `channel` call, text, chat, mail or web. `to` may be empty, `label` then says how."""

    channel: str
    to: str
    label: str


class ContactView(View):
    """Somebody who helps right now, whoever answers first. `confirmed` false: please check. `opens`: when somebody
    answers next, in words."""

    key: str
    name: str
    phone: str
    address: str
    note: str
    always_open: bool
    confirmed: bool
    open_now: bool
    opens: str
    ways: list[WayView]


class CentreView(View):
    """A support centre. `contact`: how to reach it, as the operator wrote it; may be empty."""

    name: str
    contact: str


class AnyCentre(Body):
    """The person's tick."""

    allowed: bool = Field(strict=True)


class PoolCase(View):
    """All that an advocate sees of a case that waits for any centre."""

    case_id: str | None = Field(description="the number; null unless the person lets any centre take the case")
    ends_with: str = Field(description="the last signs of the number, to compare with what a person tells")
    waiting_hours: int = Field(description="whole hours since it was opened")
    language: str
    in_hand: bool = Field(description="another centre is in touch with the person; meanwhile only it can vouch")


class PoolGroup(View):
    """Cases that were opened from one place on one day; mostly one."""

    cases: list[PoolCase] = Field(description="the first twenty")
    total: int


class Pool(View):
    """A page of what waits for any centre."""

    groups: list[PoolGroup]
    total: int = Field(description="of groups")


class HoldView(View):
    """Why a lead put a case on hold."""

    reason: str = Field(repr=False)
    by: str = Field(description="the lead's name")


class PauseView(View):
    """Why nothing happens for this case now, and whom to ask."""

    reason: str = Field(description="case-frozen: a lead of the centre must speak with the person; work-stopped")
    since: Moment
    organisation: str = Field(description="the centre to ask; empty: none has the case yet")
    speak_to: str = Field(description="how it is reached, where the lead wrote so", repr=False)
    hold: HoldView | None = Field(description="of a frozen one, for leads of its centre alone", repr=False)


class FreezeWanted(Body):
    """A doubt about a case."""

    reason: LongText = Field(description="for the leads and the ledger; the person is not told", repr=False)
    speak_to: ShortLine = Field(description="whom the person can speak to, and how: said to them", repr=False)


class WaitingCase(View):
    """All that an advocate sees of a case without content: it waits to be vouched for, or is being erased."""

    case_id: str
    state: str
    language: str
    opened_at: Moment
    vouched: bool
    vouch_due_at: Moment
    ends_at: Moment | None = Field(
        description="when it ends like an erasure, unless somebody vouches; null while a centre has it in hand"
    )
    erase_at: Moment | None
    nobody_vouched: bool = Field(description="it is being erased because nobody vouched in time")
    any_centre: bool = Field(description="any centre may take it; else only one that is told its number")
    in_hand: bool = Field(description="a centre is in touch with the person; meanwhile only it can vouch")
    in_hand_until: Moment | None = Field(
        description="when it goes back to the pool unless the centre does something; null for other centres"
    )
    paused: PauseView | None = Field(description="nothing is read, compared or sent for it; a frozen one is hidden too")


class CaseView(WaitingCase):
    """A case with its counts and the contacts for its country and age. The person's counts leave out what an advocate
    did not release."""

    fingerprints: int
    consents: int = Field(description="live ones")
    links: int
    sightings_open: int | None = Field(description="waiting for an advocate; null for the person")
    sightings_confirmed: int = Field(description="for the person: those whose place was released")
    notices: dict[str, int] = Field(description="by state; for the person those about released copies")
    removed: int = Field(description="for the person: of released copies")
    intake_filled: bool
    waiting: list[Matter] = Field(
        description="what an advocate entered, and counts only when the person confirms it or a mandate covers it"
    )
    to_confirm: int = Field(description="how many matters the person is asked about, those that count already too")
    centre: CentreView | None = Field(description="for the person: the one that has the case, or has it in hand")
    centres: list[CentreView] = Field(description="for the person while nobody has vouched: whom to call")
    contacts: list[ContactView]
    cautions: list[str]
    country: str = Field(description="for the person: where they live, as they told it; may be empty")
    vouch_overdue: bool = Field(description="nobody has vouched, and the time by which somebody should have is over")
    young: bool = Field(description="for the person: the contacts are those for somebody who may be under age")


class CaseList(View):
    """A page of the organisation's cases."""

    cases: list[WaitingCase]
    unread: dict[str, int] = Field(description="messages of persons that nobody of the centre has read, by case number")
    total: int


class IntakeBody(Body):
    """What a notice needs to know. Empty text: not told yet; a notice then names what is missing."""

    age_group: AgeGroup = Field(description="when pictured; unsure counts as minor")
    country: Annotated[str, StringConstraints(pattern=r"^([A-Za-z]{2})?$", to_upper=True)] = Field(
        "", description="ISO 3166-1 alpha-2, such as KR"
    )
    language: Language = "ko"
    sender_role: SenderRole = SenderRole.PERSON
    signature: ShortLine = Field("", repr=False)
    mandate_reference: ShortLine = Field("", repr=False)
    good_faith_facts: LongText = Field("", repr=False)
    content_identification: LongText = Field("", repr=False)
    contact: ShortLine = Field("", repr=False)
    permission_to_send: bool = Field(False, strict=True)
    timing: Timing = Timing.NOW
    police_until: date | None = Field(None, description="when to ask again; the date alone never lifts the wait")


class IntakeView(IntakeBody):
    """The intake as it is kept."""

    permission_to_send_at: Moment | None = None
    police_over: bool = Field(False, description="the date of the wait for the police is over: go on waiting, or send?")
    marks: list[MarkView] = Field(default_factory=list, description="the fields that an advocate entered")
    waiting: list[Matter] = Field(
        default_factory=list,
        description="what an advocate entered, and counts only when the person confirms it: see GET .../entries",
    )


class IntakeKept(IntakeView):
    """The intake, and what its change did to notices that had not left, of those that the caller sees."""

    notices_stopped: int = Field(description="withdrawn: no permission to send any more, or not an adult's picture")
    notices_held: int = Field(description="now waiting for the police")
    notices_lifted: int = Field(description="ready for an advocate to look at and send: the person lifted the wait")
    notices_prepared: int = Field(description="the same: written now, because what was told allows them")
    steps_stopped: int = Field(description="prepared next steps for an adult that are shown no more")
    notices_sent_before: int = Field(description="for an adult, gone out before: an advocate is told of each")


class Reentered(Body):
    """The person's passphrase once more: a logged-in phone in other hands must not destroy a case."""

    passphrase: Annotated[Line, StringConstraints(max_length=1000)] = Field(
        "", description="needed from the person, not from an advocate", repr=False
    )


class EntryConfirmed(EntrySeen, Reentered):
    """A yes to what an advocate entered. To the erasure of the case it comes with the passphrase."""


class ErasureView(View):
    """When the key is destroyed; null: it was called off."""

    state: str
    erase_at: Moment | None


class ErasureAsked(ErasureView):
    """The same, when it was asked for; null: it waits for the person."""

    waits_for_person: bool = Field(
        description="an advocate asked: nothing happens before the person says yes, or a mandate covers it"
    )
