/* The library: what its addresses say and what the hub is asked; its tree of themes; what a resource is made of; and what
 * is kept on a device, as long as its owner may see it. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { load, turn } from "./bundle.mjs";

/* As much of a browser as the device's storage of it takes. */
const stores = new Map();
class FakeCache {
  all = new Map();
  key = (r) => new URL(typeof r === "string" ? r : r.url, "http://hub.test").href;
  async put(r, answer) {
    this.all.set(this.key(r), { bytes: Buffer.from(await answer.arrayBuffer()), headers: [...answer.headers] });
  }
  async match(r) {
    const found = this.all.get(this.key(r));
    return found && new Response(found.bytes, { headers: found.headers });
  }
  delete = async (r) => this.all.delete(this.key(r));
  keys = async () => [...this.all.keys()].map((url) => ({ url }));
}
globalThis.caches = {
  has: async (name) => stores.has(name),
  open: async (name) => stores.get(name) ?? stores.set(name, new FakeCache()).get(name),
  delete: async (name) => stores.delete(name),
};
let room = 1e9;
let broken = false;
let noThumb = false;
const claims = [];
const posted = { ready: Promise.resolve({ active: { postMessage: (m) => claims.push(m.type) } }), controller: null };
Object.defineProperty(globalThis, "navigator", {
  value: { serviceWorker: posted, storage: { estimate: async () => ({ quota: room, usage: 0 }), persist: async () => true }, languages: ["en"] },
});
Object.assign(globalThis, { scrollY: 0, history: { replaceState() {}, pushState() {} }, document: { querySelectorAll: () => [], activeElement: null } });
globalThis.location = { pathname: "/", search: "" };
globalThis.scrollTo = () => {};
const asked = [];
globalThis.fetch = async (at) => {
  asked.push(at);
  if (noThumb && at.endsWith("/thumb")) return new Response("busy", { status: 503 });
  if (broken) return new Response(new ReadableStream({ pull: (c) => c.error(new TypeError("cut")) }));
  return new Response("the bytes", { headers: { "content-security-policy": "sandbox", "content-disposition": "inline" } });
};

const shelf = await load("shelf.ts", "kept.ts", "core.ts", "types.ts", "router.ts");
const { titleOf } = await load("views/size.ts");
const { titleFor } = await load("views/promote.tsx");
const { addressOf, askedFor, clean, filtersOf, linksIn, treeOf, typeOf, choicesOf } = shelf;
const { device, dispatch, drop, dropAll, keep, kept, mayKeep, NoRoom, readKept, route, RpcError, state } = shelf;

test("what the list is narrowed to is in its address, in one order, and nothing else is", () => {
  assert.equal(addressOf({}), "/resources");
  const f = { kept: "1", theme: "brt", text: "voies réservées", city: "São Paulo" };
  assert.equal(addressOf(f), "/resources?text=voies+r%C3%A9serv%C3%A9es&theme=brt&city=S%C3%A3o+Paulo&kept=1");
  assert.deepEqual(filtersOf(addressOf(f).slice(10)), f);
  assert.deepEqual(filtersOf("?theme=%20&year=2024&evil=1&text=a&text=b"), { year: "2024", text: "a" });
  assert.deepEqual(askedFor({ year: "2024", kept: "1", type: "link" }), { year: 2024, type: "link" });
  assert.deepEqual(askedFor({ year: "soon" }), {});
});

test("themes are a tree of two levels; what is retired is there only as long as something bears it", () => {
  const th = (slug, parent, retired) => ({ slug, names: { en: slug }, ...(parent ? { parent } : {}), ...(retired ? { retired } : {}) });
  const list = [th("transit"), th("brt", "transit"), th("old", "transit", true), th("gone", null, true), th("walking")];
  const counts = [{ slug: "transit", count: 2 }, { slug: "brt", count: 2 }, { slug: "old", count: 1 }]; /* one is of both */
  assert.deepEqual(treeOf(list, counts), [
    { slug: "transit", count: 2, children: [{ slug: "brt", count: 2, children: [] }, { slug: "old", count: 1, children: [], retired: true }] },
    { slug: "walking", count: 0, children: [] },
  ]);
  assert.deepEqual(treeOf(list, []).map((b) => [b.slug, b.children.length]), [["transit", 1], ["walking", 0]]);
});

test("the kind of a resource is as the hub says, else by its bytes' type", () => {
  const of = (type) => typeOf({ file: { type } });
  const ooxml = "application/vnd.openxmlformats-officedocument";
  const seen = [`${ooxml}.wordprocessingml.document`, `${ooxml}.spreadsheetml.sheet`, `${ooxml}.presentationml.presentation`, "application/pdf", "text/csv", "image/png", "audio/mpeg", "video/mp4", "application/zip", "application/epub+zip", "application/octet-stream"].map(of);
  assert.deepEqual(seen, ["document", "sheet", "slides", "document", "sheet", "image", "audio", "video", "archive", "document", "other"]);
  assert.equal(typeOf({}), "link");
  assert.equal(typeOf({ type: "slides", file: { type: "application/pdf" } }), "slides");
});

test("links, titles and fields as they are sent", () => {
  const text = "Plan of lanes: it";
  const md = [1, [0, 15], ["a", "https://a.example/x_(1)"], [15, 17], -17, -1, 1, "New - ", ["a", "https://b.example/y"], "https://b.example/y", -17, ["a", "mailto:a@b.example"], "me", -17, -1];
  const links = [{ url: "https://b.example/y" }, { url: "https://c.example/", title: "C" }];
  assert.deepEqual(linksIn({ md, links }), ["https://a.example/x_(1)", "https://b.example/y", "https://c.example/"]);
  assert.deepEqual(linksIn({}), []);
  const names = ["https://a.example/x_(1)", "https://b.example/y", "https://c.example/", "https://d.example/"].map((url) => titleFor({ text, md, links }, url));
  assert.deepEqual(names, ["it", "New", "C", ""]);
  const long = ["https://e.example/" , " ".repeat(200_000)];
  assert.equal(titleFor({ text: long[1], md: [1, [0, 200_000], ["a", long[0]], long[0], -17, -1] }, long[0]), "");
  assert.equal(titleOf("PMUD_Dakar-2024_final.v2.pdf"), "PMUD Dakar 2024 final.v2");
  assert.equal(titleOf("plan"), "plan");
  const said = { url: " ", city: " Dakar ", languages: ["fr", "fr"], themes: [], year: 2024, source: "" };
  assert.deepEqual(clean(said), { city: "Dakar", languages: ["fr"], year: 2024 });
  const files = [{ name: "a.pdf" }, { name: "b.xlsx" }];
  assert.deepEqual(choicesOf({ files, links: [{ url: "https://c.example" }] }), [["0", "a.pdf"], ["1", "b.xlsx"], ["https://c.example", "https://c.example"]]);
});

test("a first page that comes again leaves the rows that were loaded below it", () => {
  const { renewed } = shelf;
  const rows = (...ids) => ids.map((thread) => ({ thread }));
  const of = (old, first) => {
    const { resources, more } = renewed(old, rows(...first), 2);
    return [resources.map((r) => r.thread).join(""), more];
  };
  const old = { resources: rows("a", "b", "c", "d", "e"), more: false };
  assert.deepEqual(of(null, ["a", "b"]), ["ab", true]);
  assert.deepEqual(of(old, ["a", "b"]), ["abcde", false]);
  assert.deepEqual(of(old, ["n", "a"]), ["nabcde", false], "a new one");
  assert.deepEqual(of(old, ["d", "a"]), ["dabce", false], "one that moved up");
  assert.deepEqual(of(old, ["b", "c"]), ["bcde", false], "one that is gone");
  assert.deepEqual(of(old, ["x", "y"]), ["xy", true], "so much is new that there is a gap");
  assert.deepEqual(of(old, ["a"]), ["a", false], "that is all there is");
});

/* ---- On the device. */
const ID = "h-5";
const file = { post: "h-6", n: 0, name: "plan.pdf", type: "application/pdf", bytes: 9, hash: "x", thumb: true };
const resource = (more = {}) => ({ thread: ID, room: "h-1", title: "Plan", fields: {}, by: "h-2", at: 1, last_at: 1, file, versions: 1, posts: 1, ...more });
const edition = (f) => ({ post: f.post, n: 1, at: 1, by: "h-2", file: f });
let hub;
beforeEach(async () => {
  stores.clear();
  room = 1e9;
  broken = noThumb = false;
  asked.length = claims.length = 0;
  kept.value = {};
  device.owner = "h-2";
  const now = { resource: resource(), versions: [edition(file)], members: [] };
  hub = { now, gone: false };
  device.line = {
    async call(method) {
      device.asked?.push(method);
      if (hub.gone) throw new RpcError("not_found", "no");
      if (method === "resource.get") return hub.now;
      if (method === "theme.list") return { themes: [] };
      if (method === "thread.get") return { thread: { id: ID, room: "h-1", kind: "resource", title: "Plan", posts: 1 }, members: [], seq: 9 };
      return { thread: ID, posts: [{ id: "h-6", thread: ID, text: "Here", n: 1, seq: 6 }], members: [], seq: 9 };
    },
  };
  device.box = { get: async () => null, set: async () => {} };
});
test("themes have the names that are on the device as long as the hub does not answer", async () => {
  const here = [{ slug: "resilience", names: { en: "Adaptation and resilience" } }];
  const { call } = device.line;
  let answer;
  device.line.call = () => new Promise((go) => (answer = go));
  device.box.get = async (key) => (key === "themes:h-2" ? here : null);
  shelf.themes.value = [];
  const asking = shelf.loadThemes(true);
  await new Promise((go) => setTimeout(go, 0));
  assert.equal(shelf.themeName("resilience"), "Adaptation and resilience");
  answer({ themes: [{ slug: "resilience", names: { en: "Resilience" } }] });
  await asking;
  assert.equal(shelf.themeName("resilience"), "Resilience");
  device.line.call = call;
});

const there = () => [...(stores.get("kept")?.all.keys() ?? [])].map((u) => u.slice("http://hub.test".length)).sort();
const WHOLE = ["/file/h-6/0/thumb?kept", "/file/h-6/0?kept", "/kept/h-5"];

test("kept are the file, as it may be read, and the talk; again there after a reload; gone when it is dropped", async () => {
  assert.equal(mayKeep(), true);
  await keep(ID);
  assert.deepEqual(there(), WHOLE);
  assert.deepEqual(asked, ["/file/h-6/0?read", "/file/h-6/0/thumb"]);
  const got = await (await caches.open("kept")).match("/file/h-6/0?kept");
  assert.deepEqual([await got.text(), got.headers.get("content-security-policy")], ["the bytes", "sandbox"]);
  await turn();
  assert.deepEqual(claims, ["claim"], "the first page of a device is told to be answered for");
  kept.value = {};
  await (await caches.open("kept")).put("/file/h-77/0?kept", new Response("cut off"));
  await readKept();
  assert.deepEqual([Object.keys(kept.value), kept.value[ID].posts[0].text], [[ID], "Here"]);
  assert.deepEqual(there(), WHOLE, "what nothing names is cleared away");
  await drop(ID);
  assert.equal(stores.size, 0);
});

test("a device without room says so; what did not come whole leaves nothing behind, and the older one stays", async () => {
  room = 1000;
  await assert.rejects(keep(ID), NoRoom);
  assert.deepEqual(there(), []);
  room = 1e9;
  broken = true;
  await assert.rejects(keep(ID));
  assert.deepEqual([there(), Object.keys(kept.value)], [[], []]);
  broken = false;
  await keep(ID);
  hub.now = { ...hub.now, resource: resource({ file: { ...file, post: "h-9" } }) };
  broken = true;
  await assert.rejects(keep(ID));
  assert.deepEqual(there(), WHOLE);
  broken = false;
  await keep(ID);
  assert.deepEqual(there(), ["/file/h-9/0/thumb?kept", "/file/h-9/0?kept", "/kept/h-5"], "the bytes of the version before are gone");
  await dropAll();
  assert.deepEqual([stores.size, kept.value], [0, {}]);
});

test("an answer without the small picture is not kept as one; what another tab keeps stays when the last of mine goes", async () => {
  noThumb = true;
  await keep(ID);
  assert.deepEqual(there(), ["/file/h-6/0?kept", "/kept/h-5"]);
  await (await caches.open("kept")).put("/kept/h-70", new Response(JSON.stringify({ owner: "h-2" })));
  await drop(ID);
  assert.deepEqual(there(), ["/kept/h-70"]);
});

test("nobody else on the device sees it, and who signs out meanwhile leaves nothing", async () => {
  const { call } = device.line;
  device.line.call = async (m) => {
    if (m === "resource.get") device.owner = "";
    return call(m);
  };
  await assert.rejects(keep(ID));
  assert.equal(stores.size, 0);
  /* The session ended at the hub: the line says so while the file is on its way. */
  device.owner = "h-2";
  device.line.call = call;
  const { fetch } = globalThis;
  globalThis.fetch = async (at) => {
    dispatch({ type: "out" });
    await caches.delete("kept");
    return fetch(at);
  };
  await assert.rejects(keep(ID));
  assert.deepEqual([stores.size, kept.value], [0, {}]);
  globalThis.fetch = fetch;
  dispatch({ type: "restored", saved: { phase: "boot" } });
});

test("with each line, and with each entry about it, it is held to what the hub says", { timeout: 40_000 }, async () => {
  const me = { id: "h-2", role: "member", handle: "a", name: "A", lang: "en" };
  dispatch({ type: "hello", me, hub: { code: "h", name: "H", version: "1" }, cursor: {}, resumed: false });
  await keep(ID);
  const until = async (what) => {
    for (let n = 0; !what(); n++) if (n > 250) assert.fail(String(what)); else await new Promise((go) => setTimeout(go, 20));
  };
  const line = (l) => dispatch({ type: "line", line: l });
  /* Without a line the talk is shown from the device. */
  line("down");
  route.value = { name: "thread", thread: ID, post: "" };
  await until(() => state.value.pages[ID]);
  device.asked = [];
  assert.equal(state.value.pages[ID].posts[0].text, "Here");
  /* With a line it is asked for again, and stays on the screen while it is. */
  const gaps = [];
  const stop = state.subscribe((s) => gaps.push(!s.pages[ID] || !s.threads[ID]));
  line("open");
  await until(() => state.value.pages[ID]?.posts[0]?.as_of === 9 && !state.value.pages[ID].stale && device.asked?.includes("post.list"));
  stop();
  assert.equal(gaps.includes(true), false);
  /* A newer version takes the place of the older. */
  const next = { ...file, post: "h-8" };
  const calls = [];
  const { call: answers } = device.line;
  device.line.call = (m) => (m === "theme.list" || calls.push(m), answers(m));
  /* Within the hour a line that comes back asks nothing of it; later only whether it may be seen, and its talk if there is more. */
  route.value = { name: "catchup" };
  const since = (ms) => {
    const k = kept.value[ID];
    kept.value = { [ID]: { ...k, at: Date.now() - ms, looked: Date.now() - ms } };
  };
  const again = async () => {
    line("down");
    line("open");
    await new Promise((go) => setTimeout(go, 1_700));
  };
  await again();
  assert.deepEqual(calls, []);
  since(2 * 3_600_000);
  await again();
  assert.deepEqual(calls, ["resource.get"]);
  await again();
  assert.deepEqual(calls, ["resource.get"]);
  since(25 * 3_600_000);
  await again();
  assert.deepEqual(calls, ["resource.get", "resource.get", "thread.get", "post.list"]);
  /* A large version does not come by itself. */
  hub.now = { ...hub.now, resource: resource({ file: { ...next, bytes: 2e6 }, versions: 2, posts: 2 }), versions: [edition(next), edition(file)] };
  since(2 * 3_600_000);
  await again();
  assert.deepEqual([kept.value[ID].old, kept.value[ID].resource.file.post, calls.at(-1)], [true, "h-6", "post.list"]);
  since(2 * 3_600_000);
  hub.now = { ...hub.now, resource: resource({ file: next, versions: 2 }), versions: [edition(next), edition(file)] };
  line("down");
  line("open");
  await until(() => kept.value[ID]?.resource.file.post === "h-8");
  await until(() => there().includes("/file/h-8/0?kept") && !there().includes("/file/h-6/0?kept"));
  /* Given up while the hub is asked about it: the answer does not bring it back. */
  const { call } = device.line;
  let answer = null;
  device.line.call = async (m) => {
    if (m === "resource.get") await new Promise((go) => (answer = go));
    return call(m);
  };
  const more = { id: ID, room: "h-1", kind: "resource", title: "Plan", posts: 2, last_seq: 20 };
  dispatch({ type: "thread", thread: more, members: [], seq: 20 });
  await until(() => answer);
  await drop(ID);
  answer();
  await turn();
  await turn();
  assert.deepEqual([kept.value, there()], [{}, []]);
  device.line.call = call;
  await keep(ID);
  since(2 * 3_600_000);
  /* Not to be seen any more: the room is closed to me, or it was hidden. */
  hub.gone = true;
  line("down");
  line("open");
  await until(() => stores.size === 0);
  assert.deepEqual(kept.value, {});
});
