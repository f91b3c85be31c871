// What an advocate entered for the person: the person says whether it is right. And who may act for them.

import { enteredBy } from "./entered_by.mjs";
import { button, facts, make, refill, shown, t, tell, the, thenAnew, when } from "./page.mjs";
import { surely } from "./sure.mjs";

const MATTERS = {
  signature: () => t("In whose name notices are sent"),
  "permission-to-send": () => t("That notices may be sent"),
  "age-group": () => t("How old you were in the pictures"),
  erasure: () => t("That your whole case is erased"),
};
const FIELDS = {
  signature: () => t("Your signature"),
  sender_role: () => t("In whose name?"),
  mandate_reference: () => t("Number or date of the written power"),
  age_group: () => t("How old are you in the pictures?"),
  permission_to_send: () => t("May notices be sent?"),
  good_faith_facts: () => t("That you did not agree to it"),
  content_identification: () => t("What does the picture show, in a few words?"),
};
const WORDS = {
  adult: () => t("an adult in every picture"),
  minor: () => t("younger in at least one of them"),
  unsure: () => t("not sure"),
  person: () => t("in yours"),
  agent: () => t("an advocate signs for you"),
};
const KINDS = {
  written: () => t("in writing"),
  "spoken-with-witness": () => t("spoken, with a witness"),
  guardian: () => t("by a guardian"),
  court: () => t("by a court"),
  other: () => t("in another way"),
};
// Where a field of the answers stands on the page.
const PLACES = {
  age_group: "#you legend",
  country: "label[for=country]",
  sender_role: "#notice fieldset:first-of-type legend",
  mandate_reference: "label[for=mandate_reference]",
  signature: "label[for=signature]",
  contact: "label[for=contact]",
  content_identification: "label[for=content_identification]",
  good_faith_facts: "label[for=good_faith_facts]",
  timing: "#notice fieldset:last-of-type legend",
  police_until: "label[for=police_until]",
  permission_to_send: "label[for=permission]",
};

function valueWords(field, text) {
  if (field === "permission_to_send") return t("Yes");
  return WORDS[text]?.() ?? (text || "–");
}

function answered(confirmed, matter) {
  if (confirmed && matter === "erasure") return t("Your case is hidden and all work on it has stopped.");
  return confirmed ? t("Thank you. From now on this is yours.") : t("Thank you. It does not count.");
}

/** One entry: what is put in its place is another. */
function named({ matter, entered_at: at }) {
  return `${matter} ${at}`;
}

function isAsked(entry) {
  return [...the("entered-list").children].some((row) => row.dataset.entry === named(entry));
}

/** The box at the top of the case, and the marks beside the answers. */
export class Entered {
  #store;
  #again;
  #asks = false; // whether the questions are open
  #marks = false; // whether the answers are

  constructor(store, again) {
    this.#store = store;
    this.#again = again;
  }

  /** What is asked. How many there are. */
  async loadQuestions() {
    this.#asks = true;
    const { entries } = await this.#store().entries();
    the("entered").hidden = entries.length === 0;
    const open = the("entered-list").querySelector("form:not([hidden])")?.closest("li"); // somebody is answering there
    const row = (entry) => (open?.dataset.entry === named(entry) ? open : this.#entry(entry));
    refill(the("entered-list"), () => entries.map(row));
    return entries.length;
  }

  /** The marks beside the answers, and who may act. */
  async loadMarks() {
    this.#marks = true;
    const { marks, mandates } = await this.#store().entries();
    the("mandates").hidden = mandates.length === 0;
    the("mandate-list").replaceChildren(...mandates.map((mandate) => this.#mandate(mandate)));
    this.#mark(marks);
  }

  /** Whatever of it is open. */
  async refresh() {
    if (this.#asks) await this.loadQuestions();
    if (this.#marks) await this.loadMarks();
  }

  /** The questions were closed. */
  closeQuestions() {
    this.#asks = false;
    the("entered-list").replaceChildren();
  }

  /** The answers were closed. */
  closeMarks() {
    this.#marks = false;
    the("mandate-list").replaceChildren();
    this.#mark([]);
  }

  #entry({ matter, in_effect: counts, mandate_id: mandate, entered_by: who, entered_at: at, values }) {
    const told = Object.entries(values ?? {}).map(([field, text]) => [FIELDS[field]?.() ?? field, valueWords(field, text)]);
    const standing = !counts
      ? t("It does not count before you say yes.")
      : mandate
        ? t("It counts already, because your advocate says that they may act for you.")
        : t("It counts already, because it only protects you.");
    const answer = async (yes, passphrase) => {
      const say = () =>
        (yes ? this.#store().confirmEntry(matter, at, passphrase) : this.#store().rejectEntry(matter, at)).catch((error) => {
          if (error.message === "said-since") error.said = t("You have said it yourself since. You can change it under your answers.");
          throw error;
        });
      try {
        await thenAnew(say, this.#again, () => answered(yes, matter)); // also where it was refused, for it may have been changed since
      } catch (error) {
        if (error.message !== "offline" || isAsked({ matter, entered_at: at })) throw error;
        // It arrived, so it is asked no more: said again, the page learns how it was taken.
        await say().catch((again) => {
          if (!(yes && matter === "erasure" && again.message === "case-closed")) throw again; // that is how it was
        });
        tell(answered(yes, matter));
      }
    };
    const no = button(t("No, this is wrong"), () => answer(false));
    const erase = () =>
      surely({
        ask: t("Yes, erase everything"),
        why: t("This erases your whole case."),
        sure: t("Yes, erase everything"),
        act: (passphrase) => answer(true, passphrase),
      });
    const item = make(
      "li",
      { className: "card" },
      make("h4", {}, MATTERS[matter]?.() ?? matter),
      make("p", {}, enteredBy(who), " ", make("span", { className: "hint" }, when(at))),
      facts(told),
      make("p", {}, standing),
      ...(matter === "erasure" ? [erase(), make("p", {}, no)] : [make("p", { className: "row" }, button(t("Yes, this is right"), () => answer(true), ""), no)]),
    );
    item.dataset.entry = named({ matter, entered_at: at });
    return item;
  }

  #mandate({ mandate_id: id, kind, dated, covers, reference, seen_by: who, recorded_at: at, revoked_at: revoked }) {
    const item = make(
      "li",
      { className: "card" },
      facts([
        [t("How it was given"), KINDS[kind]?.() ?? kind],
        [t("Date"), when(dated)],
        [t("For what"), covers.map((matter) => MATTERS[matter]?.() ?? matter).join(" · ")],
        [t("Where it is kept, or who was there"), reference],
        [t("Who saw it"), `${who.name}, ${who.organisation} (${when(at)})`],
        [t("Ended"), when(revoked)],
      ]),
    );
    if (!revoked) {
      item.append(
        make("p", {}, button(t("End this: nobody may act for me"), async () => {
          await this.#store().revokeMandate(id);
          await shown(this.#again, t("Ended. What rested on it alone does not count any more, and notices that had not left are stopped."));
        })),
      );
    }
    return item;
  }

  #mark(marks) {
    for (const old of document.querySelectorAll("#parts .entered-mark")) old.remove();
    for (const { field, entered_by: who, confirmed_at: confirmed } of marks) {
      const place = document.querySelector(PLACES[field] ?? "#none");
      if (!place) continue;
      const said = confirmed ? make("span", { className: "hint" }, " ", t("you confirmed it")) : null;
      const note = make("span", { className: "entered-mark" }, " ", enteredBy(who), said);
      place.append(note);
    }
  }
}
