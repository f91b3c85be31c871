// Where a picture has something that can be found again, as monitor/fingerprints/points/scale_space.py finds it: blobs, at the
// size that they have. A plane is { values, width, height }.

const PER_OCTAVE = 3; // sizes looked for between a size and its double
const FIRST_SIGMA = 1.2; // pixels of blur of the first level
const CAMERA_SIGMA = 0.5; // of it is taken for granted
const LEAST_CONTRAST = 1.7; // grey levels between two neighbouring levels, at the extremum
const EDGE_RATIO = 12;
const LEAST_SIDE = 12; // pixels of the last octave's shorter side
const FARTHEST = 0.6; // pixels or levels that an extremum may lie beside the pixel that it was found at

const sigmaOf = (level) => FIRST_SIGMA * 2 ** (level / PER_OCTAVE);
const BLURS = Array.from({ length: PER_OCTAVE + 3 }, (_, level) =>
  Math.sqrt(sigmaOf(level) ** 2 - (level ? sigmaOf(level - 1) : CAMERA_SIGMA) ** 2),
);

/** One half of a Gaussian and its middle: weights of the distances from 0 on. */
function kernel(sigma) {
  const weights = Float32Array.from({ length: Math.ceil(3 * sigma) + 1 }, (_, x) => Math.exp(-(x * x) / (2 * sigma * sigma)));
  const sum = weights.reduce((all, weight, x) => all + (x ? 2 : 1) * weight, 0);
  return weights.map((weight) => weight / sum);
}

const KERNELS = BLURS.map(kernel);

/** The place that stands for one beyond the border: mirrored at the middle of the last sample. */
function inside(at, count) {
  if (count === 1) return 0;
  while (at < 0 || at >= count) at = at < 0 ? -at : 2 * (count - 1) - at;
  return at;
}

function blurred({ values, width, height }, weights) {
  const reach = weights.length - 1;
  const half = new Float32Array(values.length);
  const line = new Float32Array(width + 2 * reach);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    for (let x = -reach; x < width + reach; x++) line[x + reach] = values[start + (x < 0 || x >= width ? inside(x, width) : x)];
    for (let x = 0; x < width; x++) {
      let sum = weights[0] * line[x + reach];
      for (let d = 1; d <= reach; d++) sum += weights[d] * (line[x + reach - d] + line[x + reach + d]);
      half[start + x] = sum;
    }
  }
  const whole = new Float32Array(values.length);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    for (let x = 0; x < width; x++) whole[start + x] = weights[0] * half[start + x];
    for (let d = 1; d <= reach; d++) {
      const above = inside(y - d, height) * width;
      const below = inside(y + d, height) * width;
      for (let x = 0; x < width; x++) whole[start + x] += weights[d] * (half[above + x] + half[below + x]);
    }
  }
  return { values: whole, width, height };
}

/** Where a parabola through three values has its vertex, from the middle one, and by how much it is beyond that. */
function vertex(before, middle, after) {
  const bend = before + after - 2 * middle;
  const shift = bend === 0 ? 0 : Math.min(FARTHEST, Math.max(-FARTHEST, (before - after) / (2 * bend)));
  return [shift, -0.25 * (before - after) * shift];
}

function isExtremum(steps, level, at, width) {
  const value = steps[level][at];
  if (Math.abs(value) <= 0.8 * LEAST_CONTRAST) return false; // between pixels it is more
  const sign = Math.sign(value);
  for (let other = level - 1; other <= level + 1; other++) {
    for (let row = at - width; row <= at + width; row += width) {
      for (let place = row - 1; place <= row + 1; place++) {
        if (sign * (steps[other][place] - value) > 0) return false;
      }
    }
  }
  return true;
}

/** [across, down, sigma, contrast] of an extremum, in pixels of the octave; null where it is too weak or an edge. */
function refined(steps, level, x, y, width) {
  const at = y * width + x;
  const here = steps[level];
  const value = here[at];
  const bendX = here[at - 1] + here[at + 1] - 2 * value;
  const bendY = here[at - width] + here[at + width] - 2 * value;
  const twist = (here[at + width + 1] - here[at + width - 1] - here[at - width + 1] + here[at - width - 1]) / 4;
  const determinant = bendX * bendY - twist * twist;
  if (determinant <= 0 || (bendX + bendY) ** 2 * EDGE_RATIO >= (EDGE_RATIO + 1) ** 2 * determinant) return null;
  const [shiftX, gainX] = vertex(here[at - 1], value, here[at + 1]);
  const [shiftY, gainY] = vertex(here[at - width], value, here[at + width]);
  const [shiftLevel, gainLevel] = vertex(steps[level - 1][at], value, steps[level + 1][at]);
  const contrast = Math.abs(value + gainX + gainY + gainLevel);
  return contrast < LEAST_CONTRAST ? null : [x + shiftX, y + shiftY, sigmaOf(level + shiftLevel), contrast];
}

/** Every second sample, from the first on. */
function thinned({ values, width, height }) {
  const across = Math.ceil(width / 2);
  const down = Math.ceil(height / 2);
  const fewer = new Float32Array(across * down);
  for (let y = 0; y < down; y++) for (let x = 0; x < across; x++) fewer[y * across + x] = values[2 * y * width + 2 * x];
  return { values: fewer, width: across, height: down };
}

/** [[across, down, sigma, contrast], ...]: in pixels of the plane, and grey levels. */
export function blobs(plane) {
  const found = [];
  let level = blurred(plane, KERNELS[0]);
  for (let scale = 1; Math.min(level.width, level.height) >= LEAST_SIDE; scale *= 2) {
    const levels = [level];
    for (const weights of KERNELS.slice(1)) levels.push(blurred(levels.at(-1), weights));
    const steps = levels.slice(1).map(({ values }, before) => values.map((value, at) => value - levels[before].values[at]));
    const { width, height } = level;
    for (let place = 1; place <= PER_OCTAVE; place++) {
      for (let y = 1; y < height - 1; y++) {
        for (let x = 1; x < width - 1; x++) {
          if (!isExtremum(steps, place, y * width + x, width)) continue;
          const blob = refined(steps, place, x, y, width);
          if (blob) found.push([blob[0] * scale, blob[1] * scale, blob[2] * scale, blob[3]]);
        }
      }
    }
    level = thinned(levels[PER_OCTAVE]);
  }
  return found;
}
