// Photos: chosen, hashed on the device, given a kind, kept. The photo itself never goes anywhere.

import { Hasher } from "../pdq/hasher.mjs";
import { button, make, minQuality, onSubmit, say, t, tell, the, version } from "./page.mjs";

const KINDS = ["intimate", "faked", "ordinary"];

function explain(code) {
  const known = {
    heic: t("Your browser cannot read HEIC photos. Save or share it as JPEG first, or use the browser of an iPhone."),
    unreadable: t("This file is not a photo that your browser can read. JPEG, PNG and WebP work."),
    "too-plain": t("This photo has too little detail: its fingerprint would fit many other pictures. Please choose one with more in it, uncropped if you can."),
    "canvas-falsified": t("Your browser changes what a page reads from pictures, to protect you from tracking. The fingerprint would be wrong, so nothing was made. Please use another browser for this one step, or switch that protection off for this page."),
    "no-worker": t("Your browser could not start the part that makes fingerprints. Please try another browser."),
  };
  return known[code] ?? known.unreadable;
}

/** The part of the page about photos, filling `store()`. */
export class Pictures {
  #hasher = new Hasher();
  #pending = [];
  #store;

  constructor(store) {
    this.#store = store;
    this.#hasher.ready.then(
      () => (the("pictures").dataset.ready = "yes"),
      () => tell(explain("no-worker"), "bad"),
    );
    the("files").addEventListener("change", () => this.#choose([...the("files").files]));
    onSubmit(the("pending"), () => this.keep());
  }

  /** How much of each photo is hashed: whole, slim or full. */
  get #set() {
    return document.querySelector("#sets input:checked").value;
  }

  /** Photos that were chosen and wait for their kind. */
  get waiting() {
    return this.#pending.length;
  }

  async #choose(files) {
    the("files").value = ""; // the browser forgets the file; choosing it again works
    the("files").disabled = true;
    for (const file of files) await this.#hash(file);
    the("files").disabled = false;
    the("hashing").hidden = true;
    this.#showPending();
  }

  async #hash(file) {
    const bar = the("hashing");
    bar.hidden = false;
    bar.querySelector("progress").value = 0;
    bar.querySelector("span").textContent = file.name;
    try {
      const found = await this.#hasher.fingerprint(file, this.#set, (share) => (bar.querySelector("progress").value = share));
      if (found.quality < minQuality) throw new Error("too-plain");
      this.#pending.push({ name: file.name, ...found });
    } catch (error) {
      the("refused").append(make("li", {}, make("strong", {}, file.name), ": ", explain(error.message)));
    }
  }

  #showPending() {
    const list = the("pending-list");
    list.replaceChildren();
    this.#pending.forEach((picture, number) => {
      const choices = KINDS.map((kind) => {
        const id = `kind-${number}-${kind}`;
        const radio = make("input", { type: "radio", id, name: `kind-${number}`, value: kind, required: true });
        radio.checked = picture.kind === kind;
        radio.addEventListener("change", () => (picture.kind = kind));
        return make("p", { className: "tick" }, radio, make("label", { htmlFor: id }, say("kinds", kind)));
      });
      const title = make("legend", {}, picture.name);
      const off = button(t("Leave this one out"), () => {
        this.#pending.splice(this.#pending.indexOf(picture), 1);
        this.#showPending();
      }, "quiet");
      const item = make("li", {}, make("fieldset", {}, title, ...choices, off));
      item.dataset.pdq = picture.pdq;
      item.dataset.quality = picture.quality;
      item.dataset.regions = JSON.stringify(picture.regions);
      list.append(item);
    });
    the("pending").hidden = this.#pending.length === 0;
  }

  /** Keep the chosen photos' fingerprints. */
  async keep() {
    while (this.#pending.length > 0) {
      const { name: _, ...picture } = this.#pending[0];
      await this.#store().addPicture({ ...picture, version, label: "" });
      this.#pending.shift();
    }
    the("refused").replaceChildren();
    this.#showPending();
    await this.refresh();
  }

  /** Show what is kept. */
  async refresh() {
    const kept = await this.#store().pictures();
    the("kept-pictures").replaceChildren(
      ...kept.map(({ id, kind, set, label, paused_since: paused }, number) =>
        make(
          "li",
          {},
          make("span", {}, label || t("Photo %(number)s", { number: number + 1 }), " · ", say("kinds", kind), " · ", say("sets", set)),
          button(t("Remove"), async () => {
            await this.#store().removePicture(id);
            await this.refresh();
          }, "quiet"),
          paused
            ? make("p", { className: "hint" }, t("Paused: this photo fitted very many posts in a short time, so for now it is not compared. Your advocate looks into it. Either it is a photo that fits many others, and one with more in it helps; or it is being posted again and again, and your advocate can start it again. You can ask your advocate."))
            : "",
        ),
      ),
    );
    the("no-pictures").hidden = kept.length > 0;
  }
}
