// The surroundings of points, cut out turned and sized as the points are: monitor/fingerprints/points/patches.py.

const ORIENTED_SIGMAS = 4.5;
const CODED_SIGMAS_OF_A_POINT = 6;
const ORIENTED_CELLS = 18;
const BINS = 36;
const SECOND_PEAK = 0.8; // of the highest: from there on a point has a second orientation
const LEAST_LEVEL = 4; // pixels of the smallest level's shorter side

export const CODED_SIGMAS = CODED_SIGMAS_OF_A_POINT;
export const CODED_CELLS = 32;

/** For each of m samples of a line of n the first sample and the shares that it averages, by area. */
function shares(n, m) {
  return Array.from({ length: m }, (_, i) => {
    const from = (i * n) / m;
    const to = ((i + 1) * n) / m;
    const first = Math.floor(from);
    const weights = [];
    for (let at = first; at < Math.min(n, Math.ceil(to - 1e-9)); at++) {
      weights.push(((Math.min(to, at + 1) - Math.max(from, at)) * m) / n);
    }
    return { first, weights };
  });
}

/** Half as wide and high, area-averaged. */
export function halved({ values, width, height }) {
  const across = Math.max(1, width >> 1);
  const down = Math.max(1, height >> 1);
  const columns = shares(width, across);
  const smaller = new Float32Array(across * down);
  shares(height, down).forEach(({ first, weights }, y) => {
    columns.forEach((column, x) => {
      let sum = 0;
      weights.forEach((weight, row) => {
        const start = (first + row) * width + column.first;
        for (let i = 0; i < column.weights.length; i++) sum += weight * column.weights[i] * values[start + i];
      });
      smaller[y * across + x] = sum;
    });
  });
  return { values: smaller, width: across, height: down };
}

/** The plane, and each half of it. */
export function pyramid(plane) {
  const levels = [plane];
  while (Math.min(levels.at(-1).width, levels.at(-1).height) >= 2 * LEAST_LEVEL) levels.push(halved(levels.at(-1)));
  return levels;
}

/** The place that stands for one beyond the border: mirrored at the edge of the last sample. */
function inside(at, count) {
  while (at < 0 || at >= count) at = at < 0 ? -at - 1 : 2 * count - 1 - at;
  return at;
}

/** The value between four samples. */
function between({ values, width, height }, x, y) {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const x0 = inside(left, width);
  const x1 = inside(left + 1, width);
  const row0 = inside(top, height) * width;
  const row1 = inside(top + 1, height) * width;
  const above = values[row0 + x0] + (x - left) * (values[row0 + x1] - values[row0 + x0]);
  const below = values[row1 + x0] + (x - left) * (values[row1 + x1] - values[row1 + x0]);
  return above + (y - top) * (below - above);
}

/** cells x cells samples around a point [across, down, sigma, ...] of levels[0], turned by `angle` (radians). */
export function patch(levels, [across, down, sigma], angle, cells, sigmas) {
  const step = (2 * sigmas * sigma) / cells;
  const level = Math.min(levels.length - 1, Math.max(0, Math.floor(Math.log2(step))));
  const share = 0.5 ** level;
  const x = (across + 0.5) * share - 0.5;
  const y = (down + 0.5) * share - 0.5;
  const cosine = Math.cos(angle) * step * share;
  const sine = Math.sin(angle) * step * share;
  const values = new Float32Array(cells * cells);
  for (let row = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      const u = column - (cells - 1) / 2;
      const v = row - (cells - 1) / 2;
      values[row * cells + column] = between(levels[level], x + cosine * u - sine * v, y + sine * u + cosine * v);
    }
  }
  return values;
}

/** Which way the grey rises around a point: one angle in radians or two, the stronger first. */
export function orientations(levels, point) {
  const n = ORIENTED_CELLS;
  const around = patch(levels, point, 0, n, ORIENTED_SIGMAS);
  const counts = new Float64Array(BINS);
  const middle = (n - 3) / 2;
  for (let row = 1; row < n - 1; row++) {
    for (let column = 1; column < n - 1; column++) {
      const at = row * n + column;
      const across = around[at + 1] - around[at - 1];
      const down = around[at + n] - around[at - n];
      const far = (row - 1 - middle) ** 2 + (column - 1 - middle) ** 2;
      const size = Math.hypot(across, down) * Math.exp(-far / 50);
      const angle = (Math.atan2(down, across) * BINS) / (2 * Math.PI);
      const below = Math.floor(angle);
      counts[(below + BINS) % BINS] += size * (1 - (angle - below));
      counts[(below + 1 + BINS) % BINS] += size * (angle - below);
    }
  }
  const at = (bin) => counts[(bin + BINS) % BINS];
  const bins = Array.from(counts, (count, k) => (6 * count + 4 * (at(k + 1) + at(k - 1)) + at(k + 2) + at(k - 2)) / 16);
  const highest = Math.max(...bins);
  return bins
    .map((value, k) => ({ value, k, left: bins[(k + BINS - 1) % BINS], right: bins[(k + 1) % BINS] }))
    .filter(({ value, left, right }) => value > left && value >= right && value >= SECOND_PEAK * highest)
    .sort((one, other) => other.value - one.value)
    .slice(0, 2)
    .map(({ value, k, left, right }) => ((k + (left - right) / (2 * (left + right - 2 * value))) * 2 * Math.PI) / BINS);
}
