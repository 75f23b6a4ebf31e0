// A running server, people at it, and a network between that cuts and stalls.
//
// `cargo xtask test --stage console` starts the server and names it in the environment. Without
// that every test here fails: nothing may pass because something was not there.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

import { createClient } from "../../src/client.js";

export const PASSWORD = "river stone lantern";
const COMPANY = "Local Models";

/** The server that the stage started; its addresses. */
export const ready = () => JSON.parse(process.env.TEST_SERVER_READY);

/** The next event of this name, or the first that fits. */
export const event = (emitter, name, fits = () => true) =>
  new Promise((resolve) => {
    const off = emitter.on(name, (value) => {
      if (!fits(value)) return;
      off();
      resolve(value);
    });
  });

let accounts = 0;
const run = `${process.pid}-${Date.now()}`;

/** A client for an account that is confirmed and signed in, and no more. */
export async function stranger(httpUrl, options = {}) {
  const iw = await createClient({ httpUrl, ...options });
  const who = { email: `robin-${run}-${++accounts}@example.org`, password: PASSWORD };
  const { sub } = await iw.signUp(who);
  const { code } = await iw.request("GET", `/v1/dev/code?sub=${sub}`);
  await iw.confirm({ email: who.email, code });
  await iw.signIn(who);
  return { iw, who };
}

export const PROFILE = {
  birth_date: "2010-05-30",
  country: "US",
  time_zone: "UTC",
  locale: "en-US",
};

/** The consents that are asked for here, given. */
export async function consent(iw) {
  const texts = await iw.consentTexts("en");
  const records = texts.flatMap(({ purpose, text_version, recipients }) => {
    const mode = purpose === "memory" ? "full" : undefined;
    const to = ["terms", "memory", "mood"].includes(purpose) ? [""] : recipients;
    return to.map((recipient) => ({ purpose, text_version, recipient, granted: true, mode }));
  });
  await iw.setConsents(records);
}

/** Somebody who may talk. */
export async function teen(httpUrl, options = {}) {
  const { iw, who } = await stranger(httpUrl, options);
  await iw.setProfile(PROFILE);
  await consent(iw);
  return { iw, who };
}

export const TALK = { persona: "courage", locale: "en-US", country: "US", disclosure: () => true };

/** Between a client and the socket of a server: looks at each frame of the server. */
export class CuttingProxy {
  /** Of a frame: `pass`, `cut` (before it) or `stall` (it and all that follows, both ways). */
  judge = () => "pass";
  cuts = 0;
  #server;
  #pairs = new Set();

  static async before(socketUrl) {
    const proxy = new CuttingProxy();
    const { hostname, port, pathname } = new URL(socketUrl);
    proxy.#server = net.createServer((client) => {
      const server = net.connect(Number(port), hostname);
      const pair = { client, server, stalled: false };
      proxy.#pairs.add(pair);
      const end = () => {
        client.destroy();
        server.destroy();
        proxy.#pairs.delete(pair);
      };
      for (const side of [client, server]) side.on("error", end).on("close", end);
      client.on("data", (data) => pair.stalled || server.write(data));
      proxy.#watch(pair, end);
    });
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    proxy.url = `ws://127.0.0.1:${proxy.#server.address().port}${pathname}`;
    return proxy;
  }

  /** Passes the head of the answer, then one frame after the other. */
  #watch(pair, end) {
    let [waiting, upgraded] = [Buffer.alloc(0), false];
    pair.server.on("data", (data) => {
      waiting = Buffer.concat([waiting, data]);
      for (;;) {
        const size = upgraded ? frameSize(waiting) : waiting.indexOf("\r\n\r\n") + 4;
        if (size < 4 - 2 * Number(upgraded) || waiting.length < size || pair.stalled) return;
        const piece = waiting.subarray(0, size);
        waiting = waiting.subarray(size);
        const verdict = upgraded && (piece[0] & 15) === 1 ? this.judge(parse(piece)) : "pass";
        upgraded = true;
        if (verdict === "cut") {
          this.cuts += 1;
          end();
        }
        if (verdict === "stall") pair.stalled = true;
        if (verdict !== "pass") return;
        pair.client.write(piece);
      }
    });
  }

  /** Cuts whatever passes now. */
  cut() {
    for (const { client } of this.#pairs) client.destroy();
  }

  close() {
    this.cut();
    this.#server.close();
  }
}

/** Bytes of the first frame of a server, which is not masked; 0 if its head is not there yet. */
function frameSize(bytes) {
  if (bytes.length < 2) return 0;
  const length = bytes[1] & 127;
  if (length < 126) return 2 + length;
  if (bytes.length < 10) return 0;
  return length === 126 ? 4 + bytes.readUInt16BE(2) : 10 + Number(bytes.readBigUInt64BE(2));
}

function parse(frame) {
  const length = frame[1] & 127;
  return JSON.parse(frame.subarray(length < 126 ? 2 : length === 126 ? 4 : 10).toString());
}

/** A model that says what it is told to, a word every few milliseconds. */
export class Model {
  text = "";
  calls = 0;
  #server = createServer((request, response) => this.#answer(request, response));

  async start() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  get config() {
    return `[[providers]]
name = "local"
company = "${COMPANY}"
dialect = "openai"
privacy = "contract"
agreement = "test"
allow_private = true
primary = "test/one"
fallback = "test/two"
api_key_file = "model.key"
base_url = "http://127.0.0.1:${this.#server.address().port}/v1"
`;
  }

  #answer(request, response) {
    request.resume();
    this.calls += 1;
    response.writeHead(200, { "content-type": "text/event-stream" });
    const words = this.text.match(/\S+\s*/g) ?? [];
    const say = (choice) =>
      response.write(
        `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", model: "test/one", choices: [{ index: 0, ...choice }] })}\n\n`,
      );
    // The pace of a model, not a wait for something.
    const pace = setInterval(() => {
      const content = words.shift();
      if (content !== undefined) return say({ delta: { content }, finish_reason: null });
      clearInterval(pace);
      say({ delta: {}, finish_reason: "stop" });
      return response.end("data: [DONE]\n\n");
    }, 5);
    response.on("close", () => clearInterval(pace));
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** A server of the test's own, with a configuration of its own. */
export class Serve {
  #folder = mkdtempSync(path.join(tmpdir(), "innerworld-client-"));
  #config;

  constructor(config) {
    this.#config = config;
  }

  /** Starts it, on a free port the first time and on the same one after that. */
  async start() {
    const config = path.join(this.#folder, "innerworld.toml");
    writeFileSync(config, this.#config);
    writeFileSync(path.join(this.#folder, "model.key"), "key", { mode: 0o600 });
    const listen = this.ready?.listen ?? "127.0.0.1:0";
    const args = ["serve", "--json", "--config", config, "--data-dir"];
    args.push(path.join(this.#folder, "data"), "--listen", listen, "--admin-listen", "127.0.0.1:0");
    const names = Object.entries(process.env).filter(([name]) => !name.startsWith("INNERWORLD_"));
    this.process = spawn(process.env.TEST_SERVER_PROGRAM, args, {
      cwd: this.#folder,
      env: { ...Object.fromEntries(names), HOME: this.#folder },
      stdio: ["ignore", "pipe", "ignore"],
    });
    this.ended = once(this.process, "exit");
    const lines = createInterface({ input: this.process.stdout });
    const [line] = await once(lines, "line");
    this.ready = JSON.parse(line);
    return this;
  }

  /** Asks it to stop, as an operator would; its exit code. */
  async stop() {
    this.process.kill("SIGTERM");
    const [code] = await this.ended;
    return code;
  }

  close() {
    this.process.kill("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Time that runs faster: pauses and deadlines of the client, never those of the server. */
export const hurried = (times) => ({
  setTimeout: (run, ms) => setTimeout(run, ms / times),
  clearTimeout: (timer) => clearTimeout(timer),
});
