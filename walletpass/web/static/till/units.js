// What a card counts, in words: points, money that comes back, stamps towards a reward, or nothing but a discount.

export class Units {
  /** `rules` as the guest view has them; those of an older server count points. */
  constructor(texts, rules) {
    Object.assign(this, { texts, rules, kind: rules.kind ?? "points" });
  }

  get stamps() {
    return this.kind === "stamps";
  }

  /** Whether nothing is counted, and so nothing can be paid with. */
  get none() {
    return this.kind === "discount";
  }

  /** How many of it are taken at once. */
  get step() {
    return this.stamps ? this.rules.stamp_goal : 1;
  }

  /** "420 points", "€4.20", "1 stamp". */
  words(number) {
    if (this.kind === "cashback") return this.texts.money(number * this.rules.point_value);
    return this.texts.count(this.stamps ? "stamps" : "points", number);
  }

  /** The same with its sign, for a list: "+420", "-€5.00". */
  signed(number) {
    if (this.kind !== "cashback") return this.texts.signed(number);
    return `${number > 0 ? "+" : ""}${this.texts.money(number * this.rules.point_value)}`;
  }

  /** What is read across a counter, and the word beside it: ["3 of 10", "stamps"]. */
  balance(number) {
    const { texts, rules } = this;
    if (this.none) return [rules.tier ? `${texts.number(rules.discount_percent)} %` : "", rules.tier || texts.say("no_tier")];
    if (this.kind === "cashback") return [this.words(number), texts.say("cashback")];
    if (!this.stamps) return [texts.number(number), texts.count("points_word", number)];
    const goal = rules.stamp_goal;
    return [texts.say("so_many_of", { n: texts.number(number % goal), of: texts.number(goal) }), texts.say("stamps_word")];
  }

  /** "1 reward ready", or nothing. */
  ready(number) {
    const rewards = this.rewards(number);
    return rewards ? this.texts.count("rewards", rewards) : "";
  }

  /** Full cards of stamps. */
  rewards(number) {
    return this.stamps ? Math.floor(number / this.rules.stamp_goal) : 0;
  }

  /** "Ana Bondarenko, 420 points", for a reader of the screen. */
  greeting(name, number) {
    if (this.kind === "points") return this.texts.count("greeting", number, { name });
    return [name, ...this.balance(number), this.ready(number)].filter(Boolean).join(", ");
  }

  added(number, money) {
    if (this.kind === "points") return this.texts.count("earned", number, { money });
    return number ? this.texts.say("added_for", { what: this.words(number), money }) : this.texts.say("check_of", { money });
  }

  paid(number) {
    if (this.kind === "points") return this.texts.count("taken", number, { money: this.texts.money(number * this.rules.point_value) });
    return this.texts.say(this.stamps ? "taken_reward" : "taken_cashback", { what: this.words(number) });
  }

  later(number) {
    return this.kind === "points" ? this.texts.count("pending_line", number) : this.texts.say("later", { what: this.words(number) });
  }
}
