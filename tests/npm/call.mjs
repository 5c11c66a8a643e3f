// Has emulate place a call, its own way from end to end: given {"url", "token", "to", "from"} on standard input it posts its
// signed voice webhook to the url and prints {"status", "body", "params", "headers"} of what it sent and was answered.
import { readFileSync } from "node:fs";
import { Server } from "node:net";

import { createEmulator } from "emulate";

const { url, token, to, from, port = 4013 } = JSON.parse(readFileSync(0, "utf8"));
const account = `AC${"0".repeat(32)}`;

// emulate would listen on every address of the machine: a test stays on loopback.
const plainListen = Server.prototype.listen;
Server.prototype.listen = function listen(port, _host, ...rest) {
  return plainListen.call(this, port, "127.0.0.1", ...rest);
};

// emulate keeps what it was answered to itself: listen to its one request on the way.
const delivered = {};
const plainFetch = globalThis.fetch;
globalThis.fetch = async (target, options) => {
  const response = await plainFetch(target, options);
  if (String(target) === url) {
    Object.assign(delivered, { status: response.status, body: await response.clone().text() });
    Object.assign(delivered, { params: Object.fromEntries(new URLSearchParams(options.body)), headers: options.headers });
  }
  return response;
};

const emulator = await createEmulator({
  service: "twilio",
  port,
  seed: {
    twilio: {
      account: { sid: account, auth_token: token, friendly_name: "Office" },
      phone_numbers: [{ phone_number: to, friendly_name: "Office", voice_url: url }],
    },
  },
});
const answer = await plainFetch(`http://127.0.0.1:${port}/_twilio/simulate/inbound-call`, {
  method: "POST",
  headers: { Authorization: `Basic ${Buffer.from(`${account}:${token}`).toString("base64")}` },
  body: new URLSearchParams({ To: to, From: from }),
});
if (answer.status !== 201) throw new Error(`emulate placed no call: ${answer.status} ${await answer.text()}`);
process.stdout.write(`${JSON.stringify(delivered)}\n`);
await emulator.close();
