// Photos and short videos: chosen, hashed on the device, given a kind, kept. They themselves never go anywhere.

import { Hasher } from "../pdq/hasher.mjs";
import { kindOf } from "../pdq/file_types.mjs";
import { remover } from "./asked.mjs";
import { enteredBy } from "./entered_by.mjs";
import { button, cutOuts, hear, make, minQuality, onSubmit, refill, say, shown, t, tell, the, thenAnew, version, videoLimits } from "./page.mjs";
import { thumbnail } from "./thumbnails.mjs";

const KINDS = ["intimate", "faked", "ordinary"];
const MOST_LETTERS = 60; // of a name that the person gives a photo
const BOX_REFUSED = ["guardian-needed", "cut-outs-off", "only-the-person"];
const AGES = [
  ["", () => t("As I answered before")],
  ["adult", () => t("An adult")],
  ["minor", () => t("Younger")],
  ["unsure", () => t("I am not sure")],
];

/** Why copies do not follow what was said of their own picture. */
const ALIKE = () => t("Another of your pictures looks like this one, and was said to show you younger, or perhaps younger. Copies of both are treated that way.");

/** The question how old the person was in one picture. An empty value: as answered for all. */
function ageChoice(id, called, age, change) {
  const select = make("select", { id }, ...AGES.map(([value, words]) => make("option", { value }, words())));
  select.value = age ?? "";
  select.setAttribute("aria-label", `${t("How old were you in this one?")} ${called}`);
  select.addEventListener("change", () => change(select.value || null, select));
  return select;
}

function explain(code) {
  const known = {
    heic: t("Your browser cannot read HEIC photos. Save or share it as JPEG first, or use the browser of an iPhone."),
    unreadable: t("This file is not a photo or video that your browser can read. JPEG, PNG, WebP, MP4, MOV and WebM work."),
    "too-plain": t("This photo has too little detail: its fingerprint would fit many other pictures. Please choose one with more in it, uncropped if you can."),
    "canvas-falsified": t("Your browser changes what a page reads from pictures, to protect you from tracking. The fingerprint would be wrong, so nothing was made. Please use another browser for this one step, or switch that protection off for this page."),
    "cut-out-small": t("This box is too small: too little of the face is in it. Please draw it larger, or choose a larger photo."),
    "cut-out-plain": t("Too little can be seen in this box, or too much of it lies beside the photo. Please move it, or leave it out."),
    "no-worker": t("Your browser could not start the part that makes fingerprints. Please reload the page or try another browser. Places, links and everything else work here, and the people who help can do this with you."),
    "no-canvas": t("Your browser is too old to make fingerprints on your device. Please use a newer one: Chrome, Edge, Firefox or Safari 16.4. Places, links and everything else work here, and the people who help can do this with you."),
    "worker-silent": t("Your device stopped while it made this fingerprint; mostly there was too little memory. Please close other programs and choose it again, or use another device."),
  };
  return known[code] ?? known.unreadable;
}

function kindWords(set, kind) {
  return say(set === "frames" ? "video_kinds" : "kinds", kind);
}

export function name(set, number) {
  return set === "frames" ? t("Video %(number)s", { number }) : t("Photo %(number)s", { number });
}

/** How much of it is compared. `frames`: those of a draft, or the case's count of them. */
function extent(set, frames) {
  if (set !== "frames") return say("sets", set);
  const count = Array.isArray(frames) ? 1 + frames.length : frames;
  return count === 1 ? t("1 frame") : t("%(count)s frames", { count });
}

/** The part of the page about photos and videos, filling `store()`. */
/** Frames of a video: a script of its own, fetched with the Worker so that both work without a network afterwards. */
function frameScript() {
  return Promise.all([import("../pdq/frames.mjs"), import("./video_words.mjs")]).then(
    ([frames, words]) => ({ ...frames, ...words }),
    () => {
      throw new Error("no-worker");
    },
  );
}

/** The offer to cut a photo out: fetched with the Worker as well. */
function cutScript() {
  return import("./cut_offer.mjs").catch(() => {
    throw new Error("no-worker");
  });
}

/** The box around a face: fetched with the Worker as well, where boxes are switched on. */
function boxScript() {
  return import("./face_box.mjs").catch(() => {
    throw Object.assign(new Error("offline"), { said: t("There is no connection. Please go online, then try again.") });
  });
}

/** Once, when the person comes to it. Its Worker is fetched then, and works without a network afterwards. */
function whenSeen(place, act) {
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    act();
  });
  seen.observe(place);
}

export class Pictures {
  #hasher = new Hasher();
  #pending = [];
  #sent = new Map(); // of these, while they are being kept: the id, and what was said of them when they were sent
  #ids = []; // of what is kept
  #perhaps = new WeakMap(); // of what may be kept, since the answer to that was lost: what was sent, and what was kept before
  #thumbnails = new Map(); // of what was kept since this page was loaded, by its id
  #stop = null; // an AbortController while files are being hashed
  #store;

  constructor(store) {
    this.#store = store;
    const place = the("pictures"); // looked up now: whoever leaves quickly blanks the page before this is ready
    whenSeen(place, () => Promise.all([this.#hasher.ready, frameScript().catch(() => null), cutScript().catch(() => null), cutOuts && boxScript().catch(() => null)]).then(
      () => (place.dataset.ready = "yes"),
      (error) => this.#cannot(error.message),
    ));
    the("files").addEventListener("change", () => this.#choose([...the("files").files]));
    the("stop").addEventListener("click", () => {
      this.#stop?.abort();
      this.#hasher.stop(); // also where the part that makes fingerprints does not answer any more
    });
    onSubmit(the("pending"), () => this.keep());
  }

  /** How much of each photo is hashed: whole, slim or full. */
  get #set() {
    return document.querySelector("#sets input:checked").value;
  }

  /** Whether fingerprints are being made. */
  get busy() {
    return this.#stop !== null;
  }

  /** What was chosen and waits for its kind. */
  get waiting() {
    return this.#pending.length;
  }

  /** Fingerprints cannot be made here: said at once where photos are chosen, and what goes on without. */
  #cannot(code) {
    the("files").disabled = true;
    this.#warn(explain(code));
    this.#hasher.late = () => {
      the("files").disabled = false;
      the("refused").replaceChildren();
      the("pictures").dataset.ready = "yes";
    };
  }

  async #choose(files) {
    the("files").value = ""; // the browser forgets the file; choosing it again works
    the("files").disabled = true;
    the("refused").replaceChildren();
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    for (const [number, file] of files.entries()) {
      if (signal.aborted) continue;
      hear(t("Making fingerprint %(number)s of %(all)s", { number: number + 1, all: files.length }));
      await this.#hash(file, signal);
    }
    this.#stop = null;
    hear(t("Fingerprints made: %(made)s. Not possible: %(refused)s.", { made: this.#pending.length, refused: the("refused").children.length }));
    the("files").disabled = false;
    the("hashing").hidden = true;
    this.#showPending();
    if (!signal.aborted) return this.#goOn();
    this.#warn(t("Stopped. What was not finished is forgotten; you can choose it again."));
    the("files").focus();
  }

  /** The field was off meanwhile, so whoever reads with a keyboard lost it: on to what was made of the files. */
  #goOn() {
    if (document.activeElement !== document.body) return;
    const heading = the("pending").hidden ? null : the("pending").querySelector("h3");
    if (heading) heading.tabIndex = -1;
    (heading ?? the("files")).focus({ preventScroll: true });
  }

  async #hash(file, signal) {
    this.#showProgress(file.name, 0);
    try {
      const video = (await kindOf(file)) === "video";
      const found = video ? await this.#frames(file, signal) : await this.#photo(file);
      // The file is held only where a box may still be drawn on it, and only until it is kept.
      if (!signal.aborted) this.#pending.push({ name: file.name, file: cutOuts && !video ? file : null, ...found });
    } catch (error) {
      if (signal.aborted) return;
      const words = error.message.startsWith("video-") ? (await frameScript()).videoWords(error.message) : explain(error.message);
      this.#warn(make("strong", {}, file.name), ": ", words);
    }
  }

  #warn(...words) {
    the("refused").append(make("li", { className: "message warn" }, ...words));
  }

  async #photo(file) {
    const found = await this.#hasher.fingerprint(file, this.#set, (share) => this.#showProgress(file.name, share));
    const { framing, view, ...picture } = found;
    if (!framing && picture.quality < minQuality) throw new Error("too-plain");
    const { CutOffer } = framing ? await cutScript() : {};
    const offer = framing ? new CutOffer(file, framing, picture, (box) => this.#hasher.fingerprint(file, picture.set, () => {}, box)) : null;
    return { ...picture, frames: [], offer, small: thumbnail(view) };
  }

  /** Whether the person is an adult in a picture, by what was told so far: of others no preview is shown. */
  #isAdult(picture) {
    return (picture.age_group ?? the("you").querySelector("[name=age_group]:checked")?.value) === "adult";
  }

  async #frames(file, signal) {
    const progress = (done, all) => {
      const counted = t("%(done)s of %(all)s frames", { done, all });
      this.#showProgress(`${file.name} · ${counted}`, done / all);
    };
    const { fingerprint, readTo } = await (await frameScript()).framesOf(file, this.#hasher, { limits: videoLimits, minQuality, progress, signal });
    if (readTo !== null) {
      const words = t("Only the first %(seconds)s seconds could be read, the rest is damaged. You can keep the fingerprint of that part.", { seconds: Math.ceil(readTo) });
      this.#warn(make("strong", {}, file.name), ": ", words);
    }
    return fingerprint;
  }

  #showProgress(text, share) {
    const bar = the("hashing");
    bar.hidden = false;
    bar.querySelector("progress").value = share;
    bar.querySelector(".hint").textContent = text;
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
        return make("p", { className: "tick" }, radio, make("label", { htmlFor: id }, kindWords(picture.set, kind)));
      });
      const age = ageChoice(`age-${number}`, picture.name, picture.age_group, (value) => (picture.age_group = value));
      const aged = make("p", {}, make("label", { htmlFor: `age-${number}` }, t("How old were you in this one?")), " ", age);
      const video = picture.set === "frames" ? [" · ", t("video"), ", ", extent(picture.set, picture.frames)] : [];
      const title = make("legend", {}, picture.name, ...video);
      const off = button(t("Leave this one out"), async () => {
        const perhaps = this.#perhaps.get(picture);
        const words = perhaps && (await this.#store().leaveOut?.(...perhaps));
        this.#pending = this.#pending.filter((one) => one !== picture);
        this.#showPending();
        if (perhaps) await shown(() => this.refresh(), words);
      }, "quiet");
      const show = () => {
        item.dataset.pdq = picture.pdq;
        item.dataset.quality = picture.quality;
        item.dataset.regions = JSON.stringify(picture.regions);
        item.dataset.cutOut = JSON.stringify(picture.cut_out ?? null);
        item.dataset.frames = JSON.stringify(picture.frames);
      };
      const take = (found) => {
        Object.assign(picture, found);
        show();
      };
      const offered = picture.offer ? [picture.offer.element(number, () => this.#isAdult(picture), take)] : [];
      const item = make("li", {}, make("fieldset", {}, title, this.#shown(picture.small, picture), ...offered, ...choices, aged, this.#naming(picture, number), this.#faceOf(picture), off));
      show();
      list.append(item);
      this.#hold(picture);
    });
    this.#showSameForAll();
    the("pending").hidden = this.#pending.length === 0;
    // One main button at a time: what was chosen is kept before anybody goes on.
    document.querySelector("#step-pictures [data-next]").classList.toggle("second", this.#pending.length > 0);
  }

  /** What is being kept is neither left out nor made another kind. Its age and its name can be told on: they follow it. */
  #hold(picture) {
    const row = the("pending-list").children[this.#pending.indexOf(picture)];
    row?.firstElementChild.setAttribute("aria-disabled", String(this.#sent.has(picture)));
    the("same-for-all").setAttribute("aria-disabled", String(this.#sent.size > 0));
  }

  /** A name that only the person thinks of: the file's own stays on the device, since it may tell too much. */
  #naming(picture, number) {
    const field = make("input", { id: `label-${number}`, maxLength: MOST_LETTERS, value: picture.label ?? "" });
    field.setAttribute("autocomplete", "off");
    field.setAttribute("aria-label", `${t("Your own name for it, if you want one")}: ${picture.name}`);
    field.addEventListener("input", () => (picture.label = field.value));
    return make("p", {}, make("label", { htmlFor: field.id }, t("Your own name for it, if you want one")), " ", field);
  }

  /** The small view, unless the person was, or may have been, a child in it. */
  #shown(small, picture) {
    return small && this.#isAdult(picture) ? small : null;
  }

  /** One answer for all of them, where there are several; each can still be told apart. */
  #showSameForAll() {
    const place = the("same-for-all");
    place.hidden = this.#pending.length < 2;
    if (place.hidden) return place.replaceChildren();
    const tell = (changes) => {
      for (const picture of this.#pending) Object.assign(picture, changes);
      this.#showPending();
    };
    const common = (name) => (this.#pending.every((one) => one[name] === this.#pending[0][name]) ? this.#pending[0][name] : undefined);
    const kinds = KINDS.map((kind) => {
      const radio = make("input", { type: "radio", id: `all-${kind}`, name: "all-kind", value: kind, checked: common("kind") === kind });
      radio.addEventListener("change", () => {
        tell({ kind });
        the(`all-${kind}`).focus();
      });
      return make("p", { className: "tick" }, radio, make("label", { htmlFor: `all-${kind}` }, kindWords("whole", kind)));
    });
    const age = make("select", { id: "all-age" }, ...AGES.map(([value, said]) => make("option", { value }, said())));
    age.value = common("age_group") ?? "";
    age.addEventListener("change", () => {
      tell({ age_group: age.value || null });
      the("all-age").focus();
    });
    const aged = make("p", {}, make("label", { htmlFor: "all-age" }, t("How old were you in all of them?")), " ", age);
    return place.replaceChildren(make("legend", {}, t("One answer for all %(count)s", { count: this.#pending.length })), ...kinds, aged);
  }

  /** The offer to draw a box around one's own face; null where there is none. */
  #faceOf(picture) {
    if (!picture.file) return null;
    const place = make("div", { className: "face" });
    const said = make("p", { className: "hint", role: "status" });
    const show = (...parts) => place.replaceChildren(...parts, said);
    const leave = () => {
      picture.cut_out = null;
      said.textContent = "";
      this.#showPending();
    };
    const use = async (box) => {
      try {
        picture.cut_out = await this.#hasher.cutOut(picture.file, box);
        this.#showPending();
      } catch (error) {
        said.textContent = explain(error.message);
      }
    };
    const draw = button(t("Draw a box around my face"), async () => show(await (await boxScript()).faceBox(picture.file, { use, leave })), "second");
    if (picture.cut_out) {
      said.textContent = t("With a box around your face.");
      show(draw, " ", button(t("Take the box away"), leave, "quiet"));
    } else {
      const why = make("details", {}, make("summary", {}, t("Was your face put on another body? (experimental)")), make("p", {}, t("Then you can draw a box around your face in this photo. Boxes around faces in posts are compared with it, point by point, to find copies of this very photo's face. It does not recognise you: in another photo you are not found. Only your own face, please. You can take it back at any time.")), draw);
      show(why);
    }
    return place;
  }

  /** Keep the fingerprints of what was chosen. Each stays in its place until all of them are kept, or one is refused. */
  async keep() {
    try {
      for (const picture of [...this.#pending]) {
        await picture.offer?.settled;
        if (this.#pending.includes(picture) && !this.#sent.get(picture)?.id) await this.#send(picture); // else left out
      }
    } catch (error) {
      await this.#done().catch(() => {}); // what is kept by now stands there as kept, where that can be asked for
      throw error;
    }
    the("refused").replaceChildren();
    await this.#done();
    this.#look();
  }

  async #send(picture) {
    const { name: _, file: __, offer: ___, small, ...said } = picture; // the file stays here
    this.#sent.set(picture, said);
    this.#hold(picture);
    const body = { ...said, version, label: (said.label ?? "").trim() };
    const [, before] = this.#perhaps.get(picture) ?? [0, [...this.#ids]];
    try {
      said.id = await this.#keep(body, small);
      this.#ids.push(said.id);
    } catch (error) {
      this.#sent.delete(picture);
      if (!error.status || error.status > 499) this.#perhaps.set(picture, [body, before]);
      this.#hold(picture);
      throw error;
    }
  }

  /** What was said of them while they were on their way follows them; then they stand among what is kept. */
  async #done() {
    do {
      while (await this.#follow());
      await shown(() => this.refresh());
    } while (this.#changed());
    this.#pending = this.#pending.filter((one) => !this.#sent.delete(one));
    this.#showPending();
  }

  #changed() {
    return [...this.#sent].find(([now, said]) => now.age_group !== said.age_group || now.label !== said.label);
  }

  /** Tell one thing that was changed since. Returns whether there was one. */
  async #follow() {
    const [now, said] = this.#changed() ?? [];
    if (!now) return false;
    const name = now.age_group !== said.age_group ? "age_group" : "label";
    const value = now[name];
    await (name === "label" ? this.#store().tellLabel(said.id, value.trim()) : this.#store().tellAge(said.id, value));
    said[name] = value;
    return true;
  }

  /** The photo is not lost because the box in it may not be kept. Returns under which id it is kept. */
  async #keep(picture, small) {
    const add = async (one) => {
      const kept = await this.#store().addPicture(one);
      if (small && typeof kept === "string") this.#thumbnails.set(kept, small);
      return kept.fingerprint_id ?? kept;
    };
    try {
      return await add(picture);
    } catch (error) {
      if (!picture.cut_out || !BOX_REFUSED.includes(error.message)) throw error;
      const id = await add({ ...picture, cut_out: null });
      tell(error.said, "warn");
      return id;
    }
  }

  /** Where the reader goes on when the button that they pressed is gone. */
  #look() {
    the("kept-title").tabIndex = -1;
    the("kept-title").focus();
  }

  /** Show what is kept. */
  async refresh() {
    const kept = await this.#store().pictures();
    this.#ids = kept.map(({ id }) => id);
    refill(the("kept-pictures"), () => kept.map((picture, number) => this.#kept(picture, number + 1)));
    the("no-pictures").hidden = kept.length > 0;
  }

  #kept(picture, number) {
    const { id, kind, set, frames, label, age_group: age, counts_as: protectedAs, entered_by: who, cut_out: boxed } = picture;
    const called = label || name(set, number);
    const correctable = typeof this.#store().tellKind === "function";
    const facts = [called, kindWords(set, kind), extent(set, frames), boxed ? t("with a box around your face") : ""];
    const said = [facts.filter(Boolean).join(" · "), " ", enteredBy(who) ?? ""];
    const parts = [this.#shown(this.#thumbnails.get(id), picture), make("span", {}, ...said), this.#namer(id, label, called), boxed ? this.#unboxer(id, called) : null];
    if (correctable) parts.push(...this.#kindChoice(picture, called));
    parts.push(
      make("label", { htmlFor: `kept-age-${id}`, className: "hint" }, t("How old were you in this one?")),
      ageChoice(`kept-age-${id}`, called, age, (value, select) => this.#tellAge(id, value, select)),
      protectedAs ? make("span", { className: "hint" }, ALIKE()) : null,
    );
    return make("li", {}, make("div", {}, ...parts.filter(Boolean)), this.#remover(id, called));
  }

  /** What it is can be corrected until the case is open. */
  #kindChoice({ id, set, kind }, called) {
    const select = make("select", { id: `kept-kind-${id}` }, ...KINDS.map((value) => make("option", { value }, kindWords(set, value))));
    select.value = kind;
    select.setAttribute("aria-label", `${t("What is in it?")} ${called}`);
    select.addEventListener("change", () => this.#correct(select, () => this.#store().tellKind(id, select.value), () => t("Saved.")));
    return [make("label", { htmlFor: select.id, className: "hint" }, t("What is in it?")), select];
  }

  async #correct(select, act, said) {
    select.disabled = true;
    try {
      await thenAnew(act, () => this.refresh(), said);
    } catch (error) {
      if (!error.said) throw error;
      tell(error.said, error.done ? "warn" : "bad");
    } finally {
      select.disabled = false;
      the(select.id)?.focus();
    }
  }

  #tellAge(id, age, select) {
    const open = typeof this.#store().tellKind !== "function";
    return this.#correct(select, () => this.#store().tellAge(id, age), (told) => {
      if (!open) return t("Saved.");
      return told?.counts_as ? `${t("Kept.")} ${ALIKE()}` : t("Kept. Copies of this picture follow it from now on.");
    });
  }

  /** A name of the person's own, given or changed later. */
  #namer(id, label, called) {
    const typed = the(`name-${id}`)?.form;
    if (typed?.dataset.typed) return typed.parentNode;
    const place = make("span", { className: "naming" });
    const field = make("input", { id: `name-${id}`, maxLength: MOST_LETTERS, value: label });
    field.setAttribute("autocomplete", "off");
    const save = async () => {
      await this.#store().tellLabel(id, field.value.trim());
      await shown(() => this.refresh(), t("Saved."));
      the(`rename-${id}`)?.focus();
    };
    const form = make("form", { className: "row", autocomplete: "off" }, make("label", { htmlFor: field.id }, t("Your own name for it")), field, make("button", { className: "second" }, t("Save")));
    onSubmit(form, save);
    const open = button(t("Give it a name"), () => {
      place.replaceChildren(form);
      place.classList.add("open");
      field.focus();
    }, "quiet");
    open.id = `rename-${id}`;
    open.setAttribute("aria-label", t("Give it a name: %(name)s", { name: called }));
    place.append(open);
    return place;
  }

  /** In an open case the photo may be gone from the device by now, so what is made of it is not destroyed by one tap. */
  #remover(id, called) {
    return remover({
      text: t("Remove"),
      label: t("Remove: %(name)s", { name: called }),
      why: this.#store().why?.picture,
      act: async () => {
        await this.#store().removePicture(id);
        this.#thumbnails.delete(id);
        await shown(() => this.refresh());
      },
      title: "kept-title",
    });
  }

  #unboxer(id, called) {
    return remover({
      text: t("Take the box away"),
      label: t("Take the box away: %(name)s", { name: called }),
      why: this.#store().why?.box,
      act: async () => {
        await this.#store().removeCutOut(id);
        await shown(() => this.refresh());
      },
      title: "kept-title",
    });
  }
}
