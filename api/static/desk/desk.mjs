// The queue without leaving the page: the same forms are sent, the same links followed, and the answer takes the place
// of what is shown. Nothing here decides anything, and without this file every form and link works.
import { offerCopies } from "../copying.mjs";
import { letterOf } from "./letters.mjs";

const TOLD = ["done", "problem", "sighting", "copies", "decided", "refused", "why"];
const FORMS = "form[data-confirm], form[data-dismiss], form[data-ask], form[data-undo], #several";
let waiting = false; // what is pressed while an answer is on its way would meet an item that nobody has read

const spoken = document.createElement("p"); // outlives what is swapped, so that a reader says what was done
spoken.className = "unseen";
spoken.setAttribute("role", "status");

function desk() {
  return document.getElementById("desk");
}

/** The page at an address, as a document of its own: none of its scripts runs, and nothing is written as text. */
function visit(address, values = null) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(values ? "POST" : "GET", address);
    request.responseType = "document";
    if (values) request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    request.addEventListener("load", () => resolve({ page: request.response, address: request.responseURL }));
    request.addEventListener("error", () => reject(new Error("unreachable")));
    request.send(values ? values.toString() : null);
  });
}

/** An address without the place on its page. */
function pageOf({ pathname, search }) {
  return pathname + search;
}

let shown = pageOf(location);

/** Show the page in place of this one; where it is another kind of page, go there. */
function show({ page, address }, { push = true } = {}) {
  if (!page?.getElementById("desk")) {
    location.assign(address);
    return;
  }
  const scrolled = window.scrollY;
  for (const part of ["main", "nav.tabs", ".languages"]) {
    const here = document.querySelector(part);
    const fresh = page.querySelector(part);
    if (here && fresh) here.replaceWith(document.adoptNode(fresh));
  }
  offerCopies();
  document.title = page.title;
  const kept = new URL(address);
  for (const name of TOLD) kept.searchParams.delete(name);
  shown = pageOf(kept);
  if (push) history.pushState(null, "", kept);
  window.scrollTo(0, scrolled);
  const said = document.querySelector("main > .message, main > [role=alert]");
  spoken.textContent = "";
  spoken.textContent = said?.querySelector("p")?.textContent ?? said?.textContent ?? "";
  focusItem();
}

/** The item that is shown has the focus: its line, or the card where the list is folded away. */
function focusItem() {
  const line = desk()?.querySelector(".items a[aria-current]");
  const target = line?.offsetParent ? line : document.getElementById("item");
  target?.focus({ preventScroll: true });
  line?.scrollIntoView({ block: "nearest" });
}

async function go(address, values = null, options = {}) {
  if (waiting) return;
  waiting = true;
  desk()?.setAttribute("aria-busy", "true");
  try {
    show(await visit(address, values), options);
  } catch {
    location.assign(values ? location.href : address); // the browser says what is wrong, and nothing is sent twice
  } finally {
    waiting = false;
    desk()?.removeAttribute("aria-busy");
  }
}

function valuesOf(form, submitter) {
  const values = new URLSearchParams();
  for (const [name, value] of new FormData(form)) values.append(name, value);
  if (submitter?.name) values.append(submitter.name, submitter.value);
  return values;
}

let pressed = null; // older engines do not tell which button sent a form

function onSubmit(event) {
  if (!desk() || !event.target.matches(FORMS)) return;
  event.preventDefault();
  go(event.target.getAttribute("action"), valuesOf(event.target, event.submitter ?? pressed));
}

function onClick(event) {
  pressed = event.target.closest?.("button") ?? null;
  const link = event.target.closest?.("#desk a[href]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const address = new URL(link.href);
  const inPlace = address.pathname === "/advocate" && link.getAttribute("href") !== "#list";
  if (!inPlace || address.origin !== location.origin) return;
  event.preventDefault();
  go(address.href);
}

/** What a key does; false where it means nothing now. */
function act(key) {
  const here = desk();
  const one = (selector) => here.querySelector(selector);
  const press = (element) => {
    element?.click();
    return Boolean(element);
  };
  switch (key) {
    case "?":
      here.querySelector("#keys").open = !here.querySelector("#keys").open;
      return true;
    case "Escape":
      return press(one("#keys[open] summary"));
    case "j":
      return press(one(".step [rel=next]") ?? one(".pages [aria-current] + a"));
    case "k":
      return press(one(".step [rel=prev]"));
    case "u":
      return press(document.querySelector("form[data-undo] button"));
    case "x":
      return press(one(".items .mine input[type=checkbox]"));
    case "c": {
      const text = one("details[data-caption]");
      if (text) text.open = !text.open;
      return Boolean(text);
    }
    case "s":
      return press(
        document.querySelector(".message a[href^='/advocate/notices/']") ||
          document.querySelector(".message.good a[href^='/advocate/sightings/']"),
      );
    default:
      return press(one(`.detail [data-key="${CSS.escape(key)}"]`));
  }
}

function onKey(event) {
  const here = desk();
  if (!here || waiting || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  // Single keys work only where the queue has the focus, and never where somebody types.
  const at = document.activeElement;
  if (!here.contains(at)) return;
  if (at.matches("input:not([type=checkbox]):not([type=radio]), select, textarea")) return;
  if (event.repeat) return; // a key that is held decides once
  if (act(letterOf(event))) event.preventDefault();
}

if (desk()) {
  document.body.append(spoken);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  // A place on this very page, as the list of a phone, is reached without asking anew: the browser goes there.
  window.addEventListener("popstate", () => pageOf(location) !== shown && go(location.href, null, { push: false }));
  // At a desk the first key decides, without a click before it.
  if (matchMedia("(min-width: 64rem)").matches && !location.hash && document.activeElement === document.body) focusItem();
}
