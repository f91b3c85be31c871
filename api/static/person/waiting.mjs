// While somebody waits for an advocate: whether it is late, and a code that was handed to them.

import { Refused } from "./api.mjs";
import { freed, onSubmit, shown, t, the, when } from "./page.mjs";

/** The part of an open case about being vouched for. */
export class Waiting {
  #store;
  #again;

  constructor(store, again) {
    this.#store = store;
    this.#again = again;
    onSubmit(the("late-code"), async (form) => {
      await freed(the("late-code"), () => this.#handIn(form.get("code").trim()));
      await shown(this.#again, t("An advocate has vouched for you. From now on the places that you name are read."));
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
    const late = t("An advocate should have vouched for you by %(date)s, and nobody has done it yet. We are sorry. You did nothing wrong, and nothing is lost.", { date: when(due) });
    const more = any
      ? t("Any centre may help you already, and all of them have been told. The quickest way is to call one of them with your case number, or to ask a helpline for a code.")
      : t("You can call one of the centres with your case number, ask a helpline for a code, or tick \"Any centre may help me\" here: then every centre can take your case.");
    return [late, more].join(" ");
  }
}
