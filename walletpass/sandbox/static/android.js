// Google's wallet on the Android phone: the cards of now, the cards of the past, and the page behind a card.
import { fields, h } from "./drawing.js";

const picture = (url, props) => url && h("img", { src: `/google/image?url=${encodeURIComponent(url)}`, alt: "", ...props });
const face = (card) => picture(card.logo, { class: "logo" }) || h("i", { class: "logo letter", "aria-hidden": "true" }, (card.issuer || "?").slice(0, 1));
const at = (card, what) => `/android/cards/${encodeURIComponent(card.id)}/${what}`;
const LINES = ["PDF_417", "CODE_128"];

// ---- the front

function code(card) {
  const { barcode } = card;
  if (!barcode) return null;
  const turns = barcode.period > 0;
  const scanned = barcode.message || turns;
  const image = scanned && h("img", { id: `android-code-${card.id}`, alt: barcode.alt || barcode.type, src: at(card, `barcode.svg?v=${barcode.version}`) });
  return h("figure", { class: `gcode ${LINES.includes(barcode.type) ? "wide" : ""}`, "data-type": barcode.type, "data-version": barcode.version, "data-card": turns && card.id, "data-period": turns && barcode.period },
    h("div", {}, image, turns && h("span", { class: "turning", role: "timer" }), barcode.alt && h("figcaption", {}, barcode.alt), turns && h("p", { class: "read" })));
}

export function googleCard(card) {
  const rows = card.rows.length > 0 ? card.rows : card.points.length > 0 ? [card.points] : [];
  return h("article", { class: `gcard ${card.over ? "over" : ""} ${card.generic ? "generic" : ""}`, "--bg": card.background, "--fg": card.ink, "data-id": card.id },
    h("header", {}, face(card), h("div", {}, h("span", {}, card.issuer), !card.generic && h("strong", {}, card.program))),
    card.generic && h("div", { class: "gtitle" }, h("span", {}, card.subheader), h("strong", {}, card.program)),
    picture(card.hero, { class: "hero" }),
    rows.map((row, index) => fields(card.id, row, { class: `grow of${row.length} ${index === 0 && !card.generic ? "figures" : ""}` })),
    !card.over && code(card));
}

// ---- the page behind it

const section = (title, lines) => lines.length > 0 && h("section", {}, title && h("h4", {}, title), h("div", { class: "group" }, lines));
const KINDS = { "tel:": "☎", "mailto:": "✉" };

function details(card, text, act, back) {
  const link = (one) => h("a", { href: one.uri, target: "_blank", rel: "noreferrer" }, h("i", { "aria-hidden": "true" }, KINDS[one.uri.match(/^\w+:/)?.[0]] ?? "↗"),
    h("span", {}, one.text), h("b", {}, one.uri.replace(/^(https?:\/\/|tel:|mailto:)/, "")));
  return h("div", { class: "gdetails" },
    h("header", {}, h("button", { class: "round", "data-act": "back", "aria-label": text.back, onclick: back }, "←"), h("strong", {}, card.program)),
    section(text.messages, card.messages.map((one) => h("div", { class: "message" }, h("b", {}, one.header), one.body && h("p", {}, one.body)))),
    section(text.information, card.details.map((one) => h("div", { "data-field": one.key }, h("span", {}, one.label), one.value))),
    section(text.links, card.links.map(link)),
    h("button", { class: "act red", "data-act": "delete", onclick: () => act("/android/delete", { id: card.id }) }, text.removeCard));
}

// ---- the wallet

export function googleWallet(cards, chosen, text, act, redraw) {
  const open = cards.find((one) => one.id === chosen.id);
  if (open && chosen.turned) return [details(open, text, act, () => redraw({ turned: false }))];
  const now = cards.filter((one) => !one.over);
  const past = cards.filter((one) => one.over);
  const more = (card) => h("div", { class: "gmore" },
    card.messages.length > 0 && h("button", { class: "callout", onclick: () => redraw({ id: card.id, turned: true }) }, h("b", {}, card.messages[0].header || card.messages[0].body), h("span", {}, text.view)),
    h("button", { class: "chip", "data-act": "details", "data-card": card.id, onclick: () => redraw({ id: card.id, turned: true }) }, text.details));
  const place = (card) => h("div", { class: "gplace" }, googleCard(card), more(card));
  const shelf = (group) => (group.length === 1 ? place(group[0]) : h("div", { class: "gstack", tabindex: "0", "data-group": group[0].group }, group.map(place)));
  const gone = (card) => h("li", {}, h("button", { onclick: () => redraw({ id: card.id, turned: true }), "data-act": "details", "data-card": card.id },
    face(card), h("span", {}, h("b", {}, card.program), card.issuer), h("em", {}, text[card.state.toLowerCase()] ?? text.expired)));
  return [
    h("h3", {}, text.wallet, h("i", { class: "me", "aria-hidden": "true" })),
    now.length > 0 ? grouped(now).map(shelf) : past.length === 0 && h("p", { class: "empty" }, text.empty),
    past.length > 0 && h("section", { class: "past" }, h("h4", {}, text.past), h("ul", {}, past.map(gone))),
  ].flat().filter(Boolean);
}

// Cards of one group stand side by side, the lower number first; a group stands where its first card does.
function grouped(cards) {
  const groups = new Map();
  for (const card of cards) {
    const key = card.group || `alone ${card.id}`;
    groups.set(key, [...(groups.get(key) ?? []), card]);
  }
  return [...groups.values()].map((group) => group.sort((one, other) => one.order - other.order));
}

// ---- codes that turn

const drawn = new WeakMap(); // figure -> the step it shows

async function turn(figure, step) {
  const { card, version } = figure.dataset;
  const answer = await fetch(`/android/cards/${encodeURIComponent(card)}/code`);
  if (!answer.ok || !figure.isConnected) return;
  const { message } = await answer.json();
  figure.querySelector("img").src = `/android/cards/${encodeURIComponent(card)}/barcode.svg?v=${version}-${step}`;
  figure.querySelector(".read").textContent = message.replace(/(.{4})/g, "$1 ").trim();
  figure.dataset.message = message;
}

export function turnCodes() {
  for (const figure of document.querySelectorAll(".gcode[data-period]")) {
    const period = Number(figure.dataset.period);
    const step = Math.floor(Date.now() / period);
    figure.style.setProperty("--gone", (Date.now() % period) / period);
    if (drawn.get(figure) === step) continue;
    drawn.set(figure, step);
    turn(figure, step);
  }
}
