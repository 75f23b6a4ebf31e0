// The package as npm would deliver it, in a folder where nothing else is.
//
// `cargo xtask test --stage console` packs it and names it in the environment, with the compiler.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";

import { PASSWORD, ready, teen } from "./support/live.js";

const MAX_GZIP_BYTES = 12 * 1024;
const run = promisify(execFile);
const folder = mkdtempSync(path.join(tmpdir(), "innerworld-package-"));
const installed = path.join(folder, "node_modules/@innerworld/client");
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

before(async () => {
  writeFileSync(path.join(folder, "package.json"), '{ "type": "module", "private": true }');
  const options = ["install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts"];
  await run("npm", [...options, process.env.TEST_CLIENT_PACKAGE], { cwd: folder });
});

after(() => rmSync(folder, { recursive: true, force: true }));

const list = (below) => readdirSync(path.join(installed, below)).sort();

test("it holds sources, types and what must be read, and needs nothing", () => {
  assert.deepEqual(list("."), ["LICENSE", "README.md", "package.json", "src", "types"]);
  const names = (extension) =>
    readdirSync(new URL("../src", import.meta.url)).map((name) => name.replace(/js$/, extension));
  assert.deepEqual(list("src"), [...names("js"), ...names("js.map")].sort());
  assert.deepEqual(list("types"), names("d.ts").sort());
  const manifest = JSON.parse(readFileSync(path.join(installed, "package.json"), "utf8"));
  assert.equal(manifest.dependencies, undefined);
  assert.equal(manifest.sideEffects, false);
});

test("its maps hold what was written and name no folder of a machine", () => {
  for (const name of list("src").filter((name) => name.endsWith(".map"))) {
    const map = JSON.parse(readFileSync(path.join(installed, "src", name), "utf8"));
    const written = name.replace(".map", "");
    assert.deepEqual(map.sources, [`../written/${written}`]);
    const url = new URL(`../src/${written}`, import.meta.url);
    assert.deepEqual(map.sourcesContent, [readFileSync(url, "utf8")]);
  }
});

test("its sources stay small", (t) => {
  const names = list("src").filter((name) => name.endsWith(".js"));
  const sources = names.map((name) => readFileSync(path.join(installed, "src", name)));
  const bytes = gzipSync(Buffer.concat(sources), { level: 9 }).length;
  t.diagnostic(`${bytes} bytes after gzip, of ${MAX_GZIP_BYTES}`);
  assert.ok(bytes <= MAX_GZIP_BYTES, `${bytes} bytes after gzip are more than ${MAX_GZIP_BYTES}`);
});

test("the example of the README runs as it stands there", async () => {
  const { http_url: httpUrl } = ready();
  const { iw, who } = await teen(httpUrl);
  iw.close();
  const [, example] = readme.match(/```js\n([\s\S]*?)```/);
  assert.ok(example.trim().split("\n").length <= 14);
  const here = example
    .replace("http://127.0.0.1:8787", httpUrl)
    .replace("robin@example.org", who.email);
  assert.ok(here.includes(PASSWORD) && here.includes(httpUrl) && here.includes(who.email));
  writeFileSync(path.join(folder, "example.js"), here);
  const { stdout, stderr } = await run(
    process.execPath,
    [...process.execArgv.filter((flag) => /websocket/.test(flag)), "example.js"],
    { cwd: folder },
  );
  assert.match(stdout, /You are talking with an AI[\s\S]*\n\S+/);
  assert.doesNotMatch(stderr, /Error/);
});

test("the example passes the compiler, and a wrong program does not", async () => {
  const [, example] = readme.match(/```js\n([\s\S]*?)```/);
  const check = (text) => {
    writeFileSync(path.join(folder, "example.ts"), text);
    const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext"];
    options.push("--lib", "es2022,dom,dom.asynciterable", "--skipLibCheck", "false", "example.ts");
    return run(process.env.TEST_TSC, options, { cwd: folder });
  };
  await check(example);
  const typed = 'import type { Disclosure, Resource } from "@innerworld/client";\n';
  await check(`${typed}${example}\nexport type Shown = [Disclosure, Resource];\n`);
  const wrong = `${example}\nsession.on("weather", () => {});\nsession.send(7);`;
  const refused = await check(wrong).catch((error) => error);
  assert.match(refused.stdout, /weather/);
  assert.match(refused.stdout, /'number' is not assignable/);
});

test("the functions that only this client calls are not among its types", () => {
  const types = list("types").map((name) =>
    readFileSync(path.join(installed, "types", name), "utf8"),
  );
  assert.doesNotMatch(types.join(""), /@internal/);
});
