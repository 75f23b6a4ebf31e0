// Sign-ins by amazon-cognito-identity-js with fixed secrets: what `tests/vectors/srp-sign-in.json`
// holds. `node vectors.mjs > ../vectors/srp-sign-in.json` makes it anew, where this folder's
// packages are installed.

import { createHash, createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { AuthenticationHelper } = require("amazon-cognito-identity-js");
const BigInteger = require("amazon-cognito-identity-js/lib/BigInteger.js").default;
const { version } = require("amazon-cognito-identity-js/package.json");

/** The folder with the vectors. */
export const folder =
  process.env.TEST_VECTORS ?? path.join(path.dirname(fileURLToPath(import.meta.url)), "../vectors");

const hash = (text) => createHash("sha256").update(text).digest("hex");

/** The server's B for a verifier, by the formula alone. */
function serverValue(helper, verifier, secret) {
  const prime = BigInt(`0x${helper.N.toString(16)}`);
  let [power, base, exponent] = [1n, 2n, BigInt(`0x${secret}`)];
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) power = (power * base) % prime;
    base = (base * base) % prime;
  }
  const multiplier = BigInt(`0x${helper.k.toString(16)}`);
  return ((multiplier * BigInt(`0x${verifier}`) + power) % prime).toString(16);
}

function signIn({ pool_id, username, password, salt, verifier }) {
  const pool = pool_id.split("_")[1];
  const helper = new AuthenticationHelper(pool);
  // Any numbers do, as long as they are the same in every run.
  const client_secret = hash(`a ${salt}`);
  const server_secret = hash(`b ${salt}`);
  const secret_block = Buffer.from(hash(`block ${salt}`).repeat(3), "hex");
  const timestamp = "Thu Nov 5 09:07:03 UTC 2026";

  helper.smallAValue = new BigInteger(client_secret, 16);
  helper.largeAValue = undefined;
  let clientValue;
  helper.getLargeAValue((error, value) => (clientValue = value.toString(16)));
  const server_value = serverValue(helper, verifier, server_secret);
  let key;
  helper.getPasswordAuthenticationKey(
    username,
    password,
    new BigInteger(server_value, 16),
    new BigInteger(salt, 16),
    (error, made) => (key = Buffer.from(made)),
  );
  const signature = createHmac("sha256", key)
    .update(pool + username)
    .update(secret_block)
    .update(timestamp)
    .digest("base64");
  return {
    pool_id,
    username,
    password,
    salt,
    verifier,
    client_secret,
    server_secret,
    client_value: clientValue,
    server_value,
    key: key.toString("hex"),
    secret_block: secret_block.toString("base64"),
    timestamp,
    signature,
  };
}

/** Every sign-in, from the verifiers beside it. */
export function vectors() {
  const verifiers = JSON.parse(readFileSync(path.join(folder, "srp.json"), "utf8"));
  return { maker: `amazon-cognito-identity-js ${version}`, sign_ins: verifiers.map(signIn) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(vectors(), null, 2));
}
