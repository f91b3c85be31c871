// Pages that are the person's own: what stands there is marked, and no platform is told of it.

import { enteredBy } from "./entered_by.mjs";
import { button, freed, make, onSubmit, say, shown, t, the } from "./page.mjs";

/** The part of the places about the person's own pages. */
export class OwnPages {
  #store;
  #again;

  constructor(store, again) {
    this.#store = store;
    this.#again = again;
    onSubmit(the("own-page"), async (form) => {
      const body = { platform: form.get("platform"), source: form.get("source").trim() };
      const { stopped_notices: stopped } = await freed(the("own-page"), () => this.#store().call("POST", "/own-pages", body));
      await shown(this.#again, stopped
        ? t("Kept. Notices about it that had not left were withdrawn: %(count)s", { count: stopped })
        : t("Kept. No platform is told of what stands there."));
    });
  }

  /** Show what was named. */
  async refresh() {
    const { own_pages: pages } = await this.#store().call("GET", "/own-pages");
    the("own-pages").hidden = false;
    the("no-own-pages").hidden = pages.length > 0;
    the("own-page-list").replaceChildren(
      ...pages.map(({ own_page_id: id, platform, source, entered_by: who }) =>
        make(
          "li",
          {},
          make("span", {}, say("platforms", platform), " · @", source, " ", enteredBy(who) ?? ""),
          button(t("It is not mine"), async () => {
            await this.#store().call("DELETE", `/own-pages/${id}`);
            await shown(this.#again, t("Taken back. What stands there can be reported again. Notices that were withdrawn stay so: your advocate can write them anew."));
          }, "quiet"),
        ),
      ),
    );
  }
}
