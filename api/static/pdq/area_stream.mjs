// The plane in which points are found: a picture's luma, averaged by area until its longer side is at most 512 pixels.
// Row by row, like core.mjs: the picture itself is never kept.

import { targetSize } from "./core.mjs";

/** Of each of n samples: the first of m that it falls to, its weight there, and its weight in the one after that. */
function splits(n, m) {
  const first = new Int32Array(n);
  const here = new Float64Array(n);
  const after = new Float64Array(n);
  for (let at = 0; at < n; at++) {
    const from = (at * m) / n;
    const to = ((at + 1) * m) / n;
    first[at] = Math.min(m - 1, Math.floor(from + 1e-9));
    const inside = Math.min(to, first[at] + 1) - from;
    here[at] = inside;
    after[at] = first[at] + 1 < m ? Math.max(0, to - from - inside) : 0;
  }
  return { first, here, after };
}

/** Takes the rows of one picture, top to bottom. */
export class AreaStream {
  /** `width` and `height` in pixels. */
  constructor(width, height) {
    [this.width, this.height] = targetSize(width, height);
    this.values = new Float32Array(this.width * this.height);
    this.columns = splits(width, this.width);
    this.rows = splits(height, this.height);
    this.line = new Float32Array(this.width + 1);
  }

  /** Row `y` of the picture, as luma from 0 to 255. */
  row(y, luma) {
    const { line } = this;
    const { first, here, after } = this.columns;
    line.fill(0);
    for (let x = 0; x < first.length; x++) {
      line[first[x]] += luma[x] * here[x];
      line[first[x] + 1] += luma[x] * after[x];
    }
    const top = this.rows.first[y];
    this.#add(top, this.rows.here[y]);
    if (this.rows.after[y] > 0) this.#add(top + 1, this.rows.after[y]);
  }

  #add(row, share) {
    const start = row * this.width;
    for (let x = 0; x < this.width; x++) this.values[start + x] += share * this.line[x];
  }
}
