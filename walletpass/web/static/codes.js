// What a scanner, a camera or a person may give us, brought back to the digits of a card. The server reads alike: identification/reading.py.

const LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,./`";
const RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбю.ё";
const UKRAINIAN = "йцукенгшщзхїфівапролджєячсмитьбю.'";

const BACK = new Map();
for (const layout of [UKRAINIAN, RUSSIAN]) {
  [...layout].forEach((letter, index) => {
    if (!/[а-яёіїєґ]/.test(letter)) return;
    BACK.set(letter, LATIN[index]);
    BACK.set(letter.toUpperCase(), LATIN[index].toUpperCase());
  });
}

/** Text typed through a Russian or Ukrainian keyboard layout, as the scanner meant it. */
export function unmapLayout(text) {
  return [...text].map((letter) => BACK.get(letter) ?? letter).join("");
}

// The number of a chip in a sticker or a ring: four to ten bytes.
const CHIP = /^(?:[0-9A-Fa-f]{2}[:;-]?){3,9}[0-9A-Fa-f]{2}$/;

/**
 * The digits of a scanned code, the number of a chip, or null when it is something else: an address, a Wi-Fi code, a text.
 * Takes off the symbology prefix some scanners send ("]Q3") and keeps the first field of a magnetic stripe.
 */
export function readCode(raw) {
  let text = unmapLayout(raw.trim()).replace(/^[\]}][A-Za-z]\d/, "");
  const stripe = /^;(\d+)[=+]/.exec(text);
  if (stripe) text = stripe[1];
  const letters = text.replace(/[^\p{L}]/gu, "").length;
  if (letters && CHIP.test(text)) return text.toUpperCase().replace(/[^0-9A-F]/g, "");
  const digits = text.replace(/\D/g, "");
  if (digits.length < 8 || letters >= digits.length || text.includes("://")) return null;
  return digits;
}

/** Whether the last of the digits is the Luhn check digit of the others. */
export function luhn(digits) {
  let sum = 0;
  [...digits].reverse().forEach((digit, index) => {
    const value = Number(digit) * (index % 2 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  });
  return sum % 10 === 0;
}

/**
 * Whether a code may wait for the network: "yes" for a card's own code or number with the right check digit, "changing" for one that
 * is worth nothing later, "no" for anything else.
 */
export function keepable(digits) {
  if (digits.length === 49 && digits.startsWith("2")) return "changing";
  const ours = (digits.length === 8 && !digits.startsWith("0")) || (digits.length === 57 && digits.startsWith("1"));
  return ours && luhn(digits) ? "yes" : "no";
}
