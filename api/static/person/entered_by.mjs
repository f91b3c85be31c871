// The mark beside what an advocate entered for the person.

import { make, t } from "./page.mjs";

/** "entered by NAME, ORGANISATION", or nothing where the person did. */
export function enteredBy(who) {
  if (!who) return null;
  const words = t("entered by %(name)s, an advocate of %(organisation)s", who);
  return make("span", { className: "badge entered" }, words);
}
