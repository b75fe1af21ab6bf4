// Puts the worker in place, and offers a new version at a moment when it disturbs nobody.

export class Installer {
  #registration = null;
  #asked = false;
  ready = false; // whether a newer till waits to take over

  /** `onChange()` is called when `ready` may have changed. */
  constructor({ page, program, onChange }) {
    Object.assign(this, { page, program, onChange });
  }

  async start() {
    if (!navigator.serviceWorker) return;
    navigator.serviceWorker.addEventListener("controllerchange", () => this.#asked && location.reload());
    try {
      const options = { scope: this.page, type: "module", updateViaCache: "none" };
      this.#registration = await navigator.serviceWorker.register(`${this.page}/worker.js`, options);
    } catch {
      return; // a browser without module workers, or no https: the till works, and needs its network to open
    }
    this.#watch(this.#registration);
    navigator.storage?.persist?.();
  }

  /** Looks for a newer version. */
  look() {
    this.#registration?.update().catch(() => {});
  }

  /** The waiting version takes over, and the page is drawn anew. */
  takeOver() {
    this.#asked = true;
    const { waiting } = this.#registration ?? {};
    if (waiting) waiting.postMessage("take over");
    else location.reload();
  }

  /** Asks the browser to send the queue as soon as there is a network, also after the tab is closed. */
  async sendLater() {
    await this.#registration?.sync?.register(`walletpass.queue.${this.program}`).catch(() => {});
  }

  #watch(registration) {
    const look = () => {
      this.ready = Boolean(registration.waiting && navigator.serviceWorker.controller);
      this.onChange();
    };
    look();
    registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", look));
  }
}
