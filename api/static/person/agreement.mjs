// Before anything is kept: where the person lives, whether they may agree alone, what is kept, and their yes to it.

import { helpersOf } from "./helpers_of.mjs";
import { agesOfConsent, language, privacyVersion, t, tell, the } from "./page.mjs";

/** The first step of a new case. `answers` knows the country. */
export class Agreement {
  #answers;
  #age = null;

  constructor(answers) {
    this.#answers = answers;
    the("agree").addEventListener("change", () => this.tidy());
    the("country-code").addEventListener("input", () => this.tidy());
    this.tidy();
  }

  get #form() {
    return the("agree");
  }

  get underAge() {
    return this.#form.elements.age_now.value === "younger";
  }

  /** What is sent with every answer; null where it was not said yet. */
  read() {
    if (!this.#form.elements.age_now.value) return null;
    return { version: privacyVersion, under_age: this.underAge, guardian: this.underAge ? this.#form.elements.guardian.value || "not-needed" : "not-needed" };
  }

  /** The code that a centre gave to a child; empty where none is needed. */
  get code() {
    const way = this.read()?.guardian;
    return way === "centre" ? the("guardian-code").value.trim() : "";
  }

  /** Show what was agreed to before. */
  write({ agreement, code }) {
    this.tidy();
    this.#form.elements.age_now.value = agreement.under_age ? "younger" : "older";
    if (agreement.under_age) this.#form.elements.guardian.value = agreement.guardian;
    the("guardian-says").checked = agreement.guardian === "agreed";
    the("guardian-code").value = agreement.guardian === "centre" ? code : "";
    this.tidy();
  }

  /** The age of this country, and the guardian's part below it. */
  tidy() {
    const country = this.#answers.country || "KR";
    const age = agesOfConsent[country] ?? agesOfConsent[""];
    if (this.#age !== null && this.#age !== age) {
      for (const choice of this.#form.elements.age_now) choice.checked = false; // another question, so another answer
    }
    this.#age = age;
    the("now-older-label").textContent = t("%(age)s or older", { age });
    the("now-younger-label").textContent = t("Younger than %(age)s", { age });
    the("guardian").hidden = !this.underAge;
    const way = this.#form.elements.guardian.value;
    the("guardian-here").hidden = way !== "agreed";
    the("guardian-elsewhere").hidden = way !== "centre";
    the("guardian-korea").hidden = country !== "KR";
    for (const choice of this.#form.elements.guardian) choice.required = this.underAge;
    the("guardian-says").required = this.underAge && way === "agreed";
    the("guardian-code").required = this.underAge && way === "centre";
    // Whom a child can talk to, and what those must do who learn of it.
    if (this.underAge && way === "centre") helpersOf(the("guardian-contacts"), country, "minor", language);
  }

  /** Whether nothing stands against keeping what follows; else it is said. */
  get whole() {
    if (!this.underAge || this.read().guardian !== "not-needed") return true;
    tell(t("A parent or guardian agrees first, or a centre gives you a code. Until then nothing is kept."), "warn");
    return false;
  }
}
