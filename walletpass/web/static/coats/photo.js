// A photo of what was just hung: small before it leaves, kept until the thing goes.

import { newId } from "../api.js";
import { byId } from "../till/page.js";

const LARGEST = 1280;

async function small(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LARGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
}

export class Photo {
  /** `onKept()` when the server has the photo. */
  constructor({ api, texts, tell, warn, onKept }) {
    Object.assign(this, { api, texts, tell, warn, onKept, of: null });
    byId("photo").addEventListener("change", ({ target }) => target.files[0] && this.#send(target.files[0]));
  }

  /** `of` is {ticket, number}, or null where no photo can be taken. */
  offer(of) {
    this.of = of;
    byId("photo").value = "";
    byId("photo-part").hidden = !of;
  }

  async #send(file) {
    const form = new FormData();
    form.set("ticket", this.of.ticket);
    form.set("number", this.of.number);
    const headers = { "X-Walletpass-Program": this.api.program, "Idempotency-Key": newId() };
    try {
      form.set("photo", await small(file), "coat.jpg");
      const answer = await fetch(`${this.api.base}/coats/photo`, { method: "POST", headers, body: form, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      this.offer(null);
      this.tell(this.texts.say("photo_kept"));
      this.onKept();
    } catch {
      this.warn(this.texts.say("photo_failed"));
    }
  }
}
