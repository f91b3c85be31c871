// A screenshot, chat, story, gallery or letterbox was chosen: the offer to fingerprint only the photo in it. The preview
// is drawn on this device and nowhere else, and not of somebody who was not an adult in it.

import { make, minQuality, say, t, tell } from "./page.mjs";

const PREVIEW = 120; // pixels of a preview's longer side
const WHOLE = "whole";

/** One picture's offer: `cut(box)` makes the fingerprint of a part. */
export class CutOffer {
  #file;
  #framing;
  #whole;
  #cut;
  #chosen = null;
  /** Settles when no part is being fingerprinted. */
  settled = Promise.resolve();

  constructor(file, framing, whole, cut) {
    this.#file = file;
    this.#framing = framing;
    this.#whole = whole;
    this.#cut = cut;
  }

  /** The question, with a preview of each part. `adult` tells whether it may be shown; `take` is given what was chosen. */
  element(number, adult, take) {
    const several = this.#framing.boxes.length > 1;
    const parts = this.#framing.boxes.map((box, part) => {
      const words = several ? t("Only picture %(number)s in it", { number: part + 1 }) : t("Only the photo in it (recommended)");
      return this.#choice(number, String(part), words, this.#preview(box, adult), take);
    });
    const plain = this.#whole.quality < minQuality;
    const whole = plain ? [] : [this.#choice(number, WHOLE, t("Everything, as it is"), null, take)];
    const asked = make("fieldset", { className: "cut-offer" }, make("legend", {}, say("framings", this.#framing.kind)));
    asked.append(
      make("p", { className: "hint" }, t("Copies are found far better by the photo alone: the frame of an app looks alike around any photo. Cut it out on this device? Nothing is sent, and the file is not changed.")),
      make("div", { className: "cuts" }, ...parts),
      ...whole,
    );
    return asked;
  }

  #choice(number, value, words, preview, take) {
    const id = `cut-${number}-${value}`;
    const radio = make("input", { type: "radio", id, name: `cut-${number}`, value, required: true });
    radio.checked = this.#chosen === value;
    radio.addEventListener("change", () => {
      this.#chosen = value;
      this.settled = this.#choose(value, take);
    });
    return make("p", { className: "tick" }, radio, make("label", { htmlFor: id }, preview, words));
  }

  async #choose(value, take) {
    if (value === WHOLE) return take(this.#whole);
    const found = await this.#cut(this.#framing.boxes[Number(value)]);
    if (this.#chosen !== value) return undefined; // the person has changed their mind meanwhile
    if (found.quality < minQuality) {
      tell(t("This part has too little detail: its fingerprint would fit many other pictures. Please choose another part, or everything."), "warn");
      return take(this.#whole);
    }
    const { framing: _, ...picture } = found;
    return take(picture);
  }

  /** The part on a small canvas, or its outline. */
  #preview(box, adult) {
    const canvas = make("canvas", { className: "cut-preview", width: PREVIEW, height: PREVIEW });
    canvas.setAttribute("aria-hidden", "true");
    this.#draw(canvas, box, adult).catch(() => canvas.remove());
    return canvas;
  }

  async #draw(canvas, [left, top, right, bottom], adult) {
    const picture = await createImageBitmap(this.#file, { imageOrientation: "from-image" });
    try {
      const shown = adult();
      const [x, y] = [left * picture.width, top * picture.height];
      const [width, height] = [(right - left) * picture.width, (bottom - top) * picture.height];
      const scale = PREVIEW / (shown ? Math.max(width, height) : Math.max(picture.width, picture.height));
      const context = canvas.getContext("2d");
      if (shown) {
        canvas.width = Math.max(1, width * scale);
        canvas.height = Math.max(1, height * scale);
        context.drawImage(picture, x, y, width, height, 0, 0, canvas.width, canvas.height);
      } else {
        canvas.width = picture.width * scale;
        canvas.height = picture.height * scale;
        context.strokeRect(0.5, 0.5, canvas.width - 1, canvas.height - 1);
        context.fillStyle = "#8888";
        context.fillRect(x * scale, y * scale, width * scale, height * scale);
      }
    } finally {
      picture.close();
    }
  }
}
