// While somebody waits for an advocate: whether it is late, a code that was handed to them.

import { Refused } from "./api.mjs";
import { watchCentres } from "./centres.mjs";
import { onSubmit, t, tell, the, when } from "./page.mjs";

/** The part of the case about being confirmed. */
export class Vouching {
  /** The code that was scanned from paper, until it is with what was entered; else empty. */
  paper = "";
  #store;
  #again;

  constructor(store, again) {
    this.#store = store;
    this.#again = again;
    watchCentres();
    this.paper = takeCodeFromAddress();
    addEventListener("hashchange", takeCodeFromAddress); // scanned while the page stands here
    onSubmit(the("late-code"), async (form) => {
      await this.#handIn(form.get("code").trim());
      the("late-code").reset();
      await this.#again();
      tell(t("Your case is confirmed. From now on the places that you name are read."));
    });
  }

  /** A code counts once. Where the answer was lost it is spent, and the case says whether it was for this one. */
  async #handIn(code) {
    try {
      await this.#store().call("POST", "/code", { code });
    } catch (error) {
      if (error.message !== "code-invalid") throw error;
      if ((await this.#store().summary()).vouched) return;
      throw new Refused("code-invalid", t("This code is wrong, used or too old. Please check it, or ask whoever gave it to you for another."));
    }
  }

  /** How it stands now. */
  async refresh(summary) {
    const waits = summary?.state === "open";
    if (!waits) return;
    const late = summary.vouch_overdue;
    the("vouch-overdue").hidden = !late || summary.in_hand;
    the("vouch-overdue").textContent = late ? this.#lateWords(summary) : "";
  }

  #lateWords({ vouch_due_at: due, any_centre: any }) {
    const late = t("Your case should have been confirmed by %(date)s, and nobody has done it yet. We are sorry. You did nothing wrong, and nothing is lost.", { date: when(due) });
    const more = any
      ? t("Any centre may help you already, and all of them have been told. The quickest way is to call one of them with your case number, or to ask a helpline for a code.")
      : t("You can call one of the centres with your case number, ask a helpline for a code, or tick \"Any centre may help me\" here: then every centre can take your case.");
    return [late, more].join(" ");
  }
}

/** Whoever scanned a code on paper finds it wherever one is asked for. It leaves the address at once, and never reaches a server so. */
function takeCodeFromAddress() {
  const found = /^#code=([A-Za-z0-9-]{12,20})$/.exec(location.hash);
  if (!found) return "";
  history.replaceState(null, "", location.pathname + location.search);
  fillIn(found[1]);
  the("code").dispatchEvent(new Event("change", { bubbles: true })); // as if it was typed: kept, where anything is
  tell(t("The code from your paper is filled in. Begin a new case, or come back to yours, and it is used there."));
  return found[1];
}

/** Put a code wherever one is asked for. */
export function fillIn(code) {
  for (const field of ["guardian-code", "code", "late-code-text"]) the(field).value = code;
}
