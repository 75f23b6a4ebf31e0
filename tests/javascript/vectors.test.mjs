// The sign-ins that the Rust tests compare with are what the client computes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { folder, vectors } from "./vectors.mjs";

test("tests/vectors/srp-sign-in.json is this client's work", () => {
  const kept = readFileSync(path.join(folder, "srp-sign-in.json"), "utf8");
  assert.deepEqual(vectors(), JSON.parse(kept));
});
