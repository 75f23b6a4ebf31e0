// Tokens and requests over HTTP.

import assert from "node:assert/strict";
import { test } from "node:test";

import { createClient, InnerWorldError } from "../src/client.js";
import * as w from "./support/world.js";

const { World } = w;

/** What a page keeps. */
const memory = () => {
  const items = new Map();
  return {
    items,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
  };
};

test("nothing is asked where everything was given", async () => {
  const world = new World();
  const iw = await createClient({
    socketUrl: "wss://socket.test/v1",
    httpUrl: "https://api.test/",
    cognito: { url: "https://cognito.test/", clientId: "app", userPoolId: "p_1" },
    platform: world.platform,
  });
  assert.deepEqual(world.requests, []);
  assert.equal(iw.httpUrl, "https://api.test");
});

test("an address that is none is refused", async () => {
  for (const httpUrl of ["server.test", "ftp://server.test", "javascript:alert(1)", undefined]) {
    await assert.rejects(createClient({ httpUrl }), { code: "invalid" });
  }
});

test("a token near its end is renewed once, whoever asks", async () => {
  const world = new World();
  const iw = await world.client();
  await world.clock.pass(3_580_000);
  await Promise.all([iw.me(), iw.me(), iw.me()]);
  assert.equal(world.asked("InitiateAuth"), 1);
  const bearers = world.requests.slice(-3).map(({ headers }) => headers.authorization);
  assert.deepEqual(new Set(bearers), new Set(["Bearer access-2"]));
});

test("a refused token is renewed, and the same request made again under the same key", async () => {
  const world = new World();
  const iw = await world.client();
  let times = 0;
  world.answers.set("PATCH /v1/me/profile", () =>
    times++ ? w.answer({ state: "active" }) : w.refusal(401, "token_expired"),
  );
  await iw.setProfile({ country: "DE" });
  const [first, second] = world.requests.filter(({ name }) => name === "PATCH /v1/me/profile");
  assert.equal(first.headers["idempotency-key"], second.headers["idempotency-key"]);
  assert.equal(second.headers.authorization, "Bearer access-2");
});

test("a renewal that did not get through keeps the sign-in", async () => {
  const world = new World();
  const iw = await world.client();
  await world.clock.pass(4_000_000);
  world.answers.set("InitiateAuth", () => Promise.reject(new TypeError("fetch failed")));
  await assert.rejects(iw.me(), { code: "unreachable", retryable: true });
  assert.equal(iw.signedIn, true);
  world.answers.clear();
  assert.equal((await iw.me()).state, "active");
});

test("tokens are kept where the app says, and only there", async () => {
  const world = new World();
  const storage = memory();
  const iw = await world.client({ more: { storage } });
  assert.equal(storage.items.size, 1);
  const again = await createClient({
    httpUrl: "http://server.test",
    storage,
    platform: world.platform,
  });
  assert.equal(again.signedIn, true);
  world.answers.set("POST /v1/me/sign-out", () => new Response(null, { status: 204 }));
  await iw.signOut();
  assert.equal(storage.items.size, 0);
  assert.equal(iw.signedIn, false);
  storage.setItem("innerworld:app", "{");
  const broken = await createClient({
    httpUrl: "http://server.test",
    storage,
    platform: world.platform,
  });
  assert.equal(broken.signedIn, false);
});

test("signing out on this device alone ends its refresh token", async () => {
  const world = new World();
  const { session, iw } = await world.talk();
  world.answers.set("RevokeToken", () => w.answer({}));
  await iw.signOut({ everywhere: false });
  assert.equal(world.requests.at(-1).body.Token, "refresh-1");
  assert.equal(session.state, "closed");
});

test("erasing closes what is open and forgets the tokens", async () => {
  const world = new World();
  const { session, iw } = await world.talk();
  world.answers.set("DELETE /v1/me", () => new Response(null, { status: 202 }));
  await iw.erase();
  assert.deepEqual([session.state, iw.signedIn], ["closed", false]);
});

test("answers are read with care", async () => {
  const world = new World();
  const iw = await world.client();
  const answers = [
    [() => new Response("<html>", { status: 502 }), { code: "http_502", retryable: true }],
    [() => new Response("<html>"), { code: "not_understood" }],
    [() => w.refusal(429, "rate_limited", { "retry-after": "6" }), { retryAfterMs: 6_000 }],
    [() => w.refusal(400, "invalid"), { code: "invalid", retryable: false, status: 400 }],
    [() => w.answer({ __type: "a.b#TooManyRequestsException" }, 400), { retryable: true }],
  ];
  for (const [answer, expected] of answers) {
    world.answers.set("GET /v1/me", answer);
    await assert.rejects(iw.me(), expected);
  }
});

test("an answer that never ends is given up, by size or by time", async () => {
  const world = new World();
  const iw = await world.client();
  const megabyte = new Uint8Array(1_048_576);
  let cancelled = false;
  world.answers.set("GET /v1/me", () => {
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(megabyte),
      cancel: () => {
        cancelled = true;
      },
    });
    return new Response(body);
  });
  await assert.rejects(iw.me(), { code: "not_understood" });
  assert.equal(cancelled, true);
  world.answers.set(
    "GET /v1/me",
    ({ init }) =>
      new Promise((_, reject) => {
        init.signal.addEventListener("abort", () => reject(init.signal.reason));
      }),
  );
  const asking = assert.rejects(iw.me(), { code: "unreachable" });
  await world.clock.pass(15_000);
  await asking;
  assert.deepEqual(world.clock.waits, []);
});

test("a challenge that this client cannot answer is named", async () => {
  const world = new World();
  const iw = await world.client();
  world.answers.set("InitiateAuth", () => w.answer({ ChallengeName: "SMS_MFA" }));
  await assert.rejects(iw.signIn({ email: "a@b.c", password: "p" }), {
    code: "ChallengeRequired",
    message: /SMS_MFA/,
  });
  world.answers.set("InitiateAuth", () =>
    w.answer({ ChallengeName: "PASSWORD_VERIFIER", ChallengeParameters: { SRP_B: "0" } }),
  );
  await assert.rejects(iw.signIn({ email: "a@b.c", password: "p" }), { code: "not_understood" });
});

test("without WebCrypto the error says what to do", async () => {
  const world = new World();
  const iw = await createClient({
    httpUrl: "http://server.test",
    platform: { ...world.platform, crypto: { getRandomValues: (bytes) => bytes } },
  });
  const error = await iw.signIn({ email: "a@b.c", password: "p" }).catch((error) => error);
  assert.ok(error instanceof InnerWorldError);
  assert.equal(error.code, "no_crypto");
});

test("nobody is signed in: the session says so", async () => {
  const world = new World();
  const iw = await createClient({ httpUrl: "http://server.test", platform: world.platform });
  await assert.rejects(iw.connect(), { code: "signed_out" });
  await assert.rejects(iw.auth.token(), { code: "signed_out" });
});
