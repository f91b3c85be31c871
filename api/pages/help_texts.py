"""Help in context: what each page of an advocate is for, in two sentences, and the section of the guide behind it."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.i18n import mark


@dataclass(frozen=True, slots=True)
class Help:
    """Of one page. `section`: one of `api.pages.guide.SECTIONS`."""

    text: str
    section: str


HELP: Mapping[str, Help] = {
    "queue": Help(
        mark("Here you decide whether what was found is the person's picture. You never see a picture for that."),
        "deciding",
    ),
    "sighting": Help(
        mark("Everything that is known of one possible copy, and the decision. Whatever you decide can be undone."),
        "deciding",
    ),
    "cases": Help(
        mark("Here you find people: those who wait for a centre, and those of yours. Vouch when you know who it is."),
        "people",
    ),
    "copies": Help(
        mark("Every confirmed copy that still stands, the worst first. Each says what is missing and who can act."),
        "sending",
    ),
    "copy": Help(
        mark("One confirmed copy with its notices, clocks and next steps. Record here what you filed elsewhere."),
        "sending",
    ),
    "notices": Help(
        mark("Notices by what they wait for. Those that need a person stand on top."),
        "sending",
    ),
    "notice": Help(
        mark(
            "Read exactly what would leave before you send it. It leaves a minute later; until then it can be undone."
        ),
        "sending",
    ),
    "reply": Help(
        mark("You answer somebody who wrote about a notice. They see your centre's address and your name for work."),
        "sending",
    ),
    "clocks": Help(
        mark("Everything that ends soon, in its order. You are told before it does."),
        "sending",
    ),
    "resent": Help(
        mark("Identical copies that were reported with no other decision. Person and centre both allowed that."),
        "sending",
    ),
    "entered": Help(
        mark("What the centre entered for a person. Some of it counts only when they say so themselves."),
        "people",
    ),
    "messages": Help(
        mark("What you and the person write to each other. They read it when they log in, and nobody else does."),
        "people",
    ),
    "names": Help(
        mark("Words that the person wants looked for beside pictures. Allow only what points to this person alone."),
        "people",
    ),
    "police": Help(
        mark("What you can take to the police, and their requests to keep data. You are reminded before one ends."),
        "police",
    ),
    "evidence": Help(
        mark("Here packages for police and courts are made, with the person's agreement. They verify without Jikimi."),
        "police",
    ),
    "package": Help(
        mark("One package, for whom it was made and who fetched it. After seven days it is deleted here."),
        "police",
    ),
    "alerts": Help(
        mark("What happened that somebody must know, and what to do about it. An alert goes when its reason is gone."),
        "in-doubt",
    ),
    "reports": Help(
        mark("Somebody outside says that a picture of theirs was registered here. Leads read it and hold the case."),
        "in-doubt",
    ),
    "report": Help(
        mark("One such report. If there is a doubt, put the case on hold first and ask afterwards."),
        "in-doubt",
    ),
    "account": Help(
        mark("Your ways to log in, where you are logged in, and your name for work. Have two ways, for a lost phone."),
        "lost-phone",
    ),
    "prove": Help(
        mark("Some things must not be done from a screen that somebody found open. Show that it is you, then go on."),
        "lost-phone",
    ),
    "app": Help(mark("A new phone makes your one-time codes from now on. The old one's codes end."), "lost-phone"),
    "recovery": Help(mark("Codes for the day when your phone is gone. Keep them on paper."), "lost-phone"),
    "colleagues": Help(
        mark("Who works here and in which role. Two people replace a lost phone together."),
        "lost-phone",
    ),
    "reset": Help(mark("Hand this code over yourself. It works once, with their own password."), "lost-phone"),
    "stop": Help(
        mark("Here work is stopped at once when something is wrong. Two people let it go on."),
        "lost-phone",
    ),
    "linking": Help(
        mark("Channels and accounts where several of your cases have copies. Report a whole place here."),
        "sending",
    ),
    "place": Help(
        mark("One channel or account with your cases' copies there. Reports about it name no person."),
        "sending",
    ),
    "place_report": Help(
        mark("A report about a whole place. Read it before it leaves; nothing of a person stands in it."),
        "sending",
    ),
    "centre": Help(
        mark("What persons see of your centre, and what your centre has set. Leads change it."),
        "first-day",
    ),
    "codes": Help(
        mark("One-time codes to hand out. Whoever opens a case with one is vouched for by your centre."),
        "people",
    ),
    "places": Help(
        mark("Places that your centre suggests to persons. Nothing there is read before a person says yes."),
        "people",
    ),
    "transfers": Help(
        mark("A case goes to another centre only when the person says yes. Here you ask, and see how it stands."),
        "people",
    ),
    "passphrases": Help(
        mark(
            "A lead draws a new passphrase for somebody whom they know, after a delay. "
            "The person is told on their page."
        ),
        "people",
    ),
    "new_passphrase": Help(
        mark("These words are shown once. Give them to the person and keep no copy."),
        "people",
    ),
    "case": Help(
        mark(
            "Where one person's case stands: what to do next, its clocks and what is new. "
            "Name it so that you find it again."
        ),
        "people",
    ),
    "case_person": Help(
        mark("Who the person is and how to reach them, as far as they told. That you opened it is noted."),
        "people",
    ),
    "case_watch": Help(
        mark("The places that the person agreed to, and what could not be read there. A gap is no clean bill."),
        "people",
    ),
    "case_copies": Help(
        mark("The copies of this case, picture by picture. The same picture at several places is one item."),
        "deciding",
    ),
    "case_notes": Help(
        mark(
            "Notes for your colleagues, sealed with the case. "
            "The person does not see them, so write what they could read."
        ),
        "people",
    ),
    "case_record": Help(
        mark("The record of the case in words, the latest first. Nothing in it can be changed without its being seen."),
        "police",
    ),
    "case_list": Help(
        mark(
            "All cases of your centre, to search and to filter. Choose who is in charge, or hand one over with a note."
        ),
        "people",
    ),
    "gathered": Help(
        mark(
            "Your centre's copies that have a channel, an author or a file in common. "
            "What was done there before stands beside."
        ),
        "deciding",
    ),
    "rings": Help(
        mark(
            "What your copies have in common: channels, authors and files. "
            "It shows counts, and no other centre's cases."
        ),
        "deciding",
    ),
    "rest": Help(
        mark("How long you have worked and how many captions you opened, for you alone. Take the break that you need."),
        "wellbeing",
    ),
    "overview": Help(
        mark("Load, clocks and waiting people of your centre, for leads. Nobody is ranked here."),
        "wellbeing",
    ),
    "audit": Help(
        mark("Who did what in your centre, to read and to save. It is for questions, not for racing."),
        "wellbeing",
    ),
    "figures": Help(
        mark("How long things take and how they end, for each way. No figure is about a person or an advocate."),
        "wellbeing",
    ),
    "item": Help(
        mark("All open copies of one picture of one person. One decision is for all of them, and it can be undone."),
        "deciding",
    ),
    "item_hand_off": Help(
        mark("A text for a body that may look at pictures. What they saw is noted here, with who said so."),
        "deciding",
    ),
    "queue_places": Help(
        mark("Choose one channel or account, and the queue shows what was found there alone."),
        "deciding",
    ),
}
"""By the name of the page's template."""


def help_for(template: str) -> Help | None:
    """None for a page that is none of an advocate's, or has no help yet."""
    folder, _, name = template.rpartition("/")
    return HELP.get(name.removesuffix(".html")) if folder == "advocate" else None
