// The places where is looked, one row each; pausing one or all, and letting it go on.

import { enteredBy } from "./entered_by.mjs";
import { busy, button, make, say, shown, t, the, when } from "./page.mjs";

const PURPOSES = { watch: () => t("look for copies"), follow: () => t("check whether reported posts are gone") };

/** The part about places. */
export class Watching {
  #calls;
  #again;

  constructor(calls, again) {
    this.#calls = calls;
    this.#again = again;
    the("pause-all").addEventListener("click", (event) => busy(event.currentTarget, () => this.#set(true, null)));
    the("resume-all").addEventListener("click", (event) => busy(event.currentTarget, () => this.#set(false, null)));
  }

  /** Whether all is paused, which is told without a name. */
  showPaused({ paused_at: paused, coverage: { going } }) {
    the("all-paused").hidden = !paused;
    the("all-paused").textContent = paused ? restWords(when(paused), going) : "";
    the("pause-all").hidden = Boolean(paused) && going === 0;
    the("resume-all").hidden = !paused;
  }

  async load() {
    const { places } = await this.#calls().get("/places");
    the("watched").replaceChildren(...places.map((place) => this.#place(place)));
    the("no-watched").hidden = places.length > 0;
  }

  async #set(paused, source) {
    await this.#calls().put("/watching", { paused, source_id: source });
    await shown(this.#again, paused ? t("Paused. Nothing is read there until you let it go on.") : t("It goes on. We look at what was posted meanwhile too."));
  }

  async #withdraw(id) {
    const { stopped_notices: stopped } = await this.#calls().delete(`/consents/${id}`);
    await shown(this.#again, stopped ? t("Withdrawn. Notices that had not left were stopped: %(count)s", { count: stopped }) : t("Withdrawn."));
  }

  #place({ source_id: id, platform, source, purposes, paused_at: paused, read_at: read, unavailable, not_inspected: missed }) {
    const notes = [
      paused ? make("span", { className: "badge warn" }, t("paused since %(date)s", { date: when(paused) })) : null,
      purposes.some(({ renewal }) => renewal) ? make("span", { className: "badge warn" }, t("ends soon: say yes again if you want it to go on")) : null,
      unavailable && !paused ? make("span", { className: "badge warn" }, t("could not be read last time")) : null,
      missed ? make("span", { className: "badge warn" }, t("pictures and videos there that could not be fully looked at: %(count)s", { count: missed })) : null,
    ];
    const name = `${say("platforms", platform)} · @${source}`;
    const lines = purposes.map(({ purpose, consent_id: consent, expires_at: end, entered_by: who }) => {
      const [what, until] = [PURPOSES[purpose](), t("until %(date)s", { date: when(end) })];
      const withdraw = named(button(t("Withdraw"), () => this.#withdraw(consent), "quiet"), `${name}, ${what}`);
      return make("li", {}, `${what}, ${until} `, enteredBy(who), " ", withdraw);
    });
    return make(
      "li",
      {},
      make("div", { className: "place" }, make("strong", {}, name), make("ul", { className: "reasons" }, ...lines),
        read ? make("p", { className: "hint" }, t("read last: %(date)s", { date: when(read) })) : null, make("p", { className: "badges" }, ...notes.filter(Boolean))),
      named(paused ? button(t("Let it go on"), () => this.#set(false, id)) : button(t("Pause"), () => this.#set(true, id)), name),
    );
  }
}

function restWords(date, going) {
  return going > 0
    ? t("Everything has been paused since %(date)s, but for the places that you let go on: %(count)s. Links and places that you add are paused too.", { date, count: going })
    : t("Everything has been paused since %(date)s. Links and places that you add are paused too.", { date });
}

/** The same word stands on many buttons: say of which place it is. */
function named(control, name) {
  control.setAttribute("aria-label", `${control.textContent}: ${name}`);
  return control;
}
