// Small things that every screen of the till does with its page.

export const byId = (id) => document.getElementById(id);

export function set(id, text) {
  byId(id).textContent = text;
}

/** Says what happened, for eyes and ears; what was wrong before is wrong no more. */
export function tell(text) {
  set("alert", "");
  set("status", text);
}

export function warn(text) {
  set("status", "");
  set("alert", text);
}

/** Takes back what is true no more; anything else that was said since then stays. */
export function unsay(...texts) {
  for (const id of ["status", "alert"]) if (texts.includes(byId(id).textContent)) set(id, "");
}

/** The page's language with the region of this browser, where they go together: 18:05 or 6:05 PM. */
export const localeOf = (language) => navigator.languages.find((one) => one.startsWith(`${language}-`)) ?? (language === "en" ? "en-GB" : language);

/** A new element with a class and a text. */
export function make(tag, name = "", text = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
}

/** Two lines of a list: what it is, and something quiet under it. */
export function words(title, under) {
  const text = make("p");
  text.append(make("b", "", title), make("span", "soft small", under));
  return text;
}

export function marked(id, wrong) {
  byId(id).setAttribute("aria-invalid", String(wrong));
}

/** The digits of a typed card number; null when its check digit says that there is a typing mistake. */
export const cardNumber = (text, luhn) => {
  const digits = text.replace(/\D/g, "");
  return digits.length === 8 && luhn(digits) ? digits : null;
};
