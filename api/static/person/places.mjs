// Places to watch, each with the person's own yes and its end; and links they know already.

import { enteredBy } from "./entered.mjs";
import { linkHelp } from "./link_help.mjs";
import { button, make, onSubmit, say, t, tell, the, when } from "./page.mjs";

const PURPOSES = { watch: () => t("look for copies"), follow: () => t("check whether reported posts are gone") };
const LINK_STATES = {
  entered: () => t("will be looked at once somebody has vouched for you"),
  read: () => t("was looked at"),
  routed: () => t("is kept, but not opened: it is not a public post on Telegram or X"),
  done: () => t("is kept; you have reported it there"),
  unavailable: () => t("could not be opened"),
};
const LINK_REASONS = {
  "too-plain": () => t("cannot be told from other pictures, so copies of it are not looked for"),
  partial: () => t("could be looked at only in part"),
};

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
    await this.#store().addSource({ platform: form.get("platform"), source: form.get("source").trim(), purposes, days });
    the("place").reset();
    return this.refresh();
  }

  async #addLink(form) {
    // An invitation or a room's title is often all that somebody knows: kept as it is.
    const url = form.get("url").trim();
    await this.#store().addLink({ url, kind: form.get("kind"), room: !/^https?:/i.test(url) });
    the("link").reset();
    return this.refresh();
  }

  /** Show what is kept. */
  async refresh() {
    const [sources, links] = await Promise.all([this.#store().sources(), this.#store().links()]);
    the("kept-places").replaceChildren(...sources.map((source) => this.#source(source)));
    the("no-places").hidden = sources.length > 0;
    the("kept-links").replaceChildren(
      ...links.map(({ id, url, state, reason, help, entered_by: who }) =>
        make("li", {}, make("code", {}, url), ...linkHelp({ id, url, state, help }, this.#store(), () => this.refresh()), make("span", { className: "hint" }, state ? LINK_STATES[state]?.() ?? state : ""),
          reason in LINK_REASONS ? make("span", { className: "badge warn" }, LINK_REASONS[reason]()) : "", enteredBy(who) ?? ""),
      ),
    );
  }

  #source({ id, platform, source, purpose, expires_at: end, days, renewal, unavailable, not_inspected: missed, entered_by: who }) {
    const until = end ? t("until %(date)s", { date: when(end) }) : t("for %(days)s days", { days });
    const notes = [
      enteredBy(who),
      renewal ? make("span", { className: "badge warn" }, t("ends soon: say yes again if you want it to go on")) : null,
      unavailable ? make("span", { className: "badge warn" }, t("could not be read last time")) : null,
      missed
        ? make("span", { className: "badge warn" }, t("pictures and videos there that could not be fully looked at: %(count)s", { count: missed }))
        : null,
    ];
    return make(
      "li",
      {},
      make("span", {}, `${say("platforms", platform)} · ${source.startsWith("@") || source.includes("/") ? source : `@${source}`}: `,
        `${PURPOSES[purpose]()}, ${until} `, ...notes),
      button(t("Withdraw"), async () => {
        const stopped = await this.#store().removeSource(id);
        tell(stopped ? t("Withdrawn. Notices that had not left were stopped: %(count)s", { count: stopped }) : t("Withdrawn."));
        await this.refresh();
      }, "quiet"),
    );
  }
}
