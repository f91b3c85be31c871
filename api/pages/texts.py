"""What the pages call things: a text for each state, reason and kind. `mark` texts are translated where shown."""

from collections.abc import Callable, Mapping

from api.i18n import mark
from monitor.notices.route_table import ROUTES
from monitor.notices.texts import in_language

Gettext = Callable[[str], str]


VERDICTS = {"confident": mark("Very likely the same picture"), "review": mark("Needs a closer look")}

FRAMINGS = {
    "screenshot": mark("This looks like a screenshot"),
    "chat": mark("This looks like a screenshot of a chat"),
    "story": mark("This looks like a story"),
    "gallery": mark("This looks like several pictures in one"),
    "letterbox": mark("This picture has bars around it"),
}

PLATFORMS = {"telegram": mark("Telegram"), "x": mark("X")}

CASE_STANDINGS = {
    "vouched": mark("Vouched for"),
    "in-hand": mark("In our hands, not vouched for"),
    "on-hold": mark("On hold"),
    "rests": mark("Rests: paused by the person"),
    "erasing": mark("Being erased"),
}
CASE_WAITS = {
    "decide": mark("Possible copies to decide"),
    "notices": mark("Notices that need somebody"),
    "messages": mark("New messages"),
    "taken": mark("Handed over to me"),
}
CASE_ORDERS = {
    "waits": mark("What waits first"),
    "clock": mark("What ends first"),
    "newest": mark("Newest first"),
    "name": mark("By name"),
}
AGES = {"adult": mark("An adult"), "minor": mark("A minor"), "unsure": mark("Not sure: counts as a minor")}
SENDER_ROLES = {"person": mark("In the person's own name"), "agent": mark("By an agent with a mandate")}
LINK_STATES = {
    "entered": mark("Waits to be read"),
    "routed": mark("Not read here"),
    "read": mark("Read"),
    "done": mark("Done by the person"),
    "unavailable": mark("Could not be read"),
}
GATHERED_BY = {
    "account": mark("By who posted it"),
    "origin": mark("By where it was forwarded from"),
    "file": mark("By the very same file"),
}

PLACE_ROUTES = {
    "telegram_peer": mark("Report of the channel inside Telegram"),
    "x_account": mark("X's form about an account"),
    "joint": mark("Joint report of several persons"),
}
PLACE_HINTS = {
    "telegram_peer": mark("Sent over our own login when you press send. Nothing of any person is in it."),
    "x_account": mark("Prepared here; you fill it in at X and note it here. Nothing of any person is in it."),
    "joint": mark("Each person who agrees signs their own part. You send it and note it here."),
}
PLACE_STATES = {
    "prepared": mark("Prepared, not sent"),
    "queued": mark("About to leave"),
    "sending": mark("Leaving now"),
    "sent": mark("Sent"),
    "in_doubt": mark("In doubt whether it arrived"),
    "failed": mark("Could not be sent"),
    "withdrawn": mark("Not sent"),
}
PLACE_REASONS = {
    "work-stopped": mark("work was stopped; send it again when it goes on"),
    "minor-or-unsure": mark("every copy there is, or may be, a minor's: take the minors' routes"),
    "waiting-for-police": mark("a person with a copy there waits for the police"),
    "police-wait-over": mark("a person with a copy there waits for the police"),
    "nothing-confirmed-there": mark("no confirmed copy stands there any more"),
    "consent-withdrawn": mark("whoever has a copy there took their consent to this place back"),
    "own-page": mark("a person with a copy there named this page as their own"),
    "place-report-changed": mark("it reads otherwise than what you looked at; read it again before you send it"),
    "cut-off-while-sending": mark("the program was cut off while it was sending"),
    "never-begun": mark("it could not be begun; send it again, and tell your operator where that does not help"),
    "rate-limited": mark("Telegram asked us to wait; it is tried again"),
    "channel-gone": mark("Telegram does not find the channel any more"),
    "source-gone": mark("Telegram does not find the channel any more"),
    "source-private": mark("the channel is not public any more"),
}
PART_STATES = {
    "asked": mark("Asked, no answer yet"),
    "agreed": mark("Agreed and signed"),
    "declined": mark("Said no"),
    "sent": mark("Sent"),
}

OUTCOMES = {
    "removed": mark("Removed"),
    "refused": mark("Refused"),
    "bounced": mark("Came back unread"),
    "silent": mark("No answer in time"),
    "retracted": mark("Taken back by us"),
    "waiting": mark("Still waiting"),
}
PERIODS = {"90": mark("90 days"), "365": mark("One year"), "all": mark("Everything")}
TICKS = {
    "1": mark("1 h"),
    "6": mark("6 h"),
    "24": mark("1 day"),
    "168": mark("7 days"),
    "720": mark("30 days"),
    "8760": mark("1 year"),
}
WHOSE_HOURS = {
    "ours": mark("our notices"),
    "noticed": mark("EU database, after a notice"),
    "unasked": mark("EU database, found by the platform"),
}

MARKS = {
    "account": mark("Whoever posted it"),
    "origin": mark("Where it was forwarded from"),
    "file": mark("The very same file"),
}
"""What a copy has in common with others."""

COUNTRIES = {
    "KR": mark("Korea"),
    "US": mark("United States"),
    "GB": mark("United Kingdom"),
    "CA": mark("Canada"),
    "AU": mark("Australia"),
    "JP": mark("Japan"),
    "DE": mark("Germany"),
    "FR": mark("France"),
    "NL": mark("Netherlands"),
    "ZZ": mark("any other country"),
}

KINDS = {
    "intimate": mark("Intimate picture"),
    "faked": mark("Faked intimate picture"),
    "ordinary": mark("Ordinary photo"),
}

VIDEO_KINDS = {
    "intimate": mark("Intimate video"),
    "faked": mark("Faked intimate video"),
    "ordinary": mark("Ordinary video"),
}
"""KINDS, said of a video."""

SETS = {
    "whole": mark("only the whole photo"),
    "slim": mark("the photo and a few parts"),
    "full": mark("the photo and many parts"),
    "frames": mark("the frames of a video"),
}
"""Of what there are fingerprints."""

BASES = {
    "person-viewed": mark("The person looked at the post and says it is theirs"),
    "official-viewed": mark("The police or a support centre that may view it looked at the post"),
    "caption-context": mark("The caption and the context of the post make it clear"),
    "person-said": mark("The person says that it is theirs"),
    "identical-copy": mark("Both fingerprints say that it is identical to a copy that was confirmed"),
}

GROUNDS = {
    "answer": mark("The person said on their page that it is theirs"),
    "link": mark("The person gave this link themselves"),
    "person": mark("The person looked at the post and told us that it is theirs"),
    "police": mark("The police looked at the post and said so"),
    "centre": mark("A centre that may view it looked at the post and said so"),
    "caption": mark("The caption and the context of the post make it clear"),
    "place": mark("It has no caption: its place, and how it fits, make it clear"),
}
"""What is on record of how it is known: monitor.model.grounds.GroundKind."""

GROUNDS_SHORT = {
    "answer": mark("Yes: the person says so"),
    "link": mark("Yes: their own link"),
    "person": mark("Yes: the person looked"),
    "police": mark("Yes: the police looked"),
    "centre": mark("Yes: a centre looked"),
    "caption": mark("Yes: caption and place"),
    "place": mark("Yes: its place"),
}
"""The same on the button that confirms."""

DISMISSALS_SHORT = {
    "not-the-picture": mark("Another picture"),
    "own-post": mark("Their own post"),
    "harmless": mark("Harmless"),
    "person-declined": mark("They want nothing done"),
}
"""DISMISSALS, on the button that dismisses."""

VIEWERS = {
    "police": mark("The police"),
    "centre": mark("A support centre or authority that may view it"),
    "person": mark("The person themselves"),
}

VIEWED_WORDS = {
    "yes": mark("Yes, it is such a picture of the person"),
    "no": mark("No, it is not"),
    "unsure": mark("They could not tell"),
}

SIGHTING_AGES = {
    "1d": mark("Found within a day"),
    "7d": mark("Found within 7 days"),
    "30d": mark("Found within 30 days"),
    "over-1d": mark("Waiting for more than a day"),
    "over-3d": mark("Waiting for more than 3 days"),
    "over-7d": mark("Waiting for more than 7 days"),
}

FILTER_NAMES = {
    "state": mark("State"),
    "case": mark("Case number"),
    "source": mark("Channel or account"),
    "verdict": mark("How sure"),
    "age": mark("When it was found"),
    "fingerprint": mark("Fingerprint"),
    "page": mark("Page"),
    "item": mark("Item"),
}

DISMISSALS = {
    "not-the-picture": mark("It is another picture"),
    "own-post": mark("It is the person's own profile or post"),
    "harmless": mark("Harmless: nothing to be done"),
    "person-declined": mark("The person wants nothing done about it"),
}

ORIGINS = {
    "registered": mark("a photo or video that the person registered"),
    "confirmed": mark("a copy that was confirmed"),
    "beside": mark("a picture beside a confirmed copy, which nobody decided about"),
    "link": mark("a link that the person entered"),
}
"""Where a fingerprint comes from."""

COMPARED = {
    "registered": mark("Registered photo"),
    "confirmed": mark("Confirmed copy"),
    "beside": mark("Beside a confirmed copy, undecided"),
    "link": mark("At the link the person entered"),
    "removed": mark("Its fingerprint was removed since"),
}
"""ORIGINS, as the heading of what fits."""

COMPARED_VIDEO = {**COMPARED, "registered": mark("Registered video")}
"""COMPARED, said of a video."""

SIGHTING_STATES = {"open": mark("To decide"), "confirmed": mark("Confirmed"), "dismissed": mark("Dismissed")}

NOTICE_STATES = {
    "held": mark("Waiting for the police, as the person asked"),
    "held-address": mark("Waiting for the person: may their own address stand in it?"),
    "prepared": mark("Ready: a person sends it"),
    "queued": mark("About to be sent"),
    "sending": mark("Being sent"),
    "sent": mark("Sent"),
    "in_doubt": mark("In doubt: did it arrive?"),
    "failed": mark("Could not be sent"),
    "withdrawn": mark("Withdrawn"),
    "removed": mark("Removed: seen gone twice"),
    "lapsed": mark("The deadline passed, the copy is still there"),
}

OWN_NOTICE_STATES = {
    "held": mark("Waiting for the police, as you asked"),
    "held-address": mark("Waiting for you: may your e-mail address stand in it?"),
    "prepared": mark("Ready: an advocate sends it"),
}
"""Those of NOTICE_STATES that a person is told in other words."""

MAIL_AFTER = {
    "reminder": mark("A reminder to the recipient"),
    "revision": mark("A correction to the recipient"),
    "refiling": mark("The same request once more"),
    "reply": mark("A reply to the recipient"),
}
"""What follows a notice by mail, as its person is told."""

MAIL_STOPPED = {
    "case-moved": mark("It did not leave, because your case went to another centre. That centre writes its own."),
    "consent-withdrawn": mark("It did not leave, because you took back your yes to this place."),
}
"""Why it did not leave, as its person is told."""

STANDINGS = {
    "no-deadline": mark("no deadline"),
    "running": mark("in time"),
    "due-soon": mark("due soon"),
    "lapsed": mark("deadline passed"),
}

PRESENCES = {
    "live": mark("still there"),
    "edited": mark("edited, the picture is still there"),
    "deleted": mark("gone at the last look"),
    "taken-out": mark("the picture was taken out, the post still stands"),
    "replaced": mark("another picture stands in its place"),
    "restricted": mark("hidden for some, not removed"),
    "blocked": mark("blocked in some countries, not removed"),
    "login": mark("behind a log-in: cannot be seen"),
    "unknown": mark("the last look failed"),
}

CLOCK_KINDS = {
    "answer": mark("an answer is due"),
    "block-expiry": mark("a block ends"),
    "preservation": mark("what is preserved is deleted"),
    "duty": mark("the police must be told by then"),
    "renewed": mark("an answer to the request anew is due"),
    "file-by": mark("the next step may be filed until then"),
}

SECOND_VIEWS = {
    "post": mark("the web page shows the post"),
    "no-picture": mark("the web page shows the post without a picture"),
    "gone": mark("the web page says that there is no such post"),
    "cannot-see": mark("the web page does not show it"),
}

POSTED_WITH = {
    "name": mark("The person's name"),
    "school": mark("Their school or place of work"),
    "contact": mark("A telephone number, an address or an account"),
    "insult": mark("Insults or threats"),
}

ROUTE_FACTS = {
    "law": mark("the law"),
    "recipient": mark("the address"),
    "senders": mark("who may send"),
    "required": mark("what it must hold"),
    "deadline_hours": mark("the deadline"),
    "starts": mark("when the clock starts"),
    "block_days": mark("how long a block lasts"),
    "poster_learns": mark("what the poster learns"),
    "menu": mark("the names in the menu"),
    "reasons_illegal": mark("the reasons in law"),
}
"""Facts of a route's file, as a page names those that no source confirms."""

COPY_STATES = {
    "bad": mark("Stand still"),
    "overdue": mark("A clock ran out"),
    "in-doubt": mark("In doubt or came back"),
    "waiting": mark("Wait for a person"),
    "not-allowed": mark("Nothing allowed yet"),
    "ready": mark("Ready to send"),
    "escalated": mark("Next step filed"),
    "sent": mark("Sent and in time"),
    "erasing": mark("Being erased"),
    "closed": mark("Closed"),
    "removed": mark("Removed"),
}
"""The lists of confirmed copies; `bad` gathers those that stand still."""

COPY_WHYS = {
    "lapsed": mark(
        "The deadline passed and the copy is still there. File the next step, take another way, or close the copy."
    ),
    "deadline-passed": mark("The deadline passed. Look whether the copy is still there, then prepare the next step."),
    "unverifiable-at-deadline": mark(
        "The deadline passed, and nobody can see from here whether the copy is still there. Look at it, then prepare "
        "the next step or close the copy."
    ),
    "no-consent-to-follow": mark(
        "The deadline passed, and the person did not agree to further checks. Ask them, or look at it yourself."
    ),
    "filing-unanswered": mark("What was filed is not answered in time. Ask again, file the next step, or close it."),
    "duty-to-report": mark("The time for telling the police is over. File it with the police now, and record it."),
    "duty-still-open": mark("It is gone or closed, and the police must still be told. File it there, and record it."),
    "in-doubt": mark("Find out whether the notice arrived, and say so at the notice."),
    "bounced": mark("The notice came back. Mend what it names and send it again, or take another route."),
    "failed": mark("The notice could not be sent. Mend what it names and send it again, or take another route."),
    "form-prepared": mark("A form is prepared. Submit it, and keep its reference number."),
    "notice-written": mark("A notice is written. Look at what would leave, and send it."),
    "sent-for-minor": mark(
        "A notice for an adult left, and the picture may be a minor's. Take a minors' route, and name it there."
    ),
    "answer-to-read": mark("Something came in about the notice. Read it at the notice."),
    "came-back": mark("It was gone, and is there again. Send a notice again, file the next step, or close the copy."),
    "refused": mark("The recipient refused. Take the next step, or close the copy."),
    "need-more": mark("The recipient asks for more. Answer them, then send or file it again."),
    "blocked": mark("It is hidden in one country, and not removed. File the next step, or close the copy."),
    "taken-back": mark("Every notice was taken back. Write another one, or close the copy."),
    "route-free": mark("A notice may be sent. Look at the routes, and send it."),
    "minors-routes": mark(
        "The picture is, or may be, a minor's. Everything is prepared: its page says where to take it."
    ),
    "filed": mark("It was filed, and an answer is awaited."),
    "said-removed": mark("They say that it is gone. The next checks will show it."),
    "on-its-way": mark("The notice is leaving by itself."),
    "in-time": mark("The notice was sent, and its clock runs."),
    "erasing": mark("The person asked to erase the case. Only they can take that back."),
    "removed": mark("Two checks found it gone."),
}
"""Why a copy stands as it does, and what to do; refusals and closings have their own words."""

MOVERS = {
    "advocate": mark("You can act now."),
    "person": mark("Only the person can change this: please ask them."),
    "lead": mark("A lead of your centre, or whoever stopped the work, can change this."),
    "recipient": mark("Their answer is awaited; nothing needs to be done before the clock runs out."),
    "nobody": mark("Nothing needs to be done."),
}
"""Who can change how a copy stands."""

CLOSINGS = {
    "person-wants-no-more": mark("The person wants nothing more done"),
    "seen-gone": mark("You looked, and it is gone; Jikimi cannot see it, so there is no receipt"),
    "refused-for-good": mark("Every way was tried"),
    "with-the-authorities": mark("The police or another body has it in hand"),
    "handed-over": mark("Another centre, or the person, goes on with it"),
    "confirmed-by-mistake": mark("It was confirmed by mistake"),
}
"""Why a copy is closed."""

FILING_ANSWERS = {
    "acknowledged": mark("They have received it"),
    "removed": mark("They say that it is removed"),
    "blocked": mark("They hid it in one country"),
    "need-more": mark("They ask for more"),
    "refused": mark("They refused"),
}
"""What a recipient answered to what a person filed."""
PLATFORM_ANSWERS = {
    "acknowledged": mark("Acknowledged"),
    "removed": mark("Removed, they say"),
    "need-more": mark("More needed"),
    "refused": mark("Refused"),
}
"""What the recipient of a notice answers."""

WHY_REFUSED = {
    "not-against-rules": mark("Neither against the law nor against the rules"),
    "not-found": mark("Nothing is found at the place that is named"),
    "no-authority": mark("The sender may not ask for it"),
    "court-order": mark("An order of a court or an authority is needed"),
    "not-ours": mark("Somebody else answers for the content"),
    "other": mark("Another reason"),
}

REPLY_STATES = {
    "queued": mark("About to be sent"),
    "sending": mark("Being sent"),
    "sent": mark("Sent"),
    "in_doubt": mark("In doubt: it may have left. It is not sent again by itself"),
    "failed": mark("Could not be sent"),
}

ALERTS = {
    "case-arrived": mark("A case came to your centre"),
    "same-picture": mark("Please check who this is"),
    "notice-in-doubt": mark("A notice is in doubt: find out whether it arrived"),
    "notice-failed": mark("A notice could not be sent"),
    "place-report-waits": mark("A report about a whole channel needs you"),
    "notice-waits": mark("A notice, or a mail after it, could not leave for hours: it is tried again and again"),
    "notice-bounced": mark("A notice came back: it did not arrive"),
    "bounce-claimed": mark("A mail says that a notice did not arrive, and nothing proves it"),
    "notice-answered": mark("Somebody answered a notice"),
    "platform-answered": mark("The recipient of a notice answered"),
    "platform-needs-more": mark("The recipient of a notice needs more"),
    "platform-refused": mark("A notice was refused"),
    "reply-not-sent": mark("Your reply to a mail did not leave, or may not have"),
    "webhook-failing": mark("A platform's webhook takes nothing"),
    "vouch-overdue": mark("Somebody has waited too long to be vouched for"),
    "in-hand-over": mark("A case that you had in hand waits for any centre again"),
    "source-unavailable": mark("A source cannot be read"),
    "source-unread": mark("A source could not be read for a day"),
    "account-stopped": mark("An account of the crawler stopped: the operator must act"),
    "copy-back": mark("A copy that was removed is back"),
    "deadline-near": mark("A deadline of a notice ends soon"),
    "filing-near": mark("A deadline of what was filed ends soon"),
    "duty-near": mark("The police must be told soon"),
    "duty-over": mark("The police were not told in time"),
    "cannot-verify": mark("Nobody can see from outside whether a copy is still there"),
    "sent-for-minor": mark("A notice for an adult was sent, and the picture may be a minor's: see what to do"),
    "deadline-lapsed": mark("A deadline passed and the copy is still there"),
    "work-stranded": mark("Work on a notice had stopped and was picked up again"),
    "case-erasing": mark("A case is being erased"),
    "fingerprint-quarantined": mark("A fingerprint fits too many posts and is paused"),
    "fingerprint-unreadable": mark("Some fingerprints cannot be opened: the operator must act"),
    "operator-not-told": mark("The operator's mail does not leave: the operator must act"),
    "mail-settings": mark("No notice leaves by e-mail: the operator must act"),
    "mail-copy-refused": mark("Notices leave without the operator's own copy: the operator must act"),
    "mailbox-unread": mark("Bounces and replies are not read: the operator must act"),
    "time-stamp-missing": mark("The record of evidence gets no time-stamp: the operator must act"),
    "preservation-ends": mark("A request of the police to keep data ends soon, or has ended"),
    "ledger-unsealed": mark("The record of evidence is not sealed: the operator must act"),
    "queue-stuck": mark("Work waits too long: the operator must act"),
    "disk-full": mark("The disk is nearly full: the operator must act"),
    "worker-missing": mark("A part of Jikimi stopped: the operator must act"),
    "clock-off": mark("The machine's clock is wrong: the operator must act"),
    "write-failed": mark("For some time nothing could be saved: the operator must act"),
    "work-stopped": mark("All work is stopped"),
    "organisation-stopped": mark("Work of your organisation is stopped"),
    "part-stopped": mark("The work of one organisation, or of one advocate, is stopped"),
    "frozen-erasing": mark("The person of a case that is on hold asked to erase it"),
    "picture-reported": mark("Somebody says that their picture was registered here by somebody else"),
    "picture-reports-open": mark("Reports that pictures were registered by somebody else wait for the organisations"),
    "copies-stand": mark("Confirmed copies stand still"),
    "copies-ready": mark("Notices can be sent now that could not be sent before"),
}

ALERT_STEPS = {
    "case-arrived": mark(
        "The person agreed that their case comes to you from another centre. Write to them, and look at the copies:"
        " notices that had not left were stopped, so please write them anew."
    ),
    "same-picture": mark(
        "A whole picture of this case is registered in another vouched case, too. Often there is a good reason: one"
        " person with two cases, or two people in one picture. Speak with the person, and put the case on hold if you"
        " doubt that the pictures are theirs. Which case the other one is, is told to nobody."
    ),
    "notice-in-doubt": mark("Look in the mailbox that gets the copies, or ask the platform; then settle the notice."),
    "place-report-waits": mark(
        "Open it under Channels: read why it waits, find out whether it arrived, or send it again."
    ),
    "notice-failed": mark("Read the reason at the notice, mend what it names, and send it again."),
    "notice-waits": mark(
        "The mail server over there puts it off, and it leaves by itself when it is taken. If that takes too long,"
        " choose another route."
    ),  # for other reasons: NOTICE_WAITS
    "notice-bounced": mark(
        "Read the reason at the notice. Mend what it names and send it again, or take another route; nothing is sent"
        " again by itself."
    ),
    "bounce-claimed": mark(
        "Anybody can write such a mail, so nothing was changed. Find out whether the notice arrived, and say so at the"
        " notice."
    ),
    "notice-answered": mark("Read the answer at the notice. Its sender may not be who they say they are."),
    "platform-answered": mark(
        "Read the answer at the notice. It counts as removed only when the place was seen gone twice."
    ),
    "platform-needs-more": mark("Read at the notice what they need, and reply or take another route."),
    "platform-refused": mark("Read the reason at the notice, and take the next step or another route."),
    "reply-not-sent": mark(
        "Read the reason at the notice, and write the reply again there. Nothing is sent again by itself."
    ),
    "webhook-failing": mark("Its notices and answers go on by mail, by link and by token."),
    "vouch-overdue": mark("Speak to those who wait, and vouch for whom you know."),
    "in-hand-over": mark(
        "Your centre had said that it is in touch, and nothing more for 14 days. If you still are, say so again, or"
        " vouch."
    ),
    "source-unavailable": mark(
        "Nothing is found there until it can be read again. Ask the person whether it was renamed or is gone, and add"
        " the new name."
    ),
    "source-unread": mark(
        "It is tried again and again, and read from where it stopped. If it lasts, tell whoever runs Jikimi for you."
    ),
    "account-stopped": mark(
        "Nothing is read or checked on this platform until it works again; nothing is lost. Tell whoever runs Jikimi"
        " for you: they must log in again, or add credit."
    ),
    "copy-back": mark(
        "Its earlier notices are open again, and the removal receipt stays as history. Nothing is sent by itself: look "
        "at the copy, and decide about a further notice."
    ),
    "filing-near": mark("Look at the copy before the time is over: ask again, or file the next step."),
    "duty-near": mark("File it with the police and record it at the copy, also where it is gone or closed."),
    "duty-over": mark("File it with the police now and record it at the copy, also where it is gone or closed."),
    "deadline-near": mark("Look at the notice before the time is over, and decide what follows."),
    "cannot-verify": mark("Look at the address yourself and say at the notice whether the copy is still there."),
    "sent-for-minor": mark("The notice says what to tell its recipient. Speak to the person first."),
    "deadline-lapsed": mark("Take a step that is prepared, or another way, or close the copy."),
    "work-stranded": mark("It goes on by itself. If you see this often, tell whoever runs Jikimi for you."),
    "case-erasing": mark("Ask the person whether they want it, by a way that nobody else uses. They can take it back."),
    "fingerprint-quarantined": mark("Decide whether it is a wave or a picture that fits anything."),
    "fingerprint-unreadable": mark(
        "Nothing is compared with them until they can be opened. Tell whoever runs Jikimi for you: they must put the"
        " right keys back."
    ),
    "operator-not-told": mark("Only you see these alerts now. Tell whoever runs Jikimi for you."),
    "mail-settings": mark(
        "Notices by e-mail wait and leave by themselves when it is mended. Tell whoever runs Jikimi for you."
    ),
    "mail-copy-refused": mark(
        "Notices leave as ever. Where nobody knows whether one arrived, the copy is missing by which to look it up."
        " Tell whoever runs Jikimi for you."
    ),
    "mailbox-unread": mark("A notice that came back looks as if it had arrived. Tell whoever runs Jikimi for you."),
    "time-stamp-missing": mark(
        "Notices leave as ever, and the days are made up for when it works again. Tell whoever runs Jikimi for you."
    ),
    "preservation-ends": mark(
        "Ask the police to renew it. When they tell you that they did, record it at the case: nobody else reminds them."
        " This stays until you record that, or that it is not needed any more."
    ),
    "ledger-unsealed": mark(
        "Work goes on, and what is recorded meanwhile is proven later or not at all. Tell whoever runs Jikimi for you"
        " at once."
    ),
    "queue-stuck": mark("Nothing may be done for some time, and nothing is lost. Tell whoever runs Jikimi for you."),
    "disk-full": mark("Soon nothing can be saved. Tell whoever runs Jikimi for you at once."),
    "worker-missing": mark("Work takes longer, and nothing is lost. Tell whoever runs Jikimi for you."),
    "clock-off": mark(
        "One-time codes may fail, and times that are recorded now may be wrong. Tell whoever runs Jikimi for you at"
        " once."
    ),
    "write-failed": mark(
        "Look whether what you entered last is there, and enter it again if not. Tell whoever runs Jikimi for you."
    ),
    "work-stopped": mark(
        "Nothing leaves and nothing is read, and nothing is lost. It goes on when two people have said so; ask whoever"
        " runs Jikimi for you."
    ),
    "organisation-stopped": mark("The page about stopping says what is stopped and why. Two people let it go on."),
    "part-stopped": mark("Two people let it go on."),
    "frozen-erasing": mark("It is erased after the usual delay. Speak to the person before, if you must."),
    "picture-reported": mark("Read the report today, and hold the case that it is about if there is a doubt."),
    "picture-reports-open": mark("The leads of the organisations read them and close them."),
    "copies-stand": mark("The list says of each copy what is missing and who can act."),
    "copies-ready": mark(
        "The person told something new, such as their permission. Nothing was sent: look at each copy, and send."
    ),
}
"""ALERTS: what to do."""

NOTICE_WAITS = {
    "our-settings": mark(
        "Our own mail server does not take it, and no other route by e-mail helps. Whoever runs Jikimi must mend the"
        " settings: please tell them. It leaves by itself then."
    ),
    "rate-limited": mark(
        "The platform asks us to wait, and it leaves by itself when that is over. If that takes too long, choose"
        " another route."
    ),
}
"""What to do about what waits for hours, where it is not the mail server over there that puts it off."""

CUSTODY = {
    "collected": mark("recorded"),
    "seen": mark("opened and read"),
    "decided": mark("decided"),
    "sent": mark("sent"),
    "exported": mark("handed out"),
    "stamped": mark("time-stamped"),
    "destroyed": mark("destroyed"),
}
"""What somebody did with the evidence."""

CUSTODY_KINDS = {
    "sighting-found": mark("a copy was found"),
    "post-observed": mark("the post as it was before a notice"),
    "copy-replaced": mark("the same picture, put there anew"),
    "looked": mark("whether the copy is still there"),
    "removal-verified": mark("the copy is gone"),
    "intake-read": mark("what the person told"),
    "contacts-read": mark("the person's contact"),
    "mails-read": mark("mails about a notice"),
    "evidence-read": mark("the evidence of a copy, or the drafts"),
    "sighting-confirmed": mark("it is a copy"),
    "sighting-dismissed": mark("it is no copy"),
    "sighting-reopened": mark("the decision was taken back"),
    "notice-sent": mark("a notice"),
    "preservation-recorded": mark("the police's request to keep data"),
    "preservation-dropped": mark("that what the police asked to keep is not needed any more"),
    "chain-exported": mark("the chain of entries"),
    "evidence-exported": mark("a package of evidence was made"),
    "evidence-fetched": mark("a package of evidence was fetched"),
    "day-stamped": mark("the entries of a day"),
    "text-destroyed": mark("the text of a deleted post"),
    "payloads-destroyed": mark("the content of entries"),
}
"""What it was about, by the kind of the entry."""

WHO = {
    "": mark("nobody is named"),
    "person": mark("the person"),
    "advocate": mark("an advocate"),
    "code": mark("a helpline's code"),
    "platform": mark("the platform"),
    "operator": mark("the operator"),
    "program": mark("the program"),
}

CAUSES = {
    "person": mark("Follows from what the person did."),
    "advocate": mark("Follows from what an advocate did."),
    "code": mark("Follows from a helpline's code."),
    "platform": mark("Follows from what a platform told."),
    "operator": mark("Follows from what the operator did."),
    "program": mark("Jikimi noticed it itself."),
}
"""Whose act an alert follows from."""

MATTERS = {
    "signature": mark("Signature, and in whose name"),
    "permission-to-send": mark("Permission to send notices"),
    "age-group": mark("Age when pictured"),
    "erasure": mark("Erasing the whole case"),
}
"""What counts as the person's only with their own word."""

MANDATES = {
    "written": mark("In writing"),
    "spoken-with-witness": mark("Spoken, with a witness"),
    "guardian": mark("By a guardian"),
    "court": mark("By a court"),
    "other": mark("In another way"),
}

THINGS = {
    "fingerprint": mark("Photo or video"),
    "consent": mark("Place to watch"),
    "link": mark("Link"),
}

INTAKE_FIELDS = {
    "age_group": mark("Age when pictured"),
    "country": mark("Country"),
    "language": mark("Language"),
    "sender_role": mark("In whose name"),
    "signature": mark("Signature"),
    "mandate_reference": mark("Number or date of the mandate"),
    "good_faith_facts": mark("Why it is there without consent"),
    "content_identification": mark("What the picture shows"),
    "contact": mark("Contact"),
    "permission_to_send": mark("Permission to send"),
    "timing": mark("Now, or the police first"),
    "police_until": mark("When to ask again"),
}

HELD = {
    **{"term": mark("Word"), "places": mark("Number of places"), "renewal": mark("To be renewed soon")},
    **{"state": mark("State"), "language": mark("Language"), "opened_at": mark("Opened"), "label": mark("Name")},
    **{
        "vouched_at": mark("Vouched for"),
        "kind": mark("Kind"),
        "added_at": mark("Added"),
        "platform": mark("Platform"),
    },
    **{"source": mark("Channel or account"), "given_at": mark("Given")},
    **{
        "expires_at": mark("Ends"),
        "withdrawn_at": mark("Withdrawn on"),
        "url": mark("Link"),
        "entered_at": mark("Told"),
    },
    **{"posted_at": mark("Posted"), "found_at": mark("Found"), "removed_at": mark("Gone since"), "route": mark("Way")},
    **{"sent_at": mark("Sent"), "recipient": mark("To"), "subject": mark("Subject"), "body": mark("Text")},
    **{"by": mark("From"), "text": mark("Text"), "written_at": mark("Written"), "read_at": mark("Read")},
    **{"age_group": mark("Age when pictured"), "country": mark("Country"), "signature": mark("Signature")},
    **{"contact": mark("Contact"), "good_faith_facts": mark("Why it is there without consent")},
    **{"content_identification": mark("What the picture shows"), "permission_to_send": mark("May notices be sent?")},
    **{"at": mark("When"), "step": mark("Step"), "paused_at": mark("Rests since")},
}
"""What the fields of a download are called in its text; others stand there as in the JSON."""

PERSONS_WORDS = {
    "yes": mark("yes, it is theirs"),
    "no": mark("no, it is not theirs"),
    "unsure": mark("not sure"),
}

TERM_KINDS = {
    "name": mark("Name"),
    "nickname": mark("Nickname"),
    "school": mark("School or workplace"),
    "account": mark("Account name"),
}

TERM_STATES = {
    "asked": mark("waits for an advocate"),
    "approved": mark("is looked for"),
    "declined": mark("is not looked for"),
}

WEEKDAYS = {
    "mon": mark("Monday"),
    "tue": mark("Tuesday"),
    "wed": mark("Wednesday"),
    "thu": mark("Thursday"),
    "fri": mark("Friday"),
    "sat": mark("Saturday"),
    "sun": mark("Sunday"),
}

ZONES = {
    "Asia/Seoul": mark("Seoul"),
    "Asia/Tokyo": mark("Tokyo"),
    "Europe/London": mark("London"),
    "Europe/Berlin": mark("Berlin"),
    "America/New_York": mark("New York"),
    "America/Los_Angeles": mark("Los Angeles"),
    "UTC": mark("World time (UTC)"),
}
"""Time zones by the city that names them."""

SPOKEN = {
    "ko": mark("Korean"),
    "en": mark("English"),
    "zh": mark("Chinese"),
    "vi": mark("Vietnamese"),
    "th": mark("Thai"),
    "tl": mark("Filipino"),
    "ja": mark("Japanese"),
    "ru": mark("Russian"),
    "mn": mark("Mongolian"),
    "id": mark("Indonesian"),
    "uz": mark("Uzbek"),
    "km": mark("Khmer"),
    "ne": mark("Nepali"),
    "my": mark("Burmese"),
    "es": mark("Spanish"),
    "fr": mark("French"),
    "ar": mark("Arabic"),
}
"""Languages in which a centre speaks with a person."""

ROLES = {
    "advocate": mark("Advocate"),
    "lead": mark("Lead"),
    "operator": mark("Operator, without case content"),
}
ACCOUNT_EVENTS = {
    "added": mark("The account was made"),
    "enabled": mark("You were let in again"),
    "role-changed": mark("Your role changed"),
    "password-changed": mark("The password was changed"),
    "passkey-added": mark("A passkey was added"),
    "passkey-removed": mark("A passkey was removed"),
    "passkey-copied": mark("A passkey counted backwards and was refused: it may have been copied. Please remove it"),
    "app-renewed": mark("An app was set up on a new phone"),
    "codes-made": mark("New recovery codes were made"),
    "code-used": mark("A recovery code was used"),
    "reset-asked": mark("Somebody said that your phone is lost"),
    "reset-called-off": mark("Replacing your phone was called off"),
    "reset": mark("Your lost phone was replaced by two people"),
    "log-ins-ended": mark("Log-ins were ended"),
}

TRANSFER_STATES = {
    "asked": mark("The person is asked"),
    "agreed": mark("The person said yes: the case has gone over"),
    "declined": mark("The person said no: everything stays"),
    "taken-back": mark("Taken back by the centre that asked"),
    "refused": mark("The other centre cannot take the case"),
    "over": mark("The time is over: everything stays"),
}
"""States of a transfer."""

DOERS = {
    "person": mark("the person"),
    "advocate": mark("an advocate"),
    "code": mark("a one-time code"),
    "platform": mark("a platform"),
    "operator": mark("the operator"),
    "program": mark("the program"),
    "": mark("nobody knows any more"),
}
"""Who, where it is nobody with a name here."""
DOORS = {
    "api": mark("through a program"),
    "page": mark("on a page"),
    "command": mark("at the command line"),
    "job": mark("in a job"),
    "mail": mark("by mail"),
    "link": mark("through the link of a notice"),
}
"""Through which door."""

DONE = {
    "several-confirmed": mark("Confirmed. The notices wait to be looked at."),
    "several-dismissed": mark("Dismissed. Nothing more happens with them."),
    "several-reopened": mark("Open again."),
    "item-reopened": mark("Undone: it is open again."),
    "handed-over": mark("Noted: it is handed over. The text below goes there."),
    "viewing-noted": mark("Noted. It counts as how it is known."),
    "case-called": mark("Kept."),
    "case-taken": mark("You are in charge of this case now."),
    "case-handed-over": mark("It is handed over."),
    "note-written": mark("The note is kept."),
    "note-taken-back": mark("The note is taken back, and its words are destroyed."),
    "transfer-asked": mark("The person is asked on their own page. The case stays where it is until they say yes."),
    "transfer-ended": mark("The person is not asked any more. Everything stays as it is."),
    "arrival-seen": mark("Noted."),
    "reissue-asked": mark("Noted. The person's page says so from now on, and they can call it off."),
    "reissue-cancelled": mark("Called off. The old passphrase stays."),
    "comparing-on": mark("Switched on. It counts for centres that have switched it on, too."),
    "comparing-off": mark("Switched off. Pictures are compared within our centre only."),
    "break-kept": mark("Kept."),
    "break-taken": mark("Enjoy your break. Nothing runs away."),
    "picture-checked": mark("Noted. It is said again only when another case has the same picture."),
    "proved": mark("Thank you. It holds for ten minutes: please do it again now."),
    "passkey-added": mark("Added. You can log in with it from now on."),
    "passkey-renamed": mark("The name is kept."),
    "passkey-removed": mark("Removed. It logs nobody in any more."),
    "app-renewed": mark("Codes of the new phone count from now on."),
    "password-changed": mark("Changed. Your other log-ins are ended."),
    "alias-kept": mark("Kept. Others see this name from now on."),
    "log-in-ended": mark("Ended. That browser is logged out."),
    "log-ins-ended": mark("Ended. Every other browser is logged out."),
    "role-changed": mark("The role is changed, and they are told."),
    "reset-asked": mark("Asked. A second person must say so too, within a day; the one concerned is told."),
    "reset-called-off": mark("Called off. Nothing changed."),
    "term-approved": mark("It is looked for from now on."),
    "term-declined": mark("It is not looked for."),
    "places-added": mark("Added. It is read for nobody before they say yes to the list again."),
    "place-noted": mark("The note is kept."),
    "place-removed": mark("Taken off. Through the list it is read for nobody any more."),
    "profile-kept": mark("Kept. Persons see it from now on."),
    "settings-kept": mark("Kept. What is sent from now on goes by it."),
    "message-written": mark("Sent. The person sees it when they log in."),
    "person-asked": mark("The person is asked. Their answer appears here."),
    "resending-on": mark("Switched on. It works once the person has switched it on too."),
    "resending-off": mark("Switched off. Re-uploads wait for a decision again."),
    "place-report-written": mark("It is prepared. Please read it before it is sent."),
    "place-report-queued": mark("It leaves within a minute."),
    "place-report-sent": mark("Noted as sent."),
    "place-report-settled": mark("Noted."),
    "place-report-withdrawn": mark("It is not sent."),
    "parts-asked": mark("They are asked on their own pages."),
    "sharing-on": mark("From now on our counts are shared, rounded, with leads of centres that share too."),
    "sharing-off": mark("Our counts are not shared any more."),
    "taken-back": mark("Taken back. The person is not asked any more."),
    "mandate-recorded": mark("The mandate is recorded, and the person sees it."),
    "mandate-ended": mark("The mandate is ended. What rested on it alone waits for the person."),
    "erasure-waits": mark(
        "The person is asked whether their case is to be erased. Until they say yes nothing happens."
    ),
    "erasure-begun": mark("The case is hidden, and all work on it has stopped."),
    "confirmed": mark("Confirmed."),
    "dismissed": mark("Dismissed. You can undo this."),
    "reopened": mark("The dismissal is undone: it is open again."),
    "preservation-recorded": mark("Recorded. You are reminded seven days before its time is over."),
    "preservation-behind": mark(
        "Recorded, but a request that was sent later is recorded too, and the reminder goes by that one. If its day is "
        "wrong, correct it there."
    ),
    "preservation-dropped": mark("Recorded. Nobody is reminded of it any more."),
    "vouched": mark("Vouched for. From now on the sources of this case are read."),
    "in-hand": mark("Your centre has this case in hand for 14 days. Only you can vouch for it now."),
    "handed-back": mark("The case is handed back. Any centre can be in touch with the person now."),
    "notices": mark("The notices are written. Nothing has left yet: look at each of them, and send it."),
    "sent": mark("It leaves in a minute. Until then you can undo it."),
    "retracted": mark(
        "It is taken back. By e-mail its recipient is told in a minute; you can undo that letter until then."
    ),
    "letter-written": mark("The letter is written. Look at it, and send it."),
    "letter-sent": mark("The letter leaves in a minute. Until then you can undo it."),
    "letter-undone": mark("Undone: the letter did not leave."),
    "letter-withdrawn": mark("The letter is given up."),
    "taken-up-again": mark(
        "The confirmation is taken back, and with it that of copies that were only identical to it. What had not left"
        " is withdrawn, and what left is taken back."
    ),
    "edited": mark("The paragraph is changed. Please look at the notice again before you send it."),
    "together": mark("They go in one notice now. Please look at its text before you send it."),
    "apart": mark("Each goes by itself again."),
    "undone": mark("Undone: nothing left. It is ready to be sent again."),
    "settled": mark("Settled."),
    "retried": mark("It will be sent again."),
    "written-anew": mark("It has not left: it is written anew, and ready to be looked at."),
    "withdrawn": mark("The notice is withdrawn."),
    "returned": mark("It is recorded that the notice did not arrive. Nothing is sent again by itself."),
    "mails-read": mark("Marked as read."),
    "link-off": mark("The link is closed."),
    "replied": mark("Your reply is on its way."),
    "code-mailed": mark("A code is on its way to the address that this notice was sent to."),
    "answer-sent": mark("Thank you. Your answer has reached the centre that sent this notice."),
    "submitted": mark("The reference number is kept, and the clock runs."),
    "stopped": mark("It is stopped. Nothing more leaves, and nothing more is read."),
    "resuming-asked": mark("You said that it may go on. A second person must say so too, within a day."),
    "resumed": mark("It goes on. Within a minute everything is read from where it stopped."),
    "frozen": mark(
        "The case is on hold: its content is hidden and its work has stopped. The person is told whom to speak to."
    ),
    "reported": mark("Thank you. The leads of the centres are told."),
    "report-closed": mark("The report is closed for your organisation."),
    "unfrozen": mark("The case is on hold no more. Everything is as it was."),
    "filed": mark("It is recorded, and its own clock runs."),
    "answer-recorded": mark("The answer is recorded."),
    "filing-taken-back": mark("The record is taken back. The case's history keeps that it was there."),
    "steps-prepared": mark("The next steps are prepared. Nothing is sent by itself."),
    "copy-closed": mark("The copy is closed. You can open it again."),
    "copy-reopened": mark("The copy is open again."),
    "logged-out": mark("You are logged out."),
    "fingerprint-released": mark("It is compared again, also with what was posted meanwhile."),
    "fingerprint-removed": mark("The fingerprint is removed."),
    "package-ordered": mark("It is recorded, and the package is being made."),
    "package-deleted": mark("The package is deleted from the server."),
}

PACKAGE_STATES = {
    "asked": mark("being made"),
    "ready": mark("ready"),
    "failed": mark("could not be made"),
}

RETRACT_REASONS = {
    "wrong-copy": mark("It is not the person's picture, or not this post"),
    "person-asked": mark("The person wants it taken back"),
    "sent-in-error": mark("It was sent in error"),
}
"""Why something that left is taken back: its recipient is told."""

LETTERS = {
    "reminder": mark("Reminder"),
    "revision": mark("Correction"),
    "refiling": mark("The request anew"),
    "retraction": mark("Taken back"),
}

MAILS = {
    "bounce": mark("It came back"),
    "claim": mark("A mail says that it did not arrive; nothing proves it"),
    "delay": mark("Noted, nothing to be done"),
    "reply": mark("An answer"),
}
"""Kinds of mails about a notice."""

ANSWERS = {
    "reference": mark("Reference number"),
    "answer": mark("What was answered"),
    "option_path": mark("Chosen in the report menu"),
    "comment": mark("Our text went along"),
    "steps": mark("Steps through the menu"),
    "smtp_reply": mark("Answer of the mail server"),
    "bcc": mark("The operator's own copy"),
    "submitted_by": mark("Submitted by"),
    "settled_by": mark("Settled by"),
}
"""What the receipt of a notice may hold."""

ANSWER_VALUES = {
    "yes": mark("yes"),
    "no": mark("no"),
    "shortened": mark("yes, shortened"),
    "refused": mark("not taken by its mail server"),
}
"""And what stands there in a word of the program's."""

TURNS = {
    "upright": mark("upright"),
    "mirrored": mark("mirrored"),
    "upside down and mirrored": mark("upside down and mirrored"),
    "rotated 180": mark("upside down"),
    "mirrored and rotated 90 left": mark("mirrored and turned left"),
    "rotated 90 right": mark("turned right"),
    "rotated 90 left": mark("turned left"),
    "mirrored and rotated 90 right": mark("mirrored and turned right"),
}


def of(table: Mapping[str, str], value: str | None, gettext: Gettext) -> str:
    """The words for a value; the value itself where a table has none yet, so that nothing is hidden."""
    if not value:
        return ""
    return gettext(table[value]) if value in table else value


def route_title(name: str | None, language: str) -> str:
    """What a route is called, from its own file; the name itself where it is of a route that is no more."""
    route = ROUTES.get(name or "")
    return (name or "") if route is None else in_language(route.title, language)


def language_of_route(name: str) -> str:
    """The language of a text that was prepared for this route; empty where it is of a route that is no more."""
    route = ROUTES.get(name)
    return "" if route is None else route.languages[0]
