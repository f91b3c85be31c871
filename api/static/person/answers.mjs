// What a notice needs to know: age and country first, then the person's own words, signature and permission.

import { make, t, the } from "./page.mjs";

const TEXTS = ["country", "signature", "mandate_reference", "good_faith_facts", "content_identification", "contact"];

function radio(form, name) {
  return form.elements[name].value;
}

/** The forms about the person: `you` (age, country) and `notice` (everything else). */
export class Answers {
  #ageWaits = null; // the age that counts while an adult's, which an advocate entered, waits for the person

  #written = null; // what the forms were filled with last

  constructor(changed) {
    for (const form of [the("agree"), the("you"), the("notice")]) {
      form.addEventListener("change", () => {
        this.tidy();
        changed();
      });
    }
    the("kept-pictures").addEventListener("change", changed);
  }

  /** Whether what a notice needs is asked: not of a child, or of who may be one, unless some picture is an adult's. */
  get noticeAsked() {
    return ["adult", this.#ageWaits].includes(this.ageGroup) || [...document.querySelectorAll("#kept-pictures select")].some(({ value }) => value === "adult");
  }

  get ageGroup() {
    return radio(the("you"), "age_group") || "unsure";
  }

  /** How old the person says they are in the pictures; null: not answered yet. */
  get age() {
    return radio(the("you"), "age_group") || null;
  }

  /** The country in words. */
  get countryWords() {
    const [chosen, other] = [the("country"), the("country-code")];
    if (chosen.value !== "other") return chosen.selectedOptions[0].textContent;
    return (this.country && other.selectedOptions?.[0]?.textContent) || this.country;
  }

  get country() {
    const chosen = the("country").value;
    return chosen === "other" ? the("country-code").value.trim().toUpperCase() : chosen;
  }

  /** Everything as the API takes it. */
  read(language) {
    const form = the("notice");
    const texts = Object.fromEntries(TEXTS.filter((name) => name !== "country").map((name) => [name, form.elements[name].value.trim()]));
    const timing = radio(form, "timing") || "now";
    const asked = this.noticeAsked;
    return {
      ...texts,
      ...(asked ? {} : { signature: "", contact: "" }),
      age_group: this.ageGroup,
      country: this.country,
      language,
      sender_role: radio(form, "sender_role") || "person",
      permission_to_send: asked && form.elements.permission_to_send.checked,
      timing,
      police_until: timing === "wait-for-police" ? form.elements.police_until.value || null : null,
    };
  }

  /** What is typed here, over what is kept `now`: what was not touched here stays as it was left in another window. */
  over(now, language) {
    const typed = this.read(language);
    for (const name of Object.keys(typed)) {
      const untouched = this.#written && (typed[name] ?? "") === (this.#written[name] ?? "");
      if (untouched && name in now) typed[name] = now[name];
    }
    return typed;
  }

  /** Fill the forms from what is kept. */
  write(intake) {
    if (!intake) return;
    this.#written = intake;
    const [you, notice] = [the("you"), the("notice")];
    you.elements.age_group.value = intake.age_group ?? "";
    if (!intake.age_group) for (const choice of you.elements.age_group) choice.checked = false;
    const offered = [...the("country").options].some(({ value }) => value === intake.country);
    the("country").value = offered ? intake.country : "other";
    const [code, other] = [offered ? "" : intake.country, the("country-code")];
    other.value = code;
    if (other.value !== code) {
      other.append(make("option", {}, code)); // what the list of names does not know stays as it was typed
      other.value = code;
    }
    for (const name of TEXTS) if (notice.elements[name]) notice.elements[name].value = intake[name] ?? "";
    notice.elements.sender_role.value = intake.sender_role;
    notice.elements.permission_to_send.checked = intake.permission_to_send;
    notice.elements.timing.value = intake.timing;
    notice.elements.police_until.value = intake.police_until ?? "";
    this.#ageWaits = intake.waiting?.includes("age-group") ? intake.age_group : null;
    this.takeOut();
    this.tidy();
  }

  /** Nothing stays hidden that is not asked of a child. Returns what was done, in words; "" where nothing was. */
  takeOut() {
    const { signature, contact, permission_to_send: permission } = the("notice").elements;
    if (this.noticeAsked || !(signature.value || contact.value || permission.checked)) return "";
    signature.value = contact.value = "";
    permission.checked = false;
    return t("Your signature, address and permission for notices were taken out.");
  }

  /** Show only the fields that the answers so far call for. */
  tidy() {
    const form = the("notice");
    const other = the("country").value === "other";
    the("country-other").hidden = !other;
    if (other) import("./countries.mjs").then(({ nameCountries }) => nameCountries()).catch(() => {}); // else two letters are typed
    const agent = radio(form, "sender_role") === "agent";
    the("mandate").hidden = !agent;
    the("signature-part").hidden = agent; // then it leaves with nothing
    the("police-date").hidden = radio(form, "timing") !== "wait-for-police";
  }

  /** Contacts for this country and age; a minor's, or an unsure person's, come with their own routes. */
  showHelpers() {
    const minor = this.ageGroup !== "adult";
    const answered = radio(the("you"), "age_group") !== "";
    const blocks = [...document.querySelectorAll("[data-helpers]")];
    const named = (country) => `${country}-${minor ? "minor" : "adult"}`;
    const own = blocks.some((block) => block.dataset.helpers === named(this.country));
    const shown = named(own ? this.country : the("helpers").dataset.elsewhere);
    for (const block of blocks) block.hidden = !answered || block.dataset.helpers !== shown;
    const asked = !answered || this.noticeAsked;
    the("minor-notice").hidden = !answered || !minor;
    the("minor-notices").hidden = asked;
    for (const id of ["notice-asked", "notice-why"]) the(id).hidden = !asked;
  }
}
