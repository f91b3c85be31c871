// PDQ (Meta, 2019) of pixels, row by row. No canvas, no page: this file only computes.
//
// PDQ blurs twice with a box filter, samples 64 x 64 points and keeps 16 x 16 cosine coefficients. Blurring, sampling
// and the server's shrinking to 512 pixels by area (monitor/fingerprints/hashes/pdq.py) are linear and separable, so each side
// of the picture becomes one 64-row matrix with few entries a row. A row of pixels is read once and added to the sample
// rows it reaches: 64 x 64 numbers are all that is kept of the picture.

export const SIDE = 64;
export const COEFFICIENTS = 16;
const LONG_SIDE = 512; // pixels; larger pictures are area-averaged down to it, as the server does
const MIN_SIDE = 5; // pixels; below, there is no hash

/** The nearest integer, halves to the even one, as Python rounds: both sides must shrink to the same size. */
export function round(value) {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}

/** Width and height that are hashed: never enlarged, never below one pixel. */
export function targetSize(width, height) {
  const scale = LONG_SIDE / Math.max(width, height);
  if (scale >= 1) return [width, height];
  return [Math.max(1, round(width * scale)), Math.max(1, round(height * scale))];
}

/** First and last sample that the box filter of a line of n samples averages around `centre`. */
function box(centre, n) {
  const window = Math.floor((n + 2 * SIDE - 1) / (2 * SIDE));
  const right = Math.floor((window + 2) / 2) - 1;
  const left = window - 1 - right;
  return [Math.max(0, centre - left), Math.min(n - 1, centre + right)];
}

/** Weights of n samples for the sample with index `o` of 64: blurred twice, edges averaged over what is there. */
function blurred(o, n) {
  const weights = new Float64Array(n);
  const [first, last] = box(Math.floor(((o + 0.5) * n) / SIDE), n);
  for (let middle = first; middle <= last; middle++) {
    const [from, to] = box(middle, n);
    for (let i = from; i <= to; i++) weights[i] += 1 / (last - first + 1) / (to - from + 1);
  }
  return weights;
}

/** The matrix from n pixels to 64 samples, shrinking to m first: for each sample its first pixel and the weights. */
function plan(n, m) {
  const rows = [];
  for (let o = 0; o < SIDE; o++) {
    const small = blurred(o, m);
    const full = new Float64Array(n);
    let first = n;
    let last = -1;
    for (let i = 0; i < m; i++) {
      if (small[i] === 0) continue;
      const from = (i * n) / m;
      const to = ((i + 1) * n) / m;
      for (let pixel = Math.floor(from); pixel < Math.min(n, Math.ceil(to)); pixel++) {
        const overlap = Math.min(to, pixel + 1) - Math.max(from, pixel);
        if (overlap <= 0) continue;
        full[pixel] += (small[i] * overlap * m) / n;
        first = Math.min(first, pixel);
        last = Math.max(last, pixel);
      }
    }
    rows.push({ first, weights: full.slice(first, last + 1) });
  }
  return rows;
}

/** For each pixel row the sample rows it reaches: [sample, weight, sample, weight, ...]. */
function reach(rows, n) {
  const reached = Array.from({ length: n }, () => []);
  rows.forEach(({ first, weights }, sample) => {
    weights.forEach((weight, i) => reached[first + i].push(sample, weight));
  });
  return reached;
}

export const COSINES = Array.from({ length: COEFFICIENTS }, (_, i) =>
  Float64Array.from({ length: SIDE }, (__, j) =>
    Math.sqrt(2 / SIDE) * Math.cos((Math.PI / (2 * SIDE)) * (i + 1) * (2 * j + 1)),
  ),
);

/** Takes the rows of one picture, top to bottom, and gives its hash. */
export class PdqStream {
  /** `width` and `height` in pixels. */
  constructor(width, height) {
    const [across, down] = targetSize(width, height);
    this.tiny = Math.min(across, down) < MIN_SIDE;
    this.columns = plan(width, across);
    this.rows = reach(plan(height, down), height);
    this.line = new Float64Array(SIDE);
    this.samples = new Float64Array(SIDE * SIDE);
  }

  /** Row `y` of the picture, as luma from 0 to 255. */
  row(y, luma) {
    const reached = this.rows[y];
    if (reached.length === 0) return;
    const { line, samples } = this;
    this.columns.forEach(({ first, weights }, sample) => {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += luma[first + i] * weights[i];
      line[sample] = sum;
    });
    for (let i = 0; i < reached.length; i += 2) {
      const start = reached[i] * SIDE;
      for (let j = 0; j < SIDE; j++) samples[start + j] += reached[i + 1] * line[j];
    }
  }

  /** {pdq: 64 hexadecimal digits, quality: 0 to 100}. */
  result() {
    if (this.tiny) return { pdq: "0".repeat(64), quality: 0 };
    return { pdq: digits(coefficients(this.samples)), quality: quality(this.samples) };
  }
}

/** How much neighbours differ, 0 to 100. */
function quality(samples) {
  const step = (a, b) => Math.abs(Math.trunc(((a - b) * 100) / 255));
  let sum = 0;
  for (let i = 0; i < SIDE; i++) {
    for (let j = 0; j < SIDE; j++) {
      const here = samples[i * SIDE + j];
      if (i + 1 < SIDE) sum += step(samples[(i + 1) * SIDE + j], here);
      if (j + 1 < SIDE) sum += step(samples[i * SIDE + j + 1], here);
    }
  }
  return Math.min(100, Math.floor(sum / 90));
}

/** The 16 x 16 cosine coefficients, row by row. */
function coefficients(samples) {
  const half = COSINES.map((cosine) => {
    const sums = new Float64Array(SIDE);
    for (let k = 0; k < SIDE; k++) for (let j = 0; j < SIDE; j++) sums[j] += cosine[k] * samples[k * SIDE + j];
    return sums;
  });
  return half.flatMap((sums) => COSINES.map((cosine) => sums.reduce((sum, value, k) => sum + value * cosine[k], 0)));
}

/** Which coefficients exceed their lower median, last coefficient first, as hexadecimal digits. */
function digits(values) {
  const median = Float64Array.from(values).sort()[127];
  let text = "";
  for (let digit = 63; digit >= 0; digit--) {
    let bits = 0;
    for (let bit = 3; bit >= 0; bit--) bits = bits * 2 + (values[digit * 4 + bit] > median ? 1 : 0);
    text += bits.toString(16);
  }
  return text;
}
