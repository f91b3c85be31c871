// The fingerprint of a short video: the whole hash of each frame that tells something, looked at twice a second.

import { Film } from "./film.mjs";
import { Stills } from "./stills.mjs";

const MOST_BYTES = 2 ** 30;
const MOST_PIXELS = 4096 * 2304; // 4K, as on the server
const INSIDE = 0.004; // seconds: a moment on the border of two frames is moved into the later one
const END = 0.25; // of a step: so near the end there may be no frame any more

/** The seconds that are looked at: every `step`, or further apart so that there are at most `frames`. */
export function moments(length, { step, frames }) {
  const apart = Math.max(step, length / frames);
  const count = Math.max(1, Math.ceil(length / apart - END));
  return Array.from({ length: Math.min(frames, count) }, (_, number) => number * apart);
}

/**
 * {pdq, quality, set, frames} of a video file, as the API takes them. `limits`: {step, frames, seconds};
 * `progress` is told how many of how many moments are done; `signal` stops it.
 * Fails with an Error whose message is a code: as Film and Hasher, and video-large, video-long, video-pixels, video-plain.
 */
export async function framesOf(file, hasher, { limits, minQuality, progress, signal }) {
  if (file.size > MOST_BYTES) throw new Error("video-large");
  const film = new Film(file, signal);
  try {
    await film.open();
    if (film.length > limits.seconds) throw new Error("video-long");
    if (film.size[0] * film.size[1] > MOST_PIXELS) throw new Error("video-pixels");
    const found = await telling(film, hasher, { limits, minQuality, progress });
    if (found.length === 0) throw new Error("video-plain");
    const [{ pdq, quality }, ...frames] = found;
    return { pdq, quality, set: "frames", regions: null, frames: frames.map(({ at, pdq: code }) => ({ at, pdq: code })) };
  } finally {
    film.close();
  }
}

/** The frames that are neither flat nor plain nor like the one before. */
async function telling(film, hasher, { limits, minQuality, progress }) {
  const [stills, all, found] = [new Stills(), moments(film.length, limits), []];
  let before = Promise.resolve();
  for (const [number, at] of all.entries()) {
    progress(number, all.length);
    await film.seek(at + INSIDE);
    const picture = await film.picture();
    await before;
    before = hasher.frame(picture).then(({ pdq, quality, small }) => {
      if (stills.worth(small) && quality >= minQuality) found.push({ at: Math.round(at * 1000) / 1000, pdq, quality });
    });
    before.catch(() => {}); // it is told where it is awaited: one frame is hashed while the next one is looked for
  }
  await before;
  progress(all.length, all.length);
  return found;
}
