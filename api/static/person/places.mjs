// Places to watch, each with the person's own yes and its end; and links they know already.

import { remover } from "./asked.mjs";
import { enteredBy } from "./entered_by.mjs";
import { linkHelp } from "./link_help.mjs";
import { button, freed, make, onSubmit, say, shown, t, tell, the, thenAnew, when } from "./page.mjs";

const PURPOSES = { watch: () => t("look for copies"), follow: () => t("check whether reported posts are gone") };

/** The part of the page about places and links, filling `store()`. */
export class Places {
  #store;

  constructor(store) {
    this.#store = store;
    onSubmit(the("place"), (form) => this.#addSource(form));
    onSubmit(the("link"), (form) => this.#addLink(form));
  }

  async #addSource(form) {
    const purposes = form.getAll("purpose");
    if (purposes.length === 0) return tell(t("Please tick what we may do there."), "warn");
    const days = Number(form.get("days"));
    const place = { platform: form.get("platform"), source: form.get("source").trim(), purposes, days };
    return this.#add(the("place"), () => this.#store().addSource(place));
  }

  async #addLink(form) {
    // An invitation or a room's title is often all that somebody knows: kept as it is.
    const kind = form.get("kind");
    const links = several(form.get("url")).map((url) => ({ url, kind, room: !/^https?:/i.test(url) }));
    return this.#add(the("link"), async () => {
      for (const link of links) await this.#store().addLink(link);
    });
  }

  #add(form, act) {
    return thenAnew(() => freed(form, act), () => this.refresh());
  }

  /** Show what is kept. */
  async refresh() {
    const [sources, links] = await Promise.all([this.#store().sources(), this.#store().links()]);
    const places = grouped(sources);
    the("kept-places").replaceChildren(...places.map((place) => this.#place(place)));
    the("no-places").hidden = places.length > 0;
    const { linkWords } = links.some(({ state }) => state) ? await import("./after.mjs") : {}; // in an open case they have words
    the("kept-links").replaceChildren(...links.map((link) => this.#link(link, linkWords?.(link) ?? {})));
  }

  #link({ id, url, state, help, entered_by: who }, { standing = "", trouble }) {
    const said = [
      make("code", {}, url),
      ...linkHelp({ id, url, state, help }, this.#store(), () => this.refresh()),
      make("span", { className: "hint" }, standing),
      trouble ? make("span", { className: "badge warn" }, trouble) : "",
      enteredBy(who) ?? "",
    ];
    const off = remover({
      text: t("Remove"),
      label: t("Remove: %(name)s", { name: url }),
      why: this.#store().why?.link,
      act: async () => {
        await this.#store().removeLink(id);
        await shown(() => this.refresh());
      },
      title: "kept-links-title",
    });
    return make("li", {}, ...said, off);
  }

  /** One place, whatever was allowed there. Each yes can be taken back alone; before the case is open, the place. */
  #place({ called, consents }) {
    const title = make("strong", {}, called);
    if (consents.every(({ expires_at: end }) => !end)) {
      const [{ id, days }] = consents;
      const purposes = consents.map(({ purpose }) => PURPOSES[purpose]()).join(", ");
      const said = [purposes, t("for %(days)s days", { days })].join(" · ");
      return make("li", {}, make("span", {}, title, ": ", said), this.#remover(called, [id], t("Remove"), t("Removed.")));
    }
    const lines = consents.map((consent) => make("li", {}, this.#consent(consent), this.#remover(`${PURPOSES[consent.purpose]()}, ${called}`, [consent.id])));
    const all = consents.length > 1 ? this.#remover(called, consents.map(({ id }) => id), t("Withdraw all of it")) : null;
    return make("li", { className: "place" }, make("span", {}, title), make("ul", { className: "rows" }, ...lines), all);
  }

  #consent({ purpose, expires_at: end, renewal, unavailable, not_inspected: missed, entered_by: who }) {
    const notes = [
      enteredBy(who),
      renewal ? make("span", { className: "badge warn" }, t("ends soon: say yes again if you want it to go on")) : null,
      unavailable ? make("span", { className: "badge warn" }, t("could not be read last time")) : null,
      missed
        ? make("span", { className: "badge warn" }, t("pictures and videos there that could not be fully looked at: %(count)s", { count: missed }))
        : null,
    ];
    return make("span", {}, PURPOSES[purpose](), ", ", t("until %(date)s", { date: when(end) }), " ", ...notes);
  }

  #remover(called, ids, words = t("Withdraw"), done = t("Withdrawn.")) {
    const made = button(words, async () => {
      let stopped = 0;
      for (const id of ids) stopped += (await this.#store().removeSource(id)) ?? 0;
      await shown(() => this.refresh(), stopped ? t("Withdrawn. Notices that had not left were stopped: %(count)s", { count: stopped }) : done);
      this.#look("kept-places-title");
    }, "quiet");
    made.setAttribute("aria-label", `${words}: ${called}`);
    return made;
  }

  /** Where the reader goes on when the button that they pressed is gone. */
  #look(id) {
    the(id).tabIndex = -1;
    the(id).focus();
  }
}

/** Each link of a paste, with a space between them or none, without the words and signs around; anything else as it is. */
function several(pasted) {
  const plain = pasted.replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
  const apart = plain.replace(/([^\s/=?&%#])(?=https?:\/\/)/gi, "$1 ");
  const links = apart.match(/(?:https?:\/\/|www\.|\b(?:[a-z0-9-]+\.)+[a-z]{2,24}\/)\S+/gi) ?? [];
  return links.length > 0 ? links.map(unwrapped) : [pasted.trim()];
}

/** Without the full stop or bracket of the sentence that it stood in. */
function unwrapped(link) {
  const bare = link.replace(/[.,;:!?'"\u2026\u3001\u3002\u2019\u201d\u300d\u300f>]+$/, "");
  const closes = /[)\]]$/.test(bare) && !/[([]/.test(bare);
  return closes || bare !== link ? unwrapped(closes ? bare.slice(0, -1) : bare) : link;
}

/** Consents by their place: one row each. */
function grouped(sources) {
  const places = new Map();
  for (const one of sources) {
    const handle = one.source.startsWith("@") || one.source.includes("/") ? one.source : `@${one.source}`;
    const called = `${say("platforms", one.platform)} · ${handle}`;
    const place = places.get(called.toLowerCase()) ?? { called, consents: [] };
    place.consents.push(one);
    places.set(called.toLowerCase(), place);
  }
  return [...places.values()];
}
