// Builds ../app.js into ../build/parse.wasm with StarlingMonkey, Firefox's engine made for components.
//
// package.json names preview2-shim too, which nothing here calls: npm does not install it for
// componentize-js 0.23 by itself.

import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { componentize } from "@bytecodealliance/componentize-js";

const place = (path) => fileURLToPath(new URL(path, import.meta.url));

const { component } = await componentize({
  sourcePath: place("../app.js"),
  witPath: place("../wit"),
  worldName: "parse",
  // Weft has no HTTP; and what is not imported needs no right.
  disableFeatures: ["http", "fetch-event", "random", "clocks"],
});
await mkdir(place("../build"), { recursive: true });
await writeFile(place("../build/parse.wasm"), component);
