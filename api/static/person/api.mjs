// The JSON API. The token lives in this page's memory only: closing the page logs out.

import { Ahead, solve } from "../puzzle/work.mjs";
import { say, t, tell } from "./page.mjs";

const MOST_TRIES = 20; // of one request while very many people are here
const MOST_KEPT_ALIVE = 60_000; // letters of a body: browsers end such requests beyond 64 KiB
const LONGEST_WAIT = 60_000; // milliseconds for one answer, to its end: on a dead line the browser itself would wait for minutes
const CHANGED = ["case-closed", "case-state", "case-frozen"]; // the case is not as the page shows it
const TO_WAIT = 5; // seconds, where the server does not say

/** Work for the first request, begun while the person still reads and types. */
export const ahead = new Ahead();

/** An answer that says no, with words for people in `said`. */
export class Refused extends Error {
  constructor(code, said, status = 0) {
    super(code);
    this.said = said;
    this.status = status;
  }
}

/** Why not, in the person's own words. */
export function words(code, retryAfter = "") {
  const known = {
    "passphrase-differs": t("That is not the passphrase yet. You can look at it again."),
    "not-logged-in": t("You are logged out, because some time has passed. Please come back with your case number."),
    "too-many-tries": t("Too many attempts. Please try again in %(seconds)s seconds.", { seconds: retryAfter }),
    "log-in-refused": t("The case number and the passphrase do not fit. Please check both."),
    "code-invalid": t("This code is wrong, used or too old. You can also open the case without a code."),
    "picture-too-plain": t("This picture cannot be told from others: it has too little detail, or many people use it. Please choose another, or tell your advocate."),
    "too-many-fingerprints": t("A case holds at most 200 photos and videos."),
    "too-many-sources": t("A case watches at most 50 places."),
    "too-many-links": t("A case holds at most 200 links."),
    "source-unreadable": t("This is not a public channel or account. Those are written as @name or with their link. A private room or an invitation cannot be read by us: add its link below, so that it is kept for you and the people who help you."),
    "link-unreadable": t("This is not a link. It starts with https://"),
    "case-closed": t("This case is being erased. You can still take that back."),
    invalid: t("Something in the form does not fit. Please check what you typed."),
  };
  const told = say("refusals", code);
  return known[code] ?? (told && told !== code ? told : t("Something went wrong here. Nothing was lost; please try again."));
}

/** Calls with a token, or without one before there is a case. */
export class Api {
  #token;
  #base;
  #credentials;
  #more;
  #written = 0; // how many writes are over
  #asked = 0; // how often something was asked for
  #flights = new Map(); // by path: what is being asked for
  /** Where a log-in is over: asks for the passphrase again and settles once it was given. None: the call fails. */
  again = null;
  /** Shows the page anew, where an answer says that the case is not as it was. */
  changed = null;
  #showing = false; // the page anew

  /** The JSON API takes no cookie; the draft's door, at another `base`, takes one. `more`: further headers. */
  constructor(token = null, { base = "/api", credentials = "omit", more = () => ({}) } = {}) {
    this.#token = token;
    this.#more = more;
    this.#base = base;
    this.#credentials = credentials;
  }

  /** The server forgets this log-in, and so does this page. Never fails: without a network it runs out by itself. */
  async forget() {
    const token = this.#token;
    this.#token = null;
    if (!token) return;
    const headers = { Authorization: `Bearer ${token}` };
    await fetch("/api/log-ins/current", { method: "DELETE", headers, credentials: "omit", keepalive: true }).catch(() => null);
  }

  /** A new log-in in the place of the one that is over. */
  async logIn(caseId, passphrase) {
    const { token } = await new Api().post("/log-ins/person", { case_id: caseId, passphrase });
    this.#token = token;
  }

  /** The same log-in goes on under another token. */
  take(token) {
    this.#token = token;
  }

  /**
   * What was true before a write of this page is never shown after it: such an answer is asked for again. And where one
   * that was asked for later is here already, that one is given.
   */
  async get(path) {
    const flight = this.#flights.get(path) || { open: 0, newest: 0, content: null };
    this.#flights.set(path, flight);
    flight.open += 1;
    try {
      for (let tries = 1; ; tries += 1) {
        const [asked, written] = [(this.#asked += 1), this.#written];
        const content = await this.#call("GET", path);
        if (written !== this.#written && tries < MOST_TRIES) continue;
        if (asked > flight.newest) [flight.newest, flight.content] = [asked, content];
        return flight.content;
      }
    } finally {
      flight.open -= 1;
      if (flight.open === 0) this.#flights.delete(path); // nothing is kept longer than it is asked for
    }
  }

  post(path, body = {}) {
    return this.#call("POST", path, body);
  }

  put(path, body) {
    return this.#call("PUT", path, body);
  }

  patch(path, body) {
    return this.#call("PATCH", path, body);
  }

  /** What is gone already is gone: the answer to the first try may have been lost. */
  async delete(path) {
    try {
      return await this.#call("DELETE", path);
    } catch (error) {
      if (error.status === 404) return {};
      throw error;
    }
  }

  /** A file: its bytes, as the server made them; of what is sent, where something is. */
  async file(path, body) {
    const [answer, content] = await this.#answer(body ? "POST" : "GET", path, body, null, "blob");
    if (answer.ok) return content;
    throw this.#refused(content.code, answer);
  }

  async #call(method, path, body) {
    const opening = path === "/log-ins/person" || path === "/open";
    let work = opening ? await ahead.take() : null;
    for (let tries = 1; ; tries += 1) {
      const [answer, content] = await this.#answer(method, path, body, work);
      if (answer.ok) {
        if (tries > 1) tell("");
        return content;
      }
      const wait = answer.headers.get("Retry-After") ?? "";
      if (tries < MOST_TRIES && content.work) {
        tell(t("Very many people are here right now. Your device works for a few seconds first; please leave this page open."), "warn");
        work = await solve(content.work.challenge);
      } else if (tries < MOST_TRIES && content.code === "overloaded") {
        tell(t("Very many people are here right now. You are in the queue; please leave this page open."), "warn");
        work = null;
        await new Promise((go) => setTimeout(go, 1000 * (Number(wait) || TO_WAIT)));
      } else {
        const code = path === "/log-ins/person" && answer.status === 401 ? "log-in-refused" : content.code;
        throw this.#refused(code, answer);
      }
    }
  }

  /**
   * The answer to it under a log-in that holds, and what stands in it. A 401 came before anything was done, so it is sent again: at once where
   * the log-in it was sent with is not this page's any more, else when the passphrase was given. What was typed waits in
   * this very call.
   */
  async #answer(...asked) {
    for (;;) {
      const token = this.#token;
      const answer = await this.#send(...asked);
      if (answer[0].status !== 401 || !this.again) return answer;
      if (token === this.#token || !this.#token) await this.again();
    }
  }

  #refused(code, answer) {
    if (CHANGED.includes(code)) this.#anew();
    return new Refused(code, words(code, answer.headers.get("Retry-After") ?? ""), answer.status);
  }

  /** Once at a time: what is asked for then may be refused as well. */
  async #anew() {
    if (!this.changed || this.#showing) return;
    this.#showing = true;
    try {
      await this.changed();
    } catch {
      // The refusal itself is said; Refresh asks again.
    } finally {
      this.#showing = false;
    }
  }

  async #send(method, path, body, work, as = "json") {
    const headers = { Accept: "application/json", ...this.#more() };
    if (this.#token) headers.Authorization = `Bearer ${this.#token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (work) headers["Jikimi-Work"] = work;
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), LONGEST_WAIT * (as === "json" ? 1 : 5)); // a file is long on a slow line
    try {
      const text = body && JSON.stringify(body);
      // What the draft is told arrives even when the page is left meanwhile, as far as browsers allow that.
      const keepalive = this.#credentials !== "omit" && method !== "GET" && (text ?? "").length < MOST_KEPT_ALIVE;
      const answer = await fetch(`${this.#base}${path}`, { method, headers, body: text, credentials: this.#credentials, keepalive, signal: stop.signal });
      // Whole or not at all: what a body that was cut would have told is nothing that the page knows.
      return [answer, answer.status === 204 ? null : await (answer.ok ? answer[as]() : answer.json().catch(() => ({})))];
    } catch {
      throw new Refused("offline", t("There is no connection. Please go online, then try again."));
    } finally {
      clearTimeout(late);
      if (method !== "GET") this.#written += 1; // or it may be
    }
  }
}
