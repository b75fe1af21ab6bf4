// The switches: four that are always needed, and the rest of what Apple, Google and the phones can be made to do.
import { h } from "./drawing.js";

const MAIN = { apns: ["APNs", ["ok", "410", "503", "off"]], google: ["Google", ["ok", "503", "off"]], iphone: ["iPhone", ["on", "off"]], android: ["Android", ["on", "off"]] };
const APNS = ["400 BadDeviceToken", "400 DeviceTokenNotForTopic", "400 TopicDisallowed", "400 IdleTimeout", "403 BadCertificate", "403 Forbidden", "413 PayloadTooLarge", "429 TooManyRequests", "500 InternalServerError", "503 Shutdown"];
const GOOGLE = ["400 badRequest", "401 authError", "403 permissionDenied", "403 quotaExceeded", "404 notFound", "409 existingResource", "429 rateLimitExceeded", "500 internalError", "200 lost"];
const FORGERIES = ["unsigned", "wrong sender", "expired message", "expired key", "bad chain", "other issuer", "replayed nonce", "altered message", "wrong protocol"];
const LATE = (values, unit, none = "at once") => values.map((one) => [one, one ? `${one}${unit}` : none, one !== 0]);
const WRONG = (first, ...others) => [[...first, false], ...others.map((one) => (Array.isArray(one) ? [...one, true] : [one, one, true]))];

// name -> label and [value, word, whether it is a bad day]; the first value is that of a good one.
const MORE = {
  Apple: {
    apns: ["Answers", WRONG(["ok", "as above"], ...APNS)],
    apns_goaway: ["GOAWAY after", LATE([0, 1, 10, 100], "", "never")], apns_drop: ["Line cut after", LATE([0, 1, 10, 100], "", "never")],
    apns_streams: ["Streams at a time", LATE([0, 1, 10], "", "1000")], apns_delay: ["Answers late", LATE([0, 500, 5000, 20000], " ms")],
    apns_slow: ["Reads slowly", WRONG([0, "no"], [1, "yes"])], iphone_lag: ["iPhone asks after", LATE([0, 5, 30, 120], " s")],
  },
  Google: {
    google: ["Answers", WRONG(["ok", "as above"], ...GOOGLE)],
    google_retry_after: ["Asks to wait", LATE([0, 1, 10, 60], " s", "no")], google_delay: ["Answers late", LATE([0, 500, 5000, 20000], " ms")],
    google_rate: ["Requests a second", WRONG(["any", "any number"], ["strict", "20 at most"])], google_quota: ["Notices a day", [["three", "3 of a kind", false], ["none", "any number", false]]],
    google_images: ["Pictures", WRONG(["ok", "can be fetched"], ["dead", "are dead"])],
    google_mode: ["Issuer", WRONG(["live", "is live"], ["demo", "in demo mode"])], android_account: ["Phone's account", [["guest", "a guest's", false], ["tester", "a test account", false]]],
    google_calls: ["Tells of saves", WRONG(["once", "once"], "twice", ["swapped", "in wrong order"], "never", ...FORGERIES.map((one) => [`forged: ${one}`, `forged: ${one}`]))],
    google_calls_delay: ["Tells late", LATE([0, 5, 30, 120], " s")], android_lag: ["Android looks after", LATE([0, 5, 30, 120], " s")],
  },
  messages: {
    sms_gateway: ["SMS gateway", WRONG(["ok", "takes them"], "503")], mail_server: ["Mail server", WRONG(["ok", "takes them"], "451")],
  },
};
const open = new Set();

export const counted = (google) => `${google.total} requests, at most ${google.most_in_a_second} in a second, ${google.refused} too many`;

export function panel(faults, act) {
  const position = (name, value) => h("button", { "aria-pressed": String(faults[name] === value), class: !["ok", "on"].includes(value) && "wrong", "data-fault": name, "data-position": value, onclick: () => act("/faults", { [name]: value }) }, value);
  const row = ([name, [label, positions]]) => h("div", { class: "fault" }, h("span", {}, label), h("div", { class: "segments", role: "group", "aria-label": label }, positions.map((value) => position(name, value))));
  const choice = ([name, [label, known]]) => {
    const [good] = known[0];
    const short = MAIN[name]?.[1].includes(faults[name]);
    const now = short ? good : faults[name] ?? good;
    const options = known.some(([value]) => value === now) ? known : [...known, [now, now === "script" ? "a script" : String(now), true]];
    return h("label", { class: "fault knob" }, h("span", {}, label),
      h("select", { "data-fault": name, class: options.some(([value, , wrong]) => value === now && wrong) && "wrong",
        onchange: (event) => act("/faults", { [name]: typeof good === "number" ? Number(event.target.value) : event.target.value }) },
        options.map(([value, word]) => h("option", { value, selected: value === now }, word))));
  };
  const turned = (choices) => Object.entries(choices).filter(([name, [, known]]) => (faults[name] ?? known[0][0]) !== known[0][0] && !MAIN[name]?.[1].includes(faults[name])).length;
  const more = ([who, choices]) => h("details", { open: open.has(who), "data-more": who, ontoggle: (event) => (event.target.open ? open.add(who) : open.delete(who)) },
    h("summary", {}, `More of ${who}`, turned(choices) > 0 && h("b", {}, String(turned(choices)))),
    who === "Google" && h("p", { class: "counted" }),
    Object.entries(choices).map(choice));
  return [...Object.entries(MAIN).map(row), ...Object.entries(MORE).map(more)];
}
