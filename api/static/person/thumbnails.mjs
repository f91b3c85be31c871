// Small views of photos that were chosen, made on this device and held by this page alone: gone with the next load.

/** A canvas with the small view of a photo that the Worker made. It says nothing to a screen reader. */
export function thumbnail(view) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [view.width, view.height];
  canvas.className = "thumbnail";
  canvas.setAttribute("aria-hidden", "true");
  canvas.getContext("2d").drawImage(view, 0, 0);
  view.close();
  return canvas;
}
