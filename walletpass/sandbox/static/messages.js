// What was written to the phones. A phone of the sandbox gets the messages of every number, or of the one that is chosen.
import { h } from "./drawing.js";

const LINK = /(https?:\/\/\S+)/;

export const newest = (all, of) => all.filter((one) => !of || one.to === of).at(-1);

export function messages(all, of, text, language, choose) {
  const numbers = [...new Set(all.map((one) => one.to))].reverse();
  const shown = all.filter((one) => !of || one.to === of).reverse();
  const clock = (one) => new Date(one.at).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  const words = (one) => one.text.split(LINK).map((piece) => (LINK.test(piece) ? h("span", { class: "link" }, piece) : piece));
  const bubble = (one) => h("li", { class: one.way, "data-number": one.number },
    h("p", { class: "about" }, h("span", {}, one.way === "sms" ? one.to : `${one.sender || text.mail} → ${one.to}`), h("time", {}, clock(one))),
    h("p", { class: "bubble" }, one.subject && h("strong", {}, one.subject), words(one)));
  const pick = numbers.length > 1 && h("select", { "aria-label": text.everybody, onchange: (event) => choose(event.target.value) },
    h("option", { value: "", selected: !of }, text.everybody), numbers.map((to) => h("option", { value: to, selected: to === of }, to)));
  return [h("h3", {}, text.messages, pick), shown.length ? h("ol", {}, shown.map(bubble)) : h("p", { class: "empty" }, text.noMessages)];
}
