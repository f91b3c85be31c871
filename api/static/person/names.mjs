// Names that are looked for beside the pictures: off until the person says yes, word by word, and each one theirs to end.

import { button, busy, make, onSubmit, say, t, tell, the } from "./page.mjs";

/** The part of the places about names. */
export class Names {
  #store;

  constructor(store) {
    this.#store = store;
    the("names-on").addEventListener("change", (event) => this.#switch(event.target));
    onSubmit(the("name-term"), async (form) => {
      await this.#store().call("POST", "/names/terms", { kind: form.get("kind"), text: form.get("text").trim() });
      the("name-term").reset();
      await this.refresh();
      tell(t("Kept. It is looked for once an advocate has said that it is yours."));
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
          button(t("Take it back"), async () => {
            await this.#store().call("DELETE", `/names/terms/${id}`);
            await this.refresh();
          }, "quiet"),
        ),
      ),
    );
  }

  #switch(box) {
    return busy(box, async () => {
      try {
        await this.#store().call("PUT", "/names", { on: box.checked });
        tell(box.checked ? t("Switched on. Now add the words that name you.") : t("Switched off. Your words were destroyed."));
      } finally {
        await this.refresh(); // as it is
      }
    });
  }
}
