// While a case is on hold: what the person can call off or take back all the same. Nothing of the case is fetched or shown.

import { button, make, t, tell, the } from "./page.mjs";

/** The part of a case on hold. It stands there only as long as the hold does. */
export class Hold {
  #calls;
  #place = null;

  constructor(calls) {
    this.#calls = calls;
  }

  show({ vouched }) {
    if (this.#place) return; // whoever is at one of its buttons stays there
    const title = make("h2", { id: "on-hold-title" }, t("What you can stop or take back meanwhile"));
    this.#place = make(
      "section",
      { id: "on-hold" },
      title,
      make("p", {}, t("Each of these counts at once, also while your case is on hold. Nothing of your case is shown here. To stop or erase everything, see below.")),
      make(
        "p",
        { className: "row" },
        this.#door(t("Pause everything"), () => this.#calls().put("/watching", { paused: true }), () => t("Paused. Nothing is read there until you let it go on.")),
        this.#door(t("Take back my yes to the centre's list"), () => this.#calls().delete("/list"), () => t("Your yes to your centre's list is taken back.")),
        this.#door(t("No more mails, forget the address"), () => this.#calls().delete("/news-mail"), () => t("No more mail comes, and the address is forgotten.")),
        vouched ? this.#door(t("Report nothing again without asking me"), () => this.#calls().put("/resending", { on: false }), () => t("Taken back. Your centre decides about each copy again.")) : null,
      ),
    );
    this.#place.setAttribute("aria-labelledby", title.id);
    the("reissue").after(this.#place);
  }

  close() {
    this.#place?.remove();
    this.#place = null;
  }

  #door(words, act, done) {
    return button(words, async () => {
      await act();
      tell(done());
    });
  }
}
