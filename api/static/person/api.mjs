// The JSON API. The token lives in this page's memory only: closing the page logs out.

import { Ahead, solve } from "../puzzle/work.mjs";
import { say, t, tell } from "./page.mjs";

const MOST_TRIES = 20; // of one request while very many people are here
const TO_WAIT = 5; // seconds, where the server does not say

/** Work for the first request, begun while the person still reads and types. */
export const ahead = new Ahead();

/** An answer that says no, with words for people in `said`. */
export class Refused extends Error {
  constructor(code, said) {
    super(code);
    this.said = said;
  }
}

function words(code, retryAfter) {
  const known = {
    "not-logged-in": t("You are logged out, because some time has passed. Please come back with your case number."),
    "too-many-tries": t("Too many attempts. Please try again in %(seconds)s seconds.", { seconds: retryAfter }),
    "log-in-refused": t("The case number and the passphrase do not fit. Please check both."),
    "code-invalid": t("This code is wrong, used or too old. You can also open the case without a code."),
    "picture-too-plain": t("This picture cannot be told from others: it has too little detail, or many people use it. Please choose another, or tell your advocate."),
    "too-many-fingerprints": t("A case holds at most 200 photos and videos."),
    "too-many-sources": t("A case watches at most 50 places."),
    "too-many-links": t("A case holds at most 200 links."),
    "source-unreadable": t("Please name a public channel or account, such as @name or its link."),
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

  constructor(token = null) {
    this.#token = token;
  }

  get(path) {
    return this.#call("GET", path);
  }

  post(path, body = {}) {
    return this.#call("POST", path, body);
  }

  put(path, body) {
    return this.#call("PUT", path, body);
  }

  delete(path) {
    return this.#call("DELETE", path);
  }

  /** A file: its bytes, as the server made them. */
  async file(path) {
    const answer = await this.#send("GET", path);
    if (answer.ok) return answer.blob();
    const { code } = await answer.json().catch(() => ({}));
    throw new Refused(code, words(code, answer.headers.get("Retry-After") ?? ""));
  }

  /** A file that is made of what is sent. */
  async made(path, body) {
    const answer = await this.#send("POST", path, body);
    if (answer.ok) return answer.blob();
    const { code } = await answer.json().catch(() => ({}));
    throw new Refused(code, words(code, answer.headers.get("Retry-After") ?? ""));
  }

  async #call(method, path, body) {
    const opening = path === "/log-ins/person" || (path === "/cases" && !body.code);
    let work = opening ? await ahead.take() : null;
    for (let tries = 1; ; tries += 1) {
      const answer = await this.#send(method, path, body, work);
      if (answer.status === 204) return null;
      const content = await answer.json().catch(() => ({}));
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
        throw new Refused(code, words(code, wait));
      }
    }
  }

  async #send(method, path, body, work) {
    const headers = { Accept: "application/json" };
    if (this.#token) headers.Authorization = `Bearer ${this.#token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (work) headers["Jikimi-Work"] = work;
    try {
      return await fetch(`/api${path}`, { method, headers, body: body && JSON.stringify(body), credentials: "omit" });
    } catch {
      throw new Refused("offline", t("There is no connection. Please go online, then try again."));
    }
  }
}
