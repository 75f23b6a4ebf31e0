// Connecting again: pauses, codes, tokens, heartbeats, drains, events of the browser, hostile input.

import assert from "node:assert/strict";
import { test } from "node:test";

import { createClient } from "../src/client.js";
import { backoff } from "../src/reconnect.js";
import * as w from "./support/world.js";

const { World } = w;

/** The states that a session goes through. */
const states = (session) => {
  const seen = [];
  session.on("state", ({ state, error }) => seen.push(error ? `${state}: ${error.code}` : state));
  return seen;
};

test("pauses grow to half a minute, with full jitter", () => {
  assert.deepEqual(
    [0, 1, 2, 6, 9, 99].map((attempt) => backoff(attempt, 1)),
    [500, 1_000, 2_000, 30_000, 30_000, 30_000],
  );
  assert.equal(backoff(6, 0), 0);
  assert.equal(backoff(6, 0.5), 15_000);
});

test("it is given up after a while, and begun again when somebody asks", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const turn = session.send("x");
  const seen = states(session);
  world.answers.set("POST /v1/tickets", () => Promise.reject(new TypeError("fetch failed")));
  socket.drop();
  await world.clock.pass(600_000);
  assert.equal(seen.at(-1), "closed: unreachable");
  assert.equal(world.asked("POST /v1/tickets"), 1 + 16);
  await assert.rejects(turn.done, { code: "unreachable" });
  assert.deepEqual(world.clock.waits, []);
  world.answers.clear();
  session.reconnect();
  await world.resumed();
  assert.equal(session.state, "open");
  iw.close();
});

test("a server that greets and cuts at once does not stop the pauses from growing", async () => {
  const world = new World();
  const { socket, iw } = await world.talk();
  socket.drop();
  const pauses = [];
  for (let time = 0; time < 5; time++) {
    pauses.push(world.clock.waits[0]);
    await world.clock.pass(pauses.at(-1));
    (await world.resumed()).socket.drop();
  }
  assert.deepEqual(pauses, [250, 500, 1_000, 2_000, 4_000]);
  iw.close();
});

test("a connection that lived starts the pauses anew", async () => {
  const world = new World();
  const { socket, iw } = await world.talk();
  socket.drop();
  await world.clock.pass(250);
  const { socket: next } = await world.resumed();
  await world.clock.pass(10_000);
  next.drop();
  assert.deepEqual(world.clock.waits, [250]);
  iw.close();
});

test("codes after which nothing gets better stop it", async () => {
  for (const [code, name] of [
    [1009, "message_too_long"],
    [4400, "bad_frame"],
    [4403, "forbidden"],
    [4409, "replaced"],
    [4426, "version"],
  ]) {
    const world = new World();
    const { session, socket, iw } = await world.talk();
    const seen = states(session);
    socket.drop(code);
    assert.deepEqual(seen, [`closed: ${name}`]);
    assert.deepEqual(world.clock.waits, []);
    iw.close();
  }
});

test("codes of passing trouble connect again", async () => {
  for (const code of [1001, 1006, 1011, 1012, 4407, 4408, 4429]) {
    const world = new World();
    const { session, socket, iw } = await world.talk();
    socket.drop(code);
    assert.equal(session.state, "waiting", `${code}`);
    await world.clock.pass(250);
    await world.resumed();
    assert.equal(session.state, "open");
    iw.close();
  }
});

test("a fatal error says more than the code, which a gateway may swallow", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const seen = states(session);
  socket.push(w.error("replaced", { fatal: true, close: 4409 }));
  // Nobody closes: this side does.
  await world.clock.pass(2_000);
  assert.deepEqual(seen, ["closed: replaced"]);
  assert.equal(socket.left, true);
  // The user acts.
  session.reconnect();
  await world.resumed();
  assert.equal(session.state, "open");
  iw.close();
});

test("a wait that the server asked for is kept, whatever the browser says", async () => {
  const world = new World();
  const { socket, iw } = await world.talk();
  socket.push(w.error("rate_limited", { fatal: true, close: 4429, retry_after_ms: 7_000 }));
  socket.drop(4429);
  world.emit("online");
  await world.clock.pass(6_999);
  assert.equal(world.sockets.length, 1);
  await world.clock.pass(1);
  await world.resumed();
  iw.close();
});

test("a wait that is none is not believed", async () => {
  for (const retry_after_ms of [null, "soon", -5, 0.5, 1e300]) {
    const world = new World();
    const { session, socket, iw } = await world.talk();
    session.send("x");
    const { id } = await socket.next("message");
    socket.push(w.error("internal", { ref: id, retryable: true, retry_after_ms }));
    assert.equal(world.clock.waits[0], 2_000);
    iw.close();
  }
});

test("a drain is waited for, and the hint kept", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const turn = session.send("x");
  const { id } = await socket.next("message");
  socket.push(w.accepted(4, id), w.start(5, id), w.delta(0, "That "));
  socket.push({ type: "going_away", reason: "drain", after_ms: 2_000, jitter_ms: 1_000 });
  // The running answer goes on.
  await world.clock.pass(5_000);
  socket.push(w.delta(5, "sounds"));
  assert.equal(turn.text, "That sounds");
  socket.drop(1012);
  await world.clock.pass(2_499);
  assert.equal(world.sockets.length, 1);
  await world.clock.pass(1);
  await world.resumed();
  iw.close();
});

test("a connection that is too old is left in time", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  socket.push({ type: "going_away", reason: "connection_age", after_ms: 1_000, jitter_ms: 2_000 });
  await world.clock.pass(2_000);
  assert.equal(socket.left, true);
  await world.resumed();
  assert.equal(session.state, "open");
  iw.close();
});

test("a refused upgrade is asked about", async () => {
  const world = new World();
  const iw = await world.client();
  world.upgrade = (socket) => socket.refuse();
  for (const [state, code] of [
    ["profile_incomplete", "profile_incomplete"],
    ["consent_required", "consent_required"],
    ["closed", "forbidden"],
  ]) {
    world.answers.set("GET /v1/me", () => w.answer({ state }));
    await assert.rejects(iw.connect(), { name: "InnerWorldError", code, retryable: false });
    assert.deepEqual(world.clock.waits, []);
  }
  // One ticket to connect with and one for the reason, each time.
  assert.equal(world.asked("POST /v1/tickets"), 6);
  iw.close();
});

test("a refused upgrade that nobody can explain is tried again", async () => {
  const world = new World();
  const iw = await world.client();
  world.upgrade = (socket) => socket.refuse();
  const connecting = iw.connect();
  await w.settled();
  assert.deepEqual(world.clock.waits, [250]);
  world.upgrade = (socket) => socket.accept();
  await world.clock.pass(250);
  const [, socket] = world.sockets;
  socket.push(w.welcome());
  assert.equal((await connecting).state, "open");
  iw.close();
});

test("a refused ticket names its code, and Retry-After is kept", async () => {
  const world = new World();
  const iw = await world.client();
  world.answers.set("POST /v1/tickets", () => w.refusal(403, "consent_required"));
  await assert.rejects(iw.connect(), { code: "consent_required", status: 403, requestId: "R" });
  world.answers.set("POST /v1/tickets", () => w.refusal(503, "draining", { "retry-after": "4" }));
  const connecting = iw.connect();
  await w.settled();
  assert.deepEqual(world.clock.waits, [4_000]);
  iw.close();
  await assert.rejects(connecting, { code: "closed" });
});

test("an expired token is renewed before it ends, at a heartbeat", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  socket.lively = true;
  // The token lives for an hour; a heartbeat and a minute are left for the renewal.
  await world.clock.pass(3_500_000);
  assert.equal(world.asked("InitiateAuth"), 0);
  await world.clock.pass(40_000);
  assert.equal(world.asked("InitiateAuth"), 1);
  assert.equal((await socket.next("auth")).token, "access-2");
  assert.equal(session.state, "open");
  iw.close();
});

test("auth.expiring is answered with a fresh token", async () => {
  const world = new World();
  const { socket, iw } = await world.talk();
  socket.push({ type: "auth.expiring", expires_in_s: 60 });
  assert.equal((await socket.next("auth")).token, "access-2");
  assert.deepEqual(world.requests.at(-1).body.AuthParameters, { REFRESH_TOKEN: "refresh-1" });
  iw.close();
});

test("4401 brings a fresh token and the same session", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  socket.push(w.error("token_expired", { fatal: true, close: 4401 }));
  socket.drop(4401);
  await world.clock.pass(0);
  const { hello } = await world.resumed();
  assert.equal(hello.session, w.SESSION);
  assert.equal(world.asked("InitiateAuth"), 1);
  assert.equal(world.requests.at(-1).headers.authorization, "Bearer access-2");
  assert.equal(session.state, "open");
  iw.close();
});

test("without a token to renew with it goes on until the server says that it is over", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  socket.lively = true;
  const seen = states(session);
  iw.auth.use({ accessToken: "a", expiresAt: world.clock.time + 100_000 });
  await world.clock.pass(60_000);
  socket.push({ type: "auth.expiring", expires_in_s: 40 });
  await w.settled();
  assert.equal(session.state, "open");
  socket.drop(4401);
  await w.settled();
  assert.equal(seen.at(-1), "closed: signed_out");
});

test("a token that was revoked everywhere ends it as signed out", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const seen = states(session);
  world.answers.set("InitiateAuth", () =>
    w.answer({ __type: "NotAuthorizedException", message: "Refresh Token has been revoked" }, 400),
  );
  socket.drop(4401);
  await w.settled();
  assert.equal(seen.at(-1), "closed: signed_out");
  assert.equal(iw.signedIn, false);
  assert.deepEqual(world.clock.waits, []);
});

test("a server that refuses the fresh token too is not asked for ever", async () => {
  const world = new World();
  const { session, socket } = await world.talk();
  world.answers.set("POST /v1/tickets", () => w.refusal(401, "token_invalid"));
  socket.drop();
  await world.clock.pass(60_000);
  assert.equal(session.state, "closed");
  assert.ok(world.asked("POST /v1/tickets") < 8);
});

test("heartbeats go out, and a silent connection is given up", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  await world.clock.pass(25_000);
  await socket.next("ping");
  socket.push({ type: "pong", now: "2026-11-05T09:07:28Z" });
  await world.clock.pass(25_000);
  await socket.next("ping");
  assert.equal(session.state, "open");
  await world.clock.pass(10_000);
  assert.equal(socket.left, true);
  assert.equal(session.state, "waiting");
  iw.close();
});

test("a heartbeat renews a token that would not outlast the next", async () => {
  const world = new World();
  const { socket, iw } = await world.talk();
  iw.auth.use({ accessToken: "a", refreshToken: "r", expiresAt: world.clock.time + 100_000 });
  await world.clock.pass(25_000);
  await socket.next("auth");
  assert.equal(world.asked("InitiateAuth"), 1);
  iw.close();
});

test("offline makes it suspicious: it pings, and leaves without an answer", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  world.navigator.onLine = false;
  world.emit("offline");
  await socket.next("ping");
  assert.equal(session.state, "open");
  await world.clock.pass(5_000);
  assert.equal(session.state, "offline");
  world.answers.set("POST /v1/tickets", () => Promise.reject(new TypeError("fetch failed")));
  // Little is tried without a network, and it is never given up.
  await world.clock.pass(600_000);
  assert.equal(world.asked("POST /v1/tickets"), 1 + 20);
  assert.equal(session.state, "offline");
  world.answers.clear();
  world.navigator.onLine = true;
  world.emit("online");
  await world.resumed();
  assert.equal(session.state, "open");
  iw.close();
});

test("offline that was a false alarm costs one ping", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  world.emit("offline");
  await socket.next("ping");
  socket.push({ type: "pong", now: "2026-11-05T09:07:28Z" });
  await world.clock.pass(5_000);
  assert.equal(session.state, "open");
  iw.close();
});

test("a page that is seen again does not wait, one that is hidden does", async () => {
  const world = new World();
  const { socket, iw } = await world.talk();
  socket.drop();
  world.document.visibilityState = "hidden";
  world.emit("visibilitychange");
  await w.settled();
  assert.equal(world.sockets.length, 1);
  world.document.visibilityState = "visible";
  world.emit("visibilitychange");
  const { socket: next } = await world.resumed();
  world.emit("visibilitychange");
  await next.next("ping");
  iw.close();
});

test("an upgrade that stalls is given up", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  world.upgrade = () => {};
  socket.drop();
  await world.clock.pass(250);
  const stalled = await world.socket();
  assert.equal(session.state, "connecting");
  await world.clock.pass(15_000);
  assert.equal(stalled.left, true);
  assert.equal(session.state, "waiting");
  // What it says now is not heard.
  stalled.push(w.welcome({ session: "another" }));
  assert.equal(session.id, w.SESSION);
  iw.close();
});

test("a socket that takes nothing is given up", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  socket.bufferedAmount = 1_000_000;
  session.send("x");
  assert.equal(socket.left, true);
  await world.clock.pass(250);
  const { socket: next } = await world.resumed();
  await next.next("message");
  iw.close();
});

test("unknown frames and fields are ignored, and so are frames without what they need", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const seen = [];
  session.on("frame", ({ type }) => seen.push(type));
  const turn = session.send("x");
  const { id } = await socket.next("message");
  socket.push(
    { type: "weather", seq: 99, sun: true },
    { type: "__proto__" },
    { type: "constructor" },
    { type: 7 },
    {},
    { ...w.accepted(4, id), colour: "blue" },
    { type: "turn.delta", turn: w.TURN },
    { type: "turn.delta", turn: w.TURN, off: -1, d: "no" },
    { type: "turn.delta", turn: w.TURN, off: 0.5, d: "no" },
    { type: "turn.delta", turn: { toString: 1 }, off: 0, d: "no" },
    { type: "turn.start", seq: "5", turn: w.TURN },
    { type: "welcome" },
    w.delta(0, "yes"),
  );
  assert.equal(turn.text, "yes");
  assert.equal(session.state, "open");
  assert.equal(seen[0], "weather");
  iw.close();
});

test("a batch is its frames, sixteen at most, and is not nested", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const turn = session.send("x");
  const { id } = await socket.next("message");
  const batch = (...frames) => ({ type: "batch", frames });
  socket.push(batch(w.accepted(4, id), w.start(5, id), w.delta(0, "a"), null, "b"));
  socket.push(batch(batch(w.delta(1, "nested"))));
  const many = Array.from({ length: 17 }, (_, n) => w.delta(1 + n, "."));
  socket.push(batch(...many));
  assert.equal(turn.text, `a${".".repeat(16)}`);
  iw.close();
});

test("a frame that is too long, is no JSON or no text ends the connection, not the talk", async () => {
  const long = JSON.stringify(w.delta(0, "x".repeat(40_000)));
  for (const raw of [long, "{", "7", "null", new ArrayBuffer(4)]) {
    const world = new World();
    const { session, socket, iw } = await world.talk();
    const seen = states(session);
    socket.raw(raw);
    assert.deepEqual(seen, ["waiting: not_understood"]);
    await world.clock.pass(250);
    await world.resumed();
    iw.close();
  }
});

test("an endless answer is not kept", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const turn = session.send("x");
  const { id } = await socket.next("message");
  socket.push(w.accepted(4, id), w.start(5, id));
  for (let off = 0; off < 100_000 && !socket.left; off += 10_000) {
    socket.push(w.delta(off, "x".repeat(10_000)));
  }
  assert.equal(socket.left, true);
  assert.equal(turn.text.length, 60_000);
  iw.close();
});

test("turns that ended are forgotten, the oldest first", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  for (let n = 0; n < 100; n++) {
    socket.push(w.start(4 + 2 * n, undefined, `T${n}`), w.end(5 + 2 * n, 0, `T${n}`));
  }
  assert.equal(session.turns.length, 64);
  assert.equal(session.turns.at(-1).turn, "T99");
  iw.close();
});

test("close leaves no timer, socket, request or listener", async () => {
  const world = new World();
  let listening = 0;
  for (const target of [world.window, world.document]) {
    const { addEventListener, removeEventListener } = target;
    target.addEventListener = (...all) => {
      listening += 1;
      addEventListener.apply(target, all);
    };
    target.removeEventListener = (...all) => {
      listening -= 1;
      removeEventListener.apply(target, all);
    };
  }
  const { session, socket, iw } = await world.talk();
  assert.equal(listening, 3);
  const turn = session.send("x");
  const { id } = await socket.next("message");
  socket.push(w.error("rate_limited", { ref: id, retryable: true }));
  world.emit("offline");
  assert.ok(world.clock.waits.length >= 3);
  session.close();
  assert.deepEqual(world.clock.waits, []);
  assert.equal(listening, 0);
  await assert.rejects(turn.done, { code: "closed" });
  iw.close();
  await assert.rejects(iw.connect(), { code: "closed" });
});

test("close in the middle of a request ends the request", async () => {
  const world = new World();
  const iw = await world.client();
  world.answers.set(
    "POST /v1/tickets",
    ({ init }) =>
      new Promise((_, reject) => {
        init.signal.addEventListener("abort", () => reject(init.signal.reason));
      }),
  );
  const connecting = iw.connect();
  await w.settled();
  iw.close();
  await assert.rejects(connecting, { code: "closed" });
  await w.settled();
  assert.deepEqual(world.clock.waits, []);
});

test("leaving a session that asks for its ticket ends that request", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  let aborted = false;
  world.answers.set("POST /v1/tickets", ({ init }) => {
    init.signal.addEventListener("abort", () => {
      aborted = true;
    });
    return new Promise(() => {});
  });
  socket.drop();
  await world.clock.pass(250);
  assert.equal(session.state, "connecting");
  session.close();
  assert.equal(aborted, true);
  iw.close();
});

test("without WebSocket the error says what to do", async () => {
  const world = new World();
  const iw = await createClient({
    httpUrl: "http://server.test",
    platform: { ...world.platform, WebSocket: undefined },
  });
  iw.auth.use({ accessToken: "a", expiresAt: world.clock.time + 3_600_000 });
  await assert.rejects(iw.connect(), { code: "no_websocket", message: /experimental-websocket/ });
  const given = await createClient({
    httpUrl: "http://server.test",
    platform: { ...world.platform, WebSocket: undefined },
    WebSocket: world.platform.WebSocket,
  });
  await assert.rejects(given.connect(), { code: "signed_out" });
  given.auth.use({ accessToken: "a", expiresAt: world.clock.time + 3_600_000 });
  const connecting = given.connect();
  await world.socket();
  given.close();
  await assert.rejects(connecting, { code: "closed" });
});

test("a listener that throws does not stop the session", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  session.on("notice", () => {
    throw new Error("a fault of the app");
  });
  socket.push({ type: "notice", seq: 4, kind: "break", text: "Rest.", version: "1" });
  assert.deepEqual(world.reported, ["a fault of the app"]);
  assert.equal(session.state, "open");
  iw.close();
});
