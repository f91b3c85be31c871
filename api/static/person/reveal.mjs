// A part of the case that stays empty until it is asked for: fetched then, and forgotten when it is closed.

import { busy, t, tell, the } from "./page.mjs";

/** One button and what it opens. `load` fills the part, `clear` empties it. */
export class Reveal {
  id;
  #body;
  #button;
  #load;
  #clear;
  #closed;
  #opened = 0; // how often it was opened or closed

  constructor(id, load, clear) {
    this.id = id;
    this.#body = the(id);
    this.#button = document.querySelector(`[data-reveal="${id}"]`);
    this.#closed = this.#button.textContent;
    this.#load = load;
    this.#clear = clear;
    this.#button.addEventListener("click", () => busy(this.#button, () => (this.isOpen ? this.#shut() : this.open())));
  }

  get isOpen() {
    return !this.#body.hidden;
  }

  async open() {
    if (await this.#filled()) this.#show(true);
  }

  /** Whether nobody closed it meanwhile; what came too late is forgotten. */
  async #filled() {
    const opened = this.#opened;
    await this.#load();
    if (opened === this.#opened) return true;
    if (!this.isOpen) this.#clear();
    return false;
  }

  /** The person closed it: what they typed there waits, and that is said. */
  #shut() {
    this.close();
    if (this.#body.querySelector("form[data-typed]")) tell(t("What you typed there is not saved yet. It stands there again when you open it, until you leave this page."));
  }

  close() {
    this.#opened += 1;
    this.#show(false);
    this.#clear();
  }

  /** Fetch it anew where it is open. */
  async again() {
    if (this.isOpen) await this.#filled();
  }

  #show(open) {
    this.#body.hidden = !open;
    this.#button.setAttribute("aria-expanded", String(open));
    this.#button.textContent = open ? this.#button.dataset.hide : this.#closed;
    // "Close" alone says not what: whoever hears the button is told.
    if (open) this.#button.setAttribute("aria-label", `${this.#button.dataset.hide}: ${this.#closed}`);
    else this.#button.removeAttribute("aria-label");
  }
}

/** Empty these lists. */
export function empty(...ids) {
  for (const id of ids) the(id).replaceChildren();
}
