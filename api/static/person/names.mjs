// Names that are looked for beside the pictures: off until the person says yes, word by word, and each one theirs to end.

import { question, remover } from "./asked.mjs";
import { busy, freed, make, onSubmit, say, shown, t, the, thenAnew } from "./page.mjs";

/** The part of the places about names. */
export class Names {
  #store;
  #off; // the question before all words are destroyed

  constructor(store) {
    this.#store = store;
    const stay = () => {
      this.#off.asked.remove();
      the("names-on").focus();
    };
    this.#off = question({
      why: t("Your words are destroyed. To have them looked for again you add each one anew, and an advocate says again that it is yours."),
      sure: t("Yes, destroy my words"),
      act: () => this.#set(false).then(stay),
      stay,
    });
    the("names-on").addEventListener("change", (event) => this.#switch(event.target));
    onSubmit(the("name-term"), async (form) => {
      const term = { kind: form.get("kind"), text: form.get("text").trim() };
      await freed(the("name-term"), () => this.#store().call("POST", "/names/terms", term));
      await shown(() => this.refresh(), t("Kept. It is looked for once an advocate has said that it is yours."));
    });
  }

  /** How it stands. */
  async refresh() {
    const { offered, on, terms } = await this.#store().call("GET", "/names");
    the("names").hidden = !offered && !on;
    the("names-on").checked = on;
    the("names-given").hidden = !on;
    the("name-terms").replaceChildren(
      ...terms.map(({ term_id: id, kind, term, state }) =>
        make(
          "li",
          {},
          make("span", {}, say("term_kinds", kind), ": ", term, " ", make("span", { className: "badge" }, say("term_states", state))),
          remover({
            text: t("Take it back"),
            label: `${t("Take it back")}: ${term}`,
            why: t("This word is destroyed. To have it looked for again you add it anew, and an advocate says again that it is yours."),
            sure: t("Yes, destroy this word"),
            act: async () => {
              await this.#store().call("DELETE", `/names/terms/${id}`);
              await shown(() => this.refresh());
            },
            title: "names-title",
            done: t("Taken back. This word was destroyed."),
          }),
        ),
      ),
    );
  }

  #switch(box) {
    if (box.checked || the("name-terms").childElementCount === 0) return busy(box, () => this.#set(box.checked));
    box.checked = true; // until they said that they mean it
    box.closest("p").after(this.#off.asked);
    return this.#off.ask();
  }

  async #set(on) {
    await thenAnew(() => this.#store().call("PUT", "/names", { on }), () => this.refresh(), () => on ? t("Switched on. Now add the words that name you.") : t("Switched off. Your words were destroyed."));
  }
}
