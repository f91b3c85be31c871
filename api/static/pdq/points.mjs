// Points of a picture with their codes, as monitor/fingerprints/points/features.py makes them for a registered one.

import { COEFFICIENTS } from "./core.mjs";
import { CODED_CELLS, CODED_SIGMAS, halved, orientations, patch, pyramid } from "./patches.mjs";
import { blobs } from "./scale_space.mjs";

export const MOST_POINTS = { slim: 39, full: 128 };
const LEAST_SPREAD = 6; // grey levels of standard deviation of what is coded
const CELL = 0.3; // of a point's radius: of points of one size in one cell so large the strongest is kept
const LEAST_SIDE = 32; // pixels: smaller planes have no points
const WHOLE_SIDE = 1 << 16;
export const RECORD = 40; // bytes a point
const MIDDLE = COEFFICIENTS ** 2 / 2 - 1; // place of the lower median

const COSINES = Array.from({ length: COEFFICIENTS }, (_, i) =>
  Float32Array.from({ length: CODED_CELLS }, (__, j) =>
    Math.sqrt(2 / CODED_CELLS) * Math.cos((Math.PI / (2 * CODED_CELLS)) * (i + 1) * (2 * j + 1)),
  ),
);

/** The nearest integer, halves to the even one. */
function even(value) {
  const down = Math.floor(value);
  return value - down === 0.5 ? down + (down & 1) : Math.round(value);
}

/** The strongest of each size and place, strongest first: large ones before small ones of the same contrast. */
function strongest(found, most) {
  const best = new Set();
  return found
    .map((point, order) => ({ point, order, score: point[3] * Math.sqrt(point[2]) }))
    .sort((one, other) => other.score - one.score || one.order - other.order)
    .filter(({ point: [across, down, sigma] }) => {
      const size = even(2 * Math.log2(sigma));
      const side = 2 ** (size / 2) * CODED_SIGMAS * CELL;
      const cell = `${size} ${Math.floor(across / side)} ${Math.floor(down / side)}`;
      return !best.has(cell) && best.add(cell);
    })
    .slice(0, most)
    .map(({ point }) => point);
}

function spread(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** 32 bytes: which of the cosine coefficients exceed their lower median, last coefficient first. */
function codeOf(values) {
  const lines = COSINES.map((cosine) => {
    const line = new Float64Array(CODED_CELLS);
    for (let row = 0; row < CODED_CELLS; row++) {
      for (let column = 0; column < CODED_CELLS; column++) line[column] += cosine[row] * values[row * CODED_CELLS + column];
    }
    return line;
  });
  const found = new Float64Array(COEFFICIENTS ** 2);
  lines.forEach((line, i) => {
    COSINES.forEach((cosine, j) => {
      let sum = 0;
      for (let column = 0; column < CODED_CELLS; column++) sum += cosine[column] * line[column];
      found[i * COEFFICIENTS + j] = sum;
    });
  });
  const median = Float64Array.from(found).sort()[MIDDLE];
  const code = new Uint8Array(found.length / 8);
  for (let bit = 0; bit < found.length; bit++) {
    if (found[found.length - 1 - bit] > median) code[bit >> 3] |= 128 >> (bit & 7);
  }
  return code;
}

/** Records of 40 bytes, one after the other: across, down, radius and angle of a point, and its code. `plane`: at most
 * 512 pixels a side, { values, width, height }; `most`: points. */
export function pointsOf(plane, most, progress = () => {}) {
  if (Math.min(plane.width, plane.height) < LEAST_SIDE) return new Uint8Array(0);
  // From pixels of the half plane, whose middles lie between two of the plane's.
  const found = blobs(halved(plane)).map(([across, down, sigma, contrast]) => [2 * across + 0.5, 2 * down + 0.5, 2 * sigma, contrast]);
  progress(0.5);
  const levels = pyramid(plane);
  const turned = strongest(found, most).flatMap((point) => orientations(levels, point).map((angle) => [point, angle]));
  const records = [];
  const longer = Math.max(plane.width, plane.height);
  const share = (pixels) => Math.min(WHOLE_SIDE - 1, Math.max(0, even((pixels / longer) * WHOLE_SIDE)));
  for (const [point, angle] of turned.slice(0, most)) {
    const around = patch(levels, point, angle, CODED_CELLS, CODED_SIGMAS);
    if (spread(around) < LEAST_SPREAD) continue;
    const turn = even((angle / (2 * Math.PI)) * WHOLE_SIDE) & (WHOLE_SIDE - 1);
    const record = new DataView(new ArrayBuffer(8));
    [share(point[0] + 0.5), share(point[1] + 0.5), share(CODED_SIGMAS * point[2]), turn].forEach((value, place) =>
      record.setUint16(2 * place, value, true),
    );
    records.push(...new Uint8Array(record.buffer), ...codeOf(around));
  }
  progress(1);
  return Uint8Array.from(records);
}

const OWN_FROM = 0.92; // of what is coded: a point of which less lies on a screen's photo shows the app around it

/** Those records of which nearly all lies in `area` ([left, top, right, bottom], from 0 to 1); all where it is null. */
export function pointsWithin(records, area, width, height) {
  if (area === null) return records;
  const sides = [Math.max(width, height) / width / WHOLE_SIDE, Math.max(width, height) / height / WHOLE_SIDE];
  const kept = [];
  for (let at = 0; at < records.length; at += RECORD) {
    const view = new DataView(records.buffer, records.byteOffset + at, RECORD);
    const radius = view.getUint16(4, true);
    const shares = sides.map((share, axis) => {
      const middle = view.getUint16(2 * axis, true);
      const [from, to] = [(middle - radius) * share, (middle + radius) * share];
      return Math.max(0, Math.min(to, area[axis + 2]) - Math.max(from, area[axis])) / (to - from);
    });
    if (shares[0] * shares[1] >= OWN_FROM) kept.push(...records.subarray(at, at + RECORD));
  }
  return Uint8Array.from(kept);
}
