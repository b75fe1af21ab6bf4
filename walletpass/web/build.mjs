// Copies the third-party files that pages load into static/vendor/, each with its licence. Run by `npm run build`.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "..", "..", "node_modules");
const vendor = join(here, "static", "vendor");
const SUBSETS = ["latin", "latin-ext", "cyrillic", "cyrillic-ext"];

rmSync(vendor, { recursive: true, force: true });
mkdirSync(vendor, { recursive: true });

function copy(source, target) {
  cpSync(join(modules, source), join(vendor, target));
}

function copyFont() {
  const rules = readFileSync(join(modules, "@fontsource-variable/onest/index.css"), "utf8").split("/* ");
  const kept = SUBSETS.map((subset) => {
    const rule = rules.find((text) => text.startsWith(`onest-${subset}-wght-normal `));
    if (!rule) throw new Error(`@fontsource-variable/onest has no ${subset} subset any more`);
    copy(`@fontsource-variable/onest/files/onest-${subset}-wght-normal.woff2`, `onest/${subset}.woff2`);
    return `/* ${rule.replace(/\.\/files\/onest-([a-z-]+)-wght-normal/g, "$1").trim()}\n`;
  });
  writeFileSync(join(vendor, "onest", "onest.css"), kept.join("\n"));
}

copyFont();
copy("barcode-detector/dist/iife/ponyfill.js", "barcode-detector.js");
copy("zxing-wasm/dist/reader/zxing_reader.wasm", "zxing_reader.wasm");
copy("@fontsource-variable/onest/LICENSE", "licences/onest.txt");
copy("barcode-detector/LICENSE", "licences/barcode-detector.txt");
copy("zxing-wasm/LICENSE", "licences/zxing-wasm.txt");
