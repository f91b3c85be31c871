// The page's side of the Worker: one promise a file, one file at a time.

const STARTS_WITHIN = 4000; // milliseconds, else the person is told; a slow network may bring it later
const SPEAKS_WITHIN = 45000; // milliseconds between two signs of life while it works: an old phone is slow

/** Makes fingerprints on this device. Ask for `ready` early: once it is, all works without a network. */
export class Hasher {
  #worker = null;
  #waiting = new Map();
  #last = 0;
  #watch = 0;
  #ready = null;
  /** Called where the Worker runs after all, later than anybody waited. */
  late = () => {};

  /** Starts the Worker; settles once it runs, fails with no-worker or no-canvas where this browser cannot do it. */
  get ready() {
    if (!this.#ready) {
      this.#ready = this.#start();
      this.#ready.catch(() => {}); // whoever waits for it is told
    }
    return this.#ready;
  }

  /** Give up what is worked on, with the code `stopped`, and begin anew for what comes. */
  stop(code = "stopped") {
    clearTimeout(this.#watch);
    this.#worker?.terminate();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#ready = null;
    for (const one of waiting) one.reject(new Error(code));
  }

  #start() {
    return new Promise((resolve, reject) => {
      let failed = false;
      const fail = (code) => {
        failed = true;
        clearTimeout(slow);
        this.#fail(reject, code);
      };
      const slow = setTimeout(() => fail("no-worker"), STARTS_WITHIN);
      try {
        this.#worker = new Worker(new URL("./worker.mjs", import.meta.url), { type: "module" });
      } catch {
        fail("no-worker");
        return;
      }
      this.#worker.addEventListener("error", () => fail("no-worker"));
      this.#worker.addEventListener("message", ({ data }) => {
        if (!("ready" in data)) return this.#take(data);
        clearTimeout(slow);
        if (!data.ready) return fail("no-canvas");
        resolve();
        return failed && this.#begun();
      });
    });
  }

  /**
   * {pdq, quality, set, regions, framing, view} of a file, or of the part of it in `box`; `set`: whole, slim or full;
   * `framing` as framingOf gives it; `view`: a small ImageBitmap of a whole photo. Fails with an Error whose message is a code: canvas-falsified, heic, unreadable.
   */
  fingerprint(file, set, progress = () => {}, box = null) {
    return this.#ask({ file, set, box }, [], progress);
  }

  /** {pdq, quality, small, points} of an ImageBitmap, which is handed over; `small` as Stills takes it, at most `most` points. Fails as above. */
  frame(picture, most) {
    return this.#ask({ picture, most }, [picture]);
  }

  /** The codes around the face in `box` ([left, top, right, bottom], from 0 to 1) of a photo. Fails with cut-out-small, cut-out-plain, or as above. */
  cutOut(file, box) {
    return this.#ask({ file, face: box }, []);
  }

  #begun() {
    this.#ready = Promise.resolve();
    this.late();
  }

  async #ask(what, handedOver, progress = () => {}) {
    await this.ready;
    const id = (this.#last += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, progress });
      this.#worker.postMessage({ id, ...what }, handedOver);
      this.#listen();
    });
  }

  /** A Worker that says nothing more, as one that the system ended for want of memory, is not waited for. */
  #listen() {
    clearTimeout(this.#watch);
    if (this.#waiting.size > 0) this.#watch = setTimeout(() => this.stop("worker-silent"), SPEAKS_WITHIN);
  }

  #take({ id, progress, found, error }) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    if (progress === undefined) this.#waiting.delete(id);
    this.#listen();
    if (progress !== undefined) waiting.progress(progress);
    else if (found) waiting.resolve(found);
    else waiting.reject(new Error(error));
  }

  #fail(reject, code) {
    clearTimeout(this.#watch);
    reject(new Error(code));
    for (const waiting of this.#waiting.values()) waiting.reject(new Error(code));
    this.#waiting.clear();
  }
}
