// What the person and their centre write to each other, and "is this yours?", answered without seeing it.

import { Refused } from "./api.mjs";
import { busy, button, freed, language, make, onSubmit, say, shown, t, the, thenAnew, when } from "./page.mjs";

const ANSWERS = {
  yes: () => t("You said: yes, this is mine."),
  no: () => t("You said: no, this is not mine."),
  unsure: () => t("You said: not sure."),
};
const SVG = "http://www.w3.org/2000/svg";
const MOVED = ["centre-changed", "nobody-reads"]; // another centre has the case than the page shows, or none
const WIDEST = 480; // pixels of the photo that is shown on the device

/** The letters. */
export class Messages {
  #calls;
  #again;
  #centre = ""; // whom the page names as the reader: to another one nothing is sent

  constructor(calls, again) {
    this.#calls = calls;
    this.#again = again;
    onSubmit(the("write"), async (form) => {
      const message = { text: form.get("text").trim(), centre: this.#centre };
      try {
        await freed(the("write"), () => this.#calls().post("/messages", message));
      } catch (error) {
        if (MOVED.includes(error.message)) await this.load().catch(() => {}); // who reads it now; what was typed stays
        throw error.message === "centre-changed" ? new Refused(error.message, t("Not sent: another centre has your case by now. Who reads it now stands above your message, which is still here. Send it again if they may read it.")) : error;
      }
      await shown(() => this.load(), t("Sent. Your centre sees it in its list."));
    });
  }

  async load() {
    const { messages, centre } = await this.#calls().get("/messages");
    the("talk").replaceChildren(...messages.map((one) => this.#message(one)));
    the("no-talk").hidden = messages.length > 0;
    this.#centre = centre;
    the("write").hidden = !centre && !the("letter").value;
    the("nobody-reads").hidden = Boolean(centre);
    the("who-reads").textContent = centre ? t("Read by the advocates of %(centre)s, and by nobody else.", { centre }) : "";
    await this.#again(); // what was opened is not new any more
  }

  close() {
    the("talk").replaceChildren();
    the("who-reads").textContent = "";
  }

  #message({ mine, by, text, written_at: at, read_at: read, former }) {
    const mark = mine ? [read ? t("read") : former ? "" : t("not read yet"), former && t("%(centre)s cannot read this any more", { centre: former })].filter(Boolean).join(" · ") : "";
    return make(
      "li",
      { className: mine ? "own" : "other" },
      make("p", { className: "hint" }, [mine ? t("You") : by, when(at), mark].filter(Boolean).join(" · ")),
      make("p", { className: "said" }, text),
    );
  }
}

/** In place of a name: those of the centre's list are not told. */
function onList() {
  return t("a place on your centre's list");
}

/** Possible copies that the person is asked about. */
export class Yours {
  #calls;
  #again;

  constructor(calls, again) {
    this.#calls = calls;
    this.#again = again;
  }

  /** What is asked, and what was answered. How many wait for an answer. */
  async load() {
    const { questions } = await this.#calls().get(`/questions?language=${language}`);
    the("yours").hidden = questions.length === 0;
    the("yours-list").replaceChildren(...questions.map((one) => this.#question(one)));
    return questions.filter(({ answer }) => !answer).length;
  }

  close() {
    the("yours-list").replaceChildren();
  }

  #question(one) {
    const { sighting_id: id, platform, source, label, own, compared, posted, facts: how, mine, theirs, answer } = one;
    const photo = own ? label || t("a photo that you registered") : t("a copy that was found before, or a link of yours");
    const [said, likes] = [t("Posted"), t("It looks like")];
    const answered = async (word) => {
      await thenAnew(() => this.#calls().post(`/questions/${id}`, { answer: word }), this.#again, () => t("Thank you. Your centre sees your answer. You can change it until the centre has decided."));
    };
    const item = make(
      "li",
      { className: "card" },
      make("h4", {}, `${say("platforms", platform)} · ${source ? `@${source}` : onList()}`),
      make("p", {}, `${said}: ${when(one.posted_at)}`),
      make("p", {}, `${likes}: `, make("strong", {}, photo)),
      mine ? make("div", { className: "fit" }, this.#frame(mine, t("Your photo"), compared), this.#frame(theirs, t("The picture there"), posted)) : null,
      mine && (mine.flag || theirs.flag) ? make("p", { className: "hint" }, t("What is shaded fits. A flag shows how the picture is turned or mirrored.")) : null,
      make("ul", { className: "why" }, ...how.map((fact) => make("li", {}, fact))),
      answer ? make("p", {}, make("strong", {}, ANSWERS[answer]())) : null,
      make(
        "p",
        { className: "row" },
        button(t("Yes, this is mine"), () => answered("yes")),
        button(t("No, this is not mine"), () => answered("no")),
        button(t("I am not sure"), () => answered("unsure")),
      ),
      own && mine ? this.#picked(id, mine) : null,
    );
    return item;
  }

  /** The outline of a picture with the part that fits, told in the words beside it. */
  #frame({ width, height, box, flag }, title, words) {
    const node = (name, values) => {
      const made = document.createElementNS(SVG, name);
      for (const [key, value] of Object.entries(values)) made.setAttribute(key, String(value));
      return made;
    };
    const svg = node("svg", { class: "frame", viewBox: `-1 -1 ${width + 2} ${height + 2}`, width: 98, height: 98, preserveAspectRatio: "xMinYMid", "aria-hidden": "true" });
    svg.append(
      node("rect", { class: "outline", width, height }),
      node("rect", { class: "part", x: box[0], y: box[1], width: box[2], height: box[3] }),
      ...(flag ? [node("path", { class: "flag", transform: flag, d: "M-6 11V-11L9-5L-6 1" })] : []),
    );
    return make("figure", {}, svg, make("figcaption", {}, make("strong", {}, title), " ", words));
  }

  /** The same photo, picked again on this device: which part fits is drawn over it. Nothing is sent, nothing kept. */
  #picked(id, { width, height, box }) {
    const place = make("div", {});
    const hint = make("p", { className: "hint", id: `pick-hint-${id}` }, t("If you want, pick the same photo again: it stays on this device, and you see which part fits. Nothing is sent or kept."));
    const input = make("input", { id: `pick-${id}`, type: "file", accept: "image/*" });
    input.setAttribute("aria-describedby", hint.id);
    input.addEventListener("change", () =>
      busy(input, async () => {
        const [file] = input.files;
        input.value = "";
        place.replaceChildren();
        if (file) place.append(await drawn(file, [box[0] / width, box[1] / height, box[2] / width, box[3] / height]), forget(place));
      }),
    );
    return make("details", {}, make("summary", {}, t("See the part on my own photo")), hint, make("label", { htmlFor: input.id }, t("Pick the photo again")), input, place);
  }
}

function forget(place) {
  return button(t("Take it off the screen"), async () => place.replaceChildren(), "quiet");
}

/** The photo, darkened but for the part. Its pixels live in this element only. */
async function drawn(file, [left, top, wide, high]) {
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw Object.assign(new Error("unreadable"), { said: t("This file could not be opened as a photo. Please pick another one.") });
  }
  const scale = Math.min(1, WIDEST / Math.max(picture.width, picture.height));
  const canvas = make("canvas", { className: "local-look", width: Math.max(1, Math.round(picture.width * scale)), height: Math.max(1, Math.round(picture.height * scale)) });
  const { width, height } = canvas;
  canvas.setAttribute("role", "img");
  const percent = (part) => Math.round(100 * part);
  canvas.setAttribute(
    "aria-label",
    t("Your photo. What fits lies from %(left)s to %(right)s percent across and from %(top)s to %(bottom)s percent down.", {
      left: percent(left),
      right: percent(left + wide),
      top: percent(top),
      bottom: percent(top + high),
    }),
  );
  const pen = canvas.getContext("2d");
  const part = [left * width, top * height, wide * width, high * height];
  pen.drawImage(picture, 0, 0, width, height);
  pen.fillStyle = "rgba(0, 0, 0, 0.6)";
  pen.beginPath();
  pen.rect(0, 0, width, height);
  pen.rect(...part);
  pen.fill("evenodd");
  pen.lineWidth = 3;
  pen.strokeStyle = "#ffffff";
  pen.strokeRect(...part);
  picture.close();
  return canvas;
}
