// A list that may be long: a hundred rows, and the next hundred when they are asked for.

import { button, make, t } from "./page.mjs";

const AT_ONCE = 100;

/** Rows in `list`. `page(limit, offset)` fetches { rows, total }; `row` makes one. */
export class Listed {
  #list;
  #page;
  #row;
  #wanted = AT_ONCE;
  #closed = 0; // how often it was closed
  #more = make("div", { hidden: true });

  constructor(list, page, row) {
    [this.#list, this.#page, this.#row] = [list, page, row];
    list.after(this.#more);
  }

  /** As many rows as were shown before, as they are now, if they are `wanted` still. Returns how many there are in all. */
  async load(wanted = () => true) {
    const found = [];
    let all = 0;
    while (found.length < this.#wanted) {
      const { rows, total } = await this.#page(AT_ONCE, found.length);
      found.push(...rows);
      all = total;
      if (rows.length < AT_ONCE) break;
    }
    if (!wanted()) return all;
    this.#list.replaceChildren(...found.map((one) => this.#row(one)));
    const left = all - found.length;
    this.#more.hidden = left <= 0;
    this.#more.replaceChildren(button(t("Show more (%(count)s left)", { count: left }), () => this.#further()));
    return all;
  }

  async #further() {
    const [shown, closed] = [this.#list.childElementCount, this.#closed];
    this.#wanted = shown + AT_ONCE;
    await this.load(() => closed === this.#closed); // what comes too late stays out of the page
    const first = this.#list.children[shown];
    if (!first) return;
    first.tabIndex = -1; // who reads with a keyboard goes on where the new ones begin
    first.focus();
  }

  /** Forget it all. */
  close() {
    this.#closed += 1;
    this.#wanted = AT_ONCE;
    this.#list.replaceChildren();
    this.#more.hidden = true;
  }
}
