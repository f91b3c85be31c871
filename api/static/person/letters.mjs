// How many letters a field takes. A browser cuts off what is pasted beyond that, without a word: here it stays whole, is
// counted, and is not sent before it is short enough.

import { hear, make, t } from "./page.mjs";

const A_TEXT = 50; // letters: what takes fewer is a code, and stays as it is

/** Watch over the fields of `place`, also those that come later. */
export function watchLengths(place) {
  place.querySelectorAll("[maxlength]").forEach(free);
  place.addEventListener("focusin", ({ target }) => free(target));
  place.addEventListener("input", ({ target }) => target.dataset.most && count(target));
  place.addEventListener("reset", ({ target }) => target.querySelectorAll("[data-over]").forEach(clear));
}

function free(field) {
  if (!(field.maxLength > A_TEXT)) return;
  field.dataset.most = field.maxLength;
  field.removeAttribute("maxlength");
}

/** As much as a field takes, in letters as the server counts them. */
export function fitting({ value, dataset }) {
  return dataset.over ? [...value.trim()].slice(0, dataset.most).join("") : value.trim();
}

function count(field) {
  const over = [...field.value.trim()].length - field.dataset.most;
  if (over <= 0) return clear(field);
  const said = t("Letters too many: %(count)s", { count: over });
  if (!field.dataset.over) {
    field.after(make("span", { className: "badge warn" }));
    field.setAttribute("aria-invalid", "true");
    hear(said);
  }
  field.dataset.over = over;
  field.nextSibling.textContent = said;
}

function clear(field) {
  if (!field.dataset.over) return;
  delete field.dataset.over;
  field.removeAttribute("aria-invalid");
  field.nextSibling.remove();
}
