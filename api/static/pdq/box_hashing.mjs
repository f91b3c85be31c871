// The grey plane of a picture: its luma, averaged by area until its longer side is at most 256 pixels. Row by row, like
// core.mjs: the picture itself is never kept.

import { round } from "./core.mjs";

const PLANE_SIDE = 256; // pixels

/** For each of n samples [which of m it falls to, its weight there]: whole samples, as Pillow's box filter takes them. */
function shares(n, m) {
  const edge = (i) => Math.floor((i * n) / m + 0.5);
  const found = [];
  for (let i = 0; i < m; i++) {
    for (let at = edge(i); at < edge(i + 1); at++) found.push([i, 1 / (edge(i + 1) - edge(i))]);
  }
  return found;
}

function planeSize(width, height) {
  const scale = Math.min(1, PLANE_SIDE / Math.max(width, height));
  return scale < 1 ? [width, height].map((side) => Math.max(1, round(side * scale))) : [width, height];
}

/** Takes the rows of one picture, top to bottom. */
export class PlaneStream {
  /** `width` and `height` in pixels; `size` in samples, where it is not the grey plane's. */
  constructor(width, height, size = planeSize(width, height)) {
    [this.width, this.height] = size;
    this.values = new Float64Array(this.width * this.height);
    this.rows = shares(height, this.height);
    const columns = shares(width, this.width);
    this.place = Int32Array.from(columns, (share) => share[0]);
    this.weight = Float64Array.from(columns, (share) => share[1]);
    this.line = new Float64Array(this.width);
  }

  /** Row `y` of the picture, as luma from 0 to 255. */
  row(y, luma) {
    const { place, weight, line, values, width } = this;
    line.fill(0);
    for (let x = 0; x < place.length; x++) line[place[x]] += luma[x] * weight[x];
    const [top, share] = this.rows[y];
    const start = top * width;
    for (let x = 0; x < width; x++) values[start + x] += share * line[x];
  }
}
