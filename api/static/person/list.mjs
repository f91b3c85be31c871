// The list of places that the person's centre keeps: how many there are, a yes to all of them, and its end. No names.

import { button, onSubmit, shown, t, the, thenAnew, when } from "./page.mjs";

/** The part of the places about the centre's list. */
export class CentreList {
  #store;
  #places = 0;

  constructor(store) {
    this.#store = store;
    onSubmit(the("list-form"), async (form) => {
      await thenAnew(async () => {
        await this.#store().call("PUT", "/list", { places: this.#places, purposes: form.getAll("purpose") });
        the("list-form").reset();
      // Also where it was refused: the number that is asked about may be another one now.
      }, () => this.refresh(), () => t("Kept. All places on the list are watched for you. You can take it back at any time."));
    });
  }

  /** How it stands. */
  async refresh() {
    const { places, agreed } = await this.#store().call("GET", "/list");
    this.#places = places ?? 0;
    const watch = agreed.find(({ purpose }) => purpose === "watch");
    the("list-before").hidden = places !== null;
    the("list-after").hidden = places === null;
    the("list-none").hidden = places !== 0 || Boolean(watch);
    the("list-form").hidden = !places || (Boolean(watch) && !watch.added && !watch.renewal);
    the("list-watch-label").textContent = t("Look for copies at all places on the list: %(count)s", { count: this.#places });
    the("list-agree").textContent = watch ? t("Say yes to the list as it is now") : t("Say yes to the whole list");
    the("list-state").hidden = !watch;
    the("list-state").textContent = watch
      ? t("Places that you said yes to: %(count)s. Watched of them now: %(now)s. Until %(date)s.", { count: watch.places, now: watch.places - watch.removed, date: when(watch.expires_at) })
      : "";
    this.#showChanges(watch);
    the("list-back").hidden = agreed.length === 0;
    the("list-back").replaceChildren(
      button(t("Take my yes to the list back"), async () => {
        const { stopped_notices: stopped } = await this.#store().call("DELETE", "/list");
        the("list-form").reset();
        await shown(() => this.refresh(), stopped ? t("Withdrawn. Notices that had not left were stopped: %(count)s", { count: stopped }) : t("Withdrawn."));
      }, "quiet"),
    );
  }

  #showChanges(watch) {
    const notes = [
      watch?.added && t("Places that joined the list since: %(count)s. They are not watched before you say yes again.", { count: watch.added }),
      watch?.removed && t("Places that the centre took off since: %(count)s. They are not watched any more.", { count: watch.removed }),
      watch?.renewal && t("Your yes ends soon: say it again if you want it to go on."),
    ].filter(Boolean);
    the("list-changes").hidden = notes.length === 0;
    the("list-changes").textContent = notes.join(" ");
  }
}
