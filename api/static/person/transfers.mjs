// Whether the case may go to another centre, and what becomes of the passphrase: the person decides about both.

import { button, make, t, tell, the, when } from "./page.mjs";
import { surely } from "./sure.mjs";

const ENDED = {
  agreed: () => t("You said yes. This centre has your case now."),
  declined: () => t("You said no. Everything stayed as it was."),
};

/** The questions about another centre. */
export class Transfers {
  #store;
  #again;

  constructor(store, again) {
    this.#store = store;
    this.#again = again;
  }

  /** What is asked, and what was answered. How many there are. */
  async refresh() {
    const { transfers } = await this.#store().call("GET", "/transfers");
    const told = transfers.filter(({ state }) => state === "asked" || state in ENDED);
    the("transfers").hidden = told.length === 0;
    the("transfer-list").replaceChildren(...told.map((one) => this.#question(one)));
    return told.length;
  }

  /** The questions were closed. */
  close() {
    the("transfer-list").replaceChildren();
  }

  #question({ transfer_id: id, from_centre: from, to_centre: to, asked_by_centre: by, state, expires_at: end, answered_at: at }) {
    const item = make("li", { className: "card" }, make("p", {}, make("strong", {}, `${from} → ${to}`)));
    if (state !== "asked") {
      item.append(make("p", {}, ENDED[state](), " ", make("span", { className: "hint" }, when(at))));
      return item;
    }
    const yes = async () => {
      const { stopped_notices: stopped } = await this.#store().call("POST", `/transfers/${id}/agree`);
      await this.#again();
      tell(stopped
        ? t("Your case is with %(to)s now. Notices that had not left were stopped, and are written anew there: %(count)s", { to, count: stopped })
        : t("Your case is with %(to)s now.", { to }));
    };
    const no = async () => {
      await this.#store().call("POST", `/transfers/${id}/decline`);
      await this.#again();
      tell(t("Kept. Your case stays with %(from)s.", { from }));
    };
    item.append(
      make("p", {}, by === to
        ? t("%(to)s asks whether it may look after your case from now on. You can answer until %(date)s; without an answer nothing changes.", { to, date: when(end) })
        : t("%(from)s asks whether your case may go to %(to)s. You can answer until %(date)s; without an answer nothing changes.", { from, to, date: when(end) })),
      make("p", { className: "row" }, button(t("Yes, give my case to %(to)s", { to }), yes), " ", button(t("No, it stays where it is"), no, "second")),
    );
    return item;
  }
}

/** A lead asked for a new passphrase; and the person's own new words. */
export class NewWords {
  #calls;
  #take;
  #again;

  /** `take(token)`: the log-in goes on with it. */
  constructor(calls, take, again) {
    this.#calls = calls;
    this.#take = take;
    this.#again = again;
  }

  /** What the numbers say of it: shown above everything. */
  show({ reissue_due_at: due }) {
    the("reissue").hidden = !due;
    the("reissue-why").textContent = due
      ? t("Your centre asked for a new passphrase for this case, because it believes that yours is lost. From %(date)s on it can be drawn; then the passphrase that you have opens nothing any more. If you did not ask for that, call it off.", { date: when(due) })
      : "";
    the("reissue-off").replaceChildren(
      button(t("Call it off: I have my passphrase"), async () => {
        await this.#calls().delete("/reissue");
        await this.#again();
        tell(t("Called off. Your passphrase stays as it is. Please speak with your centre: somebody told them that you lost it."));
      }, ""),
    );
  }

  /** The part where new words are drawn. */
  offer() {
    the("new-words-shown").hidden = true;
    the("new-words-text").textContent = "";
    the("new-words-ask").replaceChildren(
      surely({
        ask: t("Draw new words"),
        why: t("You get seven other words, and the ones you have now open nothing any more. Wherever else you are logged in, you are logged out."),
        sure: t("Yes, draw new words"),
        act: async (passphrase) => {
          const { passphrase: words, token } = await this.#calls().post("/passphrase", { passphrase });
          this.#take(token);
          the("new-words-text").textContent = words;
          the("new-words-shown").hidden = false;
          tell(t("These are your new words. Write them down now: they are shown only here, and only once."));
        },
      }),
    );
  }

  /** The words leave the page. */
  close() {
    the("new-words-text").textContent = "";
    the("new-words-ask").replaceChildren();
  }
}
