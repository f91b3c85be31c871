// A box around one's own face: moved and sized by finger, mouse or keys over the photo, which stays on this device.

import { button, make, t } from "./page.mjs";

const SHAPE = 0.72 / 0.84; // width to height, as monitor/fingerprints/cut_outs/boxes.py has it
const SHOWN = 720; // pixels of the longer side of what is drawn on the page
const SMALLEST = 0.06; // of the photo's shorter side: a smaller box shows too little
const STEP = 0.01; // of the photo's shorter side: an arrow key, a key for the size
let last = 0; // number of the slider made last
const START = { x: 0.5, y: 0.4, size: 0.4 }; // where most portraits have the face

function clamp(value, least, most) {
  return Math.min(Math.max(value, least), most);
}

/**
 * An element that shows the photo with a box, and calls `use` with [left, top, right, bottom] (0 to 1 of the photo), or
 * `leave`. Fails where the browser cannot show the file.
 */
export async function faceBox(file, { use, leave }) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const { width, height } = picture;
  const shrunk = Math.min(1, SHOWN / Math.max(width, height));
  const canvas = make("canvas", { width: Math.round(width * shrunk), height: Math.round(height * shrunk) });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  canvas.setAttribute("aria-hidden", "true");

  const short = Math.min(width, height);
  const largest = Math.min(width / SHAPE, height) / short; // heights of the box, in shorter sides
  const at = { x: START.x * width, y: START.y * height, size: Math.min(START.size, largest) };
  const box = make("div", { className: "face-box", tabIndex: 0 });
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", t("The box around your face. Arrow keys move it, plus and minus change its size."));
  const size = make("input", { type: "range", min: SMALLEST, max: largest, step: STEP / 2, value: at.size });
  size.id = `face-size-${(last += 1)}`;

  function sides() {
    const [across, down] = [(at.size * short * SHAPE) / 2, (at.size * short) / 2];
    at.x = clamp(at.x, across, width - across);
    at.y = clamp(at.y, down, height - down);
    return [(at.x - across) / width, (at.y - down) / height, (at.x + across) / width, (at.y + down) / height];
  }

  function show() {
    const [left, top, right, bottom] = sides();
    box.style.left = `${left * 100}%`;
    box.style.top = `${top * 100}%`;
    box.style.width = `${(right - left) * 100}%`;
    box.style.height = `${(bottom - top) * 100}%`;
    size.value = at.size;
  }

  function resize(to) {
    at.size = clamp(to, SMALLEST, largest);
    show();
  }

  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  box.addEventListener("keydown", (event) => {
    if (event.key in moves) {
      at.x += moves[event.key][0] * STEP * short;
      at.y += moves[event.key][1] * STEP * short;
      show();
    } else if (event.key === "+" || event.key === "=") resize(at.size + STEP);
    else if (event.key === "-") resize(at.size - STEP);
    else return;
    event.preventDefault(); // the page does not scroll away under the box
  });
  size.addEventListener("input", () => resize(Number(size.value)));

  const stage = make("div", { className: "face-stage" }, canvas, box);
  const fingers = new Map(); // pointer -> where it was last
  const spread = () => {
    const [one, other] = [...fingers.values()];
    return Math.hypot(one.x - other.x, one.y - other.y);
  };
  box.addEventListener("pointerdown", (event) => {
    box.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  // A tap beside the box brings it there; a finger that moves there scrolls the page.
  canvas.addEventListener("click", (event) => {
    const frame = stage.getBoundingClientRect();
    at.x = ((event.clientX - frame.left) / frame.width) * width;
    at.y = ((event.clientY - frame.top) / frame.height) * height;
    show();
  });
  box.addEventListener("pointermove", (event) => {
    const was = fingers.get(event.pointerId);
    if (!was) return;
    const before = fingers.size === 2 ? spread() : 0;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 2) return resize(before > 0 ? (at.size * spread()) / before : at.size);
    const scale = width / stage.getBoundingClientRect().width;
    at.x += (event.clientX - was.x) * scale;
    at.y += (event.clientY - was.y) * scale;
    return show();
  });
  for (const over of ["pointerup", "pointercancel"]) {
    box.addEventListener(over, (event) => fingers.delete(event.pointerId));
  }

  show();
  return make(
    "div",
    { className: "face-drawing" },
    make("p", { className: "hint" }, t("Put the box around your own face, from the brows to the chin and from ear to ear. It need not be exact. The photo stays on this device.")),
    stage,
    make("p", {}, make("label", { htmlFor: size.id }, t("Size of the box")), size),
    make("p", { className: "row" }, button(t("Use this box"), () => use(sides())), " ", button(t("No box"), leave, "quiet")),
  );
}
