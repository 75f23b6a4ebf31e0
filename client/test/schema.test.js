// The published schema of the protocol, and what this client takes and says.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { isKnown } from "../src/types.js";

const file = new URL("../../docs/reference/protocol.schema.json", import.meta.url);
const { server_frame: schema } = JSON.parse(readFileSync(file, "utf8"));

const resolved = (part) =>
  part.$ref?.startsWith("#/$defs/") ? schema.$defs[part.$ref.slice(8)] : part;

/** A value of this schema with as little in it as may be. */
function least(part) {
  const { type, const: constant, oneOf, properties = {}, required = [] } = resolved(part);
  if (constant !== undefined) return constant;
  if (oneOf) return least(oneOf[0]);
  if (type === "object") {
    return Object.fromEntries(required.map((name) => [name, least(properties[name])]));
  }
  return { string: "x", integer: 1, boolean: true, array: [] }[type];
}

test("every frame of the schema is known, with no more in it than the schema asks for", () => {
  const known = schema.oneOf.map((one) => {
    const { type } = one.properties;
    const fields = least({ ...(one.$ref ? resolved(one) : one), type: "object" });
    const frame = { ...fields, type: type.const };
    return [type.const, isKnown(frame)];
  });
  assert.ok(known.length > 20);
  assert.deepEqual(
    known.filter(([, is]) => !is).map(([name]) => name),
    ["unknown"],
  );
});

test("a frame without one of its fields is not taken", () => {
  assert.equal(isKnown({ type: "turn.delta", turn: "T", off: 0, d: "" }), true);
  assert.equal(isKnown({ type: "turn.delta", turn: "T", off: 0 }), false);
  assert.equal(isKnown({ type: "turn.delta", turn: "T", off: "0", d: "" }), false);
  for (const none of [undefined, null, 7, "x", {}, { type: "unknown" }, { type: "toString" }]) {
    assert.equal(isKnown(none), false);
  }
});
