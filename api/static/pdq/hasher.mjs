// The page's side of the Worker: one promise a file, one file at a time.

/** Makes fingerprints on this device. Start it with the page, so that it works without a network afterwards. */
export class Hasher {
  #worker = new Worker(new URL("./worker.mjs", import.meta.url), { type: "module" });
  #waiting = new Map();
  #last = 0;

  constructor() {
    /** Settles once the Worker runs. */
    this.ready = new Promise((resolve, reject) => {
      this.#worker.addEventListener("error", () => this.#fail(reject));
      this.#worker.addEventListener("message", ({ data }) => (data.ready ? resolve() : this.#take(data)));
    });
  }

  /**
   * {pdq, quality, set, regions, framing} of a file, or of the part of it in `box`; `set`: whole, slim or full; `framing` as
   * framingOf gives it. Fails with an Error whose message is a code: canvas-falsified, heic, unreadable.
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

  #ask(what, handedOver, progress = () => {}) {
    const id = (this.#last += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, progress });
      this.#worker.postMessage({ id, ...what }, handedOver);
    });
  }

  #take({ id, progress, found, error }) {
    const waiting = this.#waiting.get(id);
    if (progress !== undefined) return waiting.progress(progress);
    this.#waiting.delete(id);
    return found ? waiting.resolve(found) : waiting.reject(new Error(error));
  }

  #fail(reject) {
    reject(new Error("no-worker"));
    for (const waiting of this.#waiting.values()) waiting.reject(new Error("no-worker"));
    this.#waiting.clear();
  }
}
