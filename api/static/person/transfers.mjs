// Whether the case may go to another centre, and what becomes of the passphrase: the person decides about both.

import { sameWords } from "./keys.mjs";
import { button, hear, make, onSubmit, shown, t, tell, the, thenAnew, when } from "./page.mjs";
import { surely } from "./sure.mjs";

const ENDED = {
  agreed: (to, here) => (here ? t("You said yes. This centre has your case now.") : t("You said yes. Your case went to %(to)s then.", { to })),
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

  /** What is asked, and what was answered. How many wait for an answer. */
  async refresh() {
    const { transfers } = await this.#store().call("GET", "/transfers");
    const told = transfers.filter(({ state }) => state === "asked" || state in ENDED);
    the("transfers").hidden = told.length === 0;
    const last = told.filter(({ state }) => state === "agreed").pop(); // the oldest come first
    the("transfer-list").replaceChildren(...told.map((one) => this.#question(one, one === last)));
    return told.filter(({ state }) => state === "asked").length;
  }

  /** The questions were closed. */
  close() {
    the("transfer-list").replaceChildren();
  }

  #question({ transfer_id: id, from_centre: from, to_centre: to, asked_by_centre: by, state, expires_at: end, answered_at: at }, here) {
    const item = make("li", { className: "card" }, make("p", {}, make("strong", {}, `${from} → ${to}`)));
    if (state !== "asked") {
      item.append(make("p", {}, ENDED[state](to, here), " ", make("span", { className: "hint" }, when(at))));
      return item;
    }
    const yes = async () => {
      await thenAnew(() => this.#store().call("POST", `/transfers/${id}/agree`), this.#again, ({ stopped_notices: stopped }) => stopped
        ? t("Your case is with %(to)s now. Notices that had not left were stopped, and are written anew there: %(count)s", { to, count: stopped })
        : t("Your case is with %(to)s now.", { to }));
    };
    const no = async () => {
      await thenAnew(() => this.#store().call("POST", `/transfers/${id}/decline`), this.#again, () => t("Kept. Your case stays with %(from)s.", { from }));
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
  #logIn;
  #again;
  #drawn = null; // {passphrase, mark}: in force once they were typed back
  #sent = false; // and the answer may have been lost

  /** `logIn`: {take(token), with(words)}: how the log-in goes on. */
  constructor(calls, logIn, again) {
    this.#calls = calls;
    this.#logIn = logIn;
    this.#again = again;
    the("new-words-noted").addEventListener("click", () => this.#turn(false));
    the("new-words-again").addEventListener("click", () => this.#turn(true));
    onSubmit(the("new-words-back"), () => this.#typedBack());
  }

  /** What the numbers say of it: shown above everything, also while the case is on hold. */
  show({ reissue_due_at: due, on_hold: held }) {
    if (due && the("reissue").hidden) hear(t("Your centre asked for a new passphrase for this case."));
    the("reissue").hidden = !due;
    the("reissue-why").textContent = !due
      ? ""
      : held
        ? t("Your centre asked for a new passphrase for this case, because it believes that yours is lost. While your case is on hold it cannot be drawn. Afterwards it can, and then the passphrase that you have opens nothing any more. If you did not ask for that, call it off.")
        : t("Your centre asked for a new passphrase for this case, because it believes that yours is lost. From %(date)s on it can be drawn; then the passphrase that you have opens nothing any more. If you did not ask for that, call it off.", { date: when(due) });
    the("reissue-off").replaceChildren(
      button(t("Call it off: I have my passphrase"), async () => {
        await this.#calls().delete("/reissue");
        await shown(this.#again, t("Called off. Your passphrase stays as it is. Please speak with your centre: somebody told them that you lost it."));
      }, ""),
    );
  }

  /** The part where new words are drawn. Those that wait to be typed back stay. */
  offer() {
    if (this.#drawn || the("new-words-ask").querySelector("form:not([hidden])")) return; // somebody is answering there
    this.#show(null);
    the("new-words-ask").replaceChildren(
      surely({
        ask: t("Draw new words"),
        why: t("You get seven other words. Once you have typed them back, the ones you have now open nothing any more, and wherever else you are logged in, you are logged out."),
        sure: t("Yes, draw new words"),
        act: async (passphrase) => {
          this.#show(await this.#calls().post("/passphrase/words", { passphrase }));
          tell(t("These are your new words. Write them down, then type them back. Until then the words you have now open your case."));
        },
      }),
    );
  }

  #show(drawn) {
    this.#drawn = drawn;
    this.#sent = false;
    the("new-words-shown").hidden = drawn === null;
    the("new-words-text").textContent = drawn ? drawn.passphrase : "";
    the("new-words-back").reset();
    the("new-words-ask").replaceChildren();
    this.#turn(true, false);
  }

  /** Either the words stand there, or the field to type them into. */
  #turn(seen, focus = true) {
    the("new-words-seen").hidden = !seen;
    the("new-words-back").hidden = seen;
    if (!seen) tell(""); // what told of them is over, and covers no field
    if (focus) the(seen ? "new-words-noted" : "new-words-typed").focus();
  }

  async #typedBack() {
    const { passphrase, mark } = this.#drawn;
    if (!sameWords(the("new-words-typed").value, passphrase)) {
      tell(t("That is not the passphrase yet. You can look at it again."), "warn");
      return;
    }
    if (!(this.#sent && (await this.#inForce(passphrase)))) {
      this.#sent = true;
      const { token } = await this.#calls().post("/passphrase", { passphrase, mark });
      this.#logIn.take(token);
    }
    this.#show(null);
    this.offer();
    await shown(this.#again, t("Your new words are in force. The old ones open nothing any more."));
  }

  /** Whether they were put in force by a call whose answer was lost: then they open the case. */
  async #inForce(passphrase) {
    try {
      await this.#logIn.with(passphrase);
      return true;
    } catch (error) {
      if (error.message === "log-in-refused") return false;
      throw error;
    }
  }

  /** The words leave the page; those that were not typed back were never in force. */
  close() {
    this.#show(null);
  }
}
