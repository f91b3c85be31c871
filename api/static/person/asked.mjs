// What is destroyed for good is asked once more, in its place; and whoever took something out of a list goes on beside it.

import { button, make, t, tell, the } from "./page.mjs";

/** A question in place of what was pressed. `stay` puts that back. */
export function question({ why, sure, act, stay }) {
  const no = button(t("No, keep it"), stay);
  const asked = make("span", { className: "message warn" }, why, " ", make("span", { className: "row" }, button(sure, act, "danger"), no));
  return { asked, ask: () => no.focus() };
}

/** A button that takes a row out of a list: asked once more where there is a `why`. `title`: the list's heading. */
export function remover({ text, label, why = "", sure = t("Yes, remove it"), act, title, done = t("Removed.") }) {
  const place = make("span", {});
  const gone = async () => {
    const goOn = beside(place.closest("li"), title);
    await act();
    goOn();
    tell(done);
  };
  const { asked, ask } = question({
    why,
    sure,
    act: gone,
    stay: () => {
      place.replaceChildren(open);
      open.focus();
    },
  });
  const first = () => {
    place.replaceChildren(asked);
    ask();
  };
  const open = button(text, why ? first : gone, "quiet");
  open.setAttribute("aria-label", label);
  place.append(open);
  return place;
}

/** For afterwards: to the row that stands where this one stood; to the heading where none is left. */
export function beside(row, title) {
  const list = row.parentNode;
  const at = [...list.children].indexOf(row);
  return () => {
    const next = list.children[Math.min(at, list.children.length - 1)];
    const place = next?.querySelector("button, input, select, a") ?? the(title);
    if (place === the(title)) place.tabIndex = -1;
    place.focus();
  };
}
