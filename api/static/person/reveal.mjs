// A part of the case that stays empty until it is asked for: fetched then, and forgotten when it is closed.

import { busy, the } from "./page.mjs";

/** One button and what it opens. `load` fills the part, `clear` empties it. */
export class Reveal {
  id;
  #body;
  #button;
  #load;
  #clear;
  #closed;

  constructor(id, load, clear) {
    this.id = id;
    this.#body = the(id);
    this.#button = document.querySelector(`[data-reveal="${id}"]`);
    this.#closed = this.#button.textContent;
    this.#load = load;
    this.#clear = clear;
    this.#button.addEventListener("click", () => busy(this.#button, () => (this.isOpen ? this.close() : this.open())));
  }

  get isOpen() {
    return !this.#body.hidden;
  }

  async open() {
    await this.#load();
    this.#show(true);
  }

  close() {
    this.#show(false);
    this.#clear();
  }

  /** Fetch it anew where it is open. */
  async again() {
    if (this.isOpen) await this.#load();
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
