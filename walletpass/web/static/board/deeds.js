// What is done on the board, each deed once however often it is sent; what it changed comes back by the line.

import { Plan } from "./plan.js";

export class Deeds {
  /** `look()` asks for the board where no stream tells of it; `offer(undo)` shows the way back. */
  constructor({ api, texts, notice, look, offer, signIn }) {
    Object.assign(this, { api, texts, notice, look, offer, signIn });
  }

  /** Carries a plan on. Null when all of it is done, or {says, unanswered}: what to say, and whether it may be sent again. */
  async carry(plan) {
    const { texts } = this;
    const answer = await plan.send(this.api);
    if (answer.code === "sign_in_required") this.signIn();
    this.look();
    if (answer.state === "done") return null;
    if (answer.state === "unanswered") return { says: texts.say("unanswered"), unanswered: true };
    const why = answer.told?.why;
    return { says: (why && texts.known(`${answer.code}_${why}`)) || texts.error(answer.code), unanswered: false };
  }

  /** One deed. Null when it was done, or what to say. */
  async deed(path, body) {
    return (await this.carry(new Plan(() => [path, body])))?.says ?? null;
  }

  /** A deed of one tap, without a dialog that could say what went wrong; `back(answer)` is how it is taken back, if it can be. */
  async tap(button, path, body, back = () => null) {
    const plan = new Plan(() => [path, body]);
    button.disabled = true;
    const wrong = await this.carry(plan);
    this.notice.say(wrong?.says ?? "", { passes: wrong?.unanswered });
    button.disabled = false;
    const undo = wrong ? null : back(plan.done[0]);
    if (undo) this.offer(undo);
  }
}
