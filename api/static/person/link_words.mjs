// What became of a link that the person entered, in words: only an open case has them.

import { t } from "./page.mjs";

const STATES = {
  read: () => t("was looked at"),
  routed: () => t("is kept, but not opened: it is not a public post on Telegram or X"),
  done: () => t("is kept; you have reported it there"),
  unavailable: () => t("could not be opened"),
};
const WAITS = {
  vouching: () => t("will be looked at once somebody has vouched for you"),
  platform: () => t("is kept; posts of this platform are not looked at here at the moment"),
  "go-on": () => t("is paused, and is looked at when you let everything go on"),
  work: () => t("is looked at when work goes on here"),
  turn: () => t("will be looked at soon"),
};
const REASONS = {
  "too-plain": () => t("cannot be told from other pictures, so copies of it are not looked for"),
  partial: () => t("could be looked at only in part"),
};

/** How it stands, and what was in the way. */
export function linkWords({ state, reason, waits_for: waits }) {
  return { standing: (WAITS[waits] ?? STATES[state])?.() ?? state, trouble: REASONS[reason]?.() ?? "" };
}
