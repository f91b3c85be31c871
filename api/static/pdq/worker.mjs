// A Worker: a file or a frame of a video comes in, a fingerprint goes out. It asks nothing of any network; the picture
// never leaves it.

import { AreaStream } from "./area_stream.mjs";
import { canvasIsHonest } from "./canary.mjs";
import { PdqStream } from "./core.mjs";
import { kindOf } from "./file_types.mjs";
import { framingOf, framingSize } from "./framing.mjs";
import { PlaneStream } from "./box_hashing.mjs";
import { cutOutOf } from "./cut_outs.mjs";
import { pointsOf, pointsWithin } from "./points.mjs";
import { regionsOf } from "./regions.mjs";
import { THUMBNAIL } from "./stills.mjs";

const STRIP = 256; // rows in the canvas at a time: a large photo is never there twice
const SMALL = 72; // pixels of the longer side of what the person is shown of their photo
const READING = 0.7; // share of the work that reading the pixels takes, for the progress bar

/** Luma of a row of RGBA bytes from `offset` on. */
function fill(luma, rgba, offset) {
  for (let x = 0, i = offset; x < luma.length; x++, i += 4) {
    luma[x] = 0.299 * rgba[i] + 0.587 * rgba[i + 1] + 0.114 * rgba[i + 2];
  }
}

/** The part of a picture in a box from 0 to 1, in whole pixels: left, top, width and height. */
function partOf(picture, [left, top, right, bottom]) {
  const [x, y] = [Math.round(left * picture.width), Math.round(top * picture.height)];
  const width = Math.max(1, Math.round(right * picture.width) - x);
  const height = Math.max(1, Math.round(bottom * picture.height) - y);
  return [x, y, width, height];
}

/**
 * Feeds `streams` the rows of a picture, or of a part of it, as the server sees them: in sRGB, white where the picture is
 * transparent, black beyond its edges.
 */
function read(picture, streams, progress = () => {}, part = [0, 0, picture.width, picture.height]) {
  const [left, above, width, height] = part;
  const canvas = new OffscreenCanvas(width, Math.min(STRIP, height));
  const context = canvas.getContext("2d", { willReadFrequently: true, colorSpace: "srgb", alpha: true });
  const luma = new Float32Array(width);
  for (let top = 0; top < height; top += STRIP) {
    const rows = Math.min(STRIP, height - top);
    context.fillStyle = "#000";
    context.fillRect(0, 0, width, rows);
    context.fillStyle = "#fff";
    context.fillRect(-left, -(above + top), picture.width, picture.height);
    context.drawImage(picture, left, above + top, width, rows, 0, 0, width, rows);
    const { data } = context.getImageData(0, 0, width, rows);
    for (let row = 0; row < rows; row++) {
      fill(luma, data, row * width * 4);
      for (const stream of streams) stream.row(top + row, luma);
    }
    progress((top + rows) / height);
  }
}

/** The pixels of a photo, upright by EXIF. */
function opened(file) {
  return createImageBitmap(file, {
    imageOrientation: "from-image",
    colorSpaceConversion: "default",
    premultiplyAlpha: "default",
  });
}

/** The codes around the face in a box that was drawn on a photo. */
async function cutOut({ file, face }) {
  const picture = await opened(file);
  try {
    return cutOutOf(picture.width, picture.height, face, (part, stream) => read(picture, [stream], () => {}, part));
  } finally {
    picture.close();
  }
}

/** A small view of it, for the page alone: it has the pixels once, and never all of them. */
function smallOf(picture) {
  const scale = Math.min(1, SMALL / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").drawImage(picture, 0, 0, width, height);
  return canvas.transferToImageBitmap();
}

/** Of a photo, or of the part of it in `box`; of a whole one `framing` tells whether it is a screen, and `view` is small. */
async function fingerprint({ file, set, box }, progress) {
  const picture = await opened(file);
  try {
    const part = partOf(picture, box ?? [0, 0, 1, 1]);
    const [, , width, height] = part;
    const pdq = new PdqStream(width, height);
    const seen = new PlaneStream(width, height, framingSize(width, height));
    const plane = set === "whole" ? null : new PlaneStream(width, height);
    const fine = plane && new AreaStream(width, height);
    const reading = plane ? READING : 1;
    read(picture, plane ? [pdq, seen, plane, fine] : [pdq, seen], (share) => progress(share * reading), part);
    const framing = box ? null : framingOf(seen); // what was cut out is a photo
    const found = { ...pdq.result(), set, framing, ...(box ? {} : { view: smallOf(picture) }) };
    if (!plane) return { ...found, regions: null };
    const parts = (share) => progress(READING + (1 - READING) * share);
    const regions = regionsOf(plane, fine, set, width, height, parts);
    return { ...found, regions: framing ? { ...regions, area: framing.area } : regions };
  } finally {
    picture.close();
  }
}

/**
 * Of a frame: its hash, its luma in few samples to compare it with the frame before, and at most `most` points. Of a
 * screen with a photo in it only those of the photo: all screens of one app share the others.
 */
function frame({ picture, most }) {
  try {
    const { width, height } = picture;
    const pdq = new PdqStream(width, height);
    const small = new PlaneStream(width, height, [Math.min(THUMBNAIL, width), Math.min(THUMBNAIL, height)]);
    const seen = most > 0 ? new PlaneStream(width, height, framingSize(width, height)) : null;
    const fine = most > 0 ? new AreaStream(width, height) : null;
    read(picture, fine ? [pdq, small, seen, fine] : [pdq, small]);
    const points = fine ? pointsWithin(pointsOf(fine, most), framingOf(seen)?.area ?? null, width, height) : new Uint8Array(0);
    return { ...pdq.result(), small: small.values, points };
  } finally {
    picture.close();
  }
}

async function answer({ id, ...asked }) {
  try {
    if (!canvasIsHonest()) return postMessage({ id, error: "canvas-falsified" });
    if (asked.face) return postMessage({ id, found: await cutOut(asked) });
    const progress = (share) => postMessage({ id, progress: share });
    const found = asked.picture ? frame(asked) : await fingerprint(asked, progress);
    return postMessage({ id, found }, found.view ? [found.view] : []);
  } catch (error) {
    if (error.message?.startsWith("cut-out-")) return postMessage({ id, error: error.message });
    const heic = asked.file && (await kindOf(asked.file)) === "heic";
    return postMessage({ id, error: heic ? "heic" : "unreadable" });
  }
}

/** Whether this engine has what reading pixels in a Worker needs (Safari before 16.4 has not). */
function able() {
  try {
    return typeof createImageBitmap === "function" && Boolean(new OffscreenCanvas(1, 1).getContext("2d"));
  } catch {
    return false;
  }
}

onmessage = ({ data }) => answer(data);
postMessage({ ready: able() });
