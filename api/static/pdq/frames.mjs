// The fingerprint of a short video: the whole hash of each frame that tells something, sampled twice a second, and points
// of some of them, as monitor/fingerprints/video/clip_points.py has them.

import { Film } from "./film.mjs";
import { RECORD } from "./points.mjs";
import { base64 } from "./regions.mjs";
import { Stills } from "./stills.mjs";

const MOST_BYTES = 2 ** 30;
const MOST_PIXELS = 4096 * 2304; // 4K, as on the server
const INSIDE = 0.004; // seconds: a time on the border of two frames is moved into the later one
const CLIP_VERSION = "clip-1";
const MOST_POINT_FRAMES = 24;
const MOST_FRAME_POINTS = 39;
const MOST_CLIP_POINTS = 576;
const POINTS_EVERY = 2; // seconds
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
    const due = new PointTimes(film.length);
    const readTo = await read(film, sampleTimes(film.length, limits), hasher, { progress, due }, (frame) => {
      if (frame.quality < minQuality) return;
      found.push(frame);
      if (frame.points.length > 0) due.had(frame.at);
    });
    if (found.length === 0) throw new Error(readTo === null ? "video-plain" : "video-unreadable");
    const [{ pdq, quality }, ...later] = found;
    const frames = later.map(({ at, pdq: code }) => ({ at, pdq: code }));
    return { fingerprint: { pdq, quality, set: "frames", regions: null, frames, clip: clipOf(found, film.size) }, readTo };
  } finally {
    film.close();
  }
}

/** Which frames are to have points: one every so often. */
class PointTimes {
  #from = 0;

  constructor(length) {
    this.step = Math.max(POINTS_EVERY, length / MOST_POINT_FRAMES);
  }

  /** How many points the frame at a second is asked for. */
  most(at) {
    return at >= this.#from ? MOST_FRAME_POINTS : 0;
  }

  had(at) {
    this.#from = at + this.step;
  }
}

/** The points of those frames that have some, as the API takes them; null where none has. */
function clipOf(found, size) {
  const all = found.map(({ at, points }, number) => ({ at: number === 0 ? 0 : at, points })).filter(({ points }) => points.length > 0);
  const count = Math.min(all.length, MOST_POINT_FRAMES);
  if (count === 0) return null;
  const most = RECORD * Math.min(MOST_FRAME_POINTS, Math.floor(MOST_CLIP_POINTS / count));
  const some = Array.from({ length: count }, (_, number) => all[Math.floor((number * all.length) / count)]);
  return { version: CLIP_VERSION, size, frames: some.map(({ at, points }) => ({ at, points: base64(points.subarray(0, most)) })) };
}

/** Gives `take` the frames that are neither flat nor like the one before. Returns the second where damage ended it. */
async function read(film, all, hasher, { progress, due }, take) {
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
    before = hasher.frame(picture, due.most(at)).then(({ small, ...hash }) => {
      if (stills.worth(small)) take({ at: Math.round(at * 1000) / 1000, ...hash });
    });
    before.catch(() => {}); // it is told where it is awaited: one frame is hashed while the next one is sought
  }
  await before;
  progress(all.length, all.length);
  return null;
}
