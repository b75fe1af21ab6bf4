// Many at once onto other hooks: all or none. Managers only.

import { byId, set } from "../till/page.js";
import { pairs } from "./model.js";

export class Moving {
  constructor({ texts, room, deeds, tell, signIn }) {
    Object.assign(this, { texts, room, deeds, tell, signIn });
    this.dialog = byId("moving");
    byId("moving-close").addEventListener("click", () => this.dialog.close());
    byId("moving-form").addEventListener("submit", (event) => this.#submit(event));
  }

  open() {
    for (const id of ["moving-from", "moving-to", "moving-target"]) byId(id).value = "";
    set("moving-wrong", "");
    this.dialog.showModal();
  }

  async #submit(event) {
    event.preventDefault();
    const label = (id) => byId(id).value.trim().toUpperCase();
    const moves = pairs(this.room.view, label("moving-from"), label("moving-to"), label("moving-target"));
    if (!moves) return set("moving-wrong", this.texts.say("moving.wrong"));
    if (!moves.length) return set("moving-wrong", this.texts.say("moving.empty"));
    const answer = await this.deeds.now("/coats/move", { room: this.room.chosen.id, moves });
    if (answer.code === "sign_in_required") return this.signIn();
    if (answer.state !== "done") return set("moving-wrong", this.texts.refusal(answer));
    this.dialog.close();
    await this.room.look();
    return this.tell(this.texts.count("moving.done", moves.length));
  }
}
