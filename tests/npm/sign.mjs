// Prints the X-Twilio-Signature that emulate's own code makes of {"url", "params", "token"} on standard input.
// emulate exports no signer, so its function is taken, as it stands, from the pinned package.
import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

const dist = new URL("./node_modules/emulate/dist/", import.meta.url);
const sources = readdirSync(dist).filter((name) => name.endsWith(".js")).map((name) => readFileSync(new URL(name, dist), "utf8"));
const signer = sources.map((source) => source.match(/^function signTwilioRequest\([\s\S]*?^}/m)?.[0]).find(Boolean);
if (!signer) throw new Error("this version of emulate has no signTwilioRequest: the test was written for 0.11.2");
const signTwilioRequest = new Function("createHmac", `${signer}\nreturn signTwilioRequest;`)(createHmac);

const { url, params, token } = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(`${signTwilioRequest(url, params, token)}\n`);
