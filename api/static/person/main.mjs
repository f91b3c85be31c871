// The person's page from the door to the case.

import { Agreement } from "./agreement.mjs";
import { Answers } from "./answers.mjs";
import { ahead, Api, Refused, words } from "./api.mjs";
import { Draft } from "./draft.mjs";
import { hideKeys, plainNumber, sameWords, showKeys } from "./keys.mjs";
import { fitting, watchLengths } from "./letters.mjs";
import { cameToDoor, lock } from "./lock.mjs";
import { busy, clearList, hear, language, noteTyping, onSubmit, show, t, tell, the, when } from "./page.mjs";
import { name, Pictures } from "./pictures.mjs";
import { Places } from "./places.mjs";
import { fillIn, Vouching } from "./vouching.mjs";

const VIEWS = ["door", "come-back", "begin", "forgotten", "keys", "mine"];
const STEPS = ["step-agree", "step-you", "step-pictures", "step-places", "step-notice", "step-open"];
const SOON = 600; // milliseconds after the last letter that was typed

const draft = new Draft(showDraft);
let store = draft;
let current = "step-agree";
let reviewed = ""; // what the review page says
let keysShown = null; // and not typed back yet
let aside = null; // what was put away when somebody logged out in another window, and waits behind the door: a view, or ""
let turn = 0; // how often the page went back to its door: what was asked for before opens no case any more
let letGo = () => {}; // ends the wait for a log-in that is under way
let way = null; // a log-in whose case could not be shown yet: what was typed for it, and its calls
let typing = 0;
let found = null; // what this browser had entered before; null while nobody could ask
const answers = new Answers(() => answers.showHelpers());
const agreement = new Agreement(answers);
const pictures = new Pictures(() => store);
const places = new Places(() => store);
const vouching = new Vouching();
let entered = null;
let mine = null; // with what else only an open case shows, fetched when one is about to be opened
let saveAnswers = null;
let asked = [];
let held = [];

function notFetched() {
  throw new Refused("offline", t("There is no connection. Please go online, then try again."));
}

/** The parts of an open case. Fails in words where they cannot be fetched. */
async function fetchMine() {
  if (mine) return;
  const after = await import("./after.mjs").catch(notFetched);
  const { Addresses, CentreList, Entered, Joint, Mine, Names, OwnPages, Police, Transfers, Waiting } = after;
  if (mine) return; // asked for twice at once
  saveAnswers = after.saveAnswers;
  entered = new Entered(() => store, () => mine.refresh());
  const waiting = new Waiting(() => store, () => mine.refresh());
  mine = new Mine({
    parts: { load: refreshParts, clear: clearParts },
    questions: { load: refreshQuestions, clear: clearQuestions },
    help: (summary) => waiting.refresh(summary),
  });
  asked = [Police, Transfers, Addresses, Joint].map((Part) => new Part(() => store, () => mine.refresh()));
  held = [CentreList, OwnPages, Names].map((Part) => new Part(() => store, () => mine.refresh()));
}

/** What can be changed: fetched when it is opened, forgotten when it is closed. */
async function refreshParts() {
  await Promise.all([pictures.refresh(), places.refresh()]);
  const kept = await store.intake();
  if (!typedAnswers()) answers.write(kept); // else what is typed there stays
  answers.showHelpers();
  await entered.loadMarks();
  await Promise.all(held.map((part) => part.refresh()));
}

function typedAnswers() {
  return document.querySelector("#you[data-typed], #notice[data-typed]") !== null;
}

/** What was typed and is not kept yet stays, out of sight: both forms are one answer. */
function clearParts() {
  if (store === draft) return; // they hold a new case
  for (const kept of ["kept-pictures", "kept-places", "kept-links", "own-page-list", "name-terms"]) clearList(the(kept));
  if (!typedAnswers()) for (const form of ["you", "notice"]) the(form).reset();
  entered.closeMarks();
}

/** What the person is asked. How many questions there are. */
async function refreshQuestions() {
  const counts = await Promise.all([entered.loadQuestions(), ...asked.map((part) => part.refresh())]);
  return counts.reduce((sum, count) => sum + count, 0);
}

function clearQuestions() {
  entered.closeQuestions();
  for (const part of asked) part.close();
}

/** Show one step of the new case. */
function step(id) {
  current = id;
  show(id, STEPS);
  for (const mark of the("steps").children) {
    if (mark.dataset.step === id) mark.setAttribute("aria-current", "step");
    else mark.removeAttribute("aria-current");
  }
  showDraft();
}

/** What is kept so far, and whether something still waits for the network. */
function showDraft() {
  if (the("app") === null) return; // left quickly
  if (store === draft && draft.lost.length > 0) sayLost(draft.lost.splice(0));
  if (draft.forgotten && store === draft && aside === null && the("forgotten").hidden) show("forgotten", VIEWS);
  const kept = store === draft && draft.expires !== null;
  the("kept-so-far").hidden = !kept;
  if (kept) {
    the("kept-until").textContent = t("What you entered is kept, encrypted, for this browser until %(time)s.", { time: when(draft.expires) });
    the("guardian-why").textContent = t("At your age the law wants a parent or guardian to agree before anything about you is kept. What you entered before is still kept, until then nothing more is, and you can throw it away above. What happened is not your fault.");
  }
  the("begin").dataset.kept = draft.unsent ? "no" : "yes";
  the("unsent").hidden = !(store === draft && draft.unsent && draft.stuck);
}

/** In no list any more, and said until it was read. */
function sayLost(lost) {
  const named = lost.map(({ label, url, source, set, number }) => label || url || source || name(set, number));
  const before = the("lost").hidden ? "" : `${the("lost-what").textContent}, `;
  the("lost-what").textContent = before + named.join(", ");
  the("lost").hidden = false;
  hear(t("Something must be chosen or entered again."));
  return Promise.all([pictures.refresh(), places.refresh()]);
}

/** Everything that was answered so far, as the draft keeps it. */
function told() {
  const form = the("open").elements;
  const tooLong = [...the("notice").querySelectorAll("[data-over]")];
  return {
    ...answers.read(language),
    ...Object.fromEntries(tooLong.map((field) => [field.name, fitting(field)])), // the page holds the rest, and goes no further
    age_group: answers.age,
    agreement: agreement.read(),
    step: current,
    code: agreement.code || form.code.value.trim(),
    any_centre: form.any_centre.checked,
    unfinished: { source: fitting(the("source")), url: fitting(the("url")) },
  };
}

/**
 * Somebody logged out in another window: nothing of theirs stays on this screen. What was entered here belongs to no
 * log-in, so it waits behind the door as this page holds it; the keys leave its memory too, and the server has them.
 */
function putAway() {
  if (the("app") === null) return; // left quickly
  giveUp();
  the("come-back").querySelector("form").reset();
  if (keysShown || the("app").hidden) {
    hideKeys();
    the("type-back").reset();
    lock.toDoor();
    return;
  }
  aside = ["begin", "forgotten"].find((id) => !the(id).hidden) ?? aside ?? "";
  tell("");
  show("door", VIEWS);
}

/** Whatever log-in is under way opens nothing any more, and nobody waits for it. */
function giveUp(words) {
  turn += 1;
  letGo(words);
  endWay();
}

/** A log-in whose case was not shown ends, and nothing of it stays. */
function endWay() {
  end(way?.api);
  way = null;
  mine?.forget();
}

function end(api) {
  if (!api) return;
  api.again = null;
  api.forget();
}

/** Keep the answers now, where anything may be kept. */
async function keepAnswers() {
  clearTimeout(typing);
  typing = 0;
  if (store === draft && draft.expires !== null) await draft.saveIntake(told());
}

/** Go to another step, with what was answered on this one. The review is shown once it is read. */
async function go(id) {
  tell("");
  if (id !== "step-open") {
    step(id);
    await keepAnswers();
    return takeNewer();
  }
  const before = current;
  current = id;
  try {
    await keepAnswers();
    if (await lookAgain()) step(id);
  } catch (error) {
    current = before;
    throw error;
  }
  return undefined;
}

/** Show these answers. */
function fill(intake) {
  answers.write(intake);
  agreement.write(intake);
  answers.showHelpers();
  const form = the("open").elements;
  [form.code.value, form.any_centre.checked] = [intake.code, intake.any_centre];
  [the("source").value, the("url").value] = [intake.unfinished.source ?? "", intake.unfinished.url ?? ""];
}

/** What was told in another window of this browser stands here too, unless somebody types on. */
function takeNewer() {
  const newer = document.querySelector("[data-over]") === null && draft.newer(told());
  if (!newer) return;
  fill(newer);
  draft.agreed(told());
}

/** Fill the page with what this browser entered before. */
async function goOn(intake) {
  fill(intake);
  show("begin", VIEWS);
  const at = STEPS.includes(intake.step) ? intake.step : "step-you";
  step(at === "step-open" ? "step-notice" : at);
  draft.agreed({ ...told(), agreement: intake.agreement, language: intake.language });
  if (vouching.paper) await usePaper(intake.code);
  if (intake.language !== language) await keepAnswers();
  if (at === "step-open") await go(at).catch(say);
}

/** The code that was scanned just now comes before the one that was kept. Where it is no good that one stays. */
async function usePaper(before) {
  fillIn(vouching.paper);
  vouching.paper = "";
  try {
    await keepAnswers();
  } catch (error) {
    fillIn(before);
    say(error);
  }
}

/** The calls under a log-in with these keys, which `logIn` makes: once, however often the way in is cut after it. */
async function callsUnder(caseId, passphrase, at, logIn) {
  const typed = `${caseId} ${passphrase}`;
  if (way?.typed === typed) return way.api;
  endWay();
  const api = new Api();
  api.again = () => api.logIn(caseId, passphrase); // it may be over before the case is shown
  await logIn(api);
  if (at === turn) way = { typed, api };
  else end(api);
  return api;
}

/**
 * The case view holds the same parts as the new case, all of them at once. They stay as they are until it can be shown,
 * and it is not shown where the page went to its door since `at`. Returns whether it is.
 */
async function enter(api, caseId, at) {
  const opened = at === turn && (await mine.open(api, caseId).catch((error) => {
    if (at === turn) throw error;
  }));
  if (at !== turn) return false;
  [store, way] = [opened, null];
  const anew = () => mine.refresh();
  lock.watch(api, caseId, anew);
  api.changed = anew;
  // What was entered on the way here is the case's now, and stands nowhere until it is asked for.
  for (const form of document.querySelectorAll("form[data-typed]")) delete form.dataset.typed;
  clearParts();
  the("review").replaceChildren();
  the("parts").append(...["step-pictures", "step-places", "step-you", "step-notice"].map(the));
  for (const id of STEPS) the(id).hidden = id === "step-open";
  for (const next of document.querySelectorAll("[data-next]")) next.closest("p").hidden = true;
  for (const back of document.querySelectorAll("[data-back]")) back.hidden = true;
  the("you").prepend(the("country-part"));
  the("save-notice").hidden = false;
  the("save-you").textContent = t("Save");
  mine.settle();
  the("come-back").querySelector("form").reset(); // only now: where the way in was cut off, the keys are still there
  if (keysShown) {
    keysShown = null;
    the("type-back").reset();
    hideKeys();
  }
  show("mine", VIEWS);
  return true;
}

/** In words, what of the draft the case could not keep. */
function leftOut(parts) {
  const names = {
    picture: (number) => t("Photo or video %(number)s", { number }),
    place: (number) => t("Place %(number)s", { number }),
    link: (number) => t("Link %(number)s", { number }),
    "cut-out": (number) => t("The box around the face in photo %(number)s", { number }),
  };
  return parts.map(({ what, number, code }) => `${names[what](number)}: ${words(code)}`);
}

/** Show the keys, also after a reload, and go on only when they were typed back. */
function handOver(opened) {
  if (aside !== null) return lock.toDoor(); // somebody logged out in another window while this was asked for
  fetchMine().catch(() => {}); // ahead; tried again when it is needed
  keysShown = opened;
  showKeys(opened);
  show("keys", VIEWS);
  const refused = leftOut(opened.left_out);
  const said = t("Some of it could not be kept:");
  if (refused.length > 0) tell(`${said} ${refused.join(" ")}`, "warn");
  the("keys-shown").hidden = false;
  the("type-back").hidden = true;
  the("wrote-down").onclick = () => {
    the("keys-shown").hidden = true;
    the("type-back").hidden = false;
    the("typed-number").focus();
  };
  the("see-again").onclick = () => {
    the("keys-shown").hidden = false;
    the("type-back").hidden = true;
  };
  return undefined;
}

async function typedBack() {
  const typed = the("typed").value;
  const { case_id: caseId } = keysShown;
  if (plainNumber(the("typed-number").value) !== caseId) {
    return tell(t("That is not the case number yet. You can look at it again."), "warn");
  }
  if (!sameWords(typed, keysShown.passphrase)) return tell(words("passphrase-differs"), "warn");
  const at = turn;
  await fetchMine();
  const api = await callsUnder(caseId, typed, at, async (calls) => {
    try {
      calls.take(await draft.typedBack(typed));
    } catch (error) {
      if (error.message !== "draft-gone") throw error;
      await calls.again(); // the answer to that was lost: they open the case as they do later
    }
  });
  return (await enter(api, caseId, at)) && tell(t("Your case is open. You can close this page and come back at any time."));
}

/** Read what is kept, and show it for review. Returns false where a case is open already. */
async function lookAgain() {
  await draft.flush();
  const { state, opened } = await draft.load();
  if (state === "opened") {
    handOver(opened);
    return false;
  }
  takeNewer();
  const { review } = await import("./review.mjs").catch(notFetched);
  reviewed = await review(draft, answers, { countryWords: answers.countryWords, go });
  return true;
}

async function openCase(form) {
  await keepAnswers();
  const before = reviewed;
  if (!(await lookAgain())) return;
  if (reviewed !== before) {
    tell(words("draft-changed"), "warn");
    return;
  }
  if (draft.size === 0 && form.get("empty") === null) {
    tell(words("draft-empty"), "warn");
    the("open-empty").focus();
    return;
  }
  handOver(await draft.open(form.get("empty") !== null));
}

async function comeBack(form) {
  const at = turn;
  await fetchMine(); // before the log-in, which would be lost without it
  if (at !== turn) return;
  const [caseId, passphrase] = [plainNumber(form.get("case_id")), form.get("passphrase")];
  const api = await callsUnder(caseId, passphrase, at, (calls) => calls.again());
  await draft.hasKeys(caseId, passphrase).catch(() => {}); // else it is asked for at the next visit
  await enter(api, caseId, at);
}

async function begin() {
  ahead.begin();
  const [at, kept, behind] = [turn, draft.expires !== null, aside];
  if (behind !== null || found === null || kept) await lookUp(); // what could not be asked when the page was loaded
  if (at !== turn) return undefined; // somebody logged out in another window meanwhile
  if (behind !== null && kept && found.state === "none") return lock.toDoor(); // it became a case, or was thrown away
  aside = null;
  if (found.state === "opened") return handOver(found.opened);
  if (behind) {
    show(behind, VIEWS);
    return takeNewer();
  }
  if (found.state === "begun") return takeUp();
  show("begin", VIEWS);
  return step("step-agree");
}

async function lookUp() {
  try {
    found = await draft.load();
  } catch (error) {
    if (aside === null || !draft.forgotten) throw error;
    found = { state: "none" };
  }
}

async function takeUp() {
  await Promise.all([pictures.refresh(), places.refresh()]);
  await goOn(await draft.intake());
}

the("start").addEventListener("click", () => busy(the("start"), begin));
for (const id of ["return", "return-too"]) {
  the(id).addEventListener("click", () => {
    ahead.begin();
    show("come-back", VIEWS);
  });
}
for (const back of document.querySelectorAll("[data-door]")) {
  back.addEventListener("click", () => {
    giveUp(t("Stopped. Your case was not opened."));
    show("door", VIEWS);
  });
}

onSubmit(the("agree"), async () => {
  if (!agreement.whole) return undefined;
  if (agreement.underAge && !answers.age) the("age-minor").checked = true;
  answers.showHelpers();
  if (agreement.code) the("code").value = agreement.code;
  const before = current;
  current = "step-you";
  try {
    await draft.saveIntake(told());
    await draft.flush();
    vouching.paper = ""; // with what is kept now
  } catch (error) {
    current = before;
    throw error;
  }
  step("step-you");
  return takeNewer();
});
onSubmit(the("you"), async () => {
  if (store !== draft) return saveAnswers(store, answers, entered, typedAnswers);
  const taken = answers.takeOut(); // before the step, which may fill the forms again
  await go("step-pictures");
  return tell(taken);
});
onSubmit(the("come-back").querySelector("form"), async (form) => {
  const words = await Promise.race([comeBack(form), new Promise((go) => (letGo = go))]);
  if (words) tell(words); // else what was heard on the way in stands
});
onSubmit(the("open"), openCase);
onSubmit(the("type-back"), typedBack);
onSubmit(the("notice"), async () => {
  if (store !== draft) return saveAnswers(store, answers, entered, typedAnswers);
  ahead.begin(); // what was begun at the first step may be too old by now
  return go("step-open");
});
for (const next of document.querySelectorAll("button[type=button][data-next]")) {
  next.addEventListener("click", async () => {
    if (next.dataset.next === "step-places" && pictures.busy) {
      return tell(t("Your device is still making fingerprints. Please wait, or stop it."), "warn");
    }
    if (next.dataset.next === "step-places" && pictures.waiting > 0) {
      return tell(t("Please say for each photo or video what it is, and keep it or leave it out."), "warn");
    }
    return busy(next, () => go(next.dataset.next));
  });
}
for (const back of document.querySelectorAll("[data-back]")) back.addEventListener("click", () => busy(back, () => go(back.dataset.back)));
the("agree").addEventListener("change", ({ target }) => {
  // Whoever is younger than they said: that counts from now on, and not only once somebody agreed.
  if (target.name !== "age_now" || !agreement.underAge || store !== draft || draft.expires === null) return;
  draft.correctAge({ ...agreement.read(), guardian: "not-needed" }).catch(say);
});
for (const id of ["agree", "you", "notice", "open", "place", "link"]) {
  the(id).addEventListener("change", () => current !== "step-agree" && keepAnswers().catch(say));
  the(id).addEventListener("input", () => {
    clearTimeout(typing);
    if (current !== "step-agree") typing = setTimeout(() => keepAnswers().catch(say), SOON);
  });
}

function say(error) {
  tell(error.said ?? t("Something went wrong here. Nothing was lost; please try again."), "bad");
}

the("throw-away").addEventListener("click", () => {
  the("throw-sure").hidden = false;
  the("throw-no").focus();
});
the("throw-no").addEventListener("click", () => {
  the("throw-sure").hidden = true;
  the("throw-away").focus();
});
for (const id of ["throw-yes", "forget-too"]) {
  the(id).addEventListener("click", () =>
    busy(the(id), async () => {
      if (!draft.forgotten) await draft.throwAway();
      location.replace(location.pathname);
    }),
  );
}
the("keep-anew").addEventListener("click", () =>
  busy(the("keep-anew"), async () => {
    await draft.keepAnew();
    if (aside !== null) return; // somebody logged out in another window meanwhile
    show("begin", VIEWS);
    step(current);
  }),
);
the("lost-read").addEventListener("click", () => (the("lost").hidden = true));

/** Whether something would be lost by leaving: what is not kept yet, and keys that nobody wrote down. */
function wouldBeLost() {
  if (the("app") === null) return false; // left quickly: the page is blank already
  if (lock.leaving) return false; // logged out: that is what was wanted
  if (keysShown || pictures.busy || pictures.waiting > 0 || document.querySelector("[data-over]")) return true;
  return store === draft ? draft.losing : typedInCase();
}

/** Whether something was typed in the open case that is not kept yet. */
function typedInCase() {
  return document.querySelector("#mine form[data-typed]") !== null;
}

noteTyping(the("app"));
watchLengths(the("app"));
addEventListener("beforeunload", (event) => {
  if (typing) keepAnswers().catch(() => {});
  if (wouldBeLost()) event.preventDefault();
});
// What was typed a moment ago is kept before the page comes back in the other language.
for (const link of document.querySelectorAll(".languages a")) {
  link.addEventListener("click", async (event) => {
    if (store !== draft && link.dataset.told) link.href += "&door"; // what this browser keeps waits behind it, as it does behind the lock
    else if (store !== draft) {
      // The log-in is in this page's memory alone: the other language's page asks for the keys again.
      event.preventDefault();
      link.dataset.told = "yes";
      tell(t("The page in the other language asks for your case number and passphrase again. To go there, press the language once more."), "warn", true);
      return;
    }
    if (!typing && !draft.unsent) return;
    event.preventDefault();
    await keepAnswers().catch(() => {});
    location.replace(link.href); // one entry in the history for all of our pages
  });
}

lock.away = putAway;
answers.tidy();
if (!cameToDoor()) await lookUp().catch(say);
if (found?.state === "opened") handOver(found.opened);
else if (found?.state === "begun") await takeUp();
else {
  draft.agreed({ ...told(), agreement: null, language: "" }); // nothing of this page yet, should another window have begun
  await Promise.all([pictures.refresh(), places.refresh()]);
}
the("app").hidden = false;
