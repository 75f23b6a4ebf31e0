// Help is shown once, acknowledged when it was shown, and never before.

import assert from "node:assert/strict";
import { test } from "node:test";

import * as w from "./support/world.js";

const { World } = w;
const acks = (socket) =>
  socket.all.filter(({ type }) => type === "safety.ack").map(({ event }) => event);

test("help is shown once and acknowledged each time it comes", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const shown = [];
  session.on("safety", (frame) => shown.push(frame.event));
  socket.push(w.crisis("E1"));
  await w.settled();
  assert.deepEqual([shown, acks(socket)], [["E1"], ["E1"]]);
  // The acknowledgement was lost: the server sends it again, on the next connection too.
  socket.push(w.crisis("E1"));
  await w.settled();
  socket.drop();
  await world.clock.pass(250);
  const { socket: next } = await world.resumed();
  next.push(w.crisis("E1", 7));
  await w.settled();
  assert.deepEqual([shown, acks(socket), acks(next)], [["E1"], ["E1", "E1"], ["E1"]]);
  next.drop();
  await world.clock.pass(500);
  assert.equal((await world.resumed()).hello.last.seq, 7);
  assert.equal(session.safety.event, "E1");
  iw.close();
});

test("help that nobody shows is not acknowledged, and shown as soon as somebody can", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  socket.push(w.crisis("E1"), w.crisis("E2"), w.crisis("E1"));
  await w.settled();
  assert.deepEqual(acks(socket), []);
  const shown = [];
  session.on("safety", (frame) => shown.push(frame.event));
  await w.settled();
  assert.deepEqual(shown.sort(), ["E1", "E2"]);
  assert.deepEqual(acks(socket).sort(), ["E1", "E2"]);
  iw.close();
});

test("help is acknowledged after it was drawn, and again shown where drawing failed", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  let drawn;
  let times = 0;
  session.on("safety", () => {
    times += 1;
    if (times === 1) throw new Error("no canvas");
    return new Promise((resolve) => {
      drawn = resolve;
    });
  });
  socket.push(w.crisis("E1"));
  await w.settled();
  assert.deepEqual([world.reported, acks(socket)], [["no canvas"], []]);
  socket.push(w.crisis("E1"), w.crisis("E1"));
  await w.settled();
  assert.deepEqual([times, acks(socket)], [2, []]);
  drawn();
  await w.settled();
  assert.deepEqual(acks(socket), ["E1"]);
  iw.close();
});

test("a soft check-in needs no acknowledgement", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  session.on("safety", () => {});
  const checkin = (event, intensity) => ({ ...w.crisis(event), type: "safety.checkin", intensity });
  socket.push(checkin("E1", "soft"), checkin("E2", "ask"));
  await w.settled();
  assert.deepEqual(acks(socket), ["E2"]);
  iw.close();
});

test("help comes through while a resync is on its way", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const shown = [];
  session.on("safety", (frame) => shown.push(frame.event));
  await world.clock.pass(6_000);
  socket.push(w.start(4, undefined), w.delta(9, "hole"), w.crisis("E1"));
  await w.settled();
  assert.deepEqual(shown, ["E1"]);
  iw.close();
});

test("pings go every minute while help is not acknowledged", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  socket.drop();
  await world.clock.pass(250);
  const { socket: next } = await world.resumed({ heartbeat_ms: 240_000 });
  assert.deepEqual(world.clock.waits, [240_000]);
  next.push(w.crisis("E1"));
  await w.settled();
  assert.deepEqual(world.clock.waits, [60_000]);
  session.on("safety", () => {});
  await w.settled();
  assert.deepEqual(world.clock.waits, [240_000]);
  iw.close();
});

test("an answer to help that could not be sent goes out after the reconnect", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  session.reply("E1", "safe");
  assert.equal((await socket.next("safety.reply")).choice, "safe");
  socket.drop();
  session.reply("E2", "not_safe");
  await world.clock.pass(250);
  const { socket: next } = await world.resumed();
  assert.deepEqual(await next.next("safety.reply"), {
    type: "safety.reply",
    event: "E2",
    choice: "not_safe",
  });
  iw.close();
});

test("what is said after the day's limit still reaches the server", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  socket.push({ type: "session.ended", seq: 4, reason: "daily_limit", memory: "off" });
  const turn = session.send("I am not safe");
  const { id } = await socket.next("message");
  socket.push(w.crisis("E1"), w.error("daily_limit", { ref: id, retryable: true }));
  await assert.rejects(turn.done, { code: "daily_limit" });
  assert.equal(session.safety.event, "E1");
  iw.close();
});
