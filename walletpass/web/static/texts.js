// Sentences, plurals, money and days as the language has them.

import { formatMoney, fractionDigits } from "./money.js";

export class Texts {
  #strings;

  /** `zone` is in which the clock is read; left out, the device's own. */
  constructor({ strings, locale, currency, zone }) {
    this.#strings = strings;
    this.zone = zone;
    this.locale = locale;
    this.currency = currency;
    this.plural = new Intl.PluralRules(locale);
  }

  /** The sentence with that name ("camera.denied"), `values` put in its {places}. */
  say(name, values = {}) {
    const text = name.split(".").reduce((part, key) => part?.[key], this.#strings);
    return typeof text === "string" ? text.replace(/\{(\w+)\}/g, (place, key) => values[key] ?? place) : "";
  }

  /** The same for a counted sentence, in the form the number asks for. */
  count(name, number, values = {}) {
    const form = this.plural.select(number);
    const chosen = this.say(`${name}.${form}`) ? form : "many";
    return this.say(`${name}.${chosen}`, { n: this.number(number), ...values });
  }

  error(code, maximum = null) {
    if (code === "above_cap" && maximum !== null) return this.count("errors.above_cap_maximum", maximum);
    return this.say(`errors.${code}`) || this.say("errors.other");
  }

  /** The sentence for an error's code; empty for one that nobody has written a sentence for. */
  known(code) {
    return this.say(`errors.${code}`);
  }

  number(value) {
    return new Intl.NumberFormat(this.locale).format(value);
  }

  signed(value) {
    return new Intl.NumberFormat(this.locale, { signDisplay: "exceptZero" }).format(value);
  }

  money(minor) {
    return formatMoney(minor, this.currency, this.locale);
  }

  /** Minor units without the currency's sign, as they go into a field: "48.50" or "48,50". */
  plainMoney(minor) {
    const digits = fractionDigits(this.currency);
    const style = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false };
    return new Intl.NumberFormat(this.locale, style).format(minor / 10 ** digits);
  }

  /** An amount to copy the form of. */
  example() {
    return this.plainMoney(48.5 * 10 ** fractionDigits(this.currency));
  }

  /** "today", "19 days ago", "3 months ago". */
  ago(days) {
    const words = new Intl.RelativeTimeFormat(this.locale, { numeric: "auto" });
    if (days < 60) return words.format(-days, "day");
    return days < 730 ? words.format(-Math.round(days / 30.44), "month") : words.format(-Math.floor(days / 365.25), "year");
  }

  /** "just now" in the language's words, "18 min. ago", "3 hr. ago", "2 days ago". */
  since(iso) {
    const minutes = Math.max(0, Math.round((Date.now() - new Date(iso)) / 60000));
    const words = new Intl.RelativeTimeFormat(this.locale, { numeric: "auto", style: "short" });
    if (minutes === 0) return words.format(0, "second");
    if (minutes < 60) return words.format(-minutes, "minute");
    return minutes < 48 * 60 ? words.format(-Math.round(minutes / 60), "hour") : words.format(-Math.round(minutes / 1440), "day");
  }

  /** The time of day, with the day where it was not today. */
  clock(iso) {
    if (this.#form({ dateStyle: "short" }, iso) !== this.#form({ dateStyle: "short" }, Date.now())) return this.when(iso);
    return this.time(iso);
  }

  /** The time of day alone, where the day is known. */
  time(iso) {
    return this.#form({ hour: "2-digit", minute: "2-digit" }, iso);
  }

  /** A day of the calendar, "2026-12-01", as one says it: "Tuesday 1 December". */
  weekday(day) {
    const style = { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" };
    return new Intl.DateTimeFormat(this.locale, style).format(Date.parse(`${day}T12:00Z`));
  }

  /** The day alone: "22 Nov". */
  day(iso) {
    return this.#form({ day: "numeric", month: "short" }, iso);
  }

  when(iso) {
    return this.#form({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }, iso);
  }

  #form(style, moment) {
    return new Intl.DateTimeFormat(this.locale, { ...style, timeZone: this.zone }).format(new Date(moment));
  }
}
