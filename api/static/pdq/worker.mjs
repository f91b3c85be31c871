// A Worker: a file comes in, a fingerprint goes out. It asks nothing of any network; the picture never leaves it.

import { canvasIsHonest } from "./canary.mjs";
import { PdqStream } from "./core.mjs";
import { PlaneStream } from "./plane.mjs";
import { regionsOf } from "./regions.mjs";

const STRIP = 256; // rows in the canvas at a time: a large photo is never there twice
const READING = 0.7; // share of the work that reading the pixels takes, for the progress bar

/** Luma of a row of RGBA bytes from `offset` on. */
function fill(luma, rgba, offset) {
  for (let x = 0, i = offset; x < luma.length; x++, i += 4) {
    luma[x] = 0.299 * rgba[i] + 0.587 * rgba[i + 1] + 0.114 * rgba[i + 2];
  }
}

/** The pixels as the server sees them: upright by EXIF, in sRGB, white where the picture is transparent. */
async function fingerprint(file, set, progress) {
  const picture = await createImageBitmap(file, {
    imageOrientation: "from-image",
    colorSpaceConversion: "default",
    premultiplyAlpha: "default",
  });
  try {
    const { width, height } = picture;
    const canvas = new OffscreenCanvas(width, Math.min(STRIP, height));
    const context = canvas.getContext("2d", { willReadFrequently: true, colorSpace: "srgb", alpha: true });
    const pdq = new PdqStream(width, height);
    const plane = set === "whole" ? null : new PlaneStream(width, height);
    const luma = new Float32Array(width);
    for (let top = 0; top < height; top += STRIP) {
      const rows = Math.min(STRIP, height - top);
      context.fillStyle = "#fff";
      context.fillRect(0, 0, width, rows);
      context.drawImage(picture, 0, top, width, rows, 0, 0, width, rows);
      const { data } = context.getImageData(0, 0, width, rows);
      for (let row = 0; row < rows; row++) {
        fill(luma, data, row * width * 4);
        pdq.row(top + row, luma);
        plane?.row(top + row, luma);
      }
      progress(((top + rows) / height) * (plane ? READING : 1));
    }
    if (plane === null) return { ...pdq.result(), set, regions: null };
    const boxes = (share) => progress(READING + (1 - READING) * share);
    return { ...pdq.result(), set, regions: regionsOf(plane, set, width, height, boxes) };
  } finally {
    picture.close();
  }
}

/** Formats that the browser may not know, by the first bytes: HEIC says ftyp and its brand. */
async function looksLikeHeic(file) {
  const head = new TextDecoder("latin1").decode(await file.slice(4, 12).arrayBuffer());
  return /^ftyp(heic|heix|hevc|heim|heis|mif1|msf1)/.test(head);
}

async function answer({ id, file, set }) {
  try {
    if (!canvasIsHonest()) return postMessage({ id, error: "canvas-falsified" });
    const found = await fingerprint(file, set, (progress) => postMessage({ id, progress }));
    return postMessage({ id, found });
  } catch {
    return postMessage({ id, error: (await looksLikeHeic(file)) ? "heic" : "unreadable" });
  }
}

onmessage = ({ data }) => answer(data);
postMessage({ ready: true });
