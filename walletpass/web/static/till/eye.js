// The camera's two buttons, and when it looks.

import { Camera } from "../scanner.js";
import { byId, set } from "./page.js";

const SHELF = "walletpass.camera";

export class Eye {
  constructor({ decoder, wasm, texts, onCode, tell, warn }) {
    Object.assign(this, { texts, tell, warn });
    this.camera = new Camera({ video: byId("video"), decoder, wasm, onCode });
    byId("camera-start").addEventListener("click", () => this.start());
    byId("torch").addEventListener("click", () => this.#toggleTorch());
    // The light of a camera nobody looks at goes off; it comes back with the page.
    document.addEventListener("visibilitychange", () => (document.hidden ? this.camera.stop() : this.again()));
  }

  set paused(paused) {
    this.camera.paused = paused;
  }

  /** Starts where it ran before. */
  again() {
    if (localStorage.getItem(SHELF) === "on") this.start();
  }

  async start() {
    byId("camera-start").disabled = true;
    byId("video").hidden = false;
    const problem = await this.camera.start();
    const { on } = this.camera;
    byId("camera-start").disabled = false;
    byId("camera-start").hidden = on;
    byId("video").hidden = !on;
    byId("torch").hidden = !this.camera.hasTorch;
    localStorage.setItem(SHELF, on ? "on" : "off");
    if (problem) this.warn(this.texts.say(`camera.${problem}`));
    else this.tell(this.texts.say("camera.on"));
  }

  async #toggleTorch() {
    const on = byId("torch").getAttribute("aria-pressed") !== "true";
    try {
      await this.camera.torch(on);
      byId("torch").setAttribute("aria-pressed", String(on));
      set("torch", this.texts.say(on ? "torch_off" : "torch_on"));
    } catch {
      byId("torch").hidden = true;
    }
  }
}
