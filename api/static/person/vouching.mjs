// Before somebody waits for an advocate: who vouches, and a code that was scanned from paper.

import { watchCentres } from "./centres.mjs";
import { t, tell, the } from "./page.mjs";

/** The centres, and the code from paper. */
export class Vouching {
  /** The code that was scanned, until it is with what was entered; else empty. */
  paper = "";

  constructor() {
    watchCentres();
    this.paper = takeCodeFromAddress();
    addEventListener("hashchange", takeCodeFromAddress); // scanned while the page stands here
  }
}

/** Whoever scanned a code on paper finds it wherever one is asked for. It leaves the address at once, and never reaches a server so. */
function takeCodeFromAddress() {
  const found = /^#code=([A-Za-z0-9-]{12,20})$/.exec(location.hash);
  if (!found) return "";
  history.replaceState(null, "", location.pathname + location.search);
  fillIn(found[1]);
  the("code").dispatchEvent(new Event("change", { bubbles: true })); // as if it was typed: kept, where anything is
  tell(t("The code from your paper is filled in. Begin a new case, or come back to yours, and it is used there."));
  return found[1];
}

/** Put a code wherever one is asked for. */
export function fillIn(code) {
  for (const field of ["guardian-code", "code", "late-code-text"]) the(field).value = code;
}
