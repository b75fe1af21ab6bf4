// The other side of children.py: read a number, do that much work, say how it went as one line of JSON.
import { createInterface } from "node:readline";

export async function told(hello, work) {
  console.log(JSON.stringify(hello));
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await work(Number(line))));
  }
  process.exit(0);
}
