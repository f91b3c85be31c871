// The person's case: how it stands, what was found, what was sent, what is gone.

import { Refused } from "./api.mjs";
import { helpersOf } from "./helpers_of.mjs";
import { Hold } from "./hold.mjs";
import { showNumber } from "./keys.mjs";
import { Listed } from "./listed.mjs";
import { News } from "./news.mjs";
import { looking, showStanding } from "./overview.mjs";
import { keep, Papers } from "./papers.mjs";
import { busy, button, facts, language, make, say, shown, t, tell, the, thenAnew, when } from "./page.mjs";
import { phoned } from "./phones.mjs";
import { empty, Reveal } from "./reveal.mjs";
import { SelfNotices } from "./self_notices.mjs";
import { OpenCase } from "./stores.mjs";
import { surely } from "./sure.mjs";
import { Messages, Yours } from "./talk.mjs";
import { NewWords } from "./transfers.mjs";
import { Watching } from "./watching.mjs";

/** Why nothing happens for the case now, and whom to ask; empty while it is at work. */
function pauseWords({ paused, state }) {
  if (!paused) return ["", ""];
  const since = when(paused.since);
  const centre = paused.organisation;
  if (paused.reason === "case-frozen") {
    return [
      state === "erasing"
        ? t("Your case has been on hold since %(since)s, because your centre wants to speak with you. If you keep your case, it is on hold as before.", { since })
        : t("Your case has been on hold since %(since)s. Your centre wants to speak with you before it goes on. Nothing of it is lost, and until then nothing is read or sent.", { since }),
      t("Please speak to: %(speak_to)s (%(centre)s)", { speak_to: paused.speak_to, centre }),
    ];
  }
  return [
    t("Work has been paused here since %(since)s: no notice leaves and nothing is read. Nothing is lost, deadlines run on, and it goes on by itself.", { since }),
    centre ? t("If you have a question, ask your centre: %(centre)s", { centre }) : t("If you need help now, please talk to one of these people."),
  ];
}

function stateWords(summary) {
  if (summary.nobody_vouched) {
    return t("Nobody vouched for you in time, so your case is being erased. If you still need it, you can take that back below.");
  }
  if (summary.state === "erasing") return t("This case is being erased. Everything stopped at once.");
  if (!summary.vouched) {
    return summary.in_hand
      ? t("Your case is waiting for an advocate to vouch for you. Until then nothing is read. A centre has your case in hand: it reads the messages that you write to it, and nothing else of what you wrote.")
      : t("Your case is waiting for an advocate to vouch for you. Until then nothing is read and nobody sees what you wrote; a centre that has your case in hand reads only the messages that you write to it. If nobody has vouched for you by %(end)s, your case is erased; for 7 days you can take that back.", { end: when(summary.ends_at) });
  }
  return t("An advocate has vouched for you.");
}

/** Whether a copy is there; where only the picture went, that its post still stands. */
function gone(copy) {
  if (!copy.removed_at) return say("presences", copy.presence);
  const date = when(copy.removed_at);
  return copy.gone === "picture"
    ? t("the picture has been gone since %(date)s, the post itself still stands", { date })
    : t("gone since %(date)s", { date });
}

function copyRow(copy) {
  return make(
    "li",
    { className: "card" },
    make("h3", {}, `${say("platforms", copy.platform)} · @${copy.source}`),
    copy.own_page ? make("p", {}, make("span", { className: "badge" }, t("your own page: no platform is told"))) : null,
    make("p", {}, make("code", {}, copy.url)),
    facts([
      [t("Found"), when(copy.found_at)],
      [t("Is it there?"), gone(copy)],
    ]),
  );
}

/** Which post a notice is about is told by its time: its address only where the person asks for that. */
function noticeRow(notice, papers) {
  const runs = !notice.removed_at && !["removed", "withdrawn", "failed"].includes(notice.state);
  const looks = notice.followed && runs && (notice.state === "sent" || notice.state === "lapsed");
  return make(
    "li",
    { className: "card" },
    make("h3", {}, say("routes", notice.route)),
    make("p", {}, make("span", { className: "badge" }, say("notice_states", notice.reason === "address-not-agreed" ? "held-address" : notice.state))),
    facts([
      [t("Posted"), when(notice.posted_at)],
      [t("Sent"), when(notice.sent_at)],
      [t("Deadline"), notice.deadline_at && runs ? `${when(notice.deadline_at)} (${say("standings", notice.standing)})` : ""],
      [t("Next look"), looks ? when(notice.due_at) : ""],
      [t("Is it there?"), gone(notice)],
    ]),
    ...notice.stopped.map(({ what, reason }) => make("p", {}, `${say("mail_after", what)}: ${say("mail_stopped", reason)}`)),
    notice.one_hand ? make("p", { className: "hint" }, t("One advocate vouched for you, entered your permission and sent this.")) : null,
    papers.sent(notice),
  );
}

/** Why a receipt counts no more, as gently as it can be said. */
function takenBack({ written_at: written, taken_back_at: at, reason }) {
  const told = { date: when(written), at: when(at) };
  return reason === "wrong-copy"
    ? t("The receipt of %(date)s counts no more. On a second look it was not your picture; we are sorry. On %(at)s your centre took back what was reported about it. Your own pictures are looked after as before.", told)
    : t("The receipt of %(date)s counts no more: on %(at)s your centre took back its decision, and what was reported about it. Everything else goes on as before.", told);
}

/** The steps of a new case stand below a heading of the case now; its places under "Where we look", one row each. */
function nested() {
  for (const heading of document.querySelectorAll("#parts > .card h2, #parts > .card h3")) {
    heading.setAttribute("aria-level", String(Number(heading.tagName[1]) + 1));
  }
  if (the("kept-places").parentNode.hidden) return;
  const named = make("div", { hidden: true });
  the("kept-places").before(make("p", { className: "hint" }, t("The places that you named stand above, under \"Where we look\".")), named);
  named.append(...["kept-places-title", "no-places", "kept-places"].map(the));
}

/** Calls about this one case, for the parts that know no store. */
function callsOf(api, caseId) {
  const under = (path) => `/cases/${caseId}${path}`;
  return {
    get: (path) => api.get(under(path)),
    post: (path, body) => api.post(under(path), body),
    put: (path, body) => api.put(under(path), body),
    delete: (path) => api.delete(under(path)),
    file: (path) => api.file(under(path)),
    made: (path, body) => api.file(under(path), body),
  };
}

/** The case: numbers first, and each part when it is asked for. */
export class Mine {
  #store;
  #calls;
  #summary;
  #writing = Promise.resolve(); // the tick that goes to the server now
  #watching = new Watching(() => this.#calls, () => this.refresh());
  #yours = new Yours(() => this.#calls, () => this.refresh());
  #messages = new Messages(() => this.#calls, () => this.#stand());
  #news = new News(() => this.#calls);
  #selfNotices = new SelfNotices(() => this.#calls);
  #papers = new Papers(() => this.#calls);
  #hold = new Hold(() => this.#calls);
  #copies = new Listed(the("copies"), (...page) => this.#store.copies(...page), copyRow);
  #notices = new Listed(the("notices"), (...page) => this.#store.notices(...page), (notice) => noticeRow(notice, this.#papers));
  #words = new NewWords(() => this.#calls, { take: (token) => this.#renewed(this.#api.take(token)), with: (words) => this.#renewed(this.#api.logIn(this.#caseId, words)) }, () => this.refresh());
  #caseId = "";
  #api;
  #reveals;
  #help;

  constructor({ parts, questions, help }) {
    this.#help = help;
    this.#reveals = [
      new Reveal("questions-body", () => this.#questions(questions.load), () => {
        questions.clear();
        this.#yours.close();
      }),
      new Reveal("letters-body", () => this.#messages.load(), () => this.#messages.close()),
      // Only who waits can ask for them; once an advocate has vouched they are gone from here.
      new Reveal("self-notices-body", () => (this.#summary.state === "open" ? this.#selfNotices.load() : this.#selfNotices.close()), () => this.#selfNotices.close()),
      new Reveal("copies-body", async () => this.#showCopies(...(await Promise.all([this.#copies.load(), this.#store.summary()]))), () => {
        this.#copies.close();
        the("hand-off").hidden = true;
      }),
      new Reveal("notices-body", async () => (the("no-notices").hidden = (await this.#notices.load()) > 0), () => this.#notices.close()),
      new Reveal("receipts-body", async () => this.#showReceipts(await this.#store.receipts()), () => empty("receipts")),
      new Reveal("watching-body", () => this.#watching.load(), () => empty("watched")),
      new Reveal("news-body", () => this.#news.load(), () => this.#news.close()),
      new Reveal("new-words-body", () => this.#words.offer(), () => this.#words.close()),
      new Reveal("parts", parts.load, parts.clear),
    ];
    // A place that was just added stands in the one list there is of them.
    new MutationObserver(() => this.#watched()).observe(the("kept-places"), { childList: true });
    the("not-in-touch").addEventListener("click", (event) =>
      busy(event.currentTarget, () => thenAnew(() => this.#store.handBack(), () => this.refresh())),
    );
    the("any-centre-later").addEventListener("change", (event) => this.#tick(event.target));
    the("resend").addEventListener("change", (event) => this.#resend(event.target));
    // Not held meanwhile: whoever reads with a keyboard stays on it, and a newer look overtakes a slow one.
    the("refresh").addEventListener("click", () => {
      tell(""); // what failed before is over
      this.refresh().catch((error) => tell(error.said ?? t("Something went wrong here. Nothing was lost; please try again."), "bad"));
    });
    for (const kind of ["pdf", "text"]) {
      the(`hand-off-${kind}`).addEventListener("click", (event) => this.#takeAlong(event.currentTarget, kind));
    }
  }

  /** Keep the links as a file, under a name that tells nothing. */
  #takeAlong(control, kind) {
    return busy(control, async () => {
      await keep(await this.#store.handOff(kind, language), kind === "pdf" ? "links.pdf" : "links.txt");
    });
  }

  /** Fetch what is seen first of a case. Nothing else of the page is changed before all of it is there. */
  async open(api, caseId) {
    this.#store = new OpenCase(api, caseId);
    this.#calls = callsOf(api, caseId);
    this.#api = api;
    this.#caseId = caseId;
    await this.refresh();
    return this.#store;
  }

  /** The case is about to be shown. Everything is closed. */
  settle() {
    nested();
    this.close();
  }

  /** It is not shown after all: what was told of it leaves the page. */
  forget() {
    this.close();
    this.#hold.close();
    this.#words.show({});
    this.#summary = this.#store = null;
    for (const number of document.querySelectorAll("#numbers dd")) number.textContent = "";
    empty("case-number", "state", "paused-why", "paused-ask", "sentence", "news", "next-check", "unread", "erasure", "vouch-overdue");
    the("in-hand").firstElementChild.replaceChildren();
  }

  /** Close every part, and forget what it held. */
  close() {
    for (const reveal of this.#reveals) reveal.close();
  }

  /** A log-in that comes while the page is locked ends again: whoever has the phone has nothing. */
  async #renewed(made) {
    await made;
    if (the("app").dataset.locked) await this.#api.forget();
  }

  async #watched() {
    if (!this.#calls || the("parts").hidden) return;
    await this.#reveals.find(({ id }) => id === "watching-body").again();
    await this.#stand();
  }

  async #questions(load) {
    const [count, yours] = await Promise.all([load(), this.#yours.load()]);
    the("no-questions").hidden = count + yours > 0;
  }

  /** The numbers above everything. */
  async #stand() {
    const standing = await this.#still(this.#calls.get("/standing"));
    showStanding(standing, this.#summary);
    this.#watching.showPaused(standing);
    const read = looking(standing, this.#summary);
    if (read) the("state").textContent = [t("An advocate has vouched for you."), read].join(" ");
    this.#papers.show(this.#summary);
    this.#words.show(standing);
    the("unread").hidden = standing.unread === 0;
    the("unread").textContent = t("New messages: %(count)s", { count: standing.unread });
    the("questions-title").textContent = standing.asked > 0 ? t("You are asked something") : t("Questions to you");
  }

  /** What was asked for before the case was given up, or another one opened, changes nothing of the page. */
  async #still(asked) {
    const store = this.#store;
    const told = await asked;
    if (store !== this.#store) throw new Refused("given-up", t("There is no connection. Please go online, then try again."));
    return told;
  }

  /** Ask anew: for the numbers, and for what is open. */
  async refresh() {
    const summary = await this.#still(this.#newest());
    this.#summary = summary;
    const hidden = summary.state === "erasing" || summary.paused?.reason === "case-frozen";
    const [why, ask] = pauseWords(summary);
    the("state").textContent = stateWords(summary);
    the("state").hidden = hidden && summary.state !== "erasing";
    the("paused").hidden = !summary.paused;
    the("paused-why").textContent = why;
    the("paused-ask").replaceChildren(...phoned(ask));
    if (summary.country && (summary.paused || summary.state === "open")) {
      // Where the person lives counts, not where they look from; nothing else of the page waits for it.
      const place = the(summary.paused ? "paused-helpers" : "waiting-helpers");
      helpersOf(place, summary.country, summary.young ? "minor" : "adult", language);
    }
    showNumber(the("case-number"), summary.case_id);
    for (const part of document.querySelectorAll("#mine [data-open-only]")) part.hidden = hidden;
    this.#showErasure(summary);
    this.#showHelp(summary);
    if (hidden) {
      this.close();
      await this.#showHold(summary);
      return;
    }
    this.#hold.close();
    await this.#stand();
    await this.#showResending(summary);
    await this.#help(summary);
    for (const reveal of this.#reveals) await reveal.again();
  }

  /** On hold nothing of the case is shown, but for what the person must know and can take back all the same. */
  async #showHold(summary) {
    if (summary.state === "erasing") {
      this.#hold.close();
      this.#words.show({}); // the erasure ended it
      return;
    }
    this.#hold.show(summary);
    const { waiting } = await this.#still(this.#calls.get("/reissue"));
    this.#words.show({ reissue_due_at: waiting?.due_at, on_hold: true });
  }

  /** The case as it stands after every tick, also one that is on its way or comes meanwhile. */
  async #newest() {
    for (;;) {
      const writing = this.#writing;
      await writing;
      const summary = await this.#store.summary();
      if (writing === this.#writing) return summary;
    }
  }

  #write(answer) {
    this.#writing = answer.catch(() => {}); // whoever ticked hears of it
    return answer;
  }

  /** Whom to call while nobody has vouched, and who is in touch already. */
  #showHelp(summary) {
    // On hold nothing of it is told, the centre neither: whom to speak to stands above.
    const waits = summary.state === "open" && summary.paused?.reason !== "case-frozen";
    the("help").hidden = !waits;
    if (!waits) return;
    the("in-hand").hidden = !summary.in_hand;
    the("to-call").hidden = summary.in_hand;
    if (summary.in_hand) {
      const told = t("%(centre)s has said that it is in touch with you. Until %(date)s no other centre can vouch for you, and your case does not end. If you are not in touch, say it here.", { centre: [summary.centre.name, summary.centre.contact].filter(Boolean).join(" · "), date: when(summary.in_hand_until) });
      the("in-hand").firstElementChild.replaceChildren(...phoned(told));
    }
    the("any-centre-later").checked = summary.any_centre;
    // It helps nobody meanwhile, but who ticked it before can take it back.
    const needless = summary.in_hand && !summary.any_centre;
    for (const part of [the("any-centre-later").parentNode, the("any-centre-later-hint")]) part.hidden = needless;
  }

  /** The person's half of reporting identical re-uploads with no further question. */
  async #showResending(summary) {
    const may = summary.state === "vouched" && !summary.young; // of a child no permission is asked
    the("resending").hidden = !may;
    if (!may) return;
    const { person, on } = await this.#still(this.#store.resending());
    the("resend").checked = person;
    the("resend-state").textContent = on
      ? t("It is on: your centre has switched it on too.")
      : person
        ? t("It works once your centre has switched it on too.")
        : "";
  }

  #resend(box) {
    return busy(box, async () => {
      const on = box.checked;
      await thenAnew(async () => {
        try {
          await this.#write(this.#store.setResending(on));
        } catch (error) {
          box.checked = !on; // as it still is
          throw error;
        }
      }, () => this.refresh(), () => on ? t("Kept. You can take it back at any time.") : t("Taken back. Your centre decides about each copy again."));
    });
  }

  #tick(box) {
    return busy(box, async () => {
      try {
        const { any_centre: allowed } = await this.#write(this.#store.allowAnyCentre(box.checked));
        tell(allowed ? t("Kept. Any centre may help you now.") : t("Kept. Only a centre that you tell your number can help you now."));
      } catch (error) {
        box.checked = !box.checked; // as it still is
        throw error;
      }
    });
  }

  #showCopies(count, summary) {
    the("hand-off").hidden = count === 0 && summary.links === 0;
    the("no-copies").hidden = count > 0;
    the("no-copies").textContent = summary.vouched
      ? t("Nothing has been confirmed so far. That a place is quiet does not prove that there is no copy.")
      : t("Nothing is looked for before somebody has vouched for you.");
  }

  #showReceipts({ receipts, taken_back: wrong }) {
    the("receipts").replaceChildren(
      ...wrong.map((one) => make("li", { className: "message" }, takenBack(one))),
      ...receipts.map(({ content }) => {
        const lang = language in content ? language : Object.keys(content)[0];
        const { subject, body } = content[lang];
        return make("li", {}, make("details", { className: "card" }, make("summary", { lang }, subject), make("pre", { tabIndex: 0, lang }, body)));
      }),
    );
    the("no-receipts").hidden = receipts.length + wrong.length > 0;
    the("receipts-print").hidden = receipts.length === 0;
  }

  #showErasure(summary) {
    const place = the("erasure");
    if (summary.state === "erasing") {
      // Before anything that was typed there: no question about it stands any more, and the way back must.
      place.replaceChildren(
        make("p", { className: "message warn" }, t("Everything is destroyed for good on %(date)s. Until then you can take it back.", { date: when(summary.erase_at) })),
        button(t("Keep my case"), async () => {
          try {
            await this.#store.keep();
          } catch (error) {
            await this.refresh();
            if (this.#summary.state === "erasing") throw error;
            // It was kept already: in another window, or the answer to the first try was lost.
          }
          await shown(() => this.refresh(), t("Your case is kept. Notices that were stopped stay stopped."));
        }, ""),
      );
      return;
    }
    if (place.querySelector("form:not([hidden])")) return; // somebody is answering there
    place.replaceChildren(
      make("p", {}, t("Your fingerprints, places, links and words are hidden and all work stops at once. They are destroyed after 7 days; until then you can change your mind.")),
      surely({
        ask: t("Erase everything"),
        why: t("This erases your whole case."),
        sure: t("Yes, erase everything"),
        act: async (passphrase) => {
          await this.#store.erase(passphrase);
          await shown(() => this.refresh(), t("Your case is hidden and all work on it has stopped."));
        },
      }),
      make("p", {}, t("If only the watching is to end, and everything else stays:")),
      surely({
        ask: t("Stop all watching"),
        why: t("Every yes to a place is taken back at once: nothing is read any more, links that you added neither, and notices that have not left are stopped. Your photos, links and words stay. You can add places again, and let the reading go on under \"Where we look\"."),
        sure: t("Yes, take all of it back"),
        act: async (passphrase) => {
          const { withdrawn, listed } = await this.#store.withdrawAll(passphrase);
          const told = [
            withdrawn && t("Places to which you took your yes back: %(count)s.", { count: withdrawn }),
            listed && t("Your yes to your centre's list is taken back."),
            t("Nothing is read any more, until you let it go on under \"Where we look\"."),
          ];
          await shown(() => this.refresh(), told.filter(Boolean).join(" "));
        },
      }),
    );
  }
}

