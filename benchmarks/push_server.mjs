// An APNs that says yes: HTTP/2 over TLS with client certificates, as fast as node can: node push_server.mjs <folder of certificates>
import { readFileSync } from "node:fs";
import { createSecureServer } from "node:http2";
import { join } from "node:path";
import { told } from "./told.mjs";

const file = (name) => readFileSync(join(process.argv[2], name));
let answered = 0;

const server = createSecureServer({
  cert: file("apns-server.pem"),
  key: file("apns-server.key"),
  ca: file("root.pem"),
  requestCert: true,
  rejectUnauthorized: true,
  settings: { maxConcurrentStreams: 1000 },
});
server.on("sessionError", () => {});
server.on("stream", (stream, headers) => {
  answered++;
  stream.resume();
  stream.respond({ ":status": 200, "apns-id": headers["apns-id"] }, { endStream: true });
});
server.listen(0, "127.0.0.1", () => told({ port: server.address().port }, async () => ({ answered })));
