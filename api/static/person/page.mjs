// What every module of the person's page needs: texts, elements, times.

const settings = JSON.parse(document.getElementById("settings")?.textContent ?? "{}");

export const language = settings.language ?? "en";
export const version = settings.version;
export const minQuality = settings.min_quality;
export const videoLimits = settings.video;
export const privacyVersion = settings.privacy_version;
export const agesOfConsent = settings.ages_of_consent ?? {};
export const cutOuts = settings.cut_outs === true; // whether boxes around faces are switched on here

/** A text in the person's language, which the bundle put in its place; `values` fill its %(name)s. */
export function t(text, values = {}) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** The words for a state, a route, a kind; the code itself where there are none. */
export function say(table, code) {
  return settings.tables?.[table]?.[code] ?? code ?? "";
}

/** The element with this id. */
export function the(id) {
  return document.getElementById(id);
}

/** A new element: make("p", {className: "hint"}, "text", child). */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A button that says `text` and does `act`; it waits while `act` runs, so that nothing happens twice. */
export function button(text, act, className = "second") {
  const made = make("button", { type: "button", className }, text);
  made.addEventListener("click", () => busy(made, act));
  return made;
}

/**
 * Do `act`, and show the page anew whatever came of it: refused, it may stand otherwise than it was shown. `words`, of
 * what came back, says what was done.
 */
export async function thenAnew(act, anew, words = () => "") {
  let done;
  try {
    done = await act();
  } catch (error) {
    await anew().catch(() => {}); // why it was refused is said
    throw error;
  }
  await shown(anew, words(done));
}

/**
 * Show what was done, and say it. Where showing fails it is done all the same: that is said with it, so that nobody does
 * it twice, nor misses what it did.
 */
export async function shown(anew, words = "") {
  try {
    await anew();
  } catch (error) {
    if (!error.said) Promise.reject(error); // a fault of ours: seen where all of them are
    const said = t("Done, but it could not be shown anew.");
    throw Object.assign(new Error("not-shown"), { said: `${said} ${words}`.trim(), done: true });
  }
  if (words) tell(words);
}

const SLOW = 3000; // milliseconds until whoever waits is told that it goes on

// What is being done already is not begun anew by a second press, nor by Enter in its form.
document.addEventListener("click", (event) => {
  if (!event.target.closest('[aria-disabled="true"]')) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

/** Run `act` once, and say so where it takes long; what goes wrong is said in words. */
export async function busy(control, act) {
  if (control.getAttribute("aria-disabled") === "true") return;
  const home = control.closest("section") ?? the("app");
  const atLock = control.closest("#locked") !== null;
  // Not `disabled`: whoever uses a keyboard or a screen reader would be nowhere meanwhile.
  control.setAttribute("aria-disabled", "true");
  tell("", "good", atLock);
  const [said, still] = [the("said"), t("Still on its way. Please leave this page open.")];
  const slow = setTimeout(() => said.textContent || tell(still, "warn", atLock), SLOW);
  try {
    await act();
    if (said.textContent === still) tell("", "good", atLock);
  } catch (error) {
    tell(error.said ?? t("Something went wrong here. Nothing was lost; please try again."), error.done ? "warn" : "bad", atLock);
    if (!error.said) throw error;
  } finally {
    clearTimeout(slow);
    control.removeAttribute("aria-disabled");
    keepFocus(control, home);
  }
}

/** What was pressed may be gone now: whoever reads with a keyboard or a screen reader stays where they were. */
function keepFocus(control, home) {
  const active = document.activeElement;
  if (active && active !== document.body && active.offsetParent !== null) return;
  const heading = home?.querySelector("h1, h2, h3");
  const place = [control, heading, the("said")].find((one) => one?.isConnected && (one.offsetParent !== null || one.id === "said"));
  if (!place) return;
  if (place !== control) place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

/** Handle a form without leaving the page. */
export function onSubmit(form, act) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (tooLong(form)) return;
    busy(event.submitter ?? form.querySelector("button"), async () => {
      delete form.dataset.typed; // before: what it does may show the page anew
      try {
        await act(new FormData(form));
      } catch (error) {
        if (!error.done) form.dataset.typed = "yes";
        throw error;
      }
    });
  });
}

/**
 * Do `act` with what stands in the form, which is free for the next words at once: what is typed meanwhile stays. What
 * was refused stands in it again, before what was typed since; a field of one line holds only one of them, the newer.
 */
export async function freed(form, act) {
  const values = [...form.elements].map((field) => [field, field.checked, field.value]);
  form.reset();
  try {
    return await act();
  } catch (error) {
    const untouched = values.every(([field]) => !TYPED.includes(field.type) || field.value === field.defaultValue);
    for (const [field, checked, value] of values) {
      if (untouched) putBack(field, checked, value);
      else if (field.type === "textarea") field.value = [value, field.value].filter(Boolean).join("\n\n");
      if (field.type === "textarea") field.dispatchEvent(new Event("input", { bubbles: true })); // it may be too long now
    }
    throw error;
  }
}

const TYPED = ["text", "textarea"];

function putBack(field, checked, value) {
  field.checked = checked;
  if (field.type !== "checkbox" && field.type !== "radio") field.value = value;
}

/** Whether more was typed than a field takes: then it is said, and all of it stays. */
function tooLong(form) {
  const field = [...form.querySelectorAll("[data-over]")].find((one) => one.offsetParent !== null);
  if (!field) return false;
  tell(t("Not sent: letters too many: %(count)s. All that you typed is still here.", { count: field.dataset.over }), "warn");
  field.focus();
  return true;
}

/** Fill a list anew. A form in which somebody is typing is put into its new row by `rows()`: they type on. */
export function refill(list, rows) {
  const active = document.activeElement;
  list.replaceChildren(...rows());
  if (list.contains(active)) active.focus({ preventScroll: true });
}

/** Empty a list, but for rows in which something was typed: they wait, out of sight. */
export function clearList(list) {
  for (const row of [...list.children]) if (!row.querySelector("form[data-typed]")) row.remove();
}

/** Note in each form of `place` that something was typed there and is not kept yet: in its data-typed. */
export function noteTyping(place) {
  place.addEventListener("input", ({ target }) => target.form && (target.form.dataset.typed = "yes"));
  place.addEventListener("reset", ({ target }) => delete target.dataset.typed);
}

let held = null; // what was to be said last while the page was locked

function isLocked() {
  return the("app")?.dataset.locked === "yes";
}

/** The page is open again: what was to be said meanwhile is said. */
export function tellHeld() {
  const [text, mood] = held ?? ["", "good"];
  held = null;
  tell(text, mood);
}

/**
 * Say something above the content, also to a screen reader. `mood`: good, warn or bad. While the page is locked it waits,
 * but for what is said of the lock itself (`atLock`): whoever has the phone reads nothing of the case.
 */
export function tell(text, mood = "good", atLock = false) {
  if (isLocked() && !atLock) {
    if (text) held = [text, mood];
    return;
  }
  const place = the("said");
  place.className = text ? `message ${mood}` : "";
  const long = text.length > MOST_HEARD;
  place.setAttribute("role", long ? "note" : "status");
  place.setAttribute("aria-live", long ? "off" : "polite");
  the("heard").textContent = long ? beginning(text).slice(0, MOST_HEARD) : "";
  place.textContent = text;
}

const MOST_HEARD = 150; // letters: a screen reader reads all of it, and cannot be stopped at a word

/** Whole sentences from the beginning, as many as are heard at once; else its first letters. */
function beginning(text) {
  const sentences = text.match(/[^.?!]+[.?!]+\s*/g) ?? [];
  let said = "";
  for (const sentence of sentences) {
    if (said.length + sentence.length > MOST_HEARD) break;
    said += sentence;
  }
  return said || text.slice(0, MOST_HEARD);
}

/** Say something to a screen reader alone, short: what the eye sees happen. */
export function hear(text) {
  if (isLocked()) return;
  the("heard").textContent = text.slice(0, MOST_HEARD);
}

/** Show one part of the page, and put the reader at its heading. */
export function show(id, among) {
  for (const other of among) the(other).hidden = other !== id;
  const heading = the(id).querySelector("h1, h2");
  if (heading) {
    heading.tabIndex = -1;
    heading.focus();
  }
}

// Field by field: engines of 2019 do not know dateStyle, and would leave the hour out.
const MOMENT = { year: "numeric", month: language === "ko" ? "numeric" : "short", day: "numeric", hour: "numeric", minute: "2-digit" };

const DAY = { ...MOMENT, hour: undefined, minute: undefined, timeZone: "UTC" };

/** A time in the person's own zone, or a day, which is the same everywhere; empty for none. */
export function when(iso) {
  if (!iso) return "";
  return new Intl.DateTimeFormat(language, iso.includes("T") ? MOMENT : DAY).format(new Date(iso));
}

/** A list of names and values; those without a value are left out. */
export function facts(pairs) {
  const list = make("dl", { className: "facts" });
  for (const [name, value] of pairs) {
    if (value) list.append(make("div", {}, make("dt", {}, name), make("dd", {}, value)));
  }
  return list;
}
