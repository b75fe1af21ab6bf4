// Sends pushes with @parse/node-apn: node push_node_apn.mjs <port> <certificate> <key> <authority> <topic> <in flight>
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { told } from "./told.mjs";

const require = createRequire(import.meta.url);
const apn = require("@parse/node-apn");
const [port, cert, key, authority, topic, inFlight] = process.argv.slice(2);

const provider = new apn.Provider({ cert, key, ca: authority, address: "localhost", port: Number(port) });
const push = new apn.Notification({ topic, pushType: "background", priority: 5, expiry: Math.floor(Date.now() / 1000) + 86400 });
push.rawPayload = {};

// As many lines of work as may be in flight, each with one push at a time; a list of tokens would all be sent at once.
async function send(count) {
  let next = 0;
  let good = 0;
  const line = async () => {
    while (next < count) {
      const token = (next++).toString(16).padStart(64, "0");
      const { sent } = await provider.send(push, token);
      good += sent.length;
    }
  };
  await Promise.all(Array.from({ length: Number(inFlight) }, line));
  return good;
}

await told({ version: require("@parse/node-apn/package.json").version }, async (count) => {
  const before = process.cpuUsage();
  const start = process.hrtime.bigint();
  const good = await send(count);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const { user, system } = process.cpuUsage(before);
  return { good, seconds, cpu: (user + system) / 1e6, mebibytes: process.memoryUsage.rss() / 2 ** 20 };
});
