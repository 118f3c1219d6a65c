/* Makes a module of src/ loadable in node: bundled by the same tool as the product. */
import { buildSync } from "esbuild";
import { mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

export async function load(...names) {
  const out = mkdtempSync(join(root, "node_modules", ".test-"));
  /* Counts of coverage are told of the bundle: who reads them (tests/client-coverage.mjs) removes it. */
  if (!process.env.NODE_V8_COVERAGE)
    process.on("exit", () => rmSync(out, { recursive: true, force: true }));
  buildSync({
    entryPoints: names.map((n) => join(root, "src", n)),
    outdir: out,
    bundle: true,
    format: "esm",
    platform: "node",
    splitting: true,
    sourcemap: "inline",
    outExtension: { ".js": ".mjs" },
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { TEXTS: "{}", MANIFESTS: "{}" },
    external: ["preact", "fake-indexeddb"],
  });
  const modules = await Promise.all(
    names.map(
      (n) =>
        import(pathToFileURL(join(out, n.replace(/^.*\//, "").replace(/\.tsx?$/, ".mjs"))).href),
    ),
  );
  return Object.assign({}, ...modules);
}

/* A clock that moves only when told to. */
export function fakeTimers() {
  let now = 0;
  let next = 1;
  const due = new Map();
  return {
    now: () => now,
    set: (fn, ms) => {
      due.set(next, { at: now + ms, fn });
      return next++;
    },
    clear: (id) => due.delete(id),
    waits: () => [...due.values()].map((d) => d.at - now).sort((a, b) => a - b),
    async pass(ms) {
      const end = now + ms;
      for (;;) {
        await turn();
        const first = [...due].filter(([, d]) => d.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
        if (!first) break;
        due.delete(first[0]);
        now = first[1].at;
        first[1].fn();
      }
      now = end;
      await turn();
    },
  };
}

export const turn = () => new Promise((go) => setImmediate(go));
