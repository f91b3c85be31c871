// Telephone numbers in what a centre or an operator wrote: each as something to press.

import { make } from "./page.mjs";

const NUMBER = /((?:\+|\b0)\d[\d -]{6,14}\d|\b1[3-9]\d\d-\d{4}\b)/;

/** The text in pieces; each number in it is a link. */
export function phoned(text) {
  return text.split(NUMBER).map((part, at) => (at % 2 === 1 ? make("a", { href: `tel:${part.replace(/[^0-9+]/g, "")}` }, part) : part));
}
