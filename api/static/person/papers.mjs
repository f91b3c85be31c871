// Papers to take along: a letter, receipts, copies of what was sent, all that is held. Each is a file on this device.

import { lock } from "./lock.mjs";
import { busy, button, language, make, onSubmit, t, tell, the } from "./page.mjs";

/** Keep a file, under a name that tells nothing. One that comes while the page is locked waits for the passphrase. */
export async function keep(blob, name) {
  await lock.whenOpen();
  const file = URL.createObjectURL(blob);
  make("a", { href: file, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(file), 60_000); // once the browser has read it
  tell(t("Kept as a file on this device. Whoever uses the device can open it."));
}

/** The part about papers. */
export class Papers {
  #calls;

  constructor(calls) {
    this.#calls = calls;
    the("receipts-pdf").addEventListener("click", (event) =>
      busy(event.currentTarget, async () => keep(await this.#calls().file(`/papers/receipts?language=${language}`), "receipts.pdf")),
    );
    the("everything").addEventListener("click", (event) =>
      busy(event.currentTarget, async () => keep(await this.#calls().file(`/papers/everything?language=${language}`), "data.zip")),
    );
    onSubmit(the("letter-form"), async (form) => {
      const ticked = Object.fromEntries(
        ["centre", "since", "appointments", "requests", "removed"].map((name) => [name, form.get(name) !== null]),
      );
      const words = { wanted_for: form.get("wanted_for"), addressee: form.get("addressee").trim(), name: form.get("name").trim() };
      await keep(await this.#calls().made("/papers/letter", { language: form.get("language"), ...words, ...ticked }), "letter.pdf");
    });
  }

  /** A letter in a centre's name only where one has vouched. */
  show({ vouched, centre }) {
    the("letter-centre-row").hidden = !vouched;
    if (!vouched) the("letter-centre").checked = false;
    the("letter-centre-name").textContent = vouched && centre ? `(${centre.name})` : "";
  }

  /** What was sent, shown and kept when it is asked for; null where nothing left. */
  sent({ notice_id: id, sent_at: sent, language: lang }) {
    if (!sent) return null;
    const place = make("div", {});
    const open = button(t("Read what was sent"), async () => {
      if (place.childElementCount > 0) return place.replaceChildren();
      const text = await (await this.#calls().file(`/papers/sent/${id}/text`)).text();
      return place.replaceChildren(make("pre", { tabIndex: 0, lang }, text));
    });
    const pdf = button(t("Keep it as a PDF"), async () => keep(await this.#calls().file(`/papers/sent/${id}/pdf?language=${language}`), "copy.pdf"), "quiet");
    return make("div", {}, make("p", { className: "row" }, open, pdf), place);
  }
}
