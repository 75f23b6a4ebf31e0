// The client at a running server: from signing up to erasing.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { createClient } from "../src/client.js";
import {
  CuttingProxy,
  consent,
  event,
  hurried,
  PROFILE,
  ready,
  stranger,
  TALK,
  teen,
} from "./support/live.js";

const { http_url: httpUrl, ws_url: wsUrl } = ready();
const open = [];
after(() => {
  for (const one of open) one.close();
});
/** Closed when everything is over. */
const keep = (one) => {
  open.push(one);
  return one;
};

test("the server says where to sign in, and that codes can be read", async () => {
  const iw = keep(await createClient({ httpUrl }));
  assert.equal(iw.info.dev_codes, true);
  assert.equal(iw.info.mode, "offline");
  assert.equal(iw.signedIn, false);
});

test("a newcomer signs up, is held back until all is said, and talks", async () => {
  const { iw, who } = await stranger(httpUrl);
  keep(iw);
  await assert.rejects(iw.signIn({ ...who, password: "not the password" }), {
    code: "NotAuthorizedException",
  });
  assert.equal((await iw.me()).state, "profile_incomplete");
  // Two refused upgrades: a socket shows nothing of why.
  await assert.rejects(iw.connect(TALK), { code: "profile_incomplete" });
  await iw.setProfile(PROFILE);
  await assert.rejects(iw.connect(TALK), { code: "consent_required" });
  await consent(iw);
  assert.equal((await iw.me()).state, "active");

  const shown = [];
  const session = await iw.connect({ ...TALK, disclosure: ({ text }) => shown.push(text) > 0 });
  assert.match(shown[0], /AI, not a person/);
  assert.equal(session.persona, "courage");
  const turn = session.send("I froze in front of the class again.");
  const pieces = [];
  for await (const { d } of turn) pieces.push(d);
  assert.equal(pieces.join(""), turn.text);
  assert.equal((await turn.done).finish, "stop");
  assert.ok(turn.aiGenerated);
  const { items } = await iw.request("GET", `/v1/sessions/${session.id}/turns`);
  const stored = items.find(({ id }) => id === turn.turn);
  assert.deepEqual([stored.answer, stored.message], [turn.text, turn.id]);

  await session.choose("compass");
  assert.equal(session.persona, "compass");
  await assert.rejects(session.choose("nobody"), { code: "unknown_persona" });
  await assert.rejects(session.send("\u0000").done, { code: "invalid_message" });

  const remembered = event(session, "memory");
  const ended = await session.end("done");
  assert.deepEqual([ended.reason, ended.turns, ended.memory], ["client", 1, "pending"]);
  assert.ok((await remembered).seq > ended.seq);
});

test("a cut before accepted sends the same message again, and it is answered once", async () => {
  const proxy = keep(await CuttingProxy.before(wsUrl));
  const { iw } = await teen(httpUrl, { socketUrl: proxy.url, platform: hurried(10) });
  keep(iw);
  const session = await iw.connect(TALK);
  let cut = false;
  proxy.judge = ({ type }) => {
    if (type !== "accepted" || cut) return "pass";
    cut = true;
    return "cut";
  };
  const turn = session.send("Is this said once?");
  await turn.done;
  assert.equal(proxy.cuts, 1);
  const { items } = await iw.request("GET", `/v1/sessions/${session.id}/turns`);
  const said = items.filter(({ message }) => message);
  assert.deepEqual(
    said.map(({ message, answer }) => [message, answer]),
    [[turn.id, turn.text]],
  );
});

test("a network that stalls is noticed, and what it held back arrives", async () => {
  const proxy = keep(await CuttingProxy.before(wsUrl));
  const window = new EventTarget();
  const { iw } = await teen(httpUrl, {
    socketUrl: proxy.url,
    platform: { ...hurried(10), window },
  });
  keep(iw);
  const session = await iw.connect(TALK);
  let stalled = false;
  proxy.judge = ({ type }) => {
    if (type !== "turn.start" || stalled) return "pass";
    stalled = true;
    return "stall";
  };
  // The last frame before the stall.
  const last = event(session, "frame", ({ type }) => type === "notice");
  void last.then(() => window.dispatchEvent(new Event("offline")));
  const waiting = event(session, "state", ({ state }) => state === "waiting");
  const turn = session.send("Can you hear me?");
  assert.equal((await waiting).error.code, "unreachable");
  await turn.done;
  assert.equal(turn.finish, "stop");
  assert.ok(turn.text.length > 0);
});

test("help is sent again until it was shown, and not after that", async () => {
  const proxy = keep(await CuttingProxy.before(wsUrl));
  const { iw } = await teen(httpUrl, { socketUrl: proxy.url, platform: hurried(10) });
  keep(iw);
  const session = await iw.connect(TALK);
  const crises = [];
  session.on("frame", (frame) => frame.type === "safety.crisis" && crises.push(frame.event));
  const first = event(session, "frame", ({ type }) => type === "safety.crisis");
  const turn = session.send("i want to kill myself");
  await first;
  assert.equal((await turn.done).finish, "safety");
  // Nobody has shown it: on the next connection it comes again.
  proxy.cut();
  await event(session, "frame", ({ type }) => type === "safety.crisis");
  const card = await event(session, "safety");
  assert.ok(card.resources.length > 0);
  assert.ok(card.emergency_hint.number);
  session.on("safety", ({ event: id }) => assert.notEqual(id, card.event, "shown before"));
  // One frame after the acknowledgement: once it is answered, that has arrived.
  await assert.rejects(session.choose("nobody"), { code: /unknown_persona|journal_only/ });
  const before = crises.length;
  const joined = event(session, "state", ({ state }) => state === "open");
  proxy.cut();
  await joined;
  await assert.rejects(session.choose("nobody"), { code: /unknown_persona|journal_only/ });
  assert.equal(crises.length, before);
  if (card.choices.length > 0) session.reply(card.event, card.choices[0]);
});

test("the newer of two devices wins, the older says so and can take it back", async () => {
  const { iw, who } = await teen(httpUrl);
  keep(iw);
  const older = await iw.connect(TALK);
  const turn = older.send("This is on both.");
  await turn.done;
  const other = keep(await createClient({ httpUrl }));
  await other.signIn(who);
  const replaced = event(older, "state", ({ state }) => state === "closed");
  const newer = await other.connect(TALK);
  assert.equal((await replaced).error.code, "replaced");
  assert.equal(newer.id, older.id);
  const again = newer.send("And this.");
  await again.done;
  const seen = newer.turns.find((one) => one.turn === turn.turn);
  assert.equal(seen.text, turn.text);
  const back = event(newer, "state", ({ state }) => state === "closed");
  older.reconnect();
  assert.equal((await back).error.code, "replaced");
  await older.send("Back here.").done;
  assert.ok(older.turns.some((one) => one.turn === again.turn && one.text === again.text));
});

test("signing out ends it on every device", async () => {
  const { iw, who } = await teen(httpUrl);
  keep(iw);
  const other = keep(await createClient({ httpUrl }));
  await other.signIn(who);
  const session = await other.connect(TALK);
  const closed = event(session, "state", ({ state }) => state === "closed");
  await iw.signOut();
  assert.equal(iw.signedIn, false);
  assert.equal((await closed).error.code, "signed_out");
  assert.equal(other.signedIn, false);
  await assert.rejects(iw.connect(TALK), { code: "signed_out" });
});

test("erasing ends everything, and the account is gone", async () => {
  const { iw, who } = await teen(httpUrl);
  keep(iw);
  const other = keep(await createClient({ httpUrl }));
  await other.signIn(who);
  const session = await other.connect(TALK);
  const closed = event(session, "state", ({ state }) => state === "closed");
  await iw.erase();
  assert.match((await closed).error.code, /^(forbidden|signed_out|token_invalid)$/);
  await assert.rejects(iw.signIn(who), { code: "NotAuthorizedException" });
});
