// Notices whose recipient requires the person's own address: they read all of it, and say yes or no to each.

import { button, make, say, t, the, thenAnew, when } from "./page.mjs";

const STATES = {
  agreed: () => t("You said yes. Until it is sent you can take that back."),
  declined: () => t("You said no, so it is not sent. Other ways stay open. You can change your mind."),
  closed: () => t("There is nothing to answer any more."),
};

/** The questions at the top of the case. */
export class Addresses {
  #store;
  #again;

  constructor(store, again) {
    this.#store = store;
    this.#again = again;
  }

  /** What is asked, and what was answered. How many wait for an answer. */
  async refresh() {
    const { questions } = await this.#store().addresses();
    the("addresses").hidden = questions.length === 0;
    the("addresses-list").replaceChildren(...questions.map((one) => this.#question(one)));
    return questions.filter(({ state }) => state === "asked").length;
  }

  /** The questions were closed. */
  close() {
    the("addresses-list").replaceChildren();
  }

  #question({ notice_id: id, route, state, recipient, address, language: lang, text, asked_at: at }) {
    const goes = t("It goes to");
    const stands = t("Your address, as it would stand there");
    const item = make(
      "li",
      { className: "card" },
      make("p", {}, make("strong", {}, say("routes", route)), " ", make("span", { className: "hint" }, when(at))),
      make("p", {}, `${goes}: `, make("code", {}, recipient)),
      make("p", {}, `${stands}: `, make("code", {}, address)),
      make("details", {}, make("summary", {}, t("Read the whole notice")), make("pre", { tabIndex: 0, lang }, text)),
      state in STATES ? make("p", {}, make("strong", {}, STATES[state]())) : null,
    );
    const yes = async () => {
      await thenAnew(() => this.#store().agreeAddress(id, address), this.#again, () => t("Thank you. Your address may stand in this notice, and in no other."));
    };
    const no = async () => {
      await thenAnew(() => this.#store().declineAddress(id), this.#again, () => t("Kept: this notice is not sent."));
    };
    if (state === "asked") item.append(make("p", { className: "row" }, button(t("Yes, in this notice"), yes), " ", button(t("No, not my address"), no, "second")));
    if (state === "agreed") item.append(make("p", {}, button(t("Take the yes back"), no)));
    if (state === "declined") item.append(make("p", {}, button(t("Yes after all, in this notice"), yes)));
    return item;
  }
}
