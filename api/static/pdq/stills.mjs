// Which frames of a video are worth a hash: monitor/fingerprints/video/frame_selection.py says why. Flat ones fit anything, and one
// that is like the frame kept before it tells nothing new.

export const THUMBNAIL = 32; // samples a side, at most
const FLAT = 4; // grey levels of standard deviation
const SAME = 1.5; // grey levels of mean difference

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values) {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

/** Remembers the frame that was kept last. */
export class Stills {
  #kept = null;

  /** Whether a frame tells more than the ones before it; `small`: its luma in THUMBNAIL x THUMBNAIL samples. */
  worth(small) {
    if (deviation(small) < FLAT) return false;
    if (this.#kept && mean(small.map((value, i) => Math.abs(value - this.#kept[i]))) < SAME) return false;
    this.#kept = small;
    return true;
  }
}
