// Codes of many boxes of one picture, as monitor/fingerprints/regions/box_hashing.py makes them: a box is averaged into 64 x 64 cells,
// of which 16 x 16 cosine coefficients are kept. Averaging and cosines are linear and separable, so a box is
// A · plane · Bᵀ with 16 rows a side; boxes with the same top and bottom share the first product.

import { layout } from "./boxes.mjs";
import { COEFFICIENTS, COSINES, SIDE } from "./core.mjs";
import { MOST_POINTS, pointsOf } from "./points.mjs";

const VERSION = "regions-2";
const MIN_CONTRAST = 8; // grey levels of standard deviation
const MIN_DETAIL = 12; // median size of the coefficients: plainer boxes are left out
const MIDDLE = COEFFICIENTS ** 2 / 2 - 1; // place of the lower median

/** Sums of the cosines' first values: SUMS[i][k] of k values. */
const SUMS = COSINES.map((cosine) => {
  const sums = new Float64Array(SIDE + 1);
  cosine.forEach((value, k) => (sums[k + 1] = sums[k] + value));
  return sums;
});

/** Weights of n samples for the 16 coefficients of the range from `start` to `end`, for the samples it reaches. */
function axis(n, start, end) {
  const first = Math.max(0, Math.floor(start));
  const last = Math.min(n, Math.ceil(end));
  const cell = (edge) => Math.min(SIDE, Math.max(0, ((edge - start) * SIDE) / (end - start)));
  const rows = COSINES.map((cosine, i) => {
    const integral = (edge) => {
      const whole = Math.min(SIDE - 1, Math.floor(cell(edge)));
      return SUMS[i][whole] + cosine[whole] * (cell(edge) - whole);
    };
    const row = new Float64Array(last - first);
    let before = integral(first);
    for (let at = first; at < last; at++) {
      const after = integral(at + 1);
      row[at - first] = after - before;
      before = after;
    }
    return row;
  });
  return { first, rows };
}

/** The products of 16 rows of weights with the plane: 16 lines as wide as it. */
function bandOf({ values, width }, { first, rows }) {
  return rows.map((row) => {
    const line = new Float64Array(width);
    for (let y = 0; y < row.length; y++) {
      const weight = row[y];
      const start = (first + y) * width;
      for (let x = 0; x < width; x++) line[x] += weight * values[start + x];
    }
    return line;
  });
}

/** The 256 coefficients of a box, from its band and its columns. */
function coefficients(band, { first, rows }) {
  const found = new Float64Array(COEFFICIENTS ** 2);
  band.forEach((line, i) => {
    rows.forEach((row, j) => {
      let sum = 0;
      for (let x = 0; x < row.length; x++) sum += row[x] * line[first + x];
      found[i * COEFFICIENTS + j] = sum;
    });
  });
  return found;
}

/** The median size of the coefficients in whole numbers; 0 where the contrast is too low. */
function detail(found) {
  const contrast = Math.sqrt(found.reduce((sum, value) => sum + value * value, 0)) / SIDE;
  if (contrast < MIN_CONTRAST) return 0;
  return Math.floor(found.map(Math.abs).sort()[MIDDLE]);
}

/** 32 bytes: which coefficients exceed their lower median, last coefficient first. */
function codeOf(found) {
  const median = Float64Array.from(found).sort()[MIDDLE];
  const code = new Uint8Array(found.length / 8);
  for (let bit = 0; bit < found.length; bit++) {
    if (found[found.length - 1 - bit] > median) code[bit >> 3] |= 128 >> (bit & 7);
  }
  return code;
}

/** Thousandths of a pixel, halves to the even one as numpy rounds: ranges so near are one. */
function milli(value) {
  const scaled = value * 1000;
  const down = Math.floor(scaled);
  if (scaled - down !== 0.5) return Math.round(scaled) / 1000;
  return (down % 2 === 0 ? down : down + 1) / 1000;
}

/** Gives what `get` makes for a range, made once for equal ranges. */
function once(get) {
  const known = new Map();
  return (start, end) => {
    const key = `${start} ${end}`;
    if (!known.has(key)) known.set(key, get(start, end));
    return known.get(key);
  };
}

/** Numbers and codes of those of `all` boxes that have the detail, and that `counts` (a box's number) lets through. */
export function coded(plane, all, { counts = () => true, progress = () => {}, least = MIN_DETAIL } = {}) {
  const band = once((start, end) => bandOf(plane, axis(plane.height, start, end)));
  const columns = once((start, end) => axis(plane.width, start, end));
  const boxes = [];
  const codes = [];
  all.forEach(([left, top, right, bottom], number) => {
    const rows = band(milli(top * plane.height), milli(bottom * plane.height));
    const found = coefficients(rows, columns(milli(left * plane.width), milli(right * plane.width)));
    if (counts(number) && detail(found) >= least) {
      boxes.push(number);
      codes.push(...codeOf(found));
    }
    if (number % 32 === 31) progress((number + 1) / all.length);
  });
  return { boxes, codes };
}

/**
 * The regions of a picture, as the server takes them. `plane` and `fine`: a PlaneStream and an AreaStream that have seen
 * every row; `set`: slim or full; `width` and `height` of the picture in pixels; `progress` is told the share of the
 * boxes and points that is done.
 */
export function regionsOf(plane, fine, set, width, height, progress = () => {}) {
  const { boxes, codes } = coded(plane, layout(set, width, height), { progress: (share) => progress(share / 2) });
  const points = base64(pointsOf(fine, MOST_POINTS[set], (share) => progress((1 + share) / 2)));
  return { version: VERSION, set, size: [width, height], boxes, codes: base64(codes), points };
}

/** Bytes as text, in stretches: a call takes only so many arguments. */
export function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.slice(at, at + 4096));
  return btoa(text);
}
