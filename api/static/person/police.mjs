// The person wished to be asked again on a day about their wait for the police, and that day is over.

import { button, make, shown, t, the } from "./page.mjs";

const TEXTS = ["age_group", "country", "language", "sender_role", "signature", "mandate_reference", "good_faith_facts", "content_identification", "contact", "permission_to_send"];

/** The question at the top of the case. */
export class Police {
  #store;
  #again;
  #shown = null;

  constructor(store, again) {
    this.#store = store;
    this.#again = again;
  }

  /** Whether it is asked: one question, or none. */
  async refresh() {
    const intake = await this.#store().intake();
    if (this.#shown?.querySelector("form[data-typed]") && intake.police_over) return 1; // what is typed there stays
    this.close();
    if (!intake.police_over) return 0;
    this.#shown = this.#question();
    the("no-questions").after(this.#shown);
    return 1;
  }

  /** The questions were closed. */
  close() {
    this.#shown?.remove();
    this.#shown = null;
  }

  #question() {
    const date = make("input", { type: "date", required: true });
    const wait = make("form", { className: "stack" },
      make("p", {}, make("label", {}, t("Ask me again on"), " ", date)),
      make("p", {}, make("button", { className: "second" }, t("Go on waiting"))));
    wait.addEventListener("submit", (event) => event.preventDefault());
    const goOn = async () => {
      if (!wait.reportValidity()) return;
      delete wait.dataset.typed;
      await this.#keep({ timing: "wait-for-police", police_until: date.value }, () => t("Kept. Nothing is sent, and you are asked again after that day."));
    };
    const send = async () => {
      await this.#keep({ timing: "now", police_until: null }, ({ notices_lifted: lifted, notices_prepared: prepared }) =>
        lifted + prepared ? t("Notices that your centre now looks at and sends: %(count)s", { count: lifted + prepared }) : t("Kept. The wait is over."));
    };
    wait.querySelector("button").replaceWith(button(t("Go on waiting"), goOn));
    return make("section", { className: "card" },
      make("h3", {}, t("Should your notices go on waiting for the police?")),
      make("p", {}, t("You wanted to be asked again, and the day is over. Until you answer, nothing is sent.")),
      wait,
      make("p", {}, button(t("End the wait: notices may be sent now"), send, "")));
  }

  /** The other answers stay as they are kept now. */
  async #keep(changes, words) {
    const kept = await this.#store().intake();
    const done = await this.#store().saveIntake({ ...Object.fromEntries(TEXTS.map((name) => [name, kept[name]])), ...changes });
    await shown(this.#again, words(done));
  }
}
