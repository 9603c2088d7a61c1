// Builds ../app.js into ../build/parse.wasm and web.js into ../build/web.wasm with StarlingMonkey, Firefox's engine made for components.
//
// package.json names preview2-shim too, which nothing here calls: npm does not install it for
// componentize-js 0.23 by itself.

import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { componentize } from "@bytecodealliance/componentize-js";

const place = (path) => fileURLToPath(new URL(path, import.meta.url));

const { component } = await componentize({
  sourcePath: place("../app.js"),
  witPath: place("../wit"),
  worldName: "parse",
  // What is not imported needs no right.
  disableFeatures: ["http", "fetch-event", "random", "clocks"],
});
await mkdir(place("../build"), { recursive: true });
await writeFile(place("../build/parse.wasm"), component);

// The engine is made for this version of WASI, whose text differs in nothing else.
const http = place("node_modules/@spinframework/wasi-http-proxy/wit/wasi-http@0.2.3.wit");
const wit = place("../build/web-wit");
await rm(wit, { recursive: true, force: true });
await cp(place("wit"), wit, { recursive: true });
await mkdir(`${wit}/deps`);
await writeFile(`${wit}/deps/http.wit`, (await readFile(http, "utf8")).replaceAll("0.2.3", "0.2.10"));

const web = await componentize({ sourcePath: place("web.js"), witPath: wit, worldName: "web" });
await writeFile(place("../build/web.wasm"), web.component);
