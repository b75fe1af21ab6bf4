// Makes passes with a library from npm: node signing_npm.mjs <library> <folder of the unpacked pass> <folder of certificates>
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { told } from "./told.mjs";

const require = createRequire(import.meta.url);
const [library, folder, certificates] = process.argv.slice(2);
const pem = (name) => readFileSync(join(certificates, name), "utf8");
const content = JSON.parse(readFileSync(join(folder, "pass.json"), "utf8"));

// What differs from card to card.
const own = (number) => ({
  serialNumber: `serial${String(number).padStart(20, "0")}`,
  authenticationToken: `token${String(number).padStart(38, "0")}`,
  barcodes: [{ ...content.barcodes[0], message: String(number).padStart(57, "1") }],
});

const libraries = {
  "passkit-generator": async () => {
    const { PKPass } = require("passkit-generator");
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const buffers = Object.fromEntries(
      files.map((entry) => {
        const path = join(entry.parentPath ?? entry.path, entry.name);
        return [path.slice(folder.length + 1), readFileSync(path)];
      }),
    );
    const signer = { wwdr: pem("wwdr.pem"), signerCert: pem("pass.pem"), signerKey: pem("pass.key") };
    return (number) => {
      const said = structuredClone({ ...content, ...own(number) });
      said.storeCard.headerFields[0].value = number;
      return new PKPass({ ...buffers, "pass.json": Buffer.from(JSON.stringify(said)) }, signer).getAsBuffer();
    };
  },
  "@walletpass/pass-js": async () => {
    const { Template } = require("@walletpass/pass-js");
    const template = await Template.load(folder, undefined, { allowHttp: true });
    template.setCertificate(pem("pass.pem"));
    template.setPrivateKey(pem("pass.key"));
    return async (number) => {
      const said = template.createPass(own(number));
      const points = content.storeCard.headerFields[0];
      said.headerFields.add({ ...points, value: number });
      return said.asBuffer();
    };
  },
};

const make = await libraries[library]();
let number = 0;
const { version } = JSON.parse(readFileSync(new URL(`./node_modules/${library}/package.json`, import.meta.url), "utf8"));

await told({ version, size: (await make(number)).length }, async (count) => {
  const seconds = [];
  for (let done = 0; done < count; done++) {
    const before = process.cpuUsage();
    await make(++number);
    const { user, system } = process.cpuUsage(before);
    seconds.push((user + system) / 1e6);
  }
  return { seconds };
});
