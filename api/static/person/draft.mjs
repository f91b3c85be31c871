// What is entered before a case is open. It is kept on the server at once, sealed for this browser, and nowhere else: not
// in the browser's own storage. What could not be sent yet stands here and is sent, in order, as soon as it can be.

import { Api } from "./api.mjs";
import { t } from "./page.mjs";

const AGAIN = 5000; // milliseconds until what could not be sent is tried again
const PASSING = ["offline", "internal", "database-unavailable", "try-again", "overloaded", "cut-off", "too-slow", ""];

/** A random id of 26 letters: what is sent twice, because an answer was lost, is there once. */
function newId() {
  const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  return [...crypto.getRandomValues(new Uint8Array(26))].map((byte) => alphabet[byte & 31]).join("");
}

function refusal(code, said) {
  return Object.assign(new Error(code), { said });
}

/** Whether it may work a little later, as it is. */
function passes(error) {
  return error.said !== undefined && PASSING.includes(error.message);
}

/** The same methods as an open case has, so that the parts of the page need not know which one they fill. */
export class Draft {
  #api = new Api(null, { base: "/case/draft", credentials: "same-origin", more: () => (this.#name ? { "Jikimi-Draft": this.#name } : {}) });
  #items = { pictures: [], places: [], links: [] };
  #answers = null;
  #base = null; // the answers as they stood on this page when the server had them last
  #kept = null; // as the server has them: with those of another window
  #unkept = false; // the answers
  #failing = false; // the last try did not arrive, whatever the browser says of its connection
  #waiting = []; // what is to be sent, in order
  #sending = null;
  #timer = 0;
  #changed;
  #name = ""; // which draft this page goes on with: the server refuses what another one's page would write
  #held = false; // whether this browser gave its cookie back once
  #cookieless = false; // it did not, so nothing can be kept
  key = "";
  expires = null;
  /** Whether the browser has it no more, by somebody's will: nothing is written anew before the person asks for it. */
  forgotten = false;
  /** What could not be kept anew after its day was over, or was refused late: for whoever says so and takes it out. */
  lost = [];

  /** `changed` is called whenever something more, or nothing more, is to be sent. */
  constructor(changed) {
    this.#changed = changed;
    addEventListener("online", () => this.#try().catch(() => {}));
  }

  /** What this browser entered before: "none", "begun" or "opened"; of the last the keys. */
  async load() {
    const { state, key, draft, expires_at: expires, answers, pictures, places, links, opened } = await this.#ask();
    if (state === "begun" && !this.unsent) {
      const bodies = new Map(this.#items.pictures.map(({ id, body }) => [id, body]));
      [this.#answers, this.#kept] = [answers, answers];
      this.#items = { pictures: pictures.map((one) => ({ ...one, body: bodies.get(one.id) })), places, links };
    }
    [this.key, this.expires, this.#name] = [key, expires, draft];
    this.#held = draft !== "";
    return { state, opened };
  }

  async #ask() {
    try {
      return await this.#api.get("");
    } catch (error) {
      throw error.message === "draft-gone" ? this.#forget() : error;
    }
  }

  get #more() {
    return this.#unkept || this.#waiting.length > 0;
  }

  /** Whether something did not arrive yet. */
  get unsent() {
    return this.#more || this.#sending !== null;
  }

  /** Whether nothing gets through now: as the browser says, or as the last try showed. */
  get stuck() {
    return this.#failing || !navigator.onLine;
  }

  /** Whether something would be lost by leaving now: what is on its way arrives all the same, while something arrives. */
  get losing() {
    return this.stuck ? this.unsent : this.#waiting.length > 1;
  }

  /** How much is in it. */
  get size() {
    return this.#items.pictures.length + this.#items.places.length + this.#items.links.length;
  }

  async intake() {
    return this.#answers;
  }

  /** Keep the answers. Nothing is kept before this was done once, with what was agreed to. */
  async saveIntake(answers) {
    this.#answers = answers;
    this.#unkept = true;
    await this.#try();
  }

  /** Another age than was said before: that alone is kept, at once. */
  correctAge(agreement) {
    return this.saveIntake({ ...this.#base, agreement, step: "step-agree" });
  }

  /** From here on only what differs from `answers` was changed on this page. */
  agreed(answers) {
    this.#base = answers;
  }

  /** What another window told meanwhile, where nothing that is `shown` here waits to be sent; else null. */
  newer(shown) {
    if (this.unsent || !this.#base || !this.#kept || differing(shown, this.#base).length > 0) return null;
    const kept = { ...this.#kept, unfinished: { ...blank(shown.unfinished), ...this.#kept.unfinished } };
    const other = differing(kept, shown).filter((name) => !["language", "step"].includes(name));
    return other.length > 0 ? this.#kept : null;
  }

  async pictures() {
    return this.#items.pictures.map(({ body: _, ...rest }) => rest);
  }

  /** Returns the id under which it is kept. */
  async addPicture(picture) {
    const { set, kind, label, age_group: age = null, frames, cut_out: box } = picture;
    const one = { id: newId(), kind, set, label, age_group: age, frames: set === "frames" ? 1 + frames.length : 0, cut_out: Boolean(box), body: picture };
    return this.#add("pictures", one, picture);
  }

  /** Take the box around the face back; the photo stays. */
  removeCutOut(id) {
    return this.#correct(id, { cut_out: null }, { cut_out: false });
  }

  tellAge(id, age) {
    return this.#correct(id, { age_group: age }, { age_group: age });
  }

  tellKind(id, kind) {
    return this.#correct(id, { kind }, { kind });
  }

  tellLabel(id, label) {
    return this.#correct(id, { label }, { label });
  }

  removePicture(id) {
    return this.#remove("pictures", id);
  }

  async sources() {
    return this.#items.places.flatMap(({ purposes, ...place }) => purposes.map((purpose) => ({ ...place, purpose })));
  }

  async addSource(place) {
    const same = this.#items.places.find(({ platform, source }) => platform === place.platform && plain(source) === plain(place.source));
    const purposes = same ? [...new Set([...same.purposes, ...place.purposes])] : place.purposes;
    const body = { ...place, purposes };
    return this.#add("places", { id: same?.id ?? newId(), ...body }, body);
  }

  /** The whole place, whatever was allowed there. */
  removeSource(id) {
    return this.#remove("places", id);
  }

  async links() {
    return [...this.#items.links];
  }

  async addLink(link) {
    return this.#add("links", { id: newId(), ...link }, link);
  }

  removeLink(id) {
    return this.#remove("links", id);
  }

  /** Open the case with what is kept. Asked again, it gives the same answer. */
  async open(empty) {
    await this.flush();
    return this.#api.post("/open", { key: this.key, empty });
  }

  /** The keys were written down: a token for the case. */
  async typedBack(passphrase) {
    return (await this.#api.post("/typed-back", { passphrase })).token;
  }

  /** Whoever came back to a case with its keys has them: where this browser would still show those, it does no more. */
  async hasKeys(caseId, passphrase) {
    const { opened } = await this.#api.get("");
    if (opened?.case_id === caseId) await new Api(await this.typedBack(passphrase)).forget();
  }

  /** Forget all of it, here and there. */
  async throwAway() {
    await this.#api.delete("").catch((error) => {
      if (error.message !== "draft-gone") throw error; // thrown away already, in another window
    });
    this.#items = { pictures: [], places: [], links: [] };
    [this.#answers, this.#unkept, this.#waiting] = [null, false, []];
    this.#changed();
  }

  /** Send what was not sent. Raises what stands in the way. */
  async flush() {
    await this.#try();
    if (this.forgotten) throw this.#forget();
    if (this.#more) throw refusal("offline", t("There is no connection. Please go online, then try again."));
  }

  async #add(list, one, body) {
    const items = this.#items[list];
    const at = items.findIndex(({ id }) => id === one.id);
    const before = items[at];
    if (at >= 0) items[at] = one;
    else items.push(one);
    let id = one.id;
    const sent = {
      act: () => this.#api.put(`/${list}/${one.id}`, body),
      done: ({ id: kept, replaced, purposes }) => {
        id = kept;
        if (purposes) one.purposes = purposes; // with those that were allowed there by another spelling
        const gone = [replaced, ...(kept === one.id ? [] : [one.id])];
        this.#items[list] = this.#items[list].filter((other) => !gone.includes(other.id));
      },
      failed: () => {
        const number = 1 + this.#items[list].findIndex((other) => other.id === one.id);
        if (sent.settled) this.lost.push({ ...one, number }); // nobody waits for a word about it any more
        this.#items[list] = this.#items[list].flatMap((other) => (other.id === one.id ? (before ? [before] : []) : [other]));
      },
    };
    await this.#send(sent);
    return id;
  }

  async #correct(id, changes, shown) {
    const one = this.#items.pictures.find((picture) => picture.id === id);
    if (!one) return;
    const before = { ...one };
    Object.assign(one, shown, { body: one.body && { ...one.body, ...changes } });
    await this.#send({ act: () => this.#api.patch(`/pictures/${id}`, changes), done: () => {}, failed: () => Object.assign(one, before) });
  }

  async #remove(list, id) {
    const at = this.#items[list].findIndex((one) => one.id === id);
    if (at < 0) return;
    const [one] = this.#items[list].splice(at, 1);
    await this.#send({ act: () => this.#api.delete(`/items/${id}`), done: () => {}, failed: () => this.#items[list].splice(at, 0, one) });
  }

  /** Put it in the row. Settles when it was taken, or is known to wait for the network; rejects when it was refused. */
  async #send(one) {
    this.#waiting.push(one);
    await this.#try();
    one.settled = true;
    if (one.error) throw one.error;
  }

  /** Send until nothing waits, or nothing gets through: then again after a while. */
  async #try() {
    clearTimeout(this.#timer);
    if (this.forgotten) this.#stop();
    this.#changed();
    try {
      while (this.#more && navigator.onLine) {
        if (!this.#sending) this.#sending = this.#all().finally(() => (this.#sending = null));
        await this.#sending;
      }
    } catch (error) {
      if (!passes(error)) throw error;
    } finally {
      if (this.#more) this.#timer = setTimeout(() => this.#try().catch(() => {}), AGAIN);
      this.#changed();
    }
  }

  async #all() {
    while (this.#more) {
      if (this.#unkept) await this.#keepAnswers();
      else await this.#keepNext(this.#waiting[0]);
    }
  }

  async #keepAnswers() {
    this.#unkept = false;
    try {
      if (this.#cookieless || navigator.cookieEnabled === false) throw this.#cannot();
      const told = this.#answers;
      const { expires_at: expires, draft, anew, answers } = await this.#api.put("", this.#base ? changes(told, this.#base) : told);
      this.#failing = false;
      [this.expires, this.#name, this.#base, this.#kept] = [expires, draft, told, answers];
      if (anew && this.size > 0) this.#renew();
      if (!this.#held) await this.#api.get(""); // where the cookie was not taken, what was just kept is not there
      this.#held = true;
    } catch (error) {
      if (error.message === "draft-gone") throw this.#held ? this.#forget() : this.#cannot();
      this.#unkept = this.#failing = passes(error); // what was refused is not sent again as it is
      throw error;
    }
  }

  async #keepNext(one) {
    try {
      one.done((await one.act()) ?? {});
      this.#failing = false;
    } catch (error) {
      this.#failing = passes(error);
      if (this.#failing) throw error;
      if (error.message === "draft-gone" && one.anew) throw this.#forget();
      if (error.message === "draft-gone") {
        this.#unkept = true; // before everything else
        this.#renew();
        return;
      }
      one.failed();
      one.error = error;
    }
    this.#waiting = this.#waiting.filter((other) => other !== one); // what waits may have been written anew meanwhile
  }

  /** It was thrown away or left quickly in another window, or its cookie is gone. Returns what to say. */
  #forget() {
    this.forgotten = true;
    this.#stop();
    this.#changed();
    return refusal("draft-forgotten", t("What you entered is not kept in this browser any more."));
  }

  #stop() {
    [this.#waiting, this.#unkept, this.#failing] = [[], false, false];
  }

  /** This browser keeps no cookie, so nothing more is sent. Returns what to say. */
  #cannot() {
    [this.#cookieless, this.expires, this.#name] = [true, null, ""];
    this.#stop();
    return refusal("no-cookies", t("Your browser allows no cookies here, so nothing can be kept. Please allow them for this page and load it anew, or use another browser. Or call somebody: \"People who help right now\" stand on the start page."));
  }

  /** The person asks for it: what stands on this page is kept anew in this browser. */
  async keepAnew() {
    [this.forgotten, this.#name, this.#held, this.#unkept] = [false, "", false, true];
    this.#renew();
    await this.flush();
  }

  /** Its day is over while somebody still types: what this page still holds is kept anew, the rest is lost. */
  #renew() {
    const put = (list, id, body) => ({ act: () => this.#api.put(`/${list}/${id}`, body), done: () => {}, failed: () => this.#lose(list, (one) => one.id === id), anew: true });
    this.#lose("pictures", ({ body }) => !body); // the photo itself was never here, and its fingerprint is kept by the server alone
    const { pictures, places, links } = this.#items;
    this.#waiting = [
      ...places.map(({ id, platform, source, purposes, days }) => put("places", id, { platform, source, purposes, days })),
      ...links.map(({ id, url, kind }) => put("links", id, { url, kind, room: true })),
      ...pictures.map(({ id, body }) => put("pictures", id, body)),
    ];
  }

  #lose(list, which) {
    this.lost.push(...this.#items[list].map((one, at) => ({ ...one, number: at + 1 })).filter(which));
    this.#items[list] = this.#items[list].filter((one) => !which(one));
  }
}

/** The answers by whose names `one` and `other` differ. */
function differing(one, other) {
  return Object.keys(one).filter((name) => JSON.stringify(one[name] ?? null) !== JSON.stringify(other[name] ?? null));
}

/** All of it, and by name what was changed since `base`: another window's answers stay. What waits for a date goes with the date. */
function changes(told, base) {
  const changed = differing(told, base);
  if (changed.includes("timing") || changed.includes("police_until")) changed.push("timing", "police_until");
  const unfinished = Object.fromEntries(differing(told.unfinished, base.unfinished).map((name) => [name, told.unfinished[name]]));
  return { ...told, unfinished, changed };
}

/** The same names, with nothing in them: the server does not keep what is empty. */
function blank(texts) {
  return Object.fromEntries(Object.keys(texts).map((name) => [name, ""]));
}

function plain(source) {
  return source.trim().replace(/^@/, "").toLowerCase();
}
