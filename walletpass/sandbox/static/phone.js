// Two phones that show /state: everything on the screens comes from there, every button is a call of the same machine API.
import { googleCard, googleWallet, turnCodes } from "./android.js";
import { h, passBack, passFront } from "./drawing.js";
import { messages, newest } from "./messages.js";
import { counted, panel } from "./panel.js";
import { words } from "./words.js";

const NAMES = { iphone: "iPhone", android: "Android", apns: "APNs", google: "Google", sms: "SMS", mail: "Mail" };
const BANNER_TIME = 7000;

let state = JSON.parse(document.getElementById("state").textContent);
const last = {}; // what each region was drawn from
const place = (phone) => document.getElementById(phone);
const part = (phone, selector) => place(phone).querySelector(selector);
const text = () => words[state.language] ?? words.en;

async function act(path, body = {}) {
  const response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return response.json();
}

function show(phone, view) {
  place(phone).dataset.view = view;
  for (const button of place(phone).querySelectorAll(".views button")) button.setAttribute("aria-pressed", button.dataset.view === view);
}

// Draw a region only when what it shows has changed, so that nothing flickers and no scroll position is lost.
function region(name, facts, draw) {
  const key = JSON.stringify([state.language, facts]);
  if (last[name] === key) return;
  last[name] = key;
  draw();
}

// ---- browsers

function outward(phone, typed) {
  const address = /^[a-z]+:\/\//i.test(typed) ? typed : `http://${typed}`;
  return address.startsWith(state.server) ? state[phone].browser.origin + address.slice(state.server.length) : address;
}

function visit(phone, address) {
  const frame = part(phone, "iframe");
  frame.hidden = !address;
  frame.src = address ? outward(phone, address) : "about:blank";
  part(phone, ".address input").value = address.replace(/^https?:\/\//, "");
}

function drawBrowser(phone) {
  region(`${phone}.start`, state.links, () => {
    const link = ({ label, url }, index) => h("li", {}, h("a", { href: url, "--hue": (index * 205 + 18) % 360, onclick: (event) => { event.preventDefault(); visit(phone, url); } },
      h("i", {}, label.slice(0, 1)), h("div", {}, label, h("span", {}, url.replace(/^https?:\/\//, "")))));
    part(phone, ".start").replaceChildren(h("h3", {}, text().start), state.links.length ? h("ul", {}, state.links.map(link)) : h("p", {}, text().nowhere));
    if (part(phone, "iframe").hidden) part(phone, ".address input").value = (state.links[0]?.url ?? `${state.server}/`).replace(/^https?:\/\//, "");
  });
  region(`${phone}.address`, state[phone].browser.address, () => {
    const input = part(phone, ".address input");
    if (state[phone].browser.address && !part(phone, "iframe").hidden && document.activeElement !== input) input.value = state[phone].browser.address.replace(/^https?:\/\//, "");
  });
}

// ---- wallets

const chosen = { serial: null, turned: false };

function drawPasses() {
  const passes = state.iphone.passes;
  if (chosen.serial && !passes.some((one) => one.serial === chosen.serial)) Object.assign(chosen, { serial: null, turned: false });
  region("iphone.wallet", [passes, chosen], () => {
    const open = passes.length === 1 ? passes[0].serial : chosen.serial;
    const redraw = (change) => { Object.assign(chosen, change); drawPasses(); };
    const slot = (pass) => h("div", { class: `slot ${pass.serial === open ? "chosen" : ""}`, "data-serial": pass.serial },
      h("div", { class: `flip ${pass.serial === open && chosen.turned ? "turned" : ""}` },
        h("button", { class: "pass-front", "aria-label": pass.description, onclick: () => redraw({ serial: chosen.serial === pass.serial ? null : pass.serial, turned: false }) }, passFront(pass, pass.serial, text())),
        pass.serial === open && chosen.turned && passBack(pass, text(), () => redraw({ turned: false }), act, (address) => { show("iphone", "browser"); visit("iphone", address); })));
    const more = open && h("button", { class: "round", id: "iphone-more", "aria-label": text().details, onclick: () => redraw({ serial: open, turned: !chosen.turned }) }, "⋯");
    part("iphone", ".wallet").replaceChildren(
      h("h3", {}, text().wallet, more),
      passes.length ? h("div", { class: `stack ${open ? "open" : ""}` }, passes.map(slot)) : h("p", { class: "empty" }, text().empty));
  });
}

const held = { id: null, turned: false };

function drawCards() {
  const cards = state.android.cards;
  if (held.id && !cards.some((one) => one.id === held.id)) Object.assign(held, { id: null, turned: false });
  region("android.wallet", [cards, held], () => {
    const redraw = (change) => { Object.assign(held, change); drawCards(); part("android", ".wallet").scrollTop = 0; };
    part("android", ".wallet").replaceChildren(...googleWallet(cards, held, text(), act, redraw));
    turnCodes();
  });
}

function drawSheet(phone, facts, body) {
  region(`${phone}.sheet`, facts, () => {
    const sheet = part(phone, ".sheet");
    sheet.classList.toggle("up", Boolean(facts));
    sheet.inert = !facts;
    if (!facts) return;
    const failed = h("div", { class: "failed", role: "alert" }, h("h4", {}, phone === "iphone" ? text().cannot : text().cannotSave), h("p", { id: `${phone}-error` }, facts.error));
    const add = async () => { const answer = await act(`/${phone}/add`); if (!answer.error) show(phone, "wallet"); };
    sheet.replaceChildren(
      h("header", {},
        h("button", { id: `${phone}-cancel`, onclick: () => act(`/${phone}/cancel`) }, facts.error ? text().close : text().cancel),
        !facts.error && h("button", { id: `${phone}-add`, class: "main", onclick: add }, text().add)),
      h("div", { class: "body" }, facts.error ? failed : body(facts)));
  });
}

// ---- notices

const heard = { iphone: null, android: null };
const timers = {};

function noteIcon(phone, serial) {
  if (phone === "iphone") {
    const icon = state.iphone.passes.find((one) => one.serial === serial)?.images.icon;
    return icon ? h("img", { src: `/iphone/passes/${encodeURIComponent(serial)}/images/${encodeURIComponent(icon.name)}?v=${icon.version}`, alt: "" }) : h("span", { class: "dot" });
  }
  const logo = state.android.cards.find((one) => one.id === serial)?.logo;
  return logo ? h("img", { src: `/google/image?url=${encodeURIComponent(logo)}`, alt: "" }) : h("span", { class: "dot" });
}

function note(phone, one) {
  const age = Date.now() - new Date(one.at).getTime();
  const when = age < 60000 ? text().now : new Date(one.at).toLocaleTimeString(state.language, { hour: "2-digit", minute: "2-digit" });
  return h("div", { class: "note", "data-number": one.number }, noteIcon(phone, one.serial), h("b", {}, one.title), h("time", {}, when), h("p", {}, one.text));
}

function drawNotices(phone, notices) {
  region(`${phone}.notices`, notices, () => part(phone, ".notices").replaceChildren(...notices.slice(-4).reverse().map((one) => note(phone, one))));
  const newest = notices.at(-1);
  const number = newest?.number ?? 0;
  const known = heard[phone];
  heard[phone] = number;
  if (known === null || number <= known) return;
  drop(phone, note(phone, newest));
}

function drop(phone, body) {
  const banner = part(phone, ".banner");
  banner.replaceChildren(body);
  banner.classList.add("down");
  clearTimeout(timers[phone]);
  timers[phone] = setTimeout(() => banner.classList.remove("down"), BANNER_TIME);
}

// ---- messages

const chats = { iphone: { of: "", heard: null }, android: { of: "", heard: null } };

function drawMessages(phone) {
  const chat = chats[phone];
  region(`${phone}.messages`, [state.inbox.messages, chat.of], () =>
    part(phone, ".messages").replaceChildren(...messages(state.inbox.messages, chat.of, text(), state.language, (of) => { chat.of = of; drawMessages(phone); })));
  const last = newest(state.inbox.messages, chat.of);
  const known = chat.heard;
  chat.heard = last?.number ?? 0;
  if (!last || known === null || last.number <= known || place(phone).dataset.view === "messages") return;
  drop(phone, h("button", { class: "note message", onclick: () => { part(phone, ".banner").classList.remove("down"); show(phone, "messages"); } },
    h("span", { class: `app ${last.way}` }), h("b", {}, last.way === "sms" ? text().messages : text().mail), h("time", {}, text().now), h("p", {}, last.subject && h("strong", {}, last.subject), last.text)));
}

// ---- panel

function drawPanel() {
  region("faults", state.faults, () => document.getElementById("faults").replaceChildren(...panel(state.faults, act)));
  document.querySelector("#faults .counted").textContent = counted(state.google);
  region("log", state.log.at(-1)?.number, () => {
    const line = (one) => h("li", {}, h("div", { class: "who" }, NAMES[one.who] ?? one.who, h("time", {}, new Date(one.at).toLocaleTimeString("en-GB"))), h("p", { class: one.wrong && "wrong" }, one.text));
    document.getElementById("log").replaceChildren(...[...state.log].reverse().map(line));
  });
  for (const button of document.querySelectorAll("#language button")) button.setAttribute("aria-pressed", button.dataset.language === state.language);
}

function tick() {
  const now = new Date();
  for (const phone of ["iphone", "android"]) {
    const clock = now.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    part(phone, ".clock").textContent = clock;
    part(phone, ".time").textContent = clock;
    part(phone, ".today").textContent = now.toLocaleDateString(state.language, { weekday: "long", day: "numeric", month: "long" });
  }
}

function draw() {
  for (const phone of ["iphone", "android"]) {
    place(phone).classList.toggle("off", state.faults[phone] === "off");
    drawBrowser(phone);
  }
  drawPasses();
  drawCards();
  drawSheet("iphone", state.iphone.sheet, (sheet) => [passFront(sheet.pass, "sheet", text()), sheet.replaces && h("p", { class: "hint" }, text().replaces)]);
  drawSheet("android", state.android.sheet, (sheet) => { setTimeout(turnCodes); return sheet.cards.map((card) => googleCard(card)); });
  drawNotices("iphone", state.iphone.banners);
  drawNotices("android", state.android.notices);
  for (const phone of ["iphone", "android"]) drawMessages(phone);
  drawPanel();
  tick();
}

function receive(next) {
  const before = state;
  state = next;
  const fresh = state.iphone.passes.find((one) => !before.iphone.passes.some((old) => old.serial === one.serial));
  if (fresh) { Object.assign(chosen, { serial: fresh.serial, turned: false }); show("iphone", "wallet"); }
  if (state.android.cards.some((one) => !before.android.cards.some((old) => old.id === one.id))) { held.turned = false; show("android", "wallet"); }
  draw();
}

for (const phone of ["iphone", "android"]) {
  for (const button of place(phone).querySelectorAll(".views button")) button.addEventListener("click", () => show(phone, button.dataset.view));
  part(phone, ".address").addEventListener("submit", (event) => { event.preventDefault(); part(phone, ".address input").blur(); visit(phone, part(phone, ".address input").value.trim()); });
  part(phone, ".home").addEventListener("click", () => { visit(phone, ""); last[`${phone}.start`] = null; draw(); });
  show(phone, state[phone === "iphone" ? "iphone" : "android"][phone === "iphone" ? "passes" : "cards"].length ? "wallet" : "browser");
}
for (const button of document.querySelectorAll("#language button")) button.addEventListener("click", () => act("/language", { language: button.dataset.language }));

draw();
setInterval(tick, 5000);
setInterval(turnCodes, 500);
new EventSource("/events").addEventListener("state", (event) => receive(JSON.parse(event.data)));
