// One video file in a <video> element that nobody sees or hears: opened, moved to a moment, shown as a picture.
// It is read from the device through a blob: address, which reaches no network.

const PATIENCE = 20_000; // milliseconds for opening, and for each move
const SETTLING = 250; // milliseconds after a move

/** Fails with an Error whose message is a code: video-unreadable, video-stuck, stopped. */
export class Film {
  #video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, preload: "auto" });
  #address;

  /** `signal` stops whatever is waited for. */
  constructor(file, signal) {
    this.#address = URL.createObjectURL(file);
    this.signal = signal;
  }

  /** Read how long and how large it is. */
  async open() {
    const video = this.#video;
    await this.#event("loadedmetadata", () => (video.src = this.#address));
    if (video.videoWidth === 0) throw new Error("video-unreadable"); // sound alone, or a codec it does not know
    // Safari on a phone shows no picture of what was never played; where it may not be played, it may still be shown.
    await this.#patiently((done) => video.play().then(() => video.pause()).catch(() => {}).then(done));
    // Recordings made in a browser do not say how long they are: moving behind the end tells.
    if (!Number.isFinite(video.duration)) await this.seek(1e7);
    if (!Number.isFinite(video.duration)) throw new Error("video-unreadable");
  }

  /** Seconds. */
  get length() {
    return this.#video.duration;
  }

  /** Width and height in pixels, as it is shown. */
  get size() {
    return [this.#video.videoWidth, this.#video.videoHeight];
  }

  /** Move to a moment, in seconds, until its picture is shown. */
  async seek(at) {
    const shown = new Promise((resolve) => this.#video.requestVideoFrameCallback?.(resolve));
    await this.#event("seeked", () => (this.#video.currentTime = at));
    // "seeked" may come a moment before the picture does. A page that nobody looks at is not told of pictures.
    await Promise.race([shown, new Promise((resolve) => setTimeout(resolve, SETTLING))]);
  }

  /** What is shown now, as an ImageBitmap. */
  picture() {
    return createImageBitmap(this.#video);
  }

  /** Let go of the file. */
  close() {
    this.#video.removeAttribute("src");
    this.#video.load();
    URL.revokeObjectURL(this.#address);
  }

  #event(name, act) {
    return this.#patiently((done, { signal }) => {
      this.#video.addEventListener(name, done, { signal });
      act();
    });
  }

  /** Wait until `begin` says that it is done, but neither after a failure nor for ever. */
  async #patiently(begin) {
    const over = new AbortController();
    let timer;
    try {
      await new Promise((resolve, reject) => {
        const fail = (code) => () => reject(new Error(code));
        if (this.signal.aborted) return fail("stopped")();
        this.signal.addEventListener("abort", fail("stopped"), { signal: over.signal });
        this.#video.addEventListener("error", fail("video-unreadable"), { signal: over.signal });
        timer = setTimeout(fail("video-stuck"), PATIENCE);
        return begin(resolve, over);
      });
    } finally {
      clearTimeout(timer);
      over.abort();
    }
  }
}
