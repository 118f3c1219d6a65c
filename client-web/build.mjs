/* Builds dist/: hashed files, each with .br and .gz beside it, and manifest.txt for the server.
 * Prints what a first visit weighs and fails above the hard lines. */
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, "dist");
const KB = 1024;
const HARD = {
  html: 14 * KB,
  js: 45 * KB,
  css: 10 * KB,
  locale: 7 * KB,
  first: 60 * KB,
  requests: 5,
};
const TYPES = {
  html: "text/html;charset=utf-8",
  js: "text/javascript;charset=utf-8",
  css: "text/css;charset=utf-8",
  json: "application/json",
  svg: "image/svg+xml",
  png: "image/png",
  webmanifest: "application/manifest+json",
};

const files = [];
const ext = (path) => path.slice(path.lastIndexOf(".") + 1);
const hashed = (name, body) => {
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 10);
  return name.replace(/\.(\w+)$/, `.${hash}.$1`);
};

function put(path, content, keep) {
  const body = Buffer.from(content);
  const to = join(dist, path);
  mkdirSync(dirname(to), { recursive: true });
  const br = brotliCompressSync(body, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
    },
  });
  writeFileSync(to, body);
  writeFileSync(`${to}.br`, br);
  writeFileSync(`${to}.gz`, gzipSync(body, { level: 9 }));
  files.push({ url: `/${path}`, type: TYPES[ext(path)], keep, raw: body.length, br: br.length });
  return `/${path}`;
}
const asset = (name, body) => put(`a/${hashed(name, body)}`, body, "immutable");

rmSync(dist, { recursive: true, force: true });

const locales = {};
for (const file of readdirSync(join(root, "locales")).sort())
  locales[file.replace(".json", "")] = asset(
    file,
    JSON.stringify(JSON.parse(readFileSync(join(root, "locales", file), "utf8"))),
  );

const shared = {
  bundle: true,
  minify: true,
  write: false,
  target: "es2022",
  legalComments: "none",
};
const js = await build({
  ...shared,
  entryPoints: [join(root, "src/main.tsx")],
  format: "esm",
  jsx: "automatic",
  jsxImportSource: "preact",
  define: { LOCALES: JSON.stringify(locales) },
});
const css = await build({
  ...shared,
  entryPoints: [join(root, "src/styles.css")],
  target: "chrome100",
});

const icons = Object.fromEntries(
  readdirSync(join(root, "public"))
    .sort()
    .map((name) => [name, asset(name, readFileSync(join(root, "public", name)))]),
);
const manifest = asset(
  "app.webmanifest",
  JSON.stringify({
    name: "Baraza",
    short_name: "Baraza",
    start_url: "/",
    scope: "/",
    display: "standalone",
    background_color: "#FBFAF7",
    theme_color: "#0B5C53",
    icons: Object.entries(icons).map(([name, src]) => ({
      src,
      type: TYPES[ext(name)],
      sizes: /-(\d+)\./.test(name) ? name.replace(/.*-(\d+)\..*/, "$1x$1") : "any",
    })),
  }),
);
const script = asset("app.js", js.outputFiles[0].text);
const style = asset("app.css", css.outputFiles[0].text);
const html = readFileSync(join(root, "src/index.html"), "utf8")
  .replace("{{script}}", script)
  .replace("{{style}}", style)
  .replace("{{manifest}}", manifest)
  .replace("{{icon}}", icons["icon.svg"])
  .replace("{{touch}}", icons["icon-192.png"]);
put("index.html", html, "revalidate");

files.sort((a, b) => (a.url < b.url ? -1 : 1));
writeFileSync(
  join(dist, "manifest.txt"),
  files.map((f) => `${f.url} ${f.type} ${f.keep}\n`).join(""),
);

const weight = (test) => files.filter((f) => test(f.url)).map((f) => f.br);
const locale = Math.max(...weight((u) => Object.values(locales).includes(u)));
const [page, code, look, icon] = [
  ["index.html"],
  ["app", ".js"],
  ["app", ".css"],
  ["icon.", ".svg"],
].map((parts) => weight((u) => parts.every((p) => u.includes(p)))[0]);
const report = {
  html: page,
  js: code,
  css: look,
  locale,
  icon,
  first: page + code + look + locale + icon,
  requests: 5,
};
let over = false;
for (const [name, value] of Object.entries(report)) {
  const limit = HARD[name];
  const bad = limit !== undefined && value > limit;
  over ||= bad;
  console.log(
    `${name.padEnd(9)} ${String(value).padStart(6)} ${limit ? `of ${limit}` : ""}${bad ? "  TOO HEAVY" : ""}`,
  );
}
if (over) process.exit(1);
