// The two keys of a case: shown in groups, copied, printed or saved, and compared with what was typed as people type.

import { busy, make, t, tell, the } from "./page.mjs";

const GROUP = 4; // letters of a case number between two gaps
const LOOKALIKES = { 0: "o", 1: "l", 8: "b" }; // digits that no case number holds

/** Letters and digits alone, whatever stands between them and however they were composed. */
function bare(text) {
  return [...text.normalize("NFKC").toLowerCase()].filter((sign) => /[\p{L}\p{N}]/u.test(sign) && !/[\u115f\u1160]/.test(sign)).join("");
}

/** A case number as the server knows it. */
export function plainNumber(typed) {
  return [...bare(typed)].map((sign) => LOOKALIKES[sign] ?? sign).join("");
}

/** Whether these are the words, spaces or none, numbered or not: no word has a digit. */
export function sameWords(typed, words) {
  return bare(typed).replace(/\p{N}+/gu, "") === bare(words);
}

function groups(number) {
  return number.match(new RegExp(`.{1,${GROUP}}`, "g")) ?? [];
}

/** The number with gaps that are seen and not copied. */
export function showNumber(place, number) {
  place.replaceChildren(...groups(number).map((group) => make("span", { className: "group" }, group)));
}

/** Show both keys, with what can be done with them. */
export function showKeys({ case_id: number, passphrase }) {
  showNumber(the("new-case-id"), number);
  the("new-passphrase").textContent = passphrase;
  const card = () => `${groups(number).join(" ")}\n\n${passphrase}\n`; // tells nobody what it is for
  the("copy-keys").hidden = !navigator.clipboard;
  the("copy-keys").onclick = () =>
    busy(the("copy-keys"), async () => {
      try {
        await navigator.clipboard.writeText(card());
      } catch {
        return tell(t("Your browser did not allow it. Please write both down."), "warn");
      }
      return tell(t("Copied. Please put it into a password manager now: other apps can read what is copied."));
    });
  the("print-keys").onclick = printCard;
  the("save-keys").onclick = () => {
    const file = URL.createObjectURL(new Blob([card()], { type: "text/plain" }));
    make("a", { href: file, download: "card.txt" }).click();
    setTimeout(() => URL.revokeObjectURL(file), 60_000);
    tell(t("Saved as card.txt in your downloads. Please move it to where nobody else looks."));
  };
}

/** The card alone. Printing goes on after `print` came back on some devices, and not every engine says when it is over. */
function printCard() {
  document.documentElement.classList.add("card-only");
  addEventListener("afterprint", printAll, { once: true });
  // The next touch of the page is after it in any case; the one that began it is still on its way.
  setTimeout(() => addEventListener("click", printAll, { once: true, capture: true }));
  print();
}

function printAll() {
  document.documentElement.classList.remove("card-only");
}

/** Both keys leave the page. */
export function hideKeys() {
  printAll();
  the("new-case-id").replaceChildren();
  the("new-passphrase").textContent = "";
  for (const id of ["copy-keys", "print-keys", "save-keys"]) the(id).onclick = null;
}
