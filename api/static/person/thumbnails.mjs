// Small views of photos that were chosen, drawn on this device and held by this page alone: gone with the next load.

const SIDE = 72; // pixels of the longer side

/** A canvas with the photo in it; null where the browser cannot draw it. It says nothing to a screen reader. */
export async function thumbnail(file) {
  try {
    const whole = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(whole.width, whole.height));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.max(1, Math.round(whole.width * scale)), Math.max(1, Math.round(whole.height * scale))];
    canvas.className = "thumbnail";
    canvas.setAttribute("aria-hidden", "true");
    canvas.getContext("2d").drawImage(whole, 0, 0, canvas.width, canvas.height);
    whole.close();
    return canvas;
  } catch {
    return null;
  }
}
