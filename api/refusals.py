"""What each refusal is for programs (a status) and for people (words in both languages, saying what to do)."""

from collections.abc import Callable, Mapping

from api.i18n import mark
from monitor.core.refusals import Refusal

_BY_STATUS: Mapping[int, tuple[Refusal, ...]] = {
    400: (Refusal.UNREADABLE, Refusal.CUT_OFF),
    401: (Refusal.NOT_LOGGED_IN, Refusal.LOG_IN_WRONG),
    403: (
        *(Refusal.ADVOCATES_ONLY, Refusal.LEADS_ONLY, Refusal.ONLY_THE_PERSON, Refusal.CODE_INVALID),
        Refusal.GUARDIAN_CODE,
        *(Refusal.PLATFORM_CODE, Refusal.PROVE_AGAIN, Refusal.WORDS_NEEDED),
        *(Refusal.NO_CASE_CONTENT, Refusal.OPERATORS_ONLY, Refusal.PROOF_NEEDED, Refusal.ENROL_FIRST),
        *(Refusal.PASSKEY_WRONG, Refusal.CODE_WRONG, Refusal.NOT_ONESELF),
    ),
    404: (Refusal.NOT_FOUND, Refusal.DRAFT_GONE, Refusal.CANNOT_BE_OPENED),
    405: (Refusal.METHOD_NOT_ALLOWED,),
    408: (Refusal.TOO_SLOW,),
    413: (Refusal.TOO_LARGE,),
    415: (Refusal.JSON_EXPECTED,),
    422: (
        Refusal.INVALID,
        Refusal.MEDIA_REFUSED,
        Refusal.MISSING_FIELDS,
        Refusal.FINGERPRINT_VERSION,
        Refusal.FINGERPRINT_SET,
        *(Refusal.DRAFT_EMPTY, Refusal.AGE_UNTOLD, Refusal.AGREE_FIRST, Refusal.GUARDIAN_FIRST),
        Refusal.PASSPHRASE_DIFFERS,
        Refusal.NEW_WORDS_OVER,
        Refusal.CUT_OUTS_OFF,
        Refusal.GUARDIAN_NEEDED,
        Refusal.PICTURE_TOO_PLAIN,
        Refusal.SOURCE_UNREADABLE,
        Refusal.LINK_UNREADABLE,
        Refusal.LINK_TO_COMMENT,
        Refusal.ONE_AT_A_TIME,
        Refusal.ROUTE_UNKNOWN,
        Refusal.REFERENCE_INVALID,
        Refusal.SUBMITTED_IN_FUTURE,
        Refusal.SUBMITTED_TOO_EARLY,
        Refusal.TIME_UNREADABLE,
        Refusal.PRESERVATION_TIME,
        Refusal.FIELD_TOO_LONG,
        Refusal.NOT_IN_FONTS,
        *(Refusal.CASE_NAME_TOO_LONG, Refusal.TOO_MANY_TAGS, Refusal.COLLEAGUE_UNKNOWN),
        *(Refusal.NOTE_NEEDED, Refusal.NOTE_TOO_LONG),
        Refusal.CODE_COUNT,
        Refusal.CODE_DAYS,
        Refusal.TRANSFER_DAYS,
        Refusal.REASON_NEEDED,
        *(Refusal.CHOOSE_ITEMS, Refusal.CHOOSE_VIEWER, Refusal.VIEWED_IN_FUTURE),
        Refusal.SIGNATURE_NEEDED,
        Refusal.REPORT_EMPTY,
        Refusal.MANDATE_DATE,
        Refusal.ADDRESS_INVALID,
        Refusal.PARAGRAPH_TOO_LONG,
        Refusal.PARAGRAPH_LINK,
        Refusal.CHOOSE_CASES,
        Refusal.TOO_MANY_CASES,
        Refusal.RECIPIENT_NEEDED,
        Refusal.RECIPIENT_KEY,
        Refusal.NOT_AGREED,
        Refusal.STEP_UNKNOWN,
        Refusal.FILED_TOO_EARLY,
        Refusal.ANSWERED_TOO_EARLY,
        Refusal.ANSWER_REASON,
        Refusal.ANSWER_TEXT,
        Refusal.REPLY_EMPTY,
        Refusal.NEWS_WORDS,
        Refusal.MESSAGE_EMPTY,
        Refusal.MESSAGE_TOO_LONG,
        Refusal.WEBHOOK_ADDRESS,
        Refusal.TERM_UNUSABLE,
        *(Refusal.PROFILE_WORDS, Refusal.PROFILE_WAYS, Refusal.PROFILE_HOURS, Refusal.PROFILE_LANGUAGES),
    ),
    429: (
        *(Refusal.TOO_MANY_TRIES, Refusal.LOG_IN_THROTTLED, Refusal.OVERLOADED, Refusal.WORK_NEEDED),
        *(Refusal.CODE_TOO_SOON, Refusal.CODES_USED_UP, Refusal.TOO_MANY_ANSWERS),
    ),
    500: (Refusal.INTERNAL,),
    503: (Refusal.DATABASE_UNAVAILABLE,),
}
_CONFLICT = 409
"""Every other refusal is a conflict with how things stand."""

STATUS: Mapping[Refusal, int] = dict.fromkeys(Refusal, _CONFLICT) | {
    refusal: status for status, refusals in _BY_STATUS.items() for refusal in refusals
}
"""The HTTP status of each refusal."""

TEXTS: Mapping[Refusal, str] = {
    Refusal.NOT_LOGGED_IN: mark("Please log in first."),
    Refusal.LOG_IN_WRONG: mark("That did not work. Please check the login, the password and the one-time code."),
    Refusal.LOG_IN_THROTTLED: mark("Too many attempts. Please wait a little, then try again."),
    Refusal.TOO_MANY_TRIES: mark("Too many attempts. Please wait a little, then try again."),
    Refusal.WORDS_NEEDED: mark("That is not the passphrase. Please check it and try again."),
    Refusal.ADVOCATES_ONLY: mark("This part is for advocates."),
    Refusal.ONLY_THE_PERSON: mark("Only the person can do this, with their passphrase. Please ask them."),
    Refusal.LEADS_ONLY: mark("Only a lead of your organisation can do this. Please ask one."),
    Refusal.NO_CASE_CONTENT: mark("An operator's account keeps accounts. It sees nothing of cases."),
    Refusal.OPERATORS_ONLY: mark("Only an operator can do this. Please ask whoever runs Jikimi."),
    Refusal.PROOF_NEEDED: mark("Please show once more that it is you. Then do this again; it holds for ten minutes."),
    Refusal.PASSKEY_WRONG: mark("The passkey did not fit. Please try again, or log in with a one-time code."),
    Refusal.TOO_MANY_PASSKEYS: mark("There are ten passkeys already. Please remove one that you no longer use."),
    Refusal.LAST_WAY_IN: mark(
        "This passkey is your only way to log in: the app was not set up since your phone was replaced. Set up a new "
        "phone, or add a second passkey, then remove this one."
    ),
    Refusal.CODE_WRONG: mark(
        "These six digits do not fit. Please scan the new picture and type what the app shows for it now."
    ),
    Refusal.NOT_ONESELF: mark("This is your own account. Two other people have to do this for you."),
    Refusal.OPERATORS_APART: mark("An operator's account and accounts of advocates cannot be in one organisation."),
    Refusal.ENROL_FIRST: mark("Your phone was replaced. Please set up a new way to log in on your account page first."),
    Refusal.LAST_LEAD: mark("This is the organisation's only lead. Please make another one first."),
    Refusal.NOT_FOUND: mark("There is no such thing here, or it belongs to another organisation."),
    Refusal.UNREADABLE: mark("What was sent could not be read. Please try again."),
    Refusal.INVALID: mark("Something in the form does not fit. Please check what you typed."),
    Refusal.MEDIA_REFUSED: mark("Pictures and videos are never sent here: they stay on your device."),
    Refusal.TOO_LARGE: mark("That is too long. Please shorten the text."),
    Refusal.JSON_EXPECTED: mark("This address takes JSON only."),
    Refusal.METHOD_NOT_ALLOWED: mark("This address cannot be used in that way."),
    Refusal.CUT_OFF: mark("The connection was cut off. Please try again."),
    Refusal.TOO_SLOW: mark("That took too long to arrive. Please try again with a better connection."),
    Refusal.REFUSED: mark("This was not possible. Nothing has been changed."),
    Refusal.FORM_EXPIRED: mark("This page was open for too long. Please try again."),
    Refusal.CHOOSE_BASIS: mark("Please say how you know what the post shows."),
    Refusal.CHOOSE_ROUTE: mark("Please choose at least one route."),
    Refusal.CHOOSE_REASON: mark("Please choose a reason."),
    Refusal.CHOOSE_ANSWER: mark("Please choose an answer."),
    Refusal.NOT_SPOKEN: mark("Please tick that you know who this person is before you vouch."),
    Refusal.NOT_SURE: mark("Please tick that you are sure: this cannot be undone."),
    Refusal.INTERNAL: mark("Something went wrong here. Please try again in a little while."),
    Refusal.DATABASE_UNAVAILABLE: mark("The database is busy or away. Nothing has been changed; please try again."),
    Refusal.TRY_AGAIN: mark("Somebody did the same at this moment. Please look again, then try again."),
    Refusal.OVERLOADED: mark("Very many people are here right now. Please try again in a few seconds."),
    Refusal.WORK_NEEDED: mark(
        "Very many people are here right now, so your device has to work for a few seconds first. Please allow scripts "
        "on this page, or come back a little later."
    ),
    Refusal.CASE_NAME_TOO_LONG: mark("A case's name has at most 80 characters. Please shorten it."),
    Refusal.CHARGE_CHANGED: mark("Meanwhile somebody else is in charge. Please look at it again."),
    Refusal.CASE_CALLED_MEANWHILE: mark("Somebody changed the name or the tags meanwhile. Please look at both."),
    Refusal.TOO_MANY_TAGS: mark("A case has at most 8 tags of at most 30 characters each. Please take some out."),
    Refusal.COLLEAGUE_UNKNOWN: mark("Please choose somebody who works in your centre now."),
    Refusal.NOTE_NEEDED: mark("Please write what your colleague should know."),
    Refusal.NOTE_TOO_LONG: mark("A note has at most 3,000 characters. Please shorten it, or write two."),
    Refusal.TOO_MANY_NOTES: mark("This case has 500 notes, which is as many as are kept."),
    Refusal.NOT_YOUR_NOTE: mark("Only whoever wrote a note can take it back."),
    Refusal.CHOOSE_CASES: mark("Please name a case, or a channel or account."),
    Refusal.TOO_MANY_CASES: mark("A package holds at most 50 cases. Please make several."),
    Refusal.NO_COPIES: mark("There is no confirmed copy to tell of here. Please decide about the open ones first."),
    Refusal.RECIPIENT_NEEDED: mark("Please say who gets the package: it is recorded."),
    Refusal.RECIPIENT_KEY: mark(
        "This is not an age public key: one begins with age1 and has 62 characters. Leave the field empty to get a"
        " passphrase instead."
    ),
    Refusal.NOT_AGREED: mark("Please tick that the person agreed to this package, or that the law requires it."),
    Refusal.PROVE_AGAIN: mark(
        "The password or the one-time code did not fit. A code works once: please wait for the next one, then try"
        " again."
    ),
    Refusal.PACKAGE_NOT_READY: mark(
        "This package is not ready, or it was deleted. Please look again, or make it anew."
    ),
    Refusal.NOT_VOUCHED: mark(
        "This works once somebody has vouched for the case: until then its content is the person's alone."
    ),
    Refusal.CASE_CLOSED: mark("This case is not open, so nothing can be done in it now."),
    Refusal.LINK_STATE: mark("The link has moved on in the meantime, so this is no longer possible."),
    Refusal.CASE_ERASED: mark("The person asked to erase their case."),
    Refusal.WITHDRAWN_BY_ADVOCATE: mark("An advocate took this notice back."),
    Refusal.NO_CONSENT_TO_FOLLOW: mark("The person did not agree to further checks of this post. Please ask them."),
    Refusal.CASE_STATE: mark("The case has moved on in the meantime, so this is no longer possible."),
    Refusal.IN_HAND_ELSEWHERE: mark(
        "Another centre is in touch with this person, so only that centre can vouch now. Please ask the person which"
        " one."
    ),
    Refusal.NOT_IN_HAND: mark("This centre does not have the case in hand, so there is nothing to hand back."),
    Refusal.CODE_INVALID: mark("This code is wrong, used or too old. A case can also be opened without a code."),
    Refusal.GUARDIAN_CODE: mark(
        "This code is wrong, used or too old. Please check it, or ask the centre for another: at your age it needs a "
        "code of theirs or a parent or guardian."
    ),
    Refusal.CODE_COUNT: mark("Please make between 1 and 100 codes at a time."),
    Refusal.CODE_DAYS: mark("A code is good for 1 to 90 days. Please choose a number between them."),
    Refusal.PROFILE_WORDS: mark(
        "Please write the name and what you ask in both languages: at most 100 and 600 characters."
    ),
    Refusal.PROFILE_WAYS: mark(
        "Please name a phone number, a number for text messages or a chat. Numbers have digits, spaces and hyphens; the"
        " link of a chat begins with https://"
    ),
    Refusal.PROFILE_HOURS: mark(
        "The hours could not be read. Write them like 09:00-12:00, 13:00-18:00; 24 means the whole day, and an empty"
        " field means closed."
    ),
    Refusal.PROFILE_LANGUAGES: mark("Please tick at least one language."),
    Refusal.PROFILE_NAME_TAKEN: mark("Another centre here has this name. Please write one that nobody mixes up."),
    Refusal.NAMES_OFF: mark("Names are not looked for at the moment. They can be once that is switched on."),
    Refusal.TERM_UNUSABLE: mark("A word needs two letters at least, and 60 at most."),
    Refusal.TOO_MANY_TERMS: mark("At most 12 words can be looked for. Please take one back first."),
    Refusal.OWN_PAGE: mark(
        "This is the person's own page, as they said: no platform is told of it. If that is wrong, the person can take"
        " it back on their page."
    ),
    Refusal.TOO_MANY_OWN_PAGES: mark("You can name at most 30 pages of your own."),
    Refusal.TOO_MANY_PLACES: mark("A list holds at most 300 places. Please take some off first."),
    Refusal.LIST_CHANGED: mark("The list has changed meanwhile. Please look at the number again, then say yes to it."),
    Refusal.LIST_EMPTY: mark("Your centre's list is empty at the moment, so there is nothing to say yes to."),
    Refusal.NOTHING_WAITS: mark("There is nothing to confirm here any more. Please look again."),
    Refusal.SAID_SINCE: mark("You have said it yourself since. You can change it under your answers."),
    Refusal.MANDATE_DATE: mark("The date of the mandate cannot be in the future, or more than 100 years ago."),
    Refusal.WAITS_FOR_PERSON: mark(
        "It waits for the person's confirmation: an advocate entered a signature, the permission or the age. Ask the "
        "person to say yes on their page, or record a mandate."
    ),
    Refusal.SECOND_ADVOCATE: mark(
        "One advocate must not vouch, sign and send alone. Ask another advocate of your organisation to send it, or "
        "ask the person to confirm what was entered for them."
    ),
    Refusal.DRAFT_GONE: mark("What was entered here is gone: it is kept for a day. Please begin again."),
    Refusal.DRAFT_CHANGED: mark(
        "Something was changed meanwhile, perhaps in another tab. Please look at it once more."
    ),
    Refusal.DRAFT_OPENED: mark("This case is open already. Your case number and passphrase are shown here."),
    Refusal.DRAFT_EMPTY: mark(
        "There is nothing in it yet that could be looked for. Add a photo, a place or a link, or say that you want to "
        "open it empty."
    ),
    Refusal.DRAFT_FULL: mark("This is as much as can be kept before a case is open. You can add more afterwards."),
    Refusal.AGE_UNTOLD: mark("Please say how old you are in the pictures. If you are not sure, choose that."),
    Refusal.AGREE_FIRST: mark("Please read what is kept, and agree, before anything is kept. Load the page again."),
    Refusal.GUARDIAN_FIRST: mark(
        "A parent or guardian agrees first, or a centre gives you a code. Until then nothing is kept."
    ),
    Refusal.NEW_WORDS_OVER: mark(
        "These words were drawn too long ago, or the passphrase changed meanwhile. Please draw new ones. "
        "The passphrase that you have still opens your case."
    ),
    Refusal.PASSPHRASE_DIFFERS: mark("That is not the passphrase yet. You can look at it again."),
    Refusal.CUT_OUTS_OFF: mark("Boxes around faces are switched off here. The photo can be kept without one."),
    Refusal.GUARDIAN_NEEDED: mark(
        "For a photo from before you were an adult, a box around the face needs the agreement of your guardian. Your "
        "centre notes it; until then the photo can be kept without the box."
    ),
    Refusal.FINGERPRINT_VERSION: mark("This fingerprint was made by another version. Please load the page again."),
    Refusal.FINGERPRINT_SET: mark("The parts of this fingerprint do not fit together. Please choose the photo again."),
    Refusal.FLAT_PICTURE: mark("This picture has too little detail to be told from others. Please choose another."),
    Refusal.PICTURE_TOO_PLAIN: mark(
        "This picture cannot be told from others: it has too little detail, or many people use it. Please choose "
        "another, or tell your advocate."
    ),
    Refusal.TOO_MANY_FINGERPRINTS: mark("A case holds at most 200 photos and videos. Please remove one first."),
    Refusal.SOURCE_UNREADABLE: mark("Please name a public channel or account, such as @name or its link."),
    Refusal.TOO_MANY_SOURCES: mark("A case watches at most 50 places. Please take one away first."),
    Refusal.LINK_UNREADABLE: mark("This is not a link. Please enter the address of the post: it begins with https://"),
    Refusal.LINK_TO_COMMENT: mark(
        "This is a link to a comment, and comments are not read here. If the picture is in the post itself, please "
        "enter the post's link; if not, please tell an advocate."
    ),
    Refusal.ONE_AT_A_TIME: mark("These are several. Please enter one at a time."),
    Refusal.TOO_MANY_LINKS: mark("A case holds at most 200 links."),
    Refusal.CASE_FROZEN: mark("This case is on hold until somebody at the centre has spoken with the person."),
    Refusal.NOT_FROZEN: mark("This case is not on hold."),
    Refusal.CASE_MOVED: mark(
        "The person agreed that their case goes to another centre, so what the one before had written does not leave."
        " It can be written anew."
    ),
    Refusal.SAME_CENTRE: mark("This centre has the case already."),
    Refusal.TRANSFER_STANDS: mark(
        "The person is asked about another centre already. Please wait for the answer, or take that one back first."
    ),
    Refusal.CENTRE_EMPTY: mark("Nobody works at that centre any more, so the case stays where it is."),
    Refusal.TRANSFER_OVER: mark("Nobody asks this any more: it was answered, taken back, or its time is over."),
    Refusal.TRANSFER_DAYS: mark("A person has 1 to 60 days to answer. Please choose a number between them."),
    Refusal.REISSUE_STANDS: mark("A new passphrase was asked for already. Please look at the list below."),
    Refusal.REISSUE_OVER: mark("No new passphrase is asked for any more: it was called off, or its time is over."),
    Refusal.REISSUE_EARLY: mark(
        "The new passphrase cannot be drawn yet: the person has some days to call it off. The date stands beside it."
    ),
    Refusal.REASON_NEEDED: mark("Please say why, and whom the person can speak to."),
    Refusal.WORK_STOPPED: mark("Work is stopped for now. It goes on by itself when two people have said so."),
    Refusal.ADVOCATE_STOPPED: mark(
        "It waits: the work is stopped of an advocate who decided about it, wrote it, or entered for the person what"
        " they have not confirmed yet."
    ),
    Refusal.NOT_STOPPED: mark("This is not stopped."),
    Refusal.SAME_PERSON: mark("You have said so already. A second person must say so too."),
    Refusal.OPERATOR_NEEDED: mark("Whoever runs Jikimi stopped this, so they must be one of the two who let it go on."),
    Refusal.REPORT_EMPTY: mark("Please say how we can reach you, and what it is about."),
    Refusal.ALREADY_DECIDED: mark("Somebody has decided about this already."),
    Refusal.BASIS_NOT_ON_RECORD: mark(
        "Nobody said that so far, so no notice may state it. Please ask the person, or note who looked at it."
    ),
    Refusal.CANNOT_BE_OPENED: mark(
        "What is kept of this case cannot be opened: its key is missing, or an entry was changed."
        " Please tell whoever runs this program."
    ),
    Refusal.PERSON_ANSWERED: mark(
        "The person has answered meanwhile. Please read the answer; only then it can be asked again."
    ),
    Refusal.PERSON_SAYS_NO: mark(
        "The person says that this is not theirs, so it is not confirmed. Please read that first. Whoever confirms it"
        " all the same ticks so at the item itself."
    ),
    Refusal.ITEM_CHANGED: mark("Other copies came in, or were decided, since you looked. Please look again."),
    Refusal.CHOOSE_ITEMS: mark("Please tick at least one item first."),
    Refusal.CHOOSE_VIEWER: mark("Please say who looked at it, and what they said."),
    Refusal.VIEWED_IN_FUTURE: mark("The time when it was looked at lies in the future. Please check it."),
    Refusal.GROUND_GONE: mark(
        "It was confirmed because it is identical to another copy, and that one is confirmed no more. Please take this"
        " confirmation back, and decide about this copy anew."
    ),
    Refusal.NOT_CONFIRMED: mark("Please decide about this copy first: a notice needs a confirmed copy."),
    Refusal.NOTICE_STATE: mark("The notice has moved on in the meantime, so this is no longer possible."),
    Refusal.ADDRESS_INVALID: mark("This is no e-mail address. Please write one, such as answers@centre.example."),
    Refusal.LEAVES_CHANGED: mark(
        "What would leave has changed since you looked at it. Please look again, then send it."
    ),
    Refusal.ADDRESS_NOT_AGREED: mark(
        "This way requires the person's own address. They are asked on their page, and nothing is sent before they say "
        "yes to this notice."
    ),
    Refusal.ADDRESS_DECLINED: mark(
        "The person does not want their address in this notice, so it is not sent. Other ways stay open."
    ),
    Refusal.NOT_TOGETHER: mark(
        "These do not go into one notice: it takes ready copies of one channel or account, by the same way, of which "
        "one text is true."
    ),
    Refusal.CARRIED_BY_ANOTHER: mark("This copy goes with another notice. Please open that one."),
    Refusal.TOGETHER_CHANGED: mark(
        "A copy was taken out of this notice before it left. Please look again, then send it."
    ),
    Refusal.TOO_LATE_TO_UNDO: mark("It has left already, or is leaving at this moment. You can retract it instead."),
    Refusal.SENT_BY_HAND: mark("This is a form: please submit it yourself, then record its reference number."),
    Refusal.PARAGRAPH_TOO_LONG: mark("That is too long. Please keep it to 1,500 characters in 20 lines."),
    Refusal.PARAGRAPH_LINK: mark("Please take addresses and links out: the notice names that of the copy itself."),
    Refusal.RETRACTED: mark("This notice was taken back after it had left."),
    Refusal.PLATFORM_CODE: mark("This code is wrong or too old. Please check it, or have a new one mailed."),
    Refusal.CODE_TOO_SOON: mark("A code was mailed just now. Please wait two minutes before asking for another."),
    Refusal.CODES_USED_UP: mark(
        "No more codes are mailed for this notice today. Please reply to the notice by mail, or come back tomorrow."
    ),
    Refusal.ANSWER_REASON: mark("Please choose the reason of the refusal."),
    Refusal.ANSWER_TEXT: mark("Please write what is needed, or why."),
    Refusal.TOO_MANY_ANSWERS: mark("This notice takes no more answers here. Please reply to it by mail."),
    Refusal.NO_PLATFORM_LINK: mark("This notice has no link for its recipient."),
    Refusal.ALREADY_REPLIED: mark("This mail was answered already. Please wait for the next one."),
    Refusal.NO_REPLY: mark("This mail cannot be answered from here. Please use the mailbox itself."),
    Refusal.REPLY_CHANGED: mark("Please look at the mail once more before it leaves: something in it has changed."),
    Refusal.NEWS_OFF: mark("Mail is not switched on here. You can look into your case at any time instead."),
    Refusal.NEWS_WORDS: mark(
        "Please choose a short sender and subject without links and without our name, so that they tell nothing."
    ),
    Refusal.NO_RECEIPTS: mark("There is no receipt yet. One is written once a copy was seen gone twice."),
    Refusal.NOT_IN_FONTS: mark(
        "A letter or sign that you typed, such as an emoji, would be an empty box on this paper. Please write it in "
        "another way."
    ),
    Refusal.NOBODY_READS: mark(
        "No centre has this case yet, so nobody could read it. Please tell a centre the case number first."
    ),
    Refusal.CENTRE_CHANGED: mark(
        "Not sent: another centre has your case by now. Who reads it now stands above your message, which is still "
        "here. Send it again if they may read it."
    ),
    Refusal.MESSAGE_EMPTY: mark("Please write something first; it was not sent."),
    Refusal.MESSAGE_TOO_LONG: mark("This is too long: at most 2,000 characters. Please send it in two parts."),
    Refusal.TOO_MANY_MESSAGES: mark(
        "Many messages wait to be read already. Please wait until they were read, or call the centre."
    ),
    Refusal.REPLY_EMPTY: mark("Please write something first."),
    Refusal.WEBHOOK_ADDRESS: mark("A webhook needs a public address that begins with https://."),
    Refusal.TOKEN_UNKNOWN: mark("There is no such token."),
    Refusal.ALREADY_WRITTEN: mark("There is a notice by this route already."),
    Refusal.PLACE_REPORT_STATE: mark("This report is not at the step for that any more. Please look at how it stands."),
    Refusal.PLACE_REPORT_OPEN: mark("There is a report about this channel already. Send it or take it back first."),
    Refusal.NOTHING_CONFIRMED: mark("No confirmed copy stands there now. Confirm one first."),
    Refusal.PLACE_REPORT_CHANGED: mark(
        "This has changed since it was looked at: somebody joined, changed or took back something, or a copy is gone. "
        "Please read it again; what counts is what stands there now."
    ),
    Refusal.PLACE_TAKEN_BACK: mark(
        "You took back your yes to this place, so nothing of yours is sent about it. Say yes to it again first, if you "
        "want your part to be in."
    ),
    Refusal.TOO_FEW_PARTS: mark("At least two persons must have agreed before a joint report is sent."),
    Refusal.SIGNATURE_NEEDED: mark("Please sign: type your name, or the name you want to sign with."),
    Refusal.COPY_GONE: mark("Two checks found this copy gone, so nothing more is sent about it."),
    Refusal.ROUTE_UNKNOWN: mark("There is no such route. Please choose one of those that are shown."),
    Refusal.PLATFORM_MISMATCH: mark("This route is for another platform. Please choose another one."),
    Refusal.MINOR_OR_UNSURE: mark(
        "The person was under age when pictured, or this is not sure: no notice for adults is sent. People take the"
        " routes for minors themselves."
    ),
    Refusal.MINORS_ONLY: mark("This route is only for pictures taken under age. Please choose another one."),
    Refusal.SHOWN_ONLY: mark(
        "We send nothing by this route ourselves: the person, somebody they trust or a support centre can take it."
    ),
    Refusal.OTHER_COUNTRY: mark(
        "This route is for people or centres in other countries. Please check the country in the intake, and your "
        "organisation's."
    ),
    Refusal.COUNTRY_NOT_TOLD: mark("Who may use this depends on the country. Ask the person first where they are."),
    Refusal.SENDER_NOT_ENTITLED: mark(
        "Only a body that a state named or keeps on a list may use this route. The operator can record it for your "
        "organisation."
    ),
    Refusal.NOTHING_POSTED_WITH: mark(
        "This route needs something posted with the picture: a name, a school, a contact or insults. Tick what was "
        "there."
    ),
    Refusal.ROUTE_NOT_IN_USE: mark("This route is switched off here. Please choose another one."),
    Refusal.ORDINARY_PHOTO_ALONE: mark(
        "This is an ordinary photo: a notice about intimate pictures needs an intimate or a faked one."
    ),
    Refusal.CONSENT_WITHDRAWN: mark("The person took back their consent to this place. Please ask them first."),
    Refusal.WAITING_FOR_POLICE: mark(
        "The person waits for the police, so nothing is sent now. Only the person can lift that, with their passphrase."
    ),
    Refusal.POLICE_WAIT_OVER: mark(
        "The date of the person's wait for the police has passed. Please ask them: only they can lift the wait."
    ),
    Refusal.NO_PERMISSION: mark("The person has not allowed sending. Please ask them."),
    Refusal.MISSING_FIELDS: mark("The notice lacks something that it must hold. Look at the routes below."),
    Refusal.FIELD_TOO_LONG: mark("A text in the notice is too long. Please ask the person to shorten it."),
    Refusal.COMMENT_TOO_LONG: mark(
        "The text is too long for a report inside Telegram. Please ask the person to shorten what they wrote."
    ),
    Refusal.NAME_IN_TEXT: mark(
        "The person's name stands in the free text, but an advocate signs this notice. Ask the person to take it out."
    ),
    Refusal.NOT_A_FORM: mark("This route is not submitted through a form."),
    Refusal.REFERENCE_INVALID: mark(
        "That does not look like a reference number: 3 to 64 letters and digits, as the form's confirmation shows them."
    ),
    Refusal.MESSAGE_ID_DOMAIN: mark("The sender's address is not valid. Please tell the operator of this server."),
    Refusal.MESSAGE_ID_NOTICE: mark("This is not the number of a notice."),
    Refusal.CHECKS_TOO_CLOSE: mark("A removal needs two looks apart in time. Please wait for the next look."),
    Refusal.STILL_THERE: mark("The picture is still there, so there is no receipt."),
    Refusal.SUBMITTED_IN_FUTURE: mark("The time when you submitted the form lies in the future. Please check it."),
    Refusal.SUBMITTED_TOO_EARLY: mark(
        "The time when you submitted the form lies before the notice was written. Please check it."
    ),
    Refusal.COPY_CLOSED: mark("This copy is closed. Open it again first."),
    Refusal.RETRACT_FIRST: mark(
        "A notice about this copy is out. Take the confirmation back instead: that retracts it, and tells whoever got "
        "it."
    ),
    Refusal.COPY_NOT_CLOSED: mark("This copy is not closed, so there is nothing to open again."),
    Refusal.STEP_UNKNOWN: mark("There is no such step for this copy. Please choose one of those that are shown."),
    Refusal.FILED_TOO_EARLY: mark("The time when it was filed lies before the copy was confirmed. Please check it."),
    Refusal.ANSWERED_TOO_EARLY: mark("The time of the answer lies before it was filed. Please check it."),
    Refusal.TIME_UNREADABLE: mark("Please say when you submitted the form: a date and a time."),
    Refusal.PRESERVATION_TIME: mark(
        "Please say when the police sent the request: a date and a time within the last 90 days."
    ),
    Refusal.LOGIN_INVALID: mark("A login has 1 to 100 printable characters. Please choose another."),
    Refusal.LOGIN_TAKEN: mark("Another advocate has this login. Please choose a different one."),
    Refusal.NAME_INVALID: mark("A name has 1 to 200 printable characters. Please choose another."),
    Refusal.PASSWORD_TOO_SHORT: mark("A password has at least 12 characters. Please choose a longer one."),
    Refusal.PASSWORD_TOO_LONG: mark("A password has at most 1,000 characters. Please choose a shorter one."),
    Refusal.PASSWORD_MISMATCH: mark("The two passwords differ. Please type them again."),
    Refusal.TWO_ADVOCATES: mark("This organisation has two or more active advocates, so one of them can send."),
    Refusal.ORGANISATION_UNKNOWN: mark("There is no such organisation. Please name one that is there."),
}


def refusal_text(code: str, gettext: Callable[[str], str]) -> str:
    """What to say about a refusal; a code that is none gets the words of REFUSED."""
    return gettext(TEXTS[Refusal(code) if code in TEXTS else Refusal.REFUSED])
