/* Builds dist/: hashed files, each with .br and .gz beside it, and manifest.txt for the server.
 * Prints what a first visit weighs and fails above the hard lines. */
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, "dist");
const KB = 1024;
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

/* Files that come when they are first used: src/NAME.ts, of these modules (src/later.ts says when). They have no copy of
 * what the page has: whatever they import from elsewhere is handed to them in a list, [where from, name], by its place. */
const LATER = {
  account: ["devicename", "trouble", "passkey", "sites", "views/account", "views/devices", "views/forms", "views/inputs", "views/langchoice", "views/leaving", "views/means", "views/programs", "views/qr", "views/sites", "views/size", "views/step", "views/ways", "views/weak"],
  acts: ["views/postacts"],
  door: ["asked", "devicename", "entering", "passkey", "trouble", "views/doorways", "views/inputs", "views/join", "views/langchoice", "views/othersites", "views/signin", "views/step", "views/ways"],
  desk: ["csv", "views/bulk", "views/country", "views/desk", "views/deskcsv", "views/deskorgs", "views/deskpeople", "views/erasing", "views/forms", "views/inputs", "views/numbers", "views/org", "views/pick", "views/requests"],
  elsewhere: ["devicename", "sites", "trouble", "views/doorways", "views/elsewhere", "views/inputs", "views/step"],
  further: ["devicename", "trouble", "views/asking", "views/country", "views/inputs", "views/password", "views/step"],
  files: ["pages", "upload", "views/files", "views/links", "views/size"],
  invite: ["views/forms", "views/inputs", "views/invitepeople", "views/qr"],
  lazy: ["views/curate", "views/fieldname", "views/forms", "views/inputs", "views/held", "views/langchoice", "views/manage", "views/person", "views/pick", "views/queue", "views/settings", "views/threadsheet", "views/tools", "views/why"],
  library: ["kept", "local", "shelf", "views/country", "views/fields", "views/forms", "views/inputs", "views/keptuse", "views/promote", "views/resource", "views/resources", "views/size", "views/typeicon"],
  people: ["folk", "local", "shelf", "views/clearing", "views/country", "views/directory", "views/fieldname", "views/fields", "views/forms", "views/inputs", "views/peers", "views/profile", "views/profileform"],
  poll: ["poll"],
  rooms: ["rules", "views/fieldname", "views/log", "views/room", "views/rooms"],
  screens: ["pages", "share", "views/ask", "views/help", "views/langchoice", "views/me", "views/preview", "views/size"],
  talks: ["views/talks"],
  search: ["finding", "finds", "local", "saving", "views/filters", "views/hits", "views/saved", "views/search"],
};
const modulesOf = (name) => LATER[name].map((path) => join(root, "src", path));
const isLater = new Set(Object.keys(LATER).flatMap(modulesOf));
const texts = Object.fromEntries(
  readdirSync(join(root, "locales"))
    .sort()
    .map((file) => [
      file.replace(".json", ""),
      JSON.parse(readFileSync(join(root, "locales", file), "utf8")),
    ]),
);
const each = (make) =>
  Object.fromEntries(Object.entries(texts).map(([code, t]) => [code, make(code, t)]));
const shared = {
  bundle: true,
  minify: true,
  write: false,
  target: "es2022",
  legalComments: "none",
};
const modules = { ...shared, format: "esm", jsx: "automatic", jsxImportSource: "preact" };

const text = (file) => readFileSync([`${file}.tsx`, `${file}.ts`].find(existsSync), "utf8");
/* The texts come in three parts (src/prefs.ts): what the modules of the first screens name; what those of the door name, the same
 * again where need be; and whatever else there is, with the first file that is neither. */
const FURTHER = ["elsewhere", "further"]; /* at the door, too */
const DOOR = ["door", ...FURTHER];
const modulesAt = readdirSync(join(root, "src"), { recursive: true })
  .map(String)
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => join(root, "src", path.replace(/\.tsx?$/, "")));
function namedBy(paths) {
  const whole = new Set();
  const open = [];
  for (const source of [...paths].map(text)) {
    for (const [, key] of source.matchAll(/["']([a-z]+\.[a-z_0-9.]+)["']/g)) whole.add(key);
    for (const [, begin] of source.matchAll(/`([a-z]+\.[a-z_0-9.]*)\$\{/g)) open.push(begin);
  }
  return (key) => whole.has(key) || open.some((begin) => key.startsWith(begin));
}
const doorstep = join(root, "src/doorstep");
const isFirst = namedBy(modulesAt.filter((path) => !isLater.has(path) && path !== doorstep));
const isElse = namedBy(Object.keys(LATER).filter((name) => !DOOR.includes(name)).flatMap(modulesOf));
const { metafile } = await build({ ...modules, entryPoints: [`${doorstep}.tsx`], metafile: true });
const doorModules = Object.keys(metafile.inputs)
  .filter((path) => !path.includes("node_modules"))
  .map((path) => join(process.cwd(), path).replace(/\.tsx?$/, ""));
const isDoor = namedBy(new Set([...doorModules, ...DOOR.flatMap(modulesOf)]));
const part = (of, is) =>
  each((code, t) => asset(`${of}${code}.json`, JSON.stringify(Object.fromEntries(Object.entries(t).filter(([key]) => is(key))))));
const parts = {
  door: part("door-", isDoor),
  first: part("", isFirst),
  more: part("more-", (key) => !isFirst(key) && (isElse(key) || !isDoor(key))),
};

const icons = Object.fromEntries(
  readdirSync(join(root, "public"))
    .sort()
    .map((name) => [name, asset(name, readFileSync(join(root, "public", name)))]),
);
/* What the home screen shows, in each language. */
const touch = [{ src: icons["icon-192.png"], sizes: "192x192" }];
const shortcut = (name, url) => ({ name, url, icons: touch });
const manifests = each((code, t) =>
  asset(
    `app-${code}.webmanifest`,
    JSON.stringify({
      id: "/",
      lang: code,
      name: "Baraza",
      short_name: "Baraza",
      description: t["signin.what"],
      start_url: "/",
      scope: "/",
      display: "standalone",
      background_color: "#FBFAF7",
      theme_color: "#0B5C53",
      icons: Object.entries(icons).map(([name, src]) => ({
        src,
        type: TYPES[ext(name)],
        sizes: /-(\d+)\./.test(name) ? name.replace(/.*-(\d+)\..*/, "$1x$1") : "any",
        purpose: name.startsWith("maskable") ? "maskable" : "any",
      })),
      share_target: {
        action: "/ask",
        method: "POST",
        enctype: "multipart/form-data",
        params: { title: "title", text: "text", url: "url", files: [{ name: "files", accept: ["*/*"] }] },
      },
      shortcuts: [
        shortcut(t["action.ask"], "/ask"),
        shortcut(t["tab.rooms"], "/rooms"),
        shortcut(t["tab.resources"], "/resources"),
        shortcut(t["tab.search"], "/search"),
      ],
    }),
  ),
);

const handed = ["jsx", "jsxs", "Fragment"].map((name) => ["preact/jsx-runtime", name]);
const source = (from, of) => (of.startsWith(".") ? join(dirname(from), of) : of);
/* What modules of a file import from elsewhere. */
function* taken(own) {
  for (const file of own)
    for (const [, names, of] of text(file).matchAll(/^import \{([^}]*)\} from "([^"]+)"/gm))
      for (const name of names.split(",").map((n) => n.trim().replace(/ as .*/, "")))
        if (name && !name.startsWith("type ") && !own.includes(source(file, of))) yield [source(file, of), name];
}
for (const own of Object.keys(LATER).map(modulesOf))
  for (const [from, name] of taken(own))
    if (!handed.some(([f, n]) => f === from && n === name)) handed.push([from, name]);
const handing = (isAsked) => {
  const some = handed.map((one) => isAsked(...one));
  return (
    handed.map(([from, name], i) => (some[i] ? `import { ${name} as h${i} } from ${JSON.stringify(from)};\n` : "")).join("") +
    `globalThis.baraza = [${some.map((is, i) => (is ? `h${i}` : "")).join()}];`
  );
};
const handedTo = (own) => ({
  name: "handed",
  setup(made) {
    made.onResolve({ filter: /./ }, ({ path, importer, kind }) => {
      const from = source(importer, path);
      if (kind === "entry-point" || own.includes(from)) return undefined;
      return { path: from, namespace: "handed" };
    });
    made.onLoad({ filter: /./, namespace: "handed" }, ({ path }) => ({
      contents: handed
        .map(([from, name], i) => (from === path ? `export const ${name} = baraza[${i}];` : ""))
        .join("\n"),
    }));
  },
});
const laterFiles = {};
for (const name of Object.keys(LATER)) {
  const entryPoints = [join(root, `src/${name}.ts`)];
  const made = await build({ ...modules, entryPoints, plugins: [handedTo(modulesOf(name))] });
  laterFiles[name] = asset(`${name}.js`, made.outputFiles[0].text);
}

/* A page's script, with what it hands to the files that come later to it. */
async function scriptOf(main, isAsked, define) {
  const made = await build({
    ...modules,
    stdin: { contents: `import "handing";\nimport "./${main}";`, resolveDir: join(root, "src"), loader: "ts" },
    plugins: [
      {
        name: "handing",
        setup(made) {
          made.onResolve({ filter: /^handing$/ }, () => ({ path: "handing", namespace: "handing" }));
          made.onLoad({ filter: /./, namespace: "handing" }, () => ({
            contents: handing(isAsked),
            resolveDir: join(root, "src"),
          }));
        },
      },
    ],
    define: { TEXTS: JSON.stringify(parts), MANIFESTS: JSON.stringify(manifests), ...define },
  });
  return made.outputFiles[0].text;
}
const sheet = async (name) => {
  const entryPoints = [join(root, `src/${name}.css`)];
  return (await build({ ...shared, entryPoints, target: "chrome100" })).outputFiles[0].text;
};
const script = asset("app.js", await scriptOf("main", () => true, { LATER: JSON.stringify(laterFiles) }));
const style = asset("app.css", await sheet("styles"));
const atDoor = [...FURTHER.flatMap((name) => [...taken(modulesOf(name))]), ...handed.slice(0, 3)];
const doorScript = asset(
  "doorstep.js",
  await scriptOf("doorstep", (from, name) => atDoor.some(([f, n]) => f === from && n === name), {
    LATER: JSON.stringify(Object.fromEntries(FURTHER.map((name) => [name, laterFiles[name]]))),
    ROOMS: JSON.stringify(script),
  }),
);
const first = (await sheet("first")).trim();
const template = readFileSync(join(root, "src/index.html"), "utf8");
const page = (name, js, icon) =>
  put(
    name,
    template
      .replace("{{script}}", js)
      .replace("{{style}}", style)
      .replace("{{first}}", first)
      .replace("{{manifest}}", manifests.en)
      .replace("{{icon}}", icon)
      .replace("{{touch}}", icons["icon-192.png"]),
    "revalidate",
  );
const rooms = page("index.html", script, icons["icon.svg"]);
/* One answer fewer for who has nothing of ours yet; a member's first picture does not wait until an icon is drawn. */
const icon = readFileSync(join(root, "public/icon.svg"), "utf8").trim().replace(/[#%"<>\s]/g, encodeURIComponent);
const door = page("door.html", doorScript, `data:image/svg+xml,${icon}`);

/* The worker knows by name what a build consists of; any change of a file makes a new build. */
const shell = [rooms, script, style, ...Object.values(laterFiles), icons["icon.svg"], icons["icon-192.png"]];
const version = createHash("sha256")
  .update(readFileSync(join(dist, rooms), "utf8") + JSON.stringify([shell, parts, manifests]))
  .digest("hex")
  .slice(0, 10);
const worker = await build({
  ...shared,
  entryPoints: [join(root, "src/sw.ts")],
  format: "iife",
  define: {
    VERSION: JSON.stringify(version),
    SHELL: JSON.stringify(shell),
    TEXTS: JSON.stringify(parts),
  },
});
put("sw.js", worker.outputFiles[0].text, "revalidate");

files.sort((a, b) => (a.url < b.url ? -1 : 1));
writeFileSync(
  join(dist, "manifest.txt"),
  files.map((f) => `${f.url} ${f.type} ${f.keep}\n`).join(""),
);

/* What a visit weighs, by the lines of the budget: name, bytes after brotli, hard line. */
const br = (url) => files.find((f) => f.url === url).br;
const heaviest = (of) => Math.max(...Object.values(of).map(br));
const lazy = files.filter((f) => /^\/a\/.*\.js$/.test(f.url) && f.url !== script && f.url !== doorScript);
const visit = (part, ...urls) => urls.reduce((sum, url) => sum + br(url), heaviest(part));
const lines = [
  ["html", br(rooms), 14 * KB],
  ["js", br(script), 45 * KB],
  ["css", br(style), 10 * KB],
  ["locale", heaviest(parts.first), 7 * KB],
  ["first", visit(parts.first, rooms, script, style, icons["icon.svg"]), 60 * KB],
  ["doorstep", visit(parts.door, door, doorScript, style), 32 * KB],
  ["worker", br("/sw.js"), 2 * KB],
  ...lazy.map((f) => [f.url.slice(3), f.br, 12 * KB]),
];
writeFileSync(join(dist, "budget.json"), JSON.stringify(lines));
for (const [name, bytes, limit] of lines)
  console.log(
    `${name.padEnd(9)} ${String(bytes).padStart(6)} of ${limit}${bytes > limit ? "  TOO HEAVY" : ""}`,
  );
if (lines.some(([, bytes, limit]) => bytes > limit)) process.exit(1);
