// Greeting, turns, the offset rule, resume: what protocol 5 to 7 ask of a client.

import assert from "node:assert/strict";
import { test } from "node:test";

import * as w from "./support/world.js";

const { World } = w;

test("hello, disclosure, persona and message go in this order", async () => {
  const world = new World();
  const iw = await world.client();
  const shown = [];
  const connecting = iw.connect({
    persona: "courage",
    locale: "de-DE",
    country: "DE",
    disclosure: (frame) => shown.push(frame.text) > 0,
  });
  const socket = await world.socket();
  assert.match(socket.url, /^ws:\/\/server\.test\/v1\/ws\?ticket=t\d+$/);
  assert.equal(socket.protocol, "innerworld.v1");
  const hello = await socket.next("hello");
  assert.deepEqual(
    [hello.protocol, hello.locale, hello.country, hello.session, hello.last],
    [1, "de-DE", "DE", undefined, undefined],
  );
  socket.push(w.welcome({ state: "greeting" }), w.disclosure());
  assert.equal((await socket.next("disclosure.ack")).version, "d1");
  assert.equal((await socket.next("persona.choose")).persona, "courage");
  socket.push(w.chosen(3));
  const session = await connecting;
  assert.deepEqual(shown, ["An AI."]);
  assert.equal(session.persona, "courage");
  assert.equal(session.state, "open");
  iw.close();
});

test("what happens before connect is fulfilled can be heard", async () => {
  const world = new World();
  const iw = await world.client();
  const seen = [];
  const on = {
    state: ({ state }) => seen.push(state),
    safety: ({ event }) => seen.push(event),
  };
  const connecting = iw.connect({ on });
  const socket = await world.socket();
  await socket.next("hello");
  socket.push(w.crisis("E1"), w.welcome());
  await connecting;
  assert.deepEqual(seen, ["connecting", "E1", "open"]);
  iw.close();
});

test("without somebody to show the disclosure the session waits and says for what", async () => {
  const world = new World();
  const iw = await world.client();
  const connecting = iw.connect({ persona: "courage" });
  const socket = await world.socket();
  await socket.next("hello");
  socket.push(w.welcome({ state: "greeting" }), w.disclosure());
  const session = await connecting;
  assert.equal(session.needs, "disclosure");
  // What is said now goes out all the same: the server looks at it for safety, and refuses.
  const turn = session.send("hello");
  const { id } = await socket.next("message");
  socket.push(w.error("disclosure_required", { ref: id }));
  await assert.rejects(turn.done, { code: "disclosure_required" });
  session.acceptDisclosure();
  await socket.next("disclosure.ack");
  await socket.next("persona.choose");
  socket.push(w.chosen(3));
  assert.equal(session.needs, undefined);
  iw.close();
});

test("a disclosure that was not accepted ends it", async () => {
  const world = new World();
  const iw = await world.client();
  const connecting = iw.connect({ persona: "courage", disclosure: async () => false });
  const socket = await world.socket();
  await socket.next("hello");
  socket.push(w.welcome({ state: "greeting" }), w.disclosure());
  await assert.rejects(connecting, { code: "disclosure_required" });
  assert.equal(socket.left, true);
  assert.deepEqual(world.clock.waits, []);
});

test("a persona that does not exist fails connect", async () => {
  const world = new World();
  const iw = await world.client();
  const connecting = iw.connect({ persona: "nobody" });
  const socket = await world.socket();
  await socket.next("hello");
  socket.push(w.welcome({ state: "greeting" }), w.disclosure({ ack_required: false }));
  await socket.next("persona.choose");
  socket.push(w.error("unknown_persona"));
  await assert.rejects(connecting, { code: "unknown_persona" });
});

test("an answer comes in pieces", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const turn = session.send("I froze");
  const { id, text } = await socket.next("message");
  assert.match(id, /^[0-9A-HJKMNP-TV-Z]{26}$/);
  assert.equal(text, "I froze");
  assert.equal(turn.status, "sending");
  socket.push(w.accepted(4, id));
  assert.equal(turn.status, "accepted");
  socket.push({ type: "turn.status", turn: w.TURN, status: "thinking" });
  assert.equal(turn.status, "thinking");
  const pieces = [];
  const reading = (async () => {
    for await (const { d, text, replaced } of turn) pieces.push([d, text, replaced]);
  })();
  socket.push(w.start(5, id), w.delta(0, "That "));
  await w.settled();
  socket.push(w.delta(5, "sounds"), w.delta(11, " hard"));
  await w.settled();
  socket.push(w.end(6, 16));
  await reading;
  assert.deepEqual(pieces, [
    ["That ", "That ", false],
    // Who was not looking gets fewer, larger pieces.
    ["sounds hard", "That sounds hard", false],
  ]);
  assert.equal((await turn.done).finish, "stop");
  assert.equal(turn.origin, "model");
  iw.close();
});

test("repeated and overlapping pieces give nothing twice; offsets count scalars", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const turn = session.send("x");
  const { id } = await socket.next("message");
  socket.push(w.accepted(4, id), w.start(5, id), w.delta(0, "né🌱"));
  socket.push(w.delta(0, "né"), w.delta(2, "🌱é!"), w.delta(0, "né🌱é!"), w.start(5, id));
  assert.equal(turn.text, "né🌱é!");
  socket.push(w.end(6, 5), w.end(6, 5), w.delta(5, "?"));
  assert.equal((await turn.done).text, "né🌱é!");
  iw.close();
});

test("a hole is filled by hello, and nothing between is taken", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const turn = session.send("x");
  const { id } = await socket.next("message");
  await world.clock.pass(6_000);
  socket.push(w.accepted(4, id), w.start(5, id), w.delta(0, "That "), w.delta(9, "hard"));
  const { last, session: asked } = await socket.next("hello");
  assert.deepEqual(last, { epoch: "e1", seq: 5, turn: w.TURN, off: 5 });
  assert.equal(asked, w.SESSION);
  socket.push(w.delta(5, "from the old position"));
  socket.push(w.welcome({ resumed: "full", open_turn: w.TURN }), w.delta(5, "is hard"));
  assert.equal(turn.text, "That is hard");
  iw.close();
});

test("a second hole within five seconds is filled on a new connection", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  session.send("x");
  const { id } = await socket.next("message");
  socket.push(w.accepted(4, id), w.start(5, id), w.delta(9, "hard"));
  assert.equal(socket.left, true);
  await world.clock.pass(250);
  const { hello } = await world.resumed();
  assert.deepEqual(hello.last, { epoch: "e1", seq: 5, turn: w.TURN, off: 0 });
  iw.close();
});

test("an end that does not fit is asked for again, and believed in the end", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const turn = session.send("x");
  const { id } = await socket.next("message");
  socket.push(w.accepted(4, id), w.start(5, id), w.delta(0, "That "));
  for (let time = 0; time < 3; time++) {
    await world.clock.pass(6_000);
    socket.push(w.end(6, 99));
    assert.equal((await socket.next("hello")).last.seq, 5);
    socket.push(w.welcome({ resumed: "full" }));
    assert.equal(turn.over, false);
  }
  socket.push(w.end(6, 99));
  assert.equal((await turn.done).text, "That ");
  iw.close();
});

test("a withdrawn answer is said to be one", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const turn = session.send("x");
  const { id } = await socket.next("message");
  const seen = [];
  const reading = (async () => {
    for await (const { text, replaced } of turn) seen.push([text, replaced]);
  })();
  socket.push(w.accepted(4, id), w.start(5, id), w.delta(0, "Never"));
  await w.settled();
  socket.push({ type: "turn.reset", seq: 6, turn: w.TURN, reason: "safety" });
  await w.settled();
  socket.push(w.delta(0, "Let"));
  await w.settled();
  // A crash of the server takes back what was not stored.
  socket.push({ type: "turn.snapshot", turn: w.TURN, text: "Le", len: 2, ai_generated: true });
  socket.push(w.end(7, 2, w.TURN, "interrupted"));
  await reading;
  assert.deepEqual(seen, [
    ["Never", false],
    ["", true],
    ["Let", false],
    ["Le", true],
  ]);
  assert.equal(turn.finish, "interrupted");
  iw.close();
});

test("a turn that was not asked for here is told", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const turns = [];
  session.on("turn", (turn) => turns.push(turn));
  socket.push(w.start(4, undefined), w.delta(0, "Hi"), w.end(5, 2));
  assert.equal(turns.length, 1);
  assert.equal((await turns[0].done).text, "Hi");
  assert.deepEqual(session.turns, turns);
  iw.close();
});

test("a message that was not accepted is sent again, under its id", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const turn = session.send("first");
  const { id } = await socket.next("message");
  socket.drop();
  const other = session.send("second");
  await world.clock.pass(250);
  const { socket: next, hello } = await world.resumed();
  assert.deepEqual(hello.last, { epoch: "e1", seq: 3 });
  assert.deepEqual(await next.next("message"), { type: "message", id, text: "first" });
  assert.equal((await next.next("message")).id, other.id);
  next.push({ ...w.accepted(4, id), dup: true });
  next.drop();
  await world.clock.pass(500);
  const { socket: third } = await world.resumed();
  assert.deepEqual(
    third.all.filter(({ type }) => type === "message").map(({ id }) => id),
    [other.id],
  );
  assert.equal(turn.status, "accepted");
  iw.close();
});

test("a cut in mid-answer loses and doubles nothing", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const turn = session.send("x");
  const { id } = await socket.next("message");
  socket.push(w.accepted(4, id), w.start(5, id), w.delta(0, "That "));
  const seen = [];
  const reading = (async () => {
    for await (const { d } of turn) seen.push(d);
  })();
  await w.settled();
  socket.drop();
  await world.clock.pass(250);
  const { socket: next, hello } = await world.resumed({ open_turn: w.TURN });
  assert.deepEqual(hello.last, { epoch: "e1", seq: 5, turn: w.TURN, off: 5 });
  next.push(w.delta(3, "t sounds hard"), w.end(6, 16));
  await reading;
  assert.equal(seen.join(""), "That sounds hard");
  iw.close();
});

test("after a trimmed log the snapshots are taken, and HTTP tells the rest", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const turn = session.send("x");
  const { id } = await socket.next("message");
  socket.push(w.accepted(4, id), w.start(5, id), w.delta(0, "That "));
  socket.drop();
  world.answers.set(`GET /v1/sessions/${w.SESSION}/turns`, () =>
    w.answer({ items: [{ id: w.TURN, message: id, answer: "That hurts", finish: "stop" }] }),
  );
  await world.clock.pass(250);
  const { socket: next } = await world.resumed({ resumed: "snapshot", seq: 90 });
  next.push({ type: "turn.snapshot", turn: w.TURN, text: "That hurts", len: 10 });
  assert.equal((await turn.done).text, "That hurts");
  next.drop();
  await world.clock.pass(500);
  assert.equal((await world.resumed()).hello.last.seq, 90);
  iw.close();
});

test("after a lost session what was taken is not sent again, and the rest is", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const [taken, open, never] = [session.send("a"), session.send("b"), session.send("c")];
  await w.settled();
  // The first was accepted, though nobody heard it; the second was, and had no end.
  socket.push(w.accepted(4, open.id), w.chosen(5, "compass"));
  socket.drop();
  world.answers.set(`GET /v1/sessions/${w.SESSION}/turns`, () =>
    w.answer({ items: [{ id: "T1", message: taken.id, answer: "Yes", finish: "stop" }] }),
  );
  const lost = [];
  session.on("lost", (event) => lost.push(event.session));
  await world.clock.pass(250);
  const { socket: next } = await world.resumed({
    resumed: "lost",
    session: "S2",
    epoch: "e2",
    seq: 1,
    state: "greeting",
  });
  next.push(w.disclosure({ ack_required: false }));
  // Whom the talk was with last.
  assert.equal((await next.next("persona.choose")).persona, "compass");
  next.push(w.chosen(2, "compass"));
  assert.equal((await next.next("message")).id, never.id);
  assert.equal((await taken.done).text, "Yes");
  await assert.rejects(open.done, { code: "session_ended" });
  assert.deepEqual(lost, [w.SESSION]);
  assert.equal(next.all.filter(({ type }) => type === "message").length, 1);
  assert.equal(session.id, "S2");
  iw.close();
});

test("what may succeed later is sent again when the server says, the rest is refused", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const turn = session.send("x");
  const { id } = await socket.next("message");
  const busy = { ref: id, retryable: true, retry_after_ms: 1_800 };
  socket.push(w.error("rate_limited", busy));
  await world.clock.pass(1_799);
  assert.deepEqual(socket.sent, []);
  await world.clock.pass(1);
  assert.equal((await socket.next("message")).id, id);
  // Retryable, but not today.
  socket.push(w.error("daily_limit", { ref: id, retryable: true }));
  await assert.rejects(turn.done, { code: "daily_limit", retryable: true });
  await assert.rejects(async () => {
    for await (const _ of turn);
  }, /daily_limit/);
  assert.equal(turn.status, "failed");
  iw.close();
});

test("a refusal by the safety state names its code", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const turn = session.send("x");
  const { id } = await socket.next("message");
  const errors = [];
  session.on("error", (error) => errors.push(error.code));
  socket.push(w.error("journal_only", { ref: id }));
  await assert.rejects(turn.done, { code: "journal_only", retryable: false });
  assert.deepEqual(errors, ["journal_only"]);
  iw.close();
});

test("a long text that fits the frame is sent, since it is looked at for safety", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  session.send("ü".repeat(12_000));
  assert.equal((await socket.next("message")).text.length, 12_000);
  await assert.rejects(session.send("ü".repeat(17_000)).done, { code: "message_too_long" });
  iw.close();
});

test("controls and halves of characters do not travel", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  session.send("\ufeffa\u0000b\u001f\n\tc\ud83c");
  assert.equal((await socket.next("message")).text, "\ufeffab\n\tc\ufffd");
  iw.close();
});

test("messages that wait are bounded, and an id is used once", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const ids = ["a", "b", "c"].map((text) => session.send(text).id);
  const sent = socket.all.filter(({ type }) => type === "message");
  assert.deepEqual(
    sent.map(({ id }) => id),
    ids,
  );
  for (const id of ids) socket.push(w.error("journal_only", { ref: id }));
  socket.drop();
  for (let n = 0; n < 8; n++) session.send("x", { id: `${n}` });
  await assert.rejects(session.send("x", { id: "0" }).done, { code: "id_conflict" });
  await assert.rejects(session.send("x").done, { code: "turn_busy", retryable: true });
  iw.close();
});

test("an answer is stopped, or never asked for", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const turn = session.send("x");
  const { id } = await socket.next("message");
  socket.push(w.accepted(4, id), w.start(5, id), w.delta(0, "Th"));
  turn.cancel();
  assert.equal((await socket.next("cancel")).turn, w.TURN);
  socket.push(w.end(6, 2, w.TURN, "cancelled"));
  assert.equal((await turn.done).finish, "cancelled");
  socket.drop();
  const unsent = session.send("y");
  unsent.cancel();
  assert.equal((await unsent.done).finish, "cancelled");
  await world.clock.pass(250);
  const { socket: next } = await world.resumed();
  assert.equal(next.all.filter(({ type }) => type === "message").length, 0);
  iw.close();
});

test("a persona is changed between turns, and a refusal is told", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const choosing = session.choose("compass");
  await socket.next("persona.choose");
  const turn = session.send("to compass");
  await w.settled();
  assert.deepEqual(socket.sent, [], "messages wait for the persona they are for");
  socket.push(w.chosen(4, "compass"));
  await choosing;
  assert.equal((await socket.next("message")).id, turn.id);
  const refused = session.choose("nobody");
  await socket.next("persona.choose");
  socket.push(w.error("unknown_persona"));
  await assert.rejects(refused, { code: "unknown_persona" });
  assert.equal(session.persona, "compass");
  iw.close();
});

test("what was lost on its way in the greeting is said again", async () => {
  const world = new World();
  const iw = await world.client();
  const connecting = iw.connect({ persona: "courage", disclosure: () => true });
  const socket = await world.socket();
  await socket.next("hello");
  socket.push(w.welcome({ state: "greeting" }), w.disclosure());
  await socket.next("persona.choose");
  socket.drop();
  await world.clock.pass(250);
  const { socket: next } = await world.resumed({ state: "greeting", seq: 1 });
  await next.next("disclosure.ack");
  await next.next("persona.choose");
  next.push(w.chosen(3));
  await connecting;
  iw.close();
});

test("a live session is joined where it stands", async () => {
  const world = new World();
  const iw = await world.client();
  const connecting = iw.connect({ persona: "courage" });
  const socket = await world.socket();
  await socket.next("hello");
  socket.push(w.welcome({ persona: "courage" }), w.disclosure());
  const session = await connecting;
  assert.equal(session.persona, "courage");
  assert.deepEqual(socket.sent, []);
  iw.close();
});

test("the end of a session is told with what it came to, and nothing connects again", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const ending = session.end("bye");
  assert.equal((await socket.next("session.end")).reason, "bye");
  socket.push({
    type: "session.ended",
    seq: 4,
    reason: "client",
    duration_s: 5,
    turns: 1,
    remaining_s: 900,
    memory: "pending",
  });
  assert.equal((await ending).reason, "client");
  const remembered = [];
  session.on("memory", (frame) => remembered.push(frame.added));
  socket.push({ type: "memory.updated", seq: 5, added: 3, changed: 0, closed: 0 });
  assert.deepEqual(remembered, [3]);
  socket.drop();
  await world.clock.pass(60_000);
  assert.equal(world.sockets.length, 1);
  assert.equal(session.state, "closed");
  assert.equal(session.remainingS, 900);
  await assert.rejects(session.send("x").done, { code: "closed" });
  iw.close();
});

test("an end that was asked for while the connection was away is asked for again", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const ending = session.end();
  socket.drop();
  await world.clock.pass(250);
  const { socket: next } = await world.resumed();
  await next.next("session.end");
  iw.close();
  await assert.rejects(ending, { code: "closed" });
});

test("typing is said at most every two seconds", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  session.typing();
  session.typing();
  await world.clock.pass(2_000);
  session.typing();
  assert.equal(socket.sent.filter(({ type }) => type === "typing").length, 2);
  iw.close();
});

test("time left, notices and the safety state are told", async () => {
  const world = new World();
  const { session, socket, iw } = await world.talk();
  const told = [];
  for (const name of ["time", "notice", "safetyState"]) {
    session.on(name, (frame) => told.push([name, frame.seq]));
  }
  socket.push({ type: "session.time", seq: 4, remaining_s: 60, resets_at: "2026-11-24T05:00:00Z" });
  socket.push({ type: "notice", seq: 5, kind: "break", text: "Rest.", version: "1" });
  socket.push({ type: "safety.state", seq: 6, state: "crisis" });
  // Repeats are not.
  socket.push({ type: "safety.state", seq: 6, state: "crisis" });
  assert.deepEqual(told, [
    ["time", 4],
    ["notice", 5],
    ["safetyState", 6],
  ]);
  assert.equal(session.remainingS, 60);
  iw.close();
});
