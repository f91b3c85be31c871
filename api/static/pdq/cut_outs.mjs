// Codes around one face: the same boxes, in the same order, as monitor/fingerprints/cut_outs lays and codes them. The
// surroundings of the face are read at full size and averaged into a plane of 160 x 160; boxes are coded as all others.

import { PlaneStream } from "./box_hashing.mjs";
import { base64, coded } from "./regions.mjs";

const VERSION = "cutout-1";
const ACROSS = 0.36; // of a face's height: half of its box's width
const DOWN = 0.42; // and half of its height
const INNER = 0.72; // of a face: what is coded of it
const SCALES = [0.9, 0.95, 1, 1.05, 1.1];
const SHIFTS = [-0.06, -0.03, 0, 0.03, 0.06];
const PLANE_SIDE = 160; // pixels
const LEAST_DETAIL = 8; // faces are smoother than what else a photo shows
const LEAST_CODES = 25; // fewer would find little and mistake much
const LEAST_SIDE = 24; // pixels of the drawn box

const JITTER = SCALES.flatMap((scale) => SHIFTS.flatMap((x) => SHIFTS.map((y) => [scale, x, y])));

/** The 125 boxes around the face in a drawn box, all in pixels: [left, top, right, bottom]. */
function boxesAround([left, top, right, bottom]) {
  const height = Math.sqrt(((right - left) * (bottom - top)) / (4 * ACROSS * DOWN)) * INNER;
  const [middle, level] = [(left + right) / 2, (top + bottom) / 2];
  return JITTER.map(([scale, across, down]) => {
    const [x, y] = [middle + across * height, level + down * height];
    const [half, tall] = [ACROSS * scale * height, DOWN * scale * height];
    return [x - half, y - tall, x + half, y + tall];
  });
}

function rounded(share) {
  return Math.round(share * 1e5) / 1e5;
}

/**
 * The cut-out of a picture as the API takes it. `box`: [left, top, right, bottom], from 0 to 1 of the picture; `read`
 * gives a stream the rows of a part of it: read([left, top, width, height], stream). Fails with an Error whose message
 * is cut-out-small or cut-out-plain.
 */
export function cutOutOf(width, height, box, read) {
  const sides = [width, height, width, height];
  const drawn = box.map((share, i) => Math.min(1, Math.max(0, share)) * sides[i]);
  if (drawn[2] - drawn[0] < LEAST_SIDE || drawn[3] - drawn[1] < LEAST_SIDE) throw new Error("cut-out-small");
  const all = boxesAround(drawn);
  const [left, top] = [0, 1].map((i) => Math.floor(Math.min(...all.map((one) => one[i]))));
  const [right, bottom] = [2, 3].map((i) => Math.ceil(Math.max(...all.map((one) => one[i]))));
  const plane = new PlaneStream(right - left, bottom - top, [PLANE_SIDE, PLANE_SIDE]);
  read([left, top, right - left, bottom - top], plane);
  const inside = ([l, t, r, b]) => l >= -1 && t >= -1 && r <= width + 1 && b <= height + 1;
  const within = all.map(([l, t, r, b]) => [
    (l - left) / (right - left),
    (t - top) / (bottom - top),
    (r - left) / (right - left),
    (b - top) / (bottom - top),
  ]);
  const { boxes, codes } = coded(plane, within, { counts: (number) => inside(all[number]), least: LEAST_DETAIL });
  if (boxes.length < LEAST_CODES) throw new Error("cut-out-plain");
  return { version: VERSION, box: drawn.map((side, i) => rounded(side / sides[i])), boxes, codes: base64(codes) };
}
