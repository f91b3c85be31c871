// The optional mailbox: off until the person asks for it, and shown only when they open it.

import { busy, language, onSubmit, shown, t, the, when } from "./page.mjs";

const FIELDS = ["address", "sender", "subject"];

/** The part about mails. */
export class News {
  #calls;
  #none = the("news-off").textContent;
  #ask = the("news-form").querySelector("button").textContent;

  constructor(calls) {
    this.#calls = calls;
    onSubmit(the("news-form"), async (form) => {
      const words = Object.fromEntries(FIELDS.map((name) => [name, form.get(name).trim()]));
      await this.#calls().put("/news-mail", { ...words, language });
      await shown(() => this.load(), t("Kept. Such a mail may come from now on, at most one a day."));
    });
    the("news-end").addEventListener("click", (event) =>
      busy(event.currentTarget, async () => {
        await this.#calls().delete("/news-mail");
        the("news-form").reset(); // also what was typed there
        await shown(() => this.load(), t("No more mail comes, and the address is forgotten."));
      }),
    );
  }

  get #typed() {
    return the("news-form").dataset.typed;
  }

  async load() {
    const told = await this.#calls().get("/news-mail");
    const may = Boolean(told.address) || (told.available && told.vouched);
    the("news-off").hidden = may;
    the("news-off").textContent = told.available ? t("It can be switched on once somebody has vouched for you.") : this.#none;
    the("news-on").hidden = !may;
    the("news-from").textContent = told.mailed_from;
    if (!this.#typed) for (const name of FIELDS) the(`news-${name}`).value = told[name] ?? "";
    the("news-form").querySelector("button").textContent = told.address ? t("Save") : this.#ask;
    the("news-end").hidden = !told.address;
    the("news-stopped").hidden = !told.stopped;
    the("news-stopped").textContent = told.stopped ? t("No mail goes there any more: one came back or was refused. You can name another mailbox.") : "";
    the("news-state").textContent = told.on ? t("It has been on since %(date)s.", { date: when(told.since) }) : t("It is off.");
  }

  close() {
    if (!this.#typed) the("news-form").reset();
    the("news-state").textContent = "";
  }
}
