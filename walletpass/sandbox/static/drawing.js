// Cards as the two wallets draw them. Everything from outside goes in as text, never as markup.
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) element.style.setProperty(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(3).filter((child) => child != null && child !== false && child !== ""));
  return element;
}

const seen = new Map(); // what a field showed last, to let a new value move

function shown(place, field, value) {
  const key = `${place}/${field}`;
  const changed = seen.has(key) && seen.get(key) !== value;
  seen.set(key, value);
  return h("dd", { class: changed && "changed", "data-field": field }, value);
}

export const fields = (place, list, props) =>
  list.length > 0 && h("dl", props, list.map((one) => h("div", {}, h("dt", {}, one.label), shown(place, one.key ?? one.label, one.value))));

const applePicture = (place, image, props) =>
  image && h("img", { src: `/iphone/passes/${encodeURIComponent(place)}/images/${encodeURIComponent(image.name)}?v=${image.version}`, alt: "", ...props });

export function passFront(pass, place, text) {
  const code = pass.barcode && h("figure", { class: "pass-code" }, h("div", {},
    h("img", { id: `iphone-code-${place}`, alt: pass.barcode.alt || "QR code", src: `/iphone/passes/${encodeURIComponent(place)}/barcode.svg?v=${pass.barcode.version}` }),
    pass.barcode.alt && h("figcaption", {}, pass.barcode.alt)));
  return h("div", { class: `pass ${pass.style} ${pass.voided ? "voided" : ""}`, "--bg": pass.background, "--fg": pass.foreground, "--label": pass.label },
    h("div", { class: "pass-top" },
      applePicture(place, pass.images.logo),
      h("span", { class: "logo-text" }, pass.logoText),
      fields(place, pass.headerFields)),
    pass.style === "generic" ? titled(pass, place) : striped(pass, place),
    pass.voided && h("p", { class: "pass-over" }, text.inactive),
    code);
}

// A store card has its picture behind the primary field, and one row for the rest.
const striped = (pass, place) => [
  (pass.images.strip || pass.primaryFields.length > 0) &&
    h("div", { class: "pass-strip" }, applePicture(place, pass.images.strip), primary(place, pass.primaryFields)),
  fields(place, [...pass.secondaryFields, ...pass.auxiliaryFields], { class: "pass-row" }),
];

// A generic pass has its picture beside the primary field, and a row for either kind of the rest.
const titled = (pass, place) => [
  h("div", { class: "pass-title" }, fields(place, pass.primaryFields), applePicture(place, pass.images.thumbnail)),
  fields(place, pass.secondaryFields, { class: "pass-row" }),
  fields(place, pass.auxiliaryFields, { class: "pass-row" }),
];

const primary = (place, list) =>
  list.length > 0 && h("dl", {}, list.map((one) => h("div", {}, shown(place, one.key, one.value), h("dt", {}, one.label))));

const led = ({ value, link, key }, visit) => h("a", { href: link, "data-field": key, onclick: (event) => { event.preventDefault(); visit(link); } }, value);

export function passBack(pass, text, done, act, visit) {
  const line = (label, value, wrong) => h("div", { class: wrong && "wrong" }, label && h("span", {}, label), value);
  return h("div", { class: "pass-back" },
    h("header", {}, pass.organization, h("button", { class: "round back", onclick: done }, text.done)),
    h("div", { class: "lines" },
      pass.backFields.length > 0 && h("div", { class: "group" }, pass.backFields.map((one) => line(one.label, one.link ? led(one, visit) : one.value))),
      h("div", { class: "group" }, line("", pass.registered ? text.connected : text.alone, !pass.registered), pass.problem && line("", pass.problem, true)),
      h("button", { class: "act", "data-act": "refresh", onclick: () => act("/iphone/refresh") }, text.update),
      h("button", { class: "act red", "data-act": "delete", onclick: () => act("/iphone/delete", { serial: pass.serial }) }, text.remove)));
}
