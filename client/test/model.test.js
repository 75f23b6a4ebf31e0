// Long answers over a network that cuts them, and a server that restarts.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { CuttingProxy, event, hurried, Model, Serve, TALK, teen } from "./support/live.js";

const CUTS = 5;
const model = new Model();
let serve;
let proxy;

before(async () => {
  await model.start();
  const limits = "[limits]\nhandshakes_per_teen_min = 600\nhandshakes_per_ip_min = 600\n";
  serve = await new Serve(model.config + limits).start();
  proxy = await CuttingProxy.before(serve.ready.ws_url);
});

after(() => {
  proxy.close();
  serve.close();
  model.close();
});

/** A long answer; characters of one to four bytes in it. */
const story = (name) =>
  Array.from({ length: 40 }, (_, n) => `${name} walks on, step ${n}, é 河 🌱.`).join(" ");

/** The same numbers in every run. */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state % below;
  };
}

test("answers that are cut many times arrive whole, and each is made once", async () => {
  const next = numbers(7);
  let total = 0;
  for (const name of ["Ada", "Bo", "Cleo", "Dov"]) {
    const { iw } = await teen(serve.ready.http_url, {
      socketUrl: proxy.url,
      platform: hurried(50),
    });
    const session = await iw.connect({ ...TALK, rollupMs: 0 });
    model.text = story(name);
    const calls = model.calls;
    let [left, pass] = [CUTS, next(8)];
    // Anywhere in the answer, its frames before and after the words too.
    proxy.judge = ({ type }) => {
      if (left === 0 || !/^(accepted|turn\.)/.test(type) || pass-- > 0) return "pass";
      left -= 1;
      pass = next(8);
      return "cut";
    };
    const turn = session.send(`Tell me of ${name}.`);
    let shown = "";
    for await (const { d, replaced } of turn) shown = replaced ? d : shown + d;
    proxy.judge = () => "pass";
    assert.equal(turn.finish, "stop");
    assert.equal(turn.text, model.text);
    assert.equal(shown, model.text);
    assert.equal(turn.origin, "model");
    assert.equal(model.calls, calls + 1);
    const { items } = await iw.request("GET", `/v1/sessions/${session.id}/turns`);
    assert.equal(items.find(({ id }) => id === turn.turn).answer, model.text);
    total += CUTS - left;
    iw.close();
  }
  assert.equal(total, 4 * CUTS);
});

test("an answer that is stopped keeps what came of it", async () => {
  const { iw } = await teen(serve.ready.http_url);
  const session = await iw.connect(TALK);
  model.text = story("Eve");
  const turn = session.send("Tell me of Eve.");
  for await (const _ of turn) turn.cancel();
  assert.equal(turn.finish, "cancelled");
  assert.ok(turn.text.length > 0 && model.text.startsWith(turn.text));
  iw.close();
});

test("a server that restarts is found again, in the same session", async () => {
  const { iw } = await teen(serve.ready.http_url, { platform: hurried(20) });
  const session = await iw.connect(TALK);
  model.text = "Here I am.";
  await session.send("Are you there?").done;
  model.text = story("Finn");
  const running = session.send("Tell me of Finn.");
  const away = event(session, "state", ({ state }) => state !== "open");
  const hint = event(session, "frame", ({ type }) => type === "going_away");
  await running[Symbol.asyncIterator]().next();
  const stopping = serve.stop();
  assert.equal((await hint).reason, "drain");
  // What runs is finished first.
  assert.equal((await running.done).text, model.text);
  await away;
  model.text = "Here I am.";
  const turn = session.send("And now?");
  assert.equal(await stopping, 0);
  await serve.start();
  assert.equal((await turn.done).text, "Here I am.");
  assert.equal(session.welcome.resumed, "full");
  iw.close();
});
