"""The routes, as data. A route that changes is changed here; addresses can also be overridden by the operator."""

from types import MappingProxyType

from monitor.model.facts import PictureKind
from monitor.notices.route import Audience, Channel, Route
from monitor.platforms.base import PlatformName

_TELEGRAM = frozenset({PlatformName.TELEGRAM})
_X = frozenset({PlatformName.X})
_BOTH = _TELEGRAM | _X
_INTIMATE = frozenset({PictureKind.INTIMATE, PictureKind.FAKED})
_ANY = frozenset(PictureKind)

COMMON_FIELDS = (
    *("route", "kind", "basis_of_knowledge", "urls", "ids"),
    *("sender_role", "reviewer", "consent_to_send_at", "age_check"),
)
"""What every notice holds; `authority_document` joins them when an agent sends."""

_STATUTE = ("signature", "content_identification", "good_faith_nonconsent", "contact")
# 47 U.S.C. 223a(a)(1)(B): signature, identification and location, statement of good faith, contact.

# Texts of the server's menu as seen in 2025; the server may change them, so "Other" comes last, not nothing.
_MENU = (
    "Non-consensual sexual imagery",
    "Illegal adult content",
    "Other illegal sexual content",
    "Pornography",
    "Private images",
    "Personal data",
    "Other",
)

_ADULT_ROUTES = (
    Route(
        name="telegram_report",
        channel=Channel.TELEGRAM_REPORT,
        platforms=_TELEGRAM,
        recipient="",
        audience=Audience.ADULT,
        kinds=_INTIMATE,
        required=(*COMMON_FIELDS, "peer", "option_path"),
        in_body=("kind", "urls"),
        recheck_hours=(24,),
        on_lapse=("telegram_abuse", "telegram_dsa", "kr_commission"),
        law="Telegram Terms of Service",
        menu=MappingProxyType({PictureKind.INTIMATE: _MENU, PictureKind.FAKED: _MENU}),
    ),
    Route(
        name="us_tida",
        channel=Channel.EMAIL,
        platforms=_TELEGRAM,
        recipient="abuse@telegram.org",
        audience=Audience.ADULT,
        kinds=_INTIMATE,
        required=(*COMMON_FIELDS, *_STATUTE, "location_urls"),
        in_body=(*COMMON_FIELDS, *_STATUTE, "location_urls"),
        deadline_hours=48,
        on_lapse=("ftc_complaint",),
        law="TAKE IT DOWN Act, 47 U.S.C. 223a",
    ),
    Route(
        name="x_tida",
        channel=Channel.FORM,
        platforms=_X,
        recipient="https://help.x.com/forms/safety-and-sensitive-content/take-it-down",
        audience=Audience.ADULT,
        kinds=_INTIMATE,
        required=(*COMMON_FIELDS, "post_urls", "on_behalf_of", *_STATUTE),
        in_body=("post_urls", "on_behalf_of", *_STATUTE),
        deadline_hours=48,
        on_lapse=("ftc_complaint",),
        law="TAKE IT DOWN Act, 47 U.S.C. 223a",
        # The instructions are for the person at the form, the values for X: those stay as they were typed.
        languages=("en", "ko"),
        form=(
            ("post_urls", "Links to the posts"),
            ("on_behalf_of", "Who are you reporting for?"),
            ("content_identification", "What does the content show?"),
            ("good_faith_nonconsent", "Why do you believe it was shared without consent?"),
            ("authority_document", "Proof of authority"),
            ("contact", "How can we contact you?"),
            ("signature", "Electronic signature"),
        ),
    ),
)


def _shown(
    name: str, channel: Channel, platforms: frozenset[PlatformName], recipient: str, law: str, *, confirmed: bool = True
) -> Route:
    return Route(
        name=name,
        channel=channel,
        platforms=platforms,
        recipient=recipient,
        audience=Audience.MINOR,
        kinds=_ANY,
        law=law,
        confirmed=confirmed,
        enabled=False,
    )


_MINOR_ROUTES = (
    _shown("telegram_stopca", Channel.EMAIL, _TELEGRAM, "stopCA@telegram.org", "Telegram's child abuse desk"),
    _shown(
        "x_cse",
        Channel.FORM,
        _X,
        "https://help.x.com/forms/safety-and-sensitive-content/cse",
        "X's child exploitation policy",
        confirmed=False,  # the last part of the address is sure, the path before it is not
    ),
    _shown("kr_police", Channel.FORM, _BOTH, "https://ecrm.police.go.kr", "Korean police, 112"),
    _shown(
        "kr_commission", Channel.FORM, _BOTH, "tel:1377", "Korea Media Communications Review Commission, 1377 then 3"
    ),
    _shown("kr_d4u", Channel.FORM, _BOTH, "https://d4u.stop.or.kr", "Central Digital Sex Crime Victim Support Center"),
    _shown("ncmec_take_it_down", Channel.FORM, _BOTH, "https://takeitdown.ncmec.org", "NCMEC Take It Down"),
    _shown("iwf_report", Channel.FORM, _BOTH, "https://report.iwf.org.uk", "Internet Watch Foundation"),
)

ROUTES: MappingProxyType[str, Route] = MappingProxyType(
    {route.name: route for route in (*_ADULT_ROUTES, *_MINOR_ROUTES)}
)
"""Every route by name, in the order in which it is offered."""
