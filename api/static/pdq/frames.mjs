// The fingerprint of a short video: the whole hash of each frame that tells something, sampled twice a second.

import { Film } from "./film.mjs";
import { Stills } from "./stills.mjs";

const MOST_BYTES = 2 ** 30;
const MOST_PIXELS = 4096 * 2304; // 4K, as on the server
const INSIDE = 0.004; // seconds: a time on the border of two frames is moved into the later one
const END = 0.25; // of a step: so near the end there may be no frame any more

/** The seconds that are sampled: every `step`, or further apart so that there are at most `frames`. */
export function sampleTimes(length, { step, frames }) {
  const apart = Math.max(step, length / frames);
  const count = Math.max(1, Math.ceil(length / apart - END));
  return Array.from({ length: Math.min(frames, count) }, (_, number) => number * apart);
}

/**
 * {fingerprint, readTo} of a video file: the fingerprint as the API takes it, and the second at which damage ended the
 * reading, or null. `limits`: {step, frames, seconds}; `progress` is told how many of how many samples are done;
 * `signal` stops it. Fails with an Error whose message is a code: as Film and Hasher, and video-large, video-long,
 * video-pixels, video-plain.
 */
export async function framesOf(file, hasher, { limits, minQuality, progress, signal }) {
  if (file.size > MOST_BYTES) throw new Error("video-large");
  const film = new Film(file, signal);
  try {
    await film.open();
    if (film.length > limits.seconds) throw new Error("video-long");
    if (film.size[0] * film.size[1] > MOST_PIXELS) throw new Error("video-pixels");
    const found = [];
    const readTo = await read(film, sampleTimes(film.length, limits), hasher, progress, (frame) => {
      if (frame.quality >= minQuality) found.push(frame);
    });
    if (found.length === 0) throw new Error(readTo === null ? "video-plain" : "video-unreadable");
    const [{ pdq, quality }, ...later] = found;
    const frames = later.map(({ at, pdq: code }) => ({ at, pdq: code }));
    return { fingerprint: { pdq, quality, set: "frames", regions: null, frames }, readTo };
  } finally {
    film.close();
  }
}

/** Gives `take` the frames that are neither flat nor like the one before. Returns the second where damage ended it. */
async function read(film, all, hasher, progress, take) {
  const stills = new Stills();
  let before = Promise.resolve();
  for (const [number, at] of all.entries()) {
    progress(number, all.length);
    try {
      await film.seek(at + INSIDE);
    } catch (error) {
      if (error.message !== "video-unreadable") throw error;
      await before;
      return at;
    }
    const picture = await film.picture();
    await before;
    before = hasher.frame(picture).then(({ small, ...hash }) => {
      if (stills.worth(small)) take({ at: Math.round(at * 1000) / 1000, ...hash });
    });
    before.catch(() => {}); // it is told where it is awaited: one frame is hashed while the next one is sought
  }
  await before;
  progress(all.length, all.length);
  return null;
}
