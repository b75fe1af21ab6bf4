// What a scanner, a camera or a person may give us, brought back to the digits of a card.

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

/**
 * The digits of a scanned code, or null when it is something else: an address, a Wi-Fi code, a text.
 * Takes off the symbology prefix some scanners send ("]Q3") and keeps the first field of a magnetic stripe.
 */
export function readCode(raw) {
  let text = unmapLayout(raw.trim()).replace(/^[\]}][A-Za-z]\d/, "");
  const stripe = /^;(\d+)[=+]/.exec(text);
  if (stripe) text = stripe[1];
  const letters = text.replace(/[^\p{L}]/gu, "").length;
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
