// When a queue is sent: as soon as there is a network, when somebody looks at the page, and every few seconds while something waits.

import { alone } from "./locks.js";
import { Queue } from "./queue.js";
import { QueuePanel } from "./queue_panel.js";
import { counts } from "./queue_rules.js";

const EVERY = 15000;

export class Courier {
  #flushing = false;
  #others = false;

  /**
   * `store` as in store.js; `rules` and `name` as in queue.js, `title` as in queue_panel.js; `staff` is {id, name}; `onChange()` is called when the
   * queue may be another.
   */
  constructor({ store, api, network, texts, program, staff, rules, name, title, onChange = () => {} }) {
    Object.assign(this, { network, onChange });
    this.channel = new BroadcastChannel(`walletpass.queue.${program}`);
    this.channel.onmessage = () => this.#heard();
    const told = () => {
      this.channel.postMessage("changed");
      this.#changed();
    };
    this.queue = new Queue({ store, api, alone, who: () => network.look(), program, onChange: told, rules, name });
    this.panel = new QueuePanel({ queue: this.queue, network, texts, staff: staff.id, title });
    addEventListener("focus", () => this.flush());
    document.addEventListener("visibilitychange", () => document.hidden || this.flush());
    setInterval(() => this.flush(), EVERY);
  }

  async flush() {
    if (this.#flushing || !this.network.up) return;
    this.#flushing = true;
    try {
      const { waiting } = counts(await this.queue.entries().catch(() => []));
      if (!waiting) return void (await this.panel.refresh());
      const outcome = await this.queue.flush();
      this.#others = outcome === "busy";
      await this.panel.told(outcome);
    } finally {
      this.#flushing = false;
    }
  }

  /** Another tab, or the worker, has changed something. Where it was at the queue before us, what it came to is found out now. */
  #heard() {
    this.#changed();
    if (this.#others) this.flush();
  }

  #changed() {
    this.panel.refresh();
    this.onChange();
  }
}
