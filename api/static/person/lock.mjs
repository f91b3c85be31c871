// An open case on a phone that somebody else may pick up: locked after a while, shown again for the passphrase, and
// nothing of it left after log-out. What was typed stays in this page's memory meanwhile, out of sight.

import { onSubmit, t, tell, tellHeld, the } from "./page.mjs";

const IDLE = 10 * 60 * 1000; // milliseconds without a touch
const AWAY = 5 * 60 * 1000; // milliseconds in which the page was hidden: timers rest meanwhile
const AT_DOOR = "door"; // in the address for as long as the page loads
const SIGNS = ["pointerdown", "keydown", "input", "wheel", "touchstart", "focusin", "scroll", "selectionchange"]; // a screen reader's own gestures are seen only by what they move

/** Whether the page was loaded to stand at its door, whatever this browser keeps. The address tells it no more then. */
export function cameToDoor() {
  const address = new URL(location.href);
  if (!address.searchParams.has(AT_DOOR)) return false;
  address.searchParams.delete(AT_DOOR);
  history.replaceState(null, "", address);
  return true;
}

/** The lock of one page. There is one person at a time. */
class Lock {
  #api = null;
  #caseId = "";
  #timer = 0;
  #hiddenAt = 0;
  #changed = null; // shows the page anew
  #opened = null; // settles when the passphrase was given again
  #open = null;
  /** Whether the person is logging out: nothing holds the page any more. */
  leaving = false;
  #outs = 0; // how often somebody logged out in another window
  #others = "BroadcastChannel" in window ? new BroadcastChannel("windows") : null;
  /** Puts away what a page without an open case shows: set by that page. Until then there is nothing to see. */
  away = () => {};
  #watching = false; // the page's own parts are listened to once, however often a case is opened

  constructor() {
    // Whoever logs out in one window leaves none open, nor anything of theirs on the screen of another.
    this.#others?.addEventListener("message", () => {
      this.#outs += 1;
      if (!this.#api) return this.away();
      the("unlock").reset();
      return this.close(t("Locked."));
    });
  }

  /**
   * Watch over a case that is open. `api.again` is asked for when the server knows the log-in no more. `changed` shows
   * the page anew: the case may have changed meanwhile.
   */
  watch(api, caseId, changed) {
    this.#api = api;
    this.#caseId = caseId;
    this.#changed = changed;
    the("session").hidden = false;
    api.again = () => this.close(t("You are logged out: some time has passed, or your passphrase was changed. Please type the one that holds now; what you typed is still here. If you did not change it, speak with your centre."));
    this.#rest();
    if (this.#watching) return;
    this.#watching = true;
    const rest = () => this.#rest();
    for (const sign of SIGNS) document.addEventListener(sign, rest, { passive: true });
    document.addEventListener("visibilitychange", () => this.#looked());
    the("lock-now").addEventListener("click", () => this.close(t("Locked.")));
    for (const out of document.querySelectorAll("[data-log-out]")) out.addEventListener("click", () => this.leave());
    onSubmit(the("unlock"), (form) => this.#unlock(form));
  }

  /** Hide everything until the passphrase is given again. Settles then. */
  close(why) {
    if (this.#opened) return this.#opened;
    clearTimeout(this.#timer);
    this.#opened = new Promise((resolve) => (this.#open = resolve));
    this.#api.forget(); // the server forgets the log-in: whoever has the phone has nothing
    tell("");
    the("app").dataset.locked = "yes";
    the("locked").hidden = false;
    the("locked-why").textContent = why;
    the("unlock").reset();
    the("unlock-passphrase").focus();
    return this.#opened;
  }

  /** Settles at once where the page is open, else when the passphrase was given again. */
  async whenOpen() {
    await this.#opened;
  }

  async #unlock(form) {
    const outs = this.#outs;
    try {
      await this.#api.logIn(this.#caseId, form.get("passphrase"));
    } catch (error) {
      the("unlock-passphrase").focus();
      if (error.message === "log-in-refused") error.said = t("This is not the passphrase that opens this case now. If somebody gave you new words, type those.");
      throw error;
    }
    if (outs !== this.#outs) return this.#api.forget(); // somebody logged out meanwhile: it stays locked
    the("unlock").reset();
    the("locked").hidden = true;
    delete the("app").dataset.locked;
    const open = this.#open;
    this.#opened = this.#open = null;
    this.#rest();
    const heading = the("app").querySelector("h1:not([hidden])");
    const shown = [...the("app").querySelectorAll("h1, h2")].find((one) => one.offsetParent !== null) ?? heading;
    if (shown) {
      shown.tabIndex = -1;
      shown.focus();
    }
    tellHeld();
    open();
    return this.#changed();
  }

  /** Log out: the server forgets, the browser keeps nothing, the page begins anew with an empty memory. */
  async leave() {
    this.leaving = true;
    this.#others?.postMessage("out");
    the("app").hidden = true;
    the("said").textContent = "";
    await Promise.race([this.#api.forget(), new Promise((go) => setTimeout(go, 1500))]);
    await Promise.race([
      // What was entered for another case, and the keys of one that nobody wrote down yet, belong to no log-in.
      fetch("/leave?draft=stays", { method: "POST", keepalive: true }).catch(() => null),
      new Promise((go) => setTimeout(go, 1500)),
    ]);
    this.toDoor();
  }

  /** Begin anew with an empty memory, at the door: what this browser keeps is shown when it is asked for. */
  toDoor() {
    this.leaving = true;
    the("app").hidden = true;
    const address = new URL(location.href);
    address.hash = "";
    address.searchParams.set(AT_DOOR, "");
    location.replace(address);
  }

  #rest() {
    clearTimeout(this.#timer);
    if (!this.#opened) this.#timer = setTimeout(() => this.close(t("Locked, because nothing was touched for a while. Please type your passphrase; what you typed is still here.")), IDLE);
  }

  #looked() {
    if (document.hidden) {
      this.#hiddenAt = Date.now();
    } else if (!this.#opened && this.#hiddenAt && Date.now() - this.#hiddenAt > AWAY) {
      this.close(t("Locked, because this page was out of sight for a while. Please type your passphrase; what you typed is still here."));
    }
  }
}

export const lock = new Lock();
