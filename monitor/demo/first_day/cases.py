"""The forty cases of the first day: what each shows, in the order in which they were opened.

Whoever adds a state to one of the enums of cases, sightings, notices, copies or filings adds a case here that shows it;
`tests/integration/test_first_day.py` walks the enums.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from db.locking import lock_one
from db.models.cases import Case
from db.queries.actors import PersonActor
from monitor.actions.access import get_notice, get_sighting
from monitor.actions.ask_person import answer_question, ask_person
from monitor.actions.erase import ask_erasure
from monitor.actions.freeze import freeze
from monitor.actions.reopen import reopen_sighting
from monitor.cases.erasure import destroy_key, erase
from monitor.cases.in_hand import take_in_hand
from monitor.cases.link_ticks import tick_link
from monitor.cases.links import enter_link
from monitor.cases.stops import Scope, Target, stop
from monitor.cases.waiting import tell_overdue
from monitor.demo.first_day.day import Day
from monitor.demo.first_day.ways import Ending
from monitor.mailbox.report import Finding, ReportKind
from monitor.mailbox.trust import Proof
from monitor.model.copies import Closing, FilingAnswer
from monitor.model.facts import AgeGroup, Basis, PersonsWord, PictureKind, Timing
from monitor.model.records.answer import AnswerRecord
from monitor.model.states import Dismissal
from monitor.notices.returned import MailAbout, note_mail
from monitor.notices.stopping import withdraw_notice
from monitor.notices.writing import record_submission
from monitor.platforms.base import Presence

Story = Callable[[Day], Awaitable[None]]
ONE, TWO, THREE, ON_X, ON_X_TOO = range(5)
"""Places: three channels and two accounts."""
MAIL, IN_APP, FORM = "us_tida", "telegram_report", "x_tida"
"""Routes: by e-mail, Telegram's own report, X's form."""
_ERASED_FOR = timedelta(days=8)


# Waiting for a centre


async def waits(day: Day) -> None:
    """Opened an hour ago; nobody has vouched."""
    day.ago(hours=1)
    case = await day.opened("waits for a centre")
    await day.register(case)


async def waits_for_any(day: Day) -> None:
    """The person lets any centre help."""
    day.ago(hours=6)
    case = await day.opened("waits, any centre may help", language="en", any_centre=True)
    await day.register(case)


async def waits_too_long(day: Day) -> None:
    """Longer than three days: there is an alert."""
    day.ago(days=4)
    await day.register(await day.opened("waits too long", any_centre=True))
    day.ago()
    async with day.database.begin() as session:
        await tell_overdue(session, day.job("sweep"))


async def in_hand(day: Day) -> None:
    """The centre is in touch, and has not vouched yet."""
    day.ago(days=1)
    case = await day.opened("in the centre's hands, not vouched for")
    await day.register(case)
    day.later(hours=2)
    async with day.database.begin() as session:
        row = await lock_one(session, Case, case.case_id)
        await take_in_hand(session, day.hand(), row, day.advocate.organisation_id)
    await day.writes(case, "안녕하세요. 데모 센터예요. 편한 시간을 알려 주세요.")
    await day.says(case, "오늘 저녁이 좋아요.")


# Ending


async def being_erased(day: Day) -> None:
    """The person asked for it yesterday; it can still be called off."""
    day.ago(days=6)
    case = await day.vouched("is being erased", ONE)
    await day.confirmed(await day.found(case, ONE), MAIL)
    day.ago(days=1)
    async with day.database.begin() as session:
        row = await lock_one(session, Case, case.case_id)
        await ask_erasure(session, day.person, row, PersonActor(case.case_id))


async def erased(day: Day) -> None:
    """The delay is over: nothing of it can be read any more."""
    day.ago(days=15)
    case = await day.vouched("was erased", ONE)
    async with day.database.begin() as session:
        row = await lock_one(session, Case, case.case_id)
        await ask_erasure(session, day.person, row, PersonActor(case.case_id))
    day.clock.at += _ERASED_FOR
    async with day.database.begin() as session:
        await erase(session, day.job("sweep"), await lock_one(session, Case, case.case_id))
    destroy_key(day.job("sweep"), case.case_id)


async def on_hold(day: Day) -> None:
    """A lead doubts that the pictures are the person's own."""
    day.ago(days=3)
    case = await day.vouched("is on hold", TWO)
    await day.found(case, TWO)
    day.later(hours=5)
    async with day.database.begin() as session:
        row = await lock_one(session, Case, case.case_id)
        told = {"reason": "두 사람이 같은 사진을 자기 것이라고 해요.", "speak_to": "데모 센터 1번 창구"}
        await freeze(session, day.hand(), row, day.advocate, **told)


# To be decided


async def one_open(day: Day) -> None:
    """One copy to decide about."""
    day.ago(days=2)
    case = await day.vouched("one copy to decide about", ONE)
    await day.found(case, ONE, caption="지난주에 올라온 것")


async def spreading(day: Day) -> None:
    """One picture at four places."""
    day.ago(days=3)
    case = await day.vouched("one picture at four places", ONE, TWO, THREE, ON_X)
    for place, edit in ((ONE, "re-encoded"), (TWO, "resized"), (THREE, "letterboxed"), (ON_X, "mirrored")):
        await day.found(case, place, edit)


async def come_again(day: Day) -> None:
    """Confirmed once, and posted again since."""
    day.ago(days=4)
    case = await day.vouched("confirmed, and posted again", ONE, TWO)
    (notice,) = await day.confirmed(await day.found(case, ONE), MAIL)
    await day.sent(notice)
    await day.left(notice)
    await day.found(case, TWO, "brightness")


async def minor_open(day: Day) -> None:
    """Under age when pictured: on top of the queue."""
    day.ago(days=1)
    case = await day.vouched("under age, to be decided", TWO, age_group=AgeGroup.MINOR)
    await day.found(case, TWO)


async def unsure_open(day: Day) -> None:
    """Not sure how old: counts as under age."""
    day.ago(days=1)
    case = await day.vouched("age not sure, to be decided", THREE, age_group=AgeGroup.UNSURE)
    await day.found(case, THREE, "rotated 90")


async def faked(day: Day) -> None:
    """A faked picture on X, of somebody who speaks English."""
    day.ago(days=2)
    case = await day.vouched("a faked picture on X", ON_X, kind=PictureKind.FAKED, language="en")
    await day.found(case, ON_X, "mirrored")


async def ordinary(day: Day) -> None:
    """An ordinary photo: no notice about intimate pictures is for it."""
    day.ago(days=2)
    case = await day.vouched("an ordinary photo", THREE, kind=PictureKind.ORDINARY)
    await day.found(case, THREE)


async def asked(day: Day) -> None:
    """The person is asked whether it is theirs."""
    day.ago(days=1)
    case = await day.vouched("the person is asked", ONE)
    found = await day.found(case, ONE, "letterboxed")
    async with day.database.begin() as session:
        row, *_ = await get_sighting(session, day.advocate, found, lock=True)
        await ask_person(session, day.hand(), row, by=day.advocate.id)


async def answered(day: Day) -> None:
    """They said yes."""
    day.ago(days=2)
    case = await day.vouched("the person said that it is theirs", TWO)
    found = await day.found(case, TWO)
    async with day.database.begin() as session:
        row, *_ = await get_sighting(session, day.advocate, found, lock=True)
        await ask_person(session, day.hand(), row, by=day.advocate.id)
    day.later(hours=4)
    async with day.database.begin() as session:
        row_of_case, mine = await lock_one(session, Case, case.case_id), PersonActor(case.case_id)
        await answer_question(session, day.person, row_of_case, mine, found, PersonsWord.YES)
    await day.says(case, "네, 제 사진이에요. 부탁드려요.")


async def taken_back(day: Day) -> None:
    """A dismissal was undone."""
    day.ago(days=3)
    case = await day.vouched("a decision was undone", THREE)
    found = await day.found(case, THREE)
    await day.dismissed(found, Dismissal.NOT_THE_PICTURE)
    async with day.database.begin() as session:
        await reopen_sighting(session, day.hand(), day.advocate, found)


async def dismissed_for_every_reason(day: Day) -> None:
    """A copy for each reason to dismiss one."""
    day.ago(days=5)
    case = await day.vouched("four copies, each dismissed for another reason", ONE, TWO)
    for number, reason in enumerate(Dismissal):
        found = await day.found(case, (ONE, TWO)[number % 2], ("re-encoded", "resized")[number // 2])
        await day.dismissed(found, reason)


# Notices


async def police_first(day: Day) -> None:
    """The person wants the police first: the notice is held."""
    day.ago(days=3)
    until = (day.now + timedelta(days=20)).date()
    case = await day.vouched("the police first", ONE, timing=Timing.WAIT_FOR_POLICE, police_until=until)
    await day.confirmed(await day.found(case, ONE), MAIL)
    async with day.database.begin() as session:
        row = await lock_one(session, Case, case.case_id)
        link = await enter_link(session, day.person, row, url="https://other.invalid/post/1", kind=PictureKind.INTIMATE)
        await enter_link(session, day.person, row, url="https://t.me/c/1234/5", kind=PictureKind.INTIMATE)
        await tick_link(session, day.person, row, link.id, done=True)


async def ready(day: Day) -> None:
    """Written, and not looked at yet."""
    day.ago(days=1)
    case = await day.vouched("a notice is ready", TWO)
    await day.confirmed(await day.found(case, TWO), MAIL)


async def no_permission(day: Day) -> None:
    """The person has not allowed any notice."""
    day.ago(days=2)
    case = await day.vouched("no permission to send", TWO, permitted=False)
    await day.confirmed(await day.found(case, TWO))


async def a_form(day: Day) -> None:
    """X's form is prepared; a person fills it in."""
    day.ago(days=1)
    case = await day.vouched("a form to fill in", ON_X)
    await day.confirmed(await day.found(case, ON_X), FORM)


async def two_forms(day: Day) -> None:
    """One was submitted, and runs; beside it another copy's waits."""
    day.ago(days=2)
    case = await day.vouched("one form submitted, one to fill in", ON_X, ON_X_TOO, language="en")
    (first,) = await day.confirmed(await day.found(case, ON_X), FORM)
    async with day.database.begin() as session:
        row, *_ = await get_notice(session, day.advocate, first, lock=True)
        await record_submission(session, day.hand(), row, reference="TID-900001", by=day.advocate.id)
    await day.confirmed(await day.found(case, ON_X_TOO), FORM, basis=Basis.CAPTION_CONTEXT)


async def under_way(day: Day) -> None:
    """The program was ended while it was sending: it does not know whether it arrived."""
    day.ago(hours=9)
    case = await day.vouched("was being sent", ONE)
    (notice,) = await day.confirmed(await day.found(case, ONE), MAIL)
    await day.sent(notice)
    await day.left(notice, Ending.CUT_OFF)


async def in_time(day: Day) -> None:
    """Sent, and the clock runs; the recipient answered by mail."""
    day.ago(hours=30)
    case = await day.vouched("sent, and answered by mail", TWO)
    (notice,) = await day.confirmed(await day.found(case, TWO), MAIL)
    await day.sent(notice)
    await day.left(notice)
    await day.looked(notice, Presence.LIVE)
    answer = AnswerRecord(sender="safety@telegram.invalid", text="Which of the pictures in the post do you mean?")
    about = MailAbout(f"{case.number:064x}", Finding(ReportKind.REPLY, "answered"), Proof.DKIM, answer)
    async with day.database.begin() as session:
        row, *_ = await get_notice(session, day.advocate, notice, lock=True)
        await note_mail(session, day.job("mailbox"), row, about)


async def doubtful(day: Day) -> None:
    """Nobody can know whether it arrived."""
    day.ago(hours=20)
    case = await day.vouched("in doubt whether it arrived", THREE)
    (notice,) = await day.confirmed(await day.found(case, THREE), IN_APP)
    await day.sent(notice)
    await day.left(notice, Ending.DOUBTFUL)


async def refused(day: Day) -> None:
    """The recipient's mail server took it not."""
    day.ago(hours=26)
    case = await day.vouched("could not be sent", ONE, language="en")
    (notice,) = await day.confirmed(await day.found(case, ONE), MAIL)
    await day.sent(notice)
    await day.left(notice, Ending.REFUSED)


async def withdrawn(day: Day) -> None:
    """Written, and given up."""
    day.ago(days=2)
    case = await day.vouched("a notice was withdrawn", THREE)
    (notice,) = await day.confirmed(await day.found(case, THREE), MAIL)
    async with day.database.begin() as session:
        row, *_ = await get_notice(session, day.advocate, notice, lock=True)
        await withdraw_notice(session, day.hand(), row, by=day.advocate.id)


async def gone(day: Day) -> None:
    """Two checks found it gone: there is a receipt."""
    day.ago(days=9)
    case = await day.vouched("removed, with its receipt", TWO)
    found = await day.found(case, TWO)
    (notice,) = await day.confirmed(found, MAIL)
    await day.sent(notice)
    await day.left(notice)
    day.remove(found)
    await day.looked(notice, Presence.DELETED, times=3)
    await day.says(case, "고맙습니다.")


async def overdue(day: Day) -> None:
    """The deadline passed, and nobody has gone on."""
    await _lapsed(day, "the deadline passed", days=6)


async def _lapsed(day: Day, title: str, *, days: float) -> str:
    day.ago(days=days)
    case = await day.vouched(title, ONE)
    found = await day.found(case, ONE)
    (notice,) = await day.confirmed(found, MAIL)
    await day.sent(notice)
    await day.left(notice)
    await day.lapsed(notice)
    return found


def next_step(answer: FilingAnswer | None) -> Story:
    """The next step was filed, and this was answered."""

    async def story(day: Day) -> None:
        found = await _lapsed(day, f"next step filed: {answer or 'no answer yet'}", days=6)
        await day.filed(found, await day.unhurried_step(found), answer, reference=f"FILE-{len(day.cases)}")

    return story


async def minors_ready(day: Day) -> None:
    """Under age: every text is prepared, and a person takes it there."""
    day.ago(hours=10)
    case = await day.vouched("under age, to be taken to the police", THREE, age_group=AgeGroup.MINOR)
    await day.confirmed(await day.found(case, THREE))


async def minors_filed(day: Day) -> None:
    """The same, and the police were told."""
    day.ago(days=2)
    case = await day.vouched("under age, the police are told", THREE, age_group=AgeGroup.MINOR)
    found = await day.found(case, THREE)
    await day.confirmed(found, basis=Basis.OFFICIAL_VIEWED)
    await day.filed(found, "kr_police", reference="2026-112-0040")


async def closed_for_every_reason(day: Day) -> None:
    """One case with a copy for each reason to close one."""
    day.ago(days=8)
    case = await day.vouched("six copies, each closed for another reason", ONE, TWO, THREE)
    for number, reason in enumerate(Closing):
        found = await day.found(case, (ONE, TWO, THREE)[number % 3], ("re-encoded", "resized")[number % 2])
        await day.confirmed(found)
        await day.closed(found, reason)


async def sent_and_stopped(day: Day) -> None:
    """Sent by a colleague whose work was stopped before it left: it stays."""
    day.ago(hours=3)
    case = await day.vouched("waits: its advocate's work is stopped", TWO, by=day.colleague)
    (notice,) = await day.confirmed(await day.found(case, TWO), MAIL, by=day.colleague)
    await day.sent(notice, by=day.colleague)
    async with day.database.begin() as session:
        target = Target(Scope.ADVOCATE, day.colleague.id)
        await stop(session, day.hand(), target, reason="휴대전화를 잃어버렸어요.")


STORIES: tuple[Story, ...] = (
    *(waits, waits_for_any, waits_too_long, in_hand),
    *(being_erased, erased, on_hold),
    *(one_open, spreading, come_again, minor_open, unsure_open, faked, ordinary),
    *(asked, answered, taken_back, dismissed_for_every_reason),
    *(police_first, ready, no_permission, a_form, two_forms, under_way, in_time, doubtful, refused, withdrawn),
    *(gone, overdue),
    *(next_step(answer) for answer in (None, *FilingAnswer)),
    *(minors_ready, minors_filed, closed_for_every_reason, sent_and_stopped),
)
"""Every case, in its order."""
