// Signing in as amazon-cognito-identity-js does: vectors that it made.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Srp, stamp } from "../src/srp.js";

const folder = process.env.TEST_VECTORS ?? new URL("../../tests/vectors", import.meta.url).pathname;
const { sign_ins: signIns } = JSON.parse(readFileSync(`${folder}/srp-sign-in.json`, "utf8"));

const side = (secret) => new Srp(crypto, Uint8Array.from(Buffer.from(secret, "hex")));

test("every proof is what amazon-cognito-identity-js computes", async () => {
  assert.ok(signIns.length > 0);
  for (const vector of signIns) {
    const srp = side(vector.client_secret);
    assert.equal(srp.public.toString(16), vector.client_value.replace(/^0+/, ""));
    const signature = await srp.prove({
      poolId: vector.pool_id,
      user: vector.username,
      password: vector.password,
      salt: vector.salt,
      b: vector.server_value,
      block: vector.secret_block,
      time: vector.timestamp,
    });
    assert.equal(signature, vector.signature);
  }
});

test("a challenge that would give the key away is refused", async () => {
  const [vector] = signIns;
  const srp = side(vector.client_secret);
  const whole = { poolId: "p_1", user: "u", password: "p", salt: "ab", block: "", time: "" };
  for (const b of ["0", "", "xyz", "f".repeat(5_000)]) {
    assert.equal(await srp.prove({ ...whole, b }), undefined);
  }
  assert.equal(await srp.prove({ ...whole, salt: "not hex", b: "5" }), undefined);
});

test("the time is written in English, its day without a zero", () => {
  assert.equal(stamp(new Date("2026-11-05T09:07:03.9Z")), "Thu Nov 5 09:07:03 UTC 2026");
  assert.equal(stamp(new Date("2026-12-15T23:00:00Z")), "Tue Dec 15 23:00:00 UTC 2026");
});

test("secrets differ", () => {
  assert.notEqual(new Srp(crypto).public, new Srp(crypto).public);
});
