"""What the pure rules know of a case and of a confirmed copy: frozen values, built by whoever reads the database."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from monitor.platforms.base import PlatformName


class AgeGroup(StrEnum):
    """How old the person was when pictured; nothing else decides."""

    ADULT = "adult"
    MINOR = "minor"
    UNSURE = "unsure"

    @property
    def counts_as_minor(self) -> bool:
        """Unsure counts as minor."""
        return self is not AgeGroup.ADULT


class PictureKind(StrEnum):
    """What the picture is. "Same picture" is not "intimate picture"."""

    INTIMATE = "intimate"
    FAKED = "faked"
    """Made or altered so that it looks like an intimate picture of the person."""
    ORDINARY = "ordinary"
    """A photo that anybody may see. Alone it never makes an intimate-image notice."""


class PostedWith(StrEnum):
    """What was posted with the picture, as the advocate saw it. Any of it makes the post doxing as well."""

    NAME = "name"
    SCHOOL = "school"
    """Or a place of work."""
    CONTACT = "contact"
    """A telephone number, an address, an account."""
    INSULT = "insult"


class SenderRole(StrEnum):
    """In whose name a notice leaves."""

    PERSON = "person"
    AGENT = "agent"
    """An advocate with a mandate: the advocate signs, the person's name stays out."""


class Basis(StrEnum):
    """How it is known that the post shows what the notice says."""

    PERSON_VIEWED = "person-viewed"
    OFFICIAL_VIEWED = "official-viewed"
    """The police or a support centre that may view it did."""
    CAPTION_CONTEXT = "caption-context"
    PERSON_SAID = "person-said"
    """They told the centre that it is theirs; they need not have looked at the post."""
    IDENTICAL_COPY = "identical-copy"
    """Nobody looked at this post: both fingerprints say that it shows what was confirmed of another one. No ground that
    an advocate can choose."""


class PersonsWord(StrEnum):
    """What the person says of a possible copy, without having seen it."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class Timing(StrEnum):
    """Whether notices may leave now, or the police come first."""

    NOW = "now"
    WAIT_FOR_POLICE = "wait-for-police"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What the person told us. Empty text and None mean: not told yet; the rules then name what is missing."""

    age_group: AgeGroup = AgeGroup.UNSURE
    country: str = ""
    """ISO 3166-1 alpha-2, such as KR."""
    language: str = "ko"
    """ko or en."""
    sender_role: SenderRole = SenderRole.PERSON
    signature: str = field(default="", repr=False)
    """Typed by the person. Leaves only by routes that need it, and never when an agent signs."""
    mandate_reference: str = field(default="", repr=False)
    """The authority document of an agent."""
    good_faith_facts: str = field(default="", repr=False)
    """In the person's words: why they believe that it was published without their consent."""
    content_identification: str = field(default="", repr=False)
    """In the person's words: what the picture shows, enough to recognise it."""
    contact: str = field(default="", repr=False)
    """E-mail address or another way to reach the sender."""
    permission_to_send_at: datetime | None = None
    timing: Timing = Timing.NOW
    police_until: date | None = None
    """When the person wants to be asked again. Only the person lifts the wait; the date alone never does."""

    def asked_of(self, *, grown: bool) -> "Intake":
        """What is kept of it: of a child, or of who may be one, no signature, address or permission, whatever was
        entered. `grown`: they said of some picture that they were an adult in it, and a notice about it needs them."""
        if grown or not self.age_group.counts_as_minor:
            return self
        return replace(self, signature="", contact="", permission_to_send_at=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSeen:
    """Where a reported copy was when a check last found it. A name changes, an edited post gets a new number."""

    at: datetime
    url: str = field(repr=False)
    """The address that works now."""
    handle: str = field(repr=False)
    post_id: str = field(repr=False)
    restricted: bool = False
    """Withheld, not removed."""
    for_all: bool = False
    """Withheld from every viewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """The organisation that acts for the person, as routes see it. Empty: none, or it told nothing."""

    name: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2."""
    designated: bool = False
    """A state named it for reporting such pictures (in Korea: notified under the decree of the Act, 30-5)."""
    registered_with: str = ""
    """The body that keeps it on a list, and its number there, such as a police or regulator's register of reporters."""


NO_CENTRE = Centre()


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyFacts:
    """A copy that an advocate confirmed. Times are aware and in UTC."""

    platform: PlatformName
    handle: str = field(repr=False)
    """Channel or account, without @."""
    url: str = field(repr=False)
    post_id: str = field(repr=False)
    posted_at: datetime
    observed_at: datetime
    kind: PictureKind
    """Of the copy, as the advocate confirmed it; not merely of the registered photo."""
    basis: Basis
    reviewer: str = field(repr=False)
    """Name for work of the advocate who answers for the decision at the centre that has the case now."""
    distance: int | None = None
    """PDQ distance in bits of 256; None for a link that the person entered."""
    how: str = field(default="", repr=False)
    """How it matched, in words and numbers, for the advocate; never leaves."""
    remote_id: str = field(default="", repr=False)
    """The platform's own number of the channel or account: it stays when the name changes."""
    last_seen: LastSeen | None = field(default=None, repr=False)
    """None until a check found it after a notice."""
    age: AgeGroup | None = None
    """When this picture was taken, by the fingerprint that matched; None: the intake's answer for all counts."""
    posted_with: frozenset[PostedWith] = frozenset()
    """What the advocate saw beside the picture."""
    centre: Centre = NO_CENTRE
    signer: str = field(default="", repr=False)
    """The advocate's own name, for the signature that a law asks of an agent; `reviewer` may be a name for work."""
    confirmed_elsewhere: bool = False
    """It was confirmed at the centre that had the case before: `reviewer` took it over, and did not confirm it."""
    reply_to: str = field(default="", repr=False)
    """Where the centre wants answers; empty: where its mail comes from."""
    contact: str = field(default="", repr=False)
    """How the recipient reaches the centre: never the person's own address."""
    author_id: str = field(default="", repr=False)
    media_id: str = field(default="", repr=False)
    """The platform's own name of the picture."""
    media_index: int | None = None
    """Which of the post's media it is, from 0; None where that was not noted."""
    media_sha256: str = field(default="", repr=False)
    """Of the bytes that stand there, as are the two hashes below; never of a registered photo."""
    pdq: str = field(default="", repr=False)
    phash: str = field(default="", repr=False)
    own_page: bool = False
    """It stands on a page of the person's own: no platform is told of it."""

    def age_group(self, intake: Intake) -> AgeGroup:
        """The age when this picture was taken: nothing else decides."""
        return self.age or intake.age_group
