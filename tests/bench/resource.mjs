// resource.mjs: how long the library takes to find what fits: 20,000 resources in 40 rooms of three regions, of which a reader may
// see all but a tenth, asked for by random combinations of region, theme, city, country, language, year, type and words, pages
// included, over one kept connection. Beside it, on the same connection, an answer that needs no database: what the machine and
// the way to the daemon add. BARAZA_BIN names the daemon; RESOURCES and QUERIES choose
// another size.
import { Agent, get } from "node:http";
import { hub, rpc, serve, tempDir } from "../e2e/daemon.mjs";

const RESOURCES = Number(process.env.RESOURCES || 20_000), QUERIES = Number(process.env.QUERIES || 2_500), WANTED_MS = 10;
let seed = 42;
const random = (n) => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor((seed / 2147483648) * n); };
const any = (list) => list[random(list.length)];
const often = (list) => list[Math.min(random(list.length), random(list.length), random(list.length))];   // the first ones more
const LANGS = ["en", "fr", "es", "pt", "pt-BR", "sw", "ar", "hi"], COUNTRIES = ["SN", "KE", "BR", "CO", "IN", "VN", "MA", "EC", "PE", "TG"];
const CITIES = Array.from({ length: 70 }, (_, i) => `City ${i}`), WORDS = ["plan", "bus", "guide", "survey", "tramway", "fares", "street", "map", "report"];
const TYPES = ["link", "document", "other", "sheet"];

const dir = tempDir(), tokens = hub(dir, ["reader"]);
const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let cid = 0;
const write = (method, params) => rpc(daemon, tokens.admin, method, { ...params, cid: `b${cid++}` });

const themes = (await rpc(daemon, tokens.reader, "theme.list", {})).themes.map((t) => t.slug);
const regions = [], rooms = [];
for (const slug of ["africa", "asia", "latin"]) regions.push((await write("region.create", { slug, name: slug })).id);
for (let i = 0; i < 40; i++)
  rooms.push((await write("room.create", { region: regions[i % 3], slug: `r${i}`, name: `Room ${i}`, access: i % 10 === 9 ? "private" : "open" })).id);
const began = performance.now();
for (let at = 0; at < RESOURCES; at += 50) {
  const batch = Array.from({ length: Math.min(50, RESOURCES - at) }, (_, k) => ({ jsonrpc: "2.0", id: k, method: "thread.create", params: {
    room: any(rooms), kind: "resource", title: `${any(WORDS)} ${any(WORDS)} ${at + k}`, text: "Look", lang: "en", cid: `b${cid++}`,
    fields: { ...(random(3) > 0 ? { url: "https://a.example/" } : {}), languages: [often(LANGS)], city: often(CITIES), country: often(COUNTRIES),
      themes: [...new Set([often(themes), any(themes)])], year: 2025 - random(20) } } }));
  const answer = await fetch(`${daemon.url}/rpc`, { method: "POST", body: JSON.stringify(batch),
    headers: { "content-type": "application/json", authorization: `Bearer ${tokens.admin}` } }).then((a) => a.json());
  const failed = answer.find((a) => a.error);
  if (failed) throw new Error(failed.error.message);
}
const filled_s = (performance.now() - began) / 1000;

// One answer, whole; how long it took, and what it says.
const ask = (path) => new Promise((done, fail) => {
  const from = performance.now();
  get(`${daemon.url}${path}`, { agent, headers: { authorization: `Bearer ${tokens.reader}` } }, (answer) => {
    let text = "";
    answer.on("data", (part) => { text += part; });
    answer.on("end", () => done({ took: performance.now() - from, text }));
  }).on("error", fail);
});
const list = async (method, params) => {
  const { took, text } = await ask(`/rpc/${method}?${new URLSearchParams(params)}`);
  return { took, result: JSON.parse(text).result };
};
const some = { region: () => any(regions), room: () => any(rooms.filter((_, i) => i % 10 !== 9)), theme: () => any(themes), city: () => any(CITIES),
  country: () => any(COUNTRIES), language: () => any(LANGS), year: () => 2025 - random(20), type: () => any(TYPES), text: () => any(WORDS) };
const figures = (all) => {
  all.sort((a, b) => a - b);
  const at = (p) => all[Math.min(all.length - 1, Math.floor(all.length * p))].toFixed(2);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${all.at(-1).toFixed(2)} ms`;
};

const took = [], bare = [], facets = [];
let found = 0, empty = 0, slowest = { took: 0 };
for (let i = 0; i < QUERIES; i++) {
  const names = Object.keys(some).filter(() => random(3) === 0);
  const params = Object.fromEntries(names.map((name) => [name, some[name]()]));
  const first = await list("resource.list", { ...params, limit: 30 });
  took.push(first.took);
  if (first.took > slowest.took) slowest = { took: first.took, params };
  found += first.result.resources.length;
  empty += first.result.resources.length === 0;
  if (first.result.resources.length === 30 && i % 4 === 0)
    took.push((await list("resource.list", { ...params, limit: 30, before: first.result.resources.at(-1).thread })).took);
  bare.push((await ask("/healthz")).took);
  if (i % 25 === 0) facets.push((await list("resource.facets", i % 50 === 0 ? {} : { region: any(regions) })).took);
}
agent.destroy();
await daemon.stop();
console.log(`resource: ${RESOURCES} resources made in ${filled_s.toFixed(1)} s; ${took.length} queries (${found} found, ${empty} found none): ${figures(took)}`);
console.log(`resource: the slowest asked for ${JSON.stringify(slowest.params)}`);
console.log(`resource: ${facets.length} times all counts: ${figures(facets)}; an answer without the database: ${figures(bare)}; wanted: p99 at most ${WANTED_MS} ms more than that`);
