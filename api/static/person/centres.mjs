// The centres that work here: fetched when a list of them comes into sight, and again when it does so later.

import { Api } from "./api.mjs";
import { facts, language, make, say, t, when } from "./page.mjs";

const FRESH = 60_000; // milliseconds: whether somebody is there changes by the minute
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY = 1440; // minutes

let fetched = 0;

/** In the person's language. */
function own(profile, name) {
  return profile[`${name}_${language === "ko" ? "ko" : "en"}`];
}

function clock(minutes) {
  const shown = minutes > DAY ? minutes - DAY : minutes;
  return `${String(Math.floor(shown / 60)).padStart(2, "0")}:${String(shown % 60).padStart(2, "0")}`;
}

/** When that changes by the centre's own clocks, and by those of this device where they differ. */
function change({ until, until_there: there, profile }) {
  const at = new Date(until);
  const clock = (timeZone) => {
    try {
      return at.toLocaleString("en", { timeZone });
    } catch {
      return ""; // a zone that this engine does not know yet
    }
  };
  const words = there[language];
  return clock() === clock(profile.zone) ? words : t("%(words)s (%(time)s your time)", { words, time: when(until) });
}

function badge(card) {
  const { is_open: open, until, always } = card;
  if (always) return make("span", { className: "badge good" }, t("day and night"));
  if (open === null) return null;
  if (open) return make("span", { className: "badge good" }, until ? t("there now, until %(time)s", { time: change(card) }) : t("there now"));
  return make("span", { className: "badge" }, until ? t("closed now, opens %(when)s", { when: change(card) }) : t("closed now"));
}

/** Phone, text message and chat, each as something to press. */
function ways({ phone, text, chat }) {
  const bare = (number) => number.replace(/[^0-9+#*]/g, "");
  return make(
    "p",
    { className: "ways" },
    phone ? make("a", { className: "button", href: `tel:${bare(phone)}` }, t("Call %(phone)s", { phone })) : null,
    text ? make("a", { className: "button", href: `sms:${bare(text)}` }, t("Text message to %(number)s", { number: text })) : null,
    chat.startsWith("https://")
      ? make("a", { className: "button", href: chat, rel: "noreferrer" }, t("Chat"))
      : chat ? make("span", {}, t("Chat"), ": ", chat) : null,
  );
}

function week({ hours }, place) {
  const days = DAYS.map((name, day) => {
    const parts = hours.filter((one) => one.day === day).map(({ opens, closes }) => `${clock(opens)}-${clock(closes)}`);
    return [say("weekdays", name), parts.join(", ")];
  });
  return make("details", {}, make("summary", {}, t("When they are there (%(place)s time)", { place })), facts(days));
}

/** One centre: who, whether they are there, what they ask, how to reach them. */
function entry(card) {
  const { profile } = card;
  if (!profile) return make("li", {}, make("strong", {}, card.organisation), card.contact ? ` ${card.contact}` : "");
  const speaks = profile.languages.map((code) => say("spoken", code)).join(", ");
  return make(
    "li",
    { className: "centre" },
    make("p", {}, make("strong", {}, own(profile, "name")), " ", badge(card)),
    ways(profile),
    facts([
      [t("What they ask"), own(profile, "asks")],
      [t("Languages"), speaks],
      [t("Please note"), own(profile, "note")],
    ]),
    profile.hours.length > 0 && !card.always ? week(profile, card.city[language]) : null,
  );
}

async function fill() {
  if (Date.now() - fetched < FRESH) return;
  fetched = Date.now();
  const unanswered = (hidden) => {
    for (const note of document.querySelectorAll("[data-no-answer]")) note.hidden = hidden;
  };
  try {
    const { centres } = await new Api().get("/centres");
    for (const list of document.querySelectorAll("[data-centres]")) list.replaceChildren(...centres.map(entry));
    for (const note of document.querySelectorAll("[data-no-centres]")) note.hidden = centres.length > 0;
    unanswered(true);
  } catch {
    fetched = 0;
    unanswered(false);
  }
}

/** Fill every list of centres when it is seen. */
export function watchCentres() {
  const seen = new IntersectionObserver((entries) => {
    if (entries.some((one) => one.isIntersecting)) fill();
  }, { rootMargin: "9999px" }); // wherever it stands on the page: only what is hidden is not there
  // The whole section: an empty list has no height, so nobody would ever see it.
  for (const section of document.querySelectorAll(".vouching")) seen.observe(section);
  window.addEventListener("online", fill);
}
