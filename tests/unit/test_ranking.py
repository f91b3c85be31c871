"""Which routes come first for whom: a table over country, age, kind, platform and the centre, checked by hand.

Each row was read against what the law pages say; a change of a route's file that moves a row must be meant.
"""

from itertools import product

import pytest

from monitor.model.facts import NO_CENTRE, AgeGroup, Centre, PictureKind, PostedWith, SenderRole
from monitor.model.route_figures import RouteFigures
from monitor.notices.eligibility import eligibilities
from monitor.notices.ranking import ENOUGH, Figures, RankedRoute, Why, Worked, rank, ticked_routes, worked_before
from monitor.notices.route_table import ROUTES
from monitor.notices.texts import LANGUAGES, Reason
from monitor.platforms.base import PlatformName
from tests.support.notice_builders import NOW, make_copy, make_intake, make_x_copy

CENTRES = {
    "none": NO_CENTRE,
    "kr": Centre(name="Example Centre", country="KR"),
    "kr-named": Centre(name="Example Centre", country="KR", designated=True, registered_with="List 7"),
    "de": Centre(name="Beispielstelle", country="DE"),
}
COUNTRIES = ("KR", "US", "GB", "DE", "JP", "IN", "AU", "NZ", "")
MAKE = {PlatformName.TELEGRAM: make_copy, PlatformName.X: make_x_copy}
KOREAN = tuple(name for name in ROUTES if name.startswith("kr_"))


def ranked(
    country: str,
    platform: str,
    age: str = "adult",
    kind: str = "intimate",
    beside: str = "",
    centre: str = "none",
    figures: Figures | None = None,
    **intake: object,
) -> tuple[RankedRoute, ...]:
    copy = MAKE[PlatformName(platform)](
        kind=PictureKind(kind),
        posted_with=frozenset(PostedWith(one) for one in beside.split()),
        centre=CENTRES[centre],
    )
    told = make_intake(country=country, age_group=AgeGroup(age), **intake)
    return rank(eligibilities(copy, told, NOW), copy, told, figures or {})


def offered(given: tuple[RankedRoute, ...]) -> list[str]:
    """Those that may be taken, or are shown, in their order."""
    return [one.route.name for one in given if one.judged.allowed or one.judged.reason is Reason.SHOWN_ONLY]


# country, platform, age, kind, posted with, centre | the first routes in order | ticked beforehand
TABLE = """
KR telegram adult intimate - none | kr_tba22_5 kr_commission kr_d4u kr_police kr_icna44_2 | kr_tba22_5 telegram_report
KR telegram adult faked    - none | kr_tba22_5 kr_commission kr_d4u kr_police kr_icna44_2 | kr_tba22_5 telegram_report
KR telegram adult intimate - kr   | kr_tba22_5 kr_commission kr_d4u kr_police kr_icna44_2 | kr_tba22_5 telegram_report
KR telegram adult intimate - kr-named | kr_tba22_5 kr_commission_bulk kr_commission kr_d4u | kr_tba22_5 telegram_report
KR telegram adult intimate - de   | kr_tba22_5 kr_commission kr_d4u kr_police kr_icna44_2 | kr_tba22_5 telegram_report
KR x        adult intimate - none | kr_tba22_5_x kr_commission kr_d4u kr_police kr_icna44_2 | kr_tba22_5_x x_in_app
KR telegram adult ordinary - none | | -
KR telegram adult ordinary name none | kr_commission kr_icna44_2 telegram_doxxing | kr_commission
KR x        adult ordinary name none | kr_commission kr_icna44_2 x_doxxing | kr_commission
KR x        adult ordinary insult none | kr_commission kr_icna44_2 | kr_commission
KR telegram minor intimate - none | kr_tba22_5 kr_commission kr_d4u kr_police kr_regional telegram_stopca | -
KR telegram minor intimate - kr-named | kr_tba22_5 kr_commission_bulk kr_commission kr_d4u kr_police kr_regional | -
KR telegram minor ordinary - none | kr_commission kr_d4u kr_police kr_regional telegram_stopca | -
KR x        minor faked    - none | kr_tba22_5_x kr_commission kr_d4u kr_police kr_regional x_cse | -
KR telegram unsure intimate - none | kr_tba22_5 kr_commission kr_d4u kr_police kr_regional telegram_stopca | -
US telegram adult intimate - none | us_tida telegram_tida telegram_report | us_tida telegram_report
US telegram adult intimate - kr-named | us_tida telegram_tida kr_tba22_5 kr_commission_bulk | us_tida telegram_report
US x        adult intimate - none | x_tida x_in_app x_ncn | x_tida x_in_app
US x        adult ordinary name none | x_doxxing | -
US telegram adult ordinary insult none | telegram_doxxing | -
US telegram minor intimate - none | telegram_stopca ncmec_take_it_down iwf_report | -
US x        minor intimate - none | x_cse ncmec_take_it_down iwf_report | -
GB telegram adult intimate - none | uk_osa us_tida telegram_report | uk_osa telegram_report
GB x        adult faked    - none | uk_osa_x x_tida x_ncn x_in_app | uk_osa_x x_in_app
DE telegram adult intimate - none | eu_dsa16 us_tida telegram_report | us_tida telegram_report
DE x        adult intimate - de   | eu_dsa16 x_tida x_ncn x_in_app | x_tida x_in_app
JP telegram adult intimate - none | us_tida telegram_report | us_tida telegram_report
JP x        adult intimate - none | x_jp x_tida x_ncn x_in_app | x_jp x_in_app
JP x        adult intimate - kr-named | x_jp x_tida | x_jp x_in_app
IN telegram adult intimate - none | in_it_rules us_tida telegram_report | in_it_rules telegram_report
IN x        adult faked    - none | in_it_rules x_tida x_ncn x_in_app | in_it_rules x_in_app
AU telegram adult intimate - none | telegram_au us_tida telegram_report | us_tida telegram_report
NZ telegram adult intimate - none | us_tida telegram_report | us_tida telegram_report
NZ telegram adult intimate - kr   | us_tida | us_tida telegram_report
NZ telegram adult intimate name none | us_tida telegram_report telegram_doxxing | us_tida telegram_report
NZ x        minor intimate - none | x_cse ncmec_take_it_down iwf_report | -
""".strip().splitlines()
"""Of a person who did not say where they are, the centre's country decides; without one the table's NZ rows hold."""


@pytest.mark.parametrize("row", TABLE)
def test_table_of_which_routes_come_first(row: str) -> None:
    who, first, ticked = (part.split() for part in row.split("|"))
    country, platform, age, kind, beside, centre = who
    given = ranked(country, platform, age, kind, beside.strip("-"), centre)
    expected = list(dict.fromkeys(first))
    assert offered(given)[: len(expected)] == expected if expected else offered(given) == []
    assert sorted(ticked_routes(given)) == sorted(ticked if ticked != ["-"] else [])


EVERYBODY = list(product(COUNTRIES, PlatformName, AgeGroup, PictureKind, ("", "name", "insult"), CENTRES))


def test_rules_that_hold_for_everybody() -> None:
    for who in EVERYBODY:
        country, platform, age, kind, beside, centre = who
        given = ranked(country, platform, age, kind, beside, centre)
        names, ticked = offered(given), ticked_routes(given)
        assert len(given) == len({one.route.name for one in given}), who
        assert all(one.explain(language) for one in given for language in LANGUAGES), who
        if age is not AgeGroup.ADULT:
            assert not ticked and not any(one.judged.allowed for one in given), who
            assert names, who
        elif kind is PictureKind.ORDINARY and not beside:
            assert names == [], who
        else:
            assert set(ticked) <= {one.route.name for one in given if one.judged.allowed}, who
            assert sum(not ROUTES[name].in_app for name in ticked) <= 1, who
            assert "x_dmca" not in names and not any(ROUTES[name].default_off for name in ticked), who
            if country == "KR":
                assert names[0] in KOREAN and ticked[0] in KOREAN, who
            if kind is not PictureKind.ORDINARY:
                assert any(ROUTES[name].in_app for name in ticked) and len(ticked) == 2, who


def test_nobody_is_offered_another_countrys_way() -> None:
    for country in ("US", "GB", "DE", "JP", "IN", "AU", "NZ"):
        for platform in PlatformName:
            names = offered(ranked(country, platform))
            assert not set(names) & set(KOREAN)
    refused = {one.route.name: one.judged.reason for one in ranked("US", "telegram")}
    assert refused["kr_tba22_5"] is Reason.OTHER_COUNTRY and refused["uk_osa"] is Reason.OTHER_COUNTRY


def test_person_who_did_not_say_where_is_offered_the_centres_way_first() -> None:
    assert offered(ranked("", "telegram", centre="kr"))[0] == "kr_tba22_5"
    assert offered(ranked("", "telegram", centre="de"))[0] == "eu_dsa16"
    assert offered(ranked("", "telegram"))[0] == "us_tida"


def test_form_of_the_us_law_at_x_says_who_may_use_it_by_the_persons_country() -> None:
    form = {country: {one.route.name: one for one in ranked(country, "x")}["x_tida"] for country in ("US", "KR", "")}
    assert form["US"].judged.allowed and Why.ELSEWHERE not in form["US"].why
    assert form["KR"].judged.allowed and "with an X account" in " ".join(form["KR"].explain("en"))
    assert "계정이 있어야" in " ".join(form["KR"].explain("ko"))
    assert form[""].judged.reason is Reason.COUNTRY_NOT_TOLD and "ask the person" in form[""].explain("en")[0]


def test_after_the_form_for_japan_come_a_help_line_and_the_police() -> None:
    assert ROUTES["x_jp"].on_lapse == ("jp_safeline", "jp_police")
    assert not ROUTES["jp_police"].first and ROUTES["jp_police"].person_countries == {"JP"}


def test_route_for_bodies_is_only_for_a_centre_that_a_state_named() -> None:
    reasons = {
        name: {one.route.name: one.judged.reason for one in ranked("KR", "telegram", centre=name)}
        for name in ("kr", "kr-named")
    }
    assert reasons["kr"]["kr_commission_bulk"] is Reason.SENDER_NOT_ENTITLED
    assert reasons["kr-named"]["kr_commission_bulk"] is Reason.ALLOWED


def test_personal_details_need_something_that_was_posted_with_it() -> None:
    alone = {one.route.name: one for one in ranked("NZ", "telegram")}
    assert alone["telegram_doxxing"].judged.reason is Reason.NOTHING_POSTED_WITH
    assert "name" in alone["telegram_doxxing"].explain("en")[0]
    named = {one.route.name: one for one in ranked("NZ", "telegram", beside="name")}
    assert named["telegram_doxxing"].judged.allowed and Why.POSTED_WITH in named["telegram_doxxing"].why


def test_what_worked_before_moves_a_route_and_a_few_notices_do_not() -> None:
    bad, good = Worked(ENOUGH, 0), Worked(ENOUGH, ENOUGH)
    moved = ranked("NZ", "x", figures={"x_tida": bad, "x_ncn": good})
    assert offered(moved)[0] == "x_tida"  # 60 points against 50: the law still weighs more
    assert {one.route.name: one for one in moved}["x_tida"].worked == bad
    assert offered(ranked("DE", "telegram", figures={"us_tida": bad}))[:2] == ["eu_dsa16", "us_tida"]
    assert ticked_routes(ranked("DE", "telegram", figures={"us_tida": bad}))[0] == "eu_dsa16"
    few = Worked(ENOUGH - 1, 0)
    assert ticked_routes(ranked("DE", "telegram", figures={"us_tida": few})) != ("eu_dsa16", "telegram_report")


def test_what_was_counted_becomes_what_worked_and_what_waits_is_left_out() -> None:
    counted = {"us_tida": RouteFigures(sent=30, removed=12, refused=3, silent=5), "x_tida": RouteFigures(sent=4)}
    assert worked_before(counted) == {"us_tida": Worked(20, 12), "x_tida": Worked(0, 0)}


def test_each_offer_says_why_in_both_languages() -> None:
    given = {one.route.name: one for one in ranked("KR", "telegram", figures={"us_tida": Worked(20, 15)})}
    assert given["kr_tba22_5"].why[:2] == (Why.STRONGEST, Why.HOME)
    assert "so far 15 of 20 were removed" in given["us_tida"].explain("en")
    assert "지금까지 20건 가운데 15건이 지워졌어요" in given["us_tida"].explain("ko")
    assert any("48" in words for words in given["us_tida"].explain("ko"))
    assert given["kr_police"].why[-1] is Why.OFF and not given["kr_police"].ticked


def test_agent_is_ranked_like_the_person() -> None:
    agent = ranked("KR", "telegram", centre="kr", sender_role=SenderRole.AGENT, mandate_reference="Mandate 7")
    assert offered(agent) == offered(ranked("KR", "telegram", centre="kr"))


def test_answer_about_the_picture_itself_is_before_the_answer_for_all() -> None:
    adult, minor = make_intake(age_group=AgeGroup.ADULT), make_intake(age_group=AgeGroup.MINOR)
    of_minor = rank(eligibilities(make_copy(age=AgeGroup.UNSURE), adult, NOW), make_copy(age=AgeGroup.UNSURE), adult)
    assert not any(one.judged.allowed for one in of_minor)
    of_adult = rank(eligibilities(make_copy(age=AgeGroup.ADULT), minor, NOW), make_copy(age=AgeGroup.ADULT), minor)
    assert offered(of_adult)[0] == "kr_tba22_5" and of_adult[0].judged.allowed
