// What belongs to this till and not to a guest: its two switches, its practice cards, its version.

import { byId, make, words } from "./page.js";

const training = (program) => `walletpass.training.${program}`;

/** Whether this till trains: nothing it does leaves the browser. */
export const isTraining = (program) => localStorage.getItem(training(program)) === "on";

/** `onCode(code)` when a practice card is tapped. */
export function putUpSwitches({ program, practice, onCode, onQueue }) {
  const on = isTraining(program);
  document.documentElement.classList.toggle("training", on);
  byId("practising").hidden = !on;
  byId("practice-open").hidden = !on;
  byId("more-queue").hidden = on;
  byId("training").checked = on;
  byId("training").addEventListener("change", ({ target }) => {
    localStorage.setItem(training(program), target.checked ? "on" : "off");
    location.reload();
  });
  byId("more-open").addEventListener("click", () => byId("more").showModal());
  byId("more-close").addEventListener("click", () => byId("more").close());
  byId("more-queue").addEventListener("click", () => {
    byId("more").close();
    onQueue();
  });
  byId("practice-open").addEventListener("click", () => byId("practice-cards").showModal());
  byId("practice-close").addEventListener("click", () => byId("practice-cards").close());
  byId("practice-list").replaceChildren(...practice.cards.map((card) => row(card, onCode)));
}

function row({ name, lesson, code }, onCode) {
  const item = make("li");
  const pick = make("button", "button wide pick");
  pick.type = "button";
  pick.append(words(name, lesson));
  pick.addEventListener("click", () => {
    byId("practice-cards").close();
    onCode(code);
  });
  item.append(pick);
  return item;
}
