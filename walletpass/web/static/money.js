// Money is a whole number of minor units (cents) everywhere; no float touches it.

/** How many digits a currency has after the point: 2 for EUR, 0 for JPY, 3 for KWD. */
export function fractionDigits(currency) {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
}

/** Minor units as the language writes them: 4850 -> "€48.50" or "48,50 €". */
export function formatMoney(minor, currency, locale) {
  return new Intl.NumberFormat(locale, { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(minor / 10 ** fractionDigits(currency));
}

function groupSeparator(locale) {
  return new Intl.NumberFormat(locale).formatToParts(1234567).find((part) => part.type === "group")?.value ?? "";
}

/** Splits "1.234,50" into whole and fraction digits, or null when it is no amount, or could be read in two ways. */
function split(text, digits, locale) {
  const marks = text.match(/[.,]/g) ?? [];
  const last = Math.max(text.lastIndexOf("."), text.lastIndexOf(","));
  const after = last < 0 ? 0 : text.length - last - 1;
  const repeated = marks.filter((mark) => mark === text[last]).length > 1;
  const decimal = last >= 0 && !repeated && after <= digits;
  const whole = decimal ? text.slice(0, last) : text;
  const groups = whole.split(/[.,]/);
  const mark = whole.match(/[.,]/)?.[0];
  const mixed = mark && (whole.match(/[.,]/g).some((other) => other !== mark) || (decimal && mark === text[last]));
  const grouped = groups.length === 1 || (groups[0].length <= 3 && groups.slice(1).every((group) => group.length === 3));
  const unclear = groups.length === 2 && !decimal && mark !== groupSeparator(locale);
  if (mixed || !grouped || unclear) return null;
  return [groups.join("") || "0", decimal ? text.slice(last + 1) : ""];
}

/** Minor units from what was typed, with a decimal comma or point: "48", "48,5", "1 234.50". Null when it is no amount above 0. */
export function parseMoney(text, currency, locale) {
  const digits = fractionDigits(currency);
  const bare = text.replace(/[\s\u00a0\u202f'’]|\p{Sc}/gu, "").replace(/^[A-Za-z]{3}|[A-Za-z]{3}$/, "");
  if (!/^[0-9.,]*[0-9][0-9.,]*$/.test(bare)) return null;
  const parts = split(bare, digits, locale);
  if (!parts) return null;
  const minor = Number(parts[0] + parts[1].padEnd(digits, "0"));
  return Number.isSafeInteger(minor) && minor > 0 ? minor : null;
}

/** The most points this check takes: the program's cap, the money part that must stay, and what the card has. */
export function maximumPoints(amount, available, rules) {
  const capped = Math.floor((amount * rules.cap_percent) / 100);
  const money = Math.min(capped, amount - (rules.minimum_money ?? 0));
  return Math.max(0, Math.min(available, Math.floor(money / rules.point_value)));
}

/** The points a check earns: floor, once, on what is paid with money. */
export function earnedPoints(amount, points, rules) {
  return Math.floor(((amount - points * rules.point_value) * rules.earn_bps) / 10000);
}
