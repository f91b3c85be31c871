"""What a route is: one way to ask one recipient for removal, with everything that law and recipient want to see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.model.facts import PictureKind, PostedWith
from monitor.platforms.base import PlatformName

Words = Mapping[str, str]
"""One text by language."""


class Channel(StrEnum):
    """How a notice leaves."""

    TELEGRAM_REPORT = "telegram-report"
    """The report menu inside Telegram."""
    EMAIL = "email"
    FORM = "form"
    """A web form, an office or a telephone: everything is prepared, a person takes it there, nothing is sent by us."""
    ASSISTED = "assisted-dialogue"
    """A bot's dialogue or an app's menu: a person goes through the steps with the texts to copy beside them."""

    @property
    def by_hand(self) -> bool:
        """A person takes it there and records what was answered."""
        return self in (Channel.FORM, Channel.ASSISTED)


class Audience(StrEnum):
    """Whose pictures a route is for, by the age when pictured."""

    ADULT = "adult"
    MINOR = "minor"
    ANYONE = "anyone"
    """A body that helps both. For a minor's picture nothing is composed as for an adult: a person takes it there."""

    @property
    def for_adults(self) -> bool:
        """Notices as for an adult are written by it."""
        return self is not Audience.MINOR

    @property
    def for_minors(self) -> bool:
        """A minor's picture may be taken there."""
        return self is not Audience.ADULT


class Sender(StrEnum):
    """Who may send by a route."""

    PERSON = "person"
    GUARDIAN = "guardian"
    KIN = "kin"
    AGENT = "agent"
    """With a mandate."""
    DESIGNATED_BODY = "designated-body"
    """One that a state named for this."""
    REGISTERED_BODY = "registered-body"
    ANY_BODY = "any-body"
    ANYONE = "anyone"
    POLICE = "police"


class Start(StrEnum):
    """When the clock of a route starts."""

    RECEIPT = "receipt"
    """The recipient got the valid request; taken as the time of sending."""
    SUBMISSION = "submission"
    COMPLAINT = "complaint"
    FILING = "filing"
    DECISION = "decision"
    """Of the recipient of the notice before."""
    POLICE_REQUEST = "police-request"


class Confidence(StrEnum):
    """How sure a fact of a route is."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    UNCONFIRMED = "?"
    """No source says so: shown with a question mark, for the operator to correct."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact of a route comes from."""

    source: str
    date: str
    """Of the source: a year, a month or a day, such as 2026-02."""
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogueStep:
    """One step of an assisted dialogue: what the person does, and what they copy there."""

    words: Words
    copy: str = field(default="")
    """A text to copy as it stands, such as /start; empty where `copy_field` says which."""
    copy_field: str = ""
    """The field whose value is copied, or `body` for the notice's text."""
    button: str = ""
    """What stands on the button to press."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One file of `routes/`, see docs/routes.md."""

    name: str
    title: Words = field(default_factory=dict)
    """What the pages call it."""
    about: Words = field(default_factory=dict)
    """One sentence: what taking it does."""
    channel: Channel
    platforms: frozenset[PlatformName]
    recipient: str = ""
    """E-mail address or form address; empty where the platform itself is the recipient. Operators may override it."""
    recipients: Mapping[PlatformName, str] = field(default_factory=dict)
    """Where the address depends on the platform; `recipient` is then that of the others."""
    audience: Audience
    kinds: frozenset[PictureKind]
    senders: frozenset[Sender] = frozenset()
    """Who may send; empty: whoever acts for the person."""
    person_countries: frozenset[str] = frozenset()
    centre_countries: frozenset[str] = frozenset()
    """ISO codes. It is for persons of the first or centres of the second; both empty: for everybody."""
    home_countries: frozenset[str] = frozenset()
    """Whose law it is, where others may use it too; empty: `person_countries`."""
    country_first: bool = False
    """Offered only once the person said in which country they are: who may use it depends on that."""
    elsewhere: Words = field(default_factory=dict)
    """What holds for a person who is in none of its home countries; empty: nothing else."""
    posted_with: frozenset[PostedWith] = frozenset()
    """Only where one of these was posted with the picture; empty: always."""
    required: tuple[str, ...] = ()
    """Fields that must hold something, see `fields.py`."""
    in_body: tuple[str, ...] = ()
    """Those of them that the text must show. Fewer than `required` where personal data must stay out."""
    minor_kinds: frozenset[PictureKind] = frozenset(PictureKind)
    """Kinds of a minor's picture that are taken there."""
    minor_fields: tuple[str, ...] = ()
    """What is told of a minor's picture: links, numbers and times, and nothing of the person."""
    by_person: tuple[str, ...] = ()
    """What the person brings or types there themselves, and what is never kept here: an identity card's copy."""
    deadline_hours: int | None = None
    """What the law or the platform promises, from receipt; None where it promises nothing."""
    starts: Start = Start.RECEIPT
    """When that clock starts."""
    recheck_hours: tuple[int, ...] = ()
    """When to check the copy at the latest, from sending."""
    file_within_days: int | None = None
    """A next step must be filed within so many days of what it follows; None: any time."""
    block_days: int | None = None
    """What is asked ends by itself after so many days."""
    renew_days_before: int | None = None
    """How many days before that end it is asked for again."""
    on_lapse: tuple[str, ...] = ()
    """The next steps: names of other routes, see `escalation.py`."""
    first: bool = True
    """False: only a next step after another notice."""
    strength: int = 0
    """How much law stands behind it, 0 to 100: the default ticks the strongest that may be taken."""
    law: str = ""
    sources: Mapping[str, Source] = field(default_factory=dict, repr=False)
    """Fact (a key of the file) -> where it comes from."""
    poster_learns: Words = field(default_factory=dict)
    """What the poster, or the public, will learn; empty: nothing that a source tells of."""
    warning: Words = field(default_factory=dict)
    """To be read and accepted before it is taken."""
    default_off: bool = False
    """Never ticked beforehand, whatever its strength."""
    counsel: tuple[Words, ...] = ()
    """What a lawyer must settle: marked on the page, not decided by us."""
    in_app: bool = False
    """The platform's own report in the app: offered beside the strongest legal route."""
    several: bool = False
    """Several copies of one channel or account may go into one notice."""
    in_use: bool = True
    """False: it is not taken any more. It stays readable for the notices that were written by it."""
    enabled: bool = True
    """False for routes that are only shown: a person takes them, nothing is composed."""
    languages: tuple[str, ...] = ("en",)
    """Languages that the recipient reads; the first is the default."""
    value_language: str = ""
    """Of the values, where the text is for the person at a form and the values for its recipient; empty: the text's."""
    template: str = ""
    """The folder of its texts; empty: its name."""
    menu: Mapping[PictureKind, tuple[str, ...]] = field(default_factory=dict)
    """Telegram's report menu: texts in order of preference. At each level the first that the menu offers is chosen."""
    form: tuple[tuple[str, str], ...] = ()
    """(field, label) in the order of the form."""
    dialogue: tuple[DialogueStep, ...] = ()
    """Of an assisted route: its steps in order."""

    @property
    def doubts(self) -> tuple[str, ...]:
        """The facts that no source confirms, by their key."""
        return tuple(key for key, one in self.sources.items() if one.confidence is Confidence.UNCONFIRMED)

    @property
    def by_police(self) -> bool:
        """Do the police alone send it? Then it is a way whose text `exports/custody/` drafts for them."""
        return self.senders == {Sender.POLICE}

    @property
    def confirmed(self) -> bool:
        """False where no source confirms its address or its law: shown as such, to be checked by the operator."""
        return not {"recipient", "law"} & set(self.doubts)

    def is_for(self, person_country: str, centre_country: str) -> bool:
        """Whether it is for a person, or a centre, of these countries (ISO codes, empty where nobody told)."""
        if not (self.person_countries or self.centre_countries):
            return True
        return person_country in self.person_countries or centre_country in self.centre_countries

    def is_home(self, country: str) -> bool:
        """Whether it is this country's own way."""
        return country in (self.home_countries or self.person_countries or self.centre_countries)

    def values_in(self, language: str) -> str:
        """The language of the values in a text of `language`."""
        return self.value_language or language

    @property
    def texts(self) -> str:
        """The folder of its templates."""
        return self.template or self.name

    def goes_to(self, platform: PlatformName) -> str:
        """Its address for this platform, as the files have it."""
        return self.recipients.get(platform, self.recipient)


Recipients = Mapping[str, str]
"""Addresses by route name that replace those of the files: an operator's change, or the demo's loopback."""


def recipient_of(route: Route, recipients: Recipients | None = None, platform: PlatformName | None = None) -> str:
    """Where a notice of this route goes; an empty override counts as none."""
    known = route.recipient if platform is None else route.goes_to(platform)
    return ((recipients or {}).get(route.name) or "").strip() or known
