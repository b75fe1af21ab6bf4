// One way to ask the server, and three honest answers: done, refused (nothing happened), or unanswered (nobody knows).

const PAUSES = [400, 900, 1800, 3500];
const TIMEOUT = 8000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A random id (a UUID) for an action or a check. Also where crypto.randomUUID is missing: plain http in a local network. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export class Api {
  /** `onRetry` is called each time a request is sent again, `onAnswer` with every answer. */
  constructor({ base, program, onRetry = () => {}, onAnswer = () => {} }) {
    Object.assign(this, { base, program, onRetry, onAnswer });
  }

  /**
   * Sends `body` to `path` and sends it again, with the same key, while nobody answers or the server is busy.
   * Returns {state: "done", data, status, again}, {state: "refused", code, detail, maximum, told} or {state: "unanswered"}.
   */
  async post(path, body, { key = null, tries = PAUSES.length + 1, timeout = TIMEOUT } = {}) {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await this.#once(path, body, key, timeout);
      this.onAnswer(answer);
      if (answer.state !== "unanswered" || attempt + 1 >= tries) return answer;
      this.onRetry(attempt + 1);
      await sleep(PAUSES[Math.min(attempt, PAUSES.length - 1)]);
    }
  }

  /** Asks once; the same three answers. */
  async get(path) {
    const answer = await this.#once(path, null, null, TIMEOUT);
    this.onAnswer(answer);
    return answer;
  }

  async #once(path, body, key, timeout) {
    const headers = { Accept: "application/json", "X-Walletpass-Program": this.program };
    if (body) headers["Content-Type"] = "application/json";
    if (key) headers["Idempotency-Key"] = key;
    try {
      const response = await fetch(this.base + path, {
        method: body ? "POST" : "GET",
        headers,
        body: body && JSON.stringify(body),
        credentials: "same-origin",
        signal: AbortSignal.timeout(timeout),
      });
      return await this.#read(response);
    } catch {
      return { state: "unanswered" };
    }
  }

  async #read(response) {
    if (response.status >= 500 || response.status === 429) return { state: "unanswered" };
    const data = await response.json();
    const { status } = response;
    if (response.ok) return { state: "done", data, status, again: response.headers.get("Idempotent-Replay") === "true" };
    const code = data.code ?? (status === 401 ? "sign_in_required" : "other");
    const { detail = "", maximum = null, factors, above } = data;
    return { state: "refused", code, detail, maximum, factors, above, field: data.fields?.[0]?.field ?? null, told: data };
  }
}
