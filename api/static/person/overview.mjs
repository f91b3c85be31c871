// How the case stands in one sentence and four numbers, what is new, and where could not be looked.

import { make, t, the, when } from "./page.mjs";

const NUMBERS = ["removed", "waiting", "followed", "asked"];

/** Why nothing is looked for, as words; "" while something is. */
function notLooking({ paused_at: paused, coverage }, summary) {
  if (!summary.vouched) return t("Nothing is looked for before somebody has vouched for you.");
  if (coverage.places === coverage.paused && (paused || (coverage.places > 0 && coverage.listed === 0))) {
    return t("Looking is paused, as you wished.");
  }
  if (coverage.places + coverage.listed === 0) return t("No place is being watched. You can add one under \"Change or add\".");
  return summary.paused ? t("Looking goes on as soon as work does.") : "";
}

/** Which places are read just now, as words; "" while none is. */
export function looking(standing, summary) {
  const { places, paused, unread, listed } = standing.coverage;
  if (notLooking(standing, summary)) return "";
  if (places > paused + unread) return t("The places you named are being read.");
  return listed > 0 && !standing.paused_at ? t("The places on your centre's list are being read.") : "";
}

/** Why nobody checks whether something reported is gone; "" where it is checked, or nothing is. */
function notChecked({ resting, unfollowed }) {
  if (unfollowed > 0) return t("Something was reported. Whether it is gone is not checked, because no yes of yours to that stands.");
  return resting > 0 ? t("Something was reported. Whether it is gone is not checked, because that is paused, as you wished.") : "";
}

function sentence(standing, summary) {
  const { removed, waiting, followed, asked, unread, news } = standing;
  const why = notLooking(standing, summary);
  const unchecked = notChecked(standing);
  if (asked === 1 && standing.police_over) return t("The day is over until which you wanted to wait for the police. You are asked whether to go on waiting.");
  if (asked > 0) {
    return summary.paused || why || unchecked
      ? t("Your centre asks you something.")
      : t("Your centre asks you something. Everything else goes on meanwhile.");
  }
  if (unread > 0) return t("Your centre has written to you. You can read it when you want.");
  if (news.came_back > 0) return t("Something that was gone is there again. Your centre sees it, and you need to do nothing.");
  if (news.taken_back > 0) return t("Your centre took back a decision about something that stood here as gone. You need to do nothing. What happened stands with your receipts.");
  if (!summary.paused && followed > 0) return t("Removing is under way. You need to do nothing.");
  if (!summary.paused && waiting > 0) {
    return summary.young
      ? t("Something was found. Your centre, or the people who help right now, can act on it. See \"What was found\".")
      : t("Something was found. Your centre looks at what can be done, and asks you where it needs you.");
  }
  if (unchecked) return [unchecked, why].join(" ").trim();
  if (removed > 0 && followed + waiting === 0) {
    return why
      ? [t("Everything that was found is gone."), why].join(" ")
      : t("Everything that was found is gone. We go on looking.");
  }
  if (why) return why;
  return t("Nothing was found so far. We go on looking.");
}

function newsLines({ since, found, removed, came_back: back, sent }) {
  if (!since) return [];
  const told = [
    removed && t("gone: %(count)s", { count: removed }),
    found && t("found: %(count)s", { count: found }),
    sent && t("notices that left: %(count)s", { count: sent }),
    back && t("there again: %(count)s", { count: back }),
  ].filter(Boolean);
  const date = when(since);
  return [
    told.length > 0
      ? t("New since %(date)s: %(what)s", { date, what: told.join(" · ") })
      : t("Nothing new since %(date)s.", { date }),
  ];
}

function gapLines({ places, paused, unread, not_inspected: missed }, unchecked) {
  return [
    unchecked && t("Reported, and not checked whether it is gone: %(count)s", { count: unchecked }),
    paused && t("Places that are paused: %(count)s of %(all)s", { count: paused, all: places }),
    unread && t("Places that cannot be read at the moment: %(count)s of %(all)s. We go on trying.", { count: unread, all: places }),
    missed && t("Pictures and videos that could not be fully looked at: %(count)s. A copy may be among them.", { count: missed }),
  ].filter(Boolean);
}

/** Show it. Only numbers and times come here. */
export function showStanding(standing, summary) {
  the("sentence").textContent = sentence(standing, summary);
  for (const name of NUMBERS) the(`number-${name}`).textContent = String(standing[name]);
  the("news").replaceChildren(
    ...newsLines(standing.news).map((text) => make("li", { className: "message" }, text)),
    ...gapLines(standing.coverage, standing.resting + standing.unfollowed).map((text) => make("li", { className: "message warn" }, text)),
  );
  const next = summary.paused ? null : standing.next_check_at;
  the("next-check").textContent = next
    ? standing.next_check_due
      ? t("The next look is about to begin.")
      : t("The next look: %(date)s", { date: when(next) })
    : t("No look is planned now.");
}
