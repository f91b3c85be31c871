// Which boxes of a registered picture are hashed: monitor/fingerprints/regions/boxes.py says which and why, and this lays the
// same ones in the same order, because a box is known by its number.

import { round } from "./core.mjs";

function* strips() {
  for (const share of [0.2, 0.25, 1 / 3, 0.5, 2 / 3, 0.8]) yield [0, 0, 1, share];
  for (const share of [0.2, 1 / 3, 0.5, 2 / 3]) yield [0, 1 - share, 1, 1];
  for (const share of [0.15, 0.22, 1 / 3, 0.5, 2 / 3]) {
    yield [0, 0, share, 1];
    yield [1 - share, 0, 1, 1];
  }
  yield [1 / 3, 0, 2 / 3, 1];
  yield [0, 1 / 3, 1, 2 / 3];
}

function* grid(side, step) {
  const count = round((1 - side) / step) + 1;
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      yield [column * step, row * step, column * step + side, row * step + side];
    }
  }
}

function* edges() {
  yield* [[0, 0, 0.5, 0.25], [0.5, 0, 1, 0.25], [0.25, 0, 0.75, 0.25]];
  yield* [[0, 0, 0.25, 0.5], [0.75, 0, 1, 0.5], [0, 0.5, 0.25, 1], [0.75, 0.5, 1, 1]];
}

const TILES = [...strips(), ...grid(1 / 2, 1 / 4), ...grid(1 / 3, 1 / 6), ...edges()];
const SLIM_TILES = [1, 3, 4, 8, 10, 11, 12, 13, 16, 17, 22, 24, 28, 30, 56, 57];
const PARTS = Array.from({ length: 15 }, (_, step) => [0, 0, 1, 1.07 ** -(step + 1)]);
const SLIM_PARTS = [3, 6, 8, 9, 11];

const SHAPES = { slim: [9 / 16, 4 / 5, 1], full: [9 / 16, 2 / 3, 3 / 4, 4 / 5, 1, 4 / 3, 3 / 2, 16 / 9] };
const SHAPE_PLACES = { slim: [0.5], full: [0, 0.5, 1] };

function* shapes(width, height, set) {
  for (const shape of SHAPES[set]) {
    const share = (shape * height) / width;
    const kept = Math.min(share, 1 / share);
    if (kept < 0.4 || kept > 0.93) continue;
    for (const place of SHAPE_PLACES[set]) {
      const start = (1 - kept) * place;
      yield share < 1 ? [start, 0, start + kept, 1] : [0, start, 1, start + kept];
    }
  }
}

/** The boxes of a picture of this size: [left, top, right, bottom], from 0 to 1 of the picture. */
export function layout(set, width, height) {
  const slim = set === "slim";
  const boxes = [[0, 0, 1, 1]];
  boxes.push(...(slim ? SLIM_TILES.map((number) => TILES[number]) : TILES));
  boxes.push(...(slim ? SLIM_PARTS.map((number) => PARTS[number]) : PARTS));
  boxes.push(...shapes(width, height, set));
  return boxes;
}
