// Is a picture a screenshot, and where in it is the photo? As monitor/fingerprints/regions/framing.py tells it, which
// says why; the two must be changed together. `plane`: a PlaneStream of framingSize that has seen every row.

import { round } from "./core.mjs";

const PLANE_SIDE = 384;
const CELL = 6;
const FLAT = 5;
const SMOOTH = 14;
const SHADE = 4;
const MODAL = 0.03;
const BUSY = 0.5;
const WORDS = 0.25; // what a cell of words counts for a block, where one of a photo counts 1 - BUSY
const EDGE = 5;
const STRAIGHT = 0.45;
const CALM = 2.5;
const QUIET = 0.85;
const EDGES = 2;
const BEYOND = 2;
const AREA = [0.06, 0.94];
const OUTSIDE = { [FLAT]: 0.62, [SMOOTH]: 0.72 };
const LEAST_SIDE = 0.12;
const TILE_SIDE = 0.08;
const MOST_TILES = 24;
const PARTED = 0.6;
const EVEN = 0.2;

/** Samples across and down of the plane that is looked at. */
export function framingSize(width, height) {
  const scale = Math.min(1, PLANE_SIDE / Math.max(width, height));
  return scale < 1 ? [width, height].map((side) => Math.max(1, round(side * scale))) : [width, height];
}

function range(count) {
  return Array.from({ length: count }, (_, number) => number);
}

/** Rows of cells: least, greatest and mean grey of each. */
function cellsOf({ values, width, height }) {
  return range(Math.floor(height / CELL)).map((row) =>
    range(Math.floor(width / CELL)).map((column) => {
      let low = Infinity;
      let high = -Infinity;
      let sum = 0;
      for (let y = row * CELL; y < (row + 1) * CELL; y++) {
        for (let x = column * CELL; x < (column + 1) * CELL; x++) {
          const value = values[y * width + x];
          low = Math.min(low, value);
          high = Math.max(high, value);
          sum += value;
        }
      }
      return { low, high, mean: sum / CELL ** 2 };
    }),
  );
}

/** The grounds to look for: [limit, rows of flags, rows of what each cell counts for a block]. One colour must lie at the
 * picture's border too: the dark half of a photo is no ground. */
function groundsOf(cells) {
  const flat = ({ low, high }) => high - low <= FLAT;
  const shade = (grey) => Math.floor(grey / SHADE);
  const [counts, atRim] = [0, 1].map(() => new Array(256 / SHADE + 2).fill(0));
  cells.forEach((row, y) =>
    row.forEach((cell, x) => {
      if (!flat(cell)) return;
      const at = shade(cell.mean);
      counts[at] += 1;
      if (y === 0 || x === 0 || y === cells.length - 1 || x === row.length - 1) atRim[at] += 1;
    }),
  );
  const least = MODAL * cells.length * cells[0].length;
  const alike = (counted, at) => counted[at] + (counted[at - 1] ?? 0) + (counted[at + 1] ?? 0);
  const modal = (grey) => alike(counts, shade(grey)) >= least && alike(atRim, shade(grey)) > 0;
  const words = (cell) => !flat(cell) && (modal(cell.low) || modal(cell.high));
  const each = (told) => cells.map((row) => row.map(told));
  const counted = (is, cell) => (is(cell) ? 0 : 1) - BUSY;
  const ground = (cell) => flat(cell) && modal(cell.mean);
  const smooth = ({ low, high }) => high - low <= SMOOTH;
  return [
    [FLAT, each(ground), each((cell) => (words(cell) ? WORDS : counted(ground, cell)))],
    [SMOOTH, each(smooth), each((cell) => counted(smooth, cell))],
  ];
}

/** The block of cells [left, top, right, bottom] that weighs most; null where none weighs more than nothing. */
function densest(weights) {
  const rows = weights.length;
  const columns = weights[0].length;
  let best = 0;
  let block = null;
  for (let top = 0; top < rows; top++) {
    const sums = new Float64Array(columns);
    for (let bottom = top + 1; bottom <= rows; bottom++) {
      for (let x = 0; x < columns; x++) sums[x] += weights[bottom - 1][x];
      let line = 0;
      let least = 0;
      let left = 0;
      for (let x = 0; x < columns; x++) {
        line += sums[x];
        if (line - least > best + 1e-9) {
          best = line - least;
          block = [left, top, x + 1, bottom];
        }
        if (line < least) {
          least = line;
          left = x + 1;
        }
      }
    }
  }
  return block;
}

/** Looks at a plane from one side, so that outwards is always down. */
function seenFrom({ values, width, height }, { turned, back }) {
  const length = turned ? width : height;
  return {
    length,
    at(along, outwards) {
      const line = back ? length - 1 - outwards : outwards;
      return turned ? values[along * width + line] : values[line * width + along];
    },
  };
}

/** The line nearest to `place`, from a little inside outwards, that parts the photo from calm ground; null where none does. */
function sideOf(plane, place, start, end, { turned, back }) {
  const { length, at } = seenFrom(plane, { turned, back });
  if (end - start < CELL) return null;
  const share = (count, holds) => {
    let found = 0;
    for (let along = start; along < start + count; along++) if (holds(along)) found += 1;
    return found / count;
  };
  const edge = (row) => share(end - start, (along) => Math.abs(at(along, row + 1) - at(along, row - 1)) > EDGE);
  const quiet = (row) => share(end - start - 1, (along) => Math.abs(at(along + 1, row) - at(along, row)) <= CALM);
  const from = back ? length - place : place;
  for (let row = Math.max(from - 2 * CELL, 2); row < length - BEYOND; row++) {
    const here = edge(row);
    if (here < STRAIGHT || (row + 2 < length && here < edge(row + 1))) continue;
    if (range(BEYOND).every((beyond) => quiet(row + 1 + beyond) >= QUIET)) return back ? length - row : row;
  }
  return null;
}

/** The block in pixels, each side moved to the next straight edge outside; null where fewer than two sides have one. */
function snapped(plane, block) {
  let [left, top, right, bottom] = block.map((side) => side * CELL);
  let sides = [];
  for (let time = 0; time < 2; time++) {
    const above = sideOf(plane, top, left, right, { turned: false, back: true });
    const below = sideOf(plane, bottom, left, right, { turned: false, back: false });
    [top, bottom] = [above ?? 0, below ?? plane.height];
    const before = sideOf(plane, left, top, bottom, { turned: true, back: true });
    const after = sideOf(plane, right, top, bottom, { turned: true, back: false });
    [left, right] = [before ?? 0, after ?? plane.width];
    sides = [above, below, before, after];
  }
  return sides.filter((side) => side !== null).length >= EDGES ? [left, top, right, bottom] : null;
}

/** The share of cells that are ground, of those that `chosen` takes; null where it takes none. */
function groundShare(ground, chosen) {
  let all = 0;
  let found = 0;
  ground.forEach((row, y) =>
    row.forEach((is, x) => {
      if (!chosen(x, y)) return;
      all += 1;
      if (is) found += 1;
    }),
  );
  return all === 0 ? null : found / all;
}

function isFramed(ground, block, limit) {
  const [rows, columns] = [ground.length, ground[0].length];
  const [left, top, right, bottom] = block.map((side) => side / CELL);
  const share = ((right - left) * (bottom - top)) / (rows * columns);
  if (share < AREA[0] || share > AREA[1]) return false;
  if (right - left < LEAST_SIDE * columns || bottom - top < LEAST_SIDE * rows) return false;
  const inside = (x, y) => x >= Math.ceil(left) && x < Math.floor(right) && y >= Math.ceil(top) && y < Math.floor(bottom);
  const touched = (x, y) => x >= Math.floor(left) && x < Math.ceil(right) && y >= Math.floor(top) && y < Math.ceil(bottom);
  const within = groundShare(ground, inside);
  const around = groundShare(ground, (x, y) => !touched(x, y));
  return within !== null && around !== null && 1 - within >= BUSY * 0.6 && around >= OUTSIDE[limit];
}

/** Lines of tiles' borders within the block: thin, from side to side, lighter or darker than what lies on both sides. */
function seams(plane, block, { turned, apart }) {
  const { at } = seenFrom(plane, { turned, back: false });
  const [left, top, right, bottom] = block;
  const [first, last] = turned ? [left, right] : [top, bottom];
  const [start, end] = turned ? [top, bottom] : [left, right];
  const shares = range(Math.max(0, last - first - 4)).map((number) => {
    const row = first + number + 2;
    let lighter = 0;
    let darker = 0;
    for (let along = start; along < end; along++) {
      const over = at(along, row) - at(along, row - 2);
      const under = at(along, row) - at(along, row + 2);
      if (over > EDGE && under > EDGE) lighter += 1;
      if (over < -EDGE && under < -EDGE) darker += 1;
    }
    return [row, Math.max(lighter, darker) / (end - start)];
  });
  const found = [];
  for (const [row, share] of shares.filter((one) => one[1] >= PARTED).sort((one, other) => other[1] - one[1])) {
    if ([first, last, ...found].every((other) => Math.abs(row - other) >= apart)) found.push(row);
  }
  const lines = [first, ...found.sort((one, other) => one - other), last];
  const sizes = lines.slice(1).map((line, number) => line - lines[number]);
  return Math.max(...sizes) - Math.min(...sizes) <= EVEN * Math.max(...sizes) ? lines : [first, last];
}

function tilesOf(plane, block) {
  const rows = seams(plane, block, { turned: false, apart: TILE_SIDE * plane.height });
  const columns = seams(plane, block, { turned: true, apart: TILE_SIDE * plane.width });
  const count = (rows.length - 1) * (columns.length - 1);
  if (count < 2 || count > MOST_TILES) return [];
  return rows.slice(1).flatMap((bottom, row) => columns.slice(1).map((right, column) => [columns[column], rows[row], right, bottom]));
}

function kindOf(ground, [left, top, right, bottom], block, limit, tiles, ratio) {
  if (tiles.length > 0) return "gallery";
  const cell = block.map((side) => side / CELL);
  const touched = (x, y) =>
    x >= Math.max(0, Math.floor(cell[0]) - 1) && x < Math.ceil(cell[2]) + 1 && y >= Math.max(0, Math.floor(cell[1]) - 1) && y < Math.ceil(cell[3]) + 1;
  const around = groundShare(ground, (x, y) => !touched(x, y));
  const words = around === null ? 0 : 1 - around;
  const wide = right - left > 0.97;
  if (words < 0.03 && (wide || bottom - top > 0.97 || limit === FLAT)) return "letterbox";
  if (limit === SMOOTH && ratio >= 1.5 && ratio <= 2.5) return "story";
  return wide || ratio < 1.2 || ratio > 2.6 ? "screenshot" : "chat";
}

/** {kind, area, boxes} of a screenshot, chat, story, gallery or letterbox, boxes from 0 to 1; null for any other picture. */
export function framingOf(plane) {
  const { width, height } = plane;
  if (Math.min(width, height) < 16 * CELL) return null;
  for (const [limit, ground, weights] of groundsOf(cellsOf(plane))) {
    const dense = densest(weights);
    const block = dense && snapped(plane, dense);
    if (!block || !isFramed(ground, block, limit)) continue;
    const part = ([left, top, right, bottom]) => [left / width, top / height, right / width, bottom / height];
    const area = part(block);
    const tiles = tilesOf(plane, block);
    const kind = kindOf(ground, area, block, limit, tiles, height / width);
    return { kind, area, boxes: tiles.length > 0 ? tiles.map(part) : [area] };
  }
  return null;
}
