// What the person is asked for of a joint report: they sign their own part, or say no. Nobody else is named.

import { button, clearList, make, onSubmit, refill, t, the, thenAnew, when } from "./page.mjs";

const STATES = {
  agreed: () => t("You agreed. Until it is sent you can take that back."),
  declined: () => t("You said no. You can change your mind until it is sent."),
  sent: () => t("Your part was sent, as you signed it."),
  leftBefore: () => t("Your part was sent as you had signed it: the centre had taken the text before you said something else, and noted that only afterwards."),
};

/** The questions at the top of the case. */
export class Joint {
  #store;
  #again;

  constructor(store, again) {
    this.#store = store;
    this.#again = again;
  }

  /** What is asked, and what was answered. How many wait for an answer. */
  async refresh() {
    const { parts } = await this.#store().jointParts();
    the("joint").hidden = parts.length === 0;
    refill(the("joint-list"), () => parts.map((part) => this.#part(part)));
    return parts.filter(({ state }) => state === "asked").length;
  }

  /** The questions were closed. */
  close() {
    clearList(the("joint-list"));
  }

  #part({ part_id: id, state, left_before: leftBefore, asked_by: by, organisation, asked_at: at }) {
    const words = STATES[leftBefore ? "leftBefore" : state];
    const item = make(
      "li",
      { className: "card" },
      make("p", {}, t("asked by %(name)s, an advocate of %(organisation)s", { name: by, organisation }), " ", make("span", { className: "hint" }, when(at))),
      words ? make("p", {}, make("strong", {}, words())) : null,
    );
    // Whoever had agreed may be in a text that left already.
    const kept = () =>
      state === "agreed"
        ? t("Kept: your part is not in it any more. If it had left before, you will read that here.")
        : t("Kept: your part is not sent.");
    const decline = async () => {
      await thenAnew(async () => {
        await this.#store().declinePart(id);
        const form = the(`words-${id}`)?.form;
        if (form) delete form.dataset.typed; // they said no
      }, this.#again, kept);
    };
    if (state === "agreed") item.append(make("p", {}, button(t("Take it back"), decline)));
    if (state === "asked" || state === "declined") {
      const typed = the(`words-${id}`)?.form;
      item.append(typed?.dataset.typed ? typed : this.#form(id, state === "asked" && decline));
    }
    return item;
  }

  #form(id, decline) {
    const sign = make("input", { id: `sign-${id}`, name: "signature", maxLength: 200, autocomplete: "off", required: true });
    const words = make("textarea", { id: `words-${id}`, name: "statement", maxLength: 3000 });
    const form = make(
      "form",
      { className: "stack", autocomplete: "off" },
      make("p", {}, make("label", { htmlFor: words.id }, t("In your own words, if you want to say something")), words),
      make("p", {}, make("label", { htmlFor: sign.id }, t("Sign: type your name, or the name you want to sign with")), sign),
      make("p", {}, make("button", {}, t("I agree, and sign my part"))),
    );
    if (decline) form.append(make("p", {}, button(t("No, not for me"), decline)));
    onSubmit(form, async (values) => {
      await thenAnew(async () => {
        try {
          await this.#store().agreePart(id, values.get("signature"), words.value);
        } catch (error) {
          form.dataset.typed = "yes"; // it stays, where it is still asked for
          throw error;
        }
      }, this.#again, () => t("Thank you. Your part is signed."));
    });
    return form;
  }
}
