// Work that this device does where very many people ask at once: a flood pays for each request, a person once.

const LASTS = 25 * 60 * 1000; // milliseconds: a little less than a challenge is good for

/** The answer to a challenge, found in a Worker. */
export function solve(challenge) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.mjs", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => {
      worker.terminate();
      resolve(data);
    };
    worker.onerror = () => {
      worker.terminate();
      reject(new Error("the work could not be done"));
    };
    worker.postMessage(challenge);
  });
}

/** Work that is begun before it is asked for, so that nobody waits at the last step. */
export class Ahead {
  #answer = null;
  #begun = 0;

  /** Ask whether work is needed now, and begin it. What goes wrong here shows when the answer is wanted. */
  async begin() {
    if (this.#answer && Date.now() - this.#begun < LASTS) return;
    this.#begun = Date.now();
    try {
      const asked = await fetch("/api/work", { headers: { Accept: "application/json" }, credentials: "omit" });
      const { challenge } = await asked.json();
      this.#answer = challenge ? solve(challenge).catch(() => null) : null;
    } catch {
      this.#answer = null;
    }
  }

  /** The answer, once; null where no work was needed. */
  async take() {
    const answer = Date.now() - this.#begun < LASTS ? await this.#answer : null;
    this.#answer = null;
    return answer;
  }
}
