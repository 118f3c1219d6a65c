// make.mjs VERSION: keeps a database of this release as VERSION.db.gz with the answers that it gave, expected.json.
// Run once for each release that changes the schema, with BARAZA_BIN; a kept file is never made again.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { cli, rpc, serve, tempDir } from "../e2e/daemon.mjs";
import { answers } from "./questions.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const BYTES_MAX = 100_000;

async function tell(daemon, tokens) {
  let cids = 0;
  const as = (handle) => (method, params) => rpc(daemon, tokens[handle], method, { ...params, cid: `keep-${++cids}` });
  const admin = as("admin"), ana = as("ana"), ben = as("ben"), dia = as("dia");
  const region = (await admin("region.create", { slug: "sahel", name: "Sahel", lang: "fr" })).id;
  const open = (await admin("room.create", { region, slug: "market", name: "Market", about: "Prices & *harvest*", access: "open" })).id;
  const inner = (await admin("room.create", { region, slug: "members", name: "Members", access: "members", lang: "es" })).id;
  const closed = (await admin("room.create", { region, slug: "board", name: "Board", access: "private" })).id;
  for (const call of [ana, ben, dia]) await call("room.join", { room: open });
  await ana("room.join", { room: inner });
  await ben("room.join", { room: inner });
  const people = (await rpc(daemon, tokens.admin, "member.list", {})).members;
  const idOf = (handle) => people.find((m) => m.handle === handle).id;
  for (const handle of ["ana", "ben"]) await admin("room.invite", { room: closed, member: idOf(handle) });
  await ana("room.leave", { room: closed });

  const talk = await ana("thread.create", { room: open, title: "First harvest", kind: "discussion", lang: "en",
    text: "The **harvest** begins. Who has [prices](https://example.org/p)?\n\n> a quote\n\n- one\n- two\n\n`code` @ben" });
  const first = (await rpc(daemon, tokens.ana, "post.list", { thread: talk.id })).posts[0].id;
  const reply = await ben("post.create", { thread: talk.id, text: "Les réunions du marché : la réunion est à 10 h, @ana.", lang: "fr", reply_to: first });
  await ben("post.edit", { post: reply.id, text: "Les réunions du marché : la réunion est à 11 h, @ana.", lang: "fr" });
  const spam = await dia("post.create", { thread: talk.id, text: "withdrawn words of an advertiser", lang: "en" });
  await ana("post.redact", { post: spam.id, reason: "Advertising" });
  const own = await dia("post.create", { thread: talk.id, text: "withdrawn by its own author", lang: "en" });
  await dia("post.redact", { post: own.id, reason: "My mistake" });
  for (const [who, emoji, on] of [[ana, "👍", true], [ben, "👍", true], [dia, "🎉", true], [dia, "🎉", false]])
    await who("post.react", { post: reply.id, emoji, on });
  await ana("thread.rename", { thread: talk.id, title: "First harvest of the year" });
  await ana("thread.pin", { thread: talk.id, pinned: true });

  const question = await ben("thread.create", { room: inner, title: "¿Cuándo son las reuniones?", kind: "question", lang: "es",
    text: "¿Alguien sabe cuándo son las reuniones de este mes?" });
  const answer = await ana("post.create", { thread: question.id, text: "Las reuniones son cada lunes por la mañana.", lang: "es" });
  await ben("thread.answer", { thread: question.id, post: answer.id });
  await ana("thread.lock", { thread: question.id, locked: true });
  await ana("thread.create", { room: inner, title: "Mobilis handbook", kind: "resource", lang: "en",
    fields: { url: "https://example.org/mobilis.pdf" }, text: "A handbook of mobilis, all chapters." });
  await ben("thread.create", { room: closed, title: "Canary in the board", kind: "discussion", lang: "en", text: "canary: nobody else reads this." });
  for (let i = 1; i <= 60; i++)   // more than one page
    await [ana, ben, dia][i % 3]("post.create", { thread: talk.id, text: `Harvest report ${i}: ${i * 7} sacks 🌾`, lang: "en" });

  const { seq } = await rpc(daemon, tokens.ana, "room.list", {});
  await rpc(daemon, tokens.ana, "read.mark", { thread: talk.id, seq: seq - 5 });
  await rpc(daemon, tokens.ben, "thread.follow", { thread: talk.id, level: "mute" });
}

// One question a line, so that a difference shows as one.
const lines = (all) => `{${Object.entries(all).map(([version, asked]) => `${JSON.stringify(version)}: {\n${
  Object.entries(asked).map(([q, a]) => `${JSON.stringify(q)}: ${JSON.stringify(a)}`).join(",\n")}}`).join(",\n")}}`;

async function main(version) {
  const target = join(HERE, `${version}.db.gz`);
  if (existsSync(target)) throw new Error(`${target} exists; a release's database is kept as it was`);
  if (cli("version") !== `baraza ${version}`) throw new Error(`the program says: ${cli("version")}`);
  const base = tempDir(), dir = join(base, "hub"), copy = join(base, "copy.db");
  cli("init", "--data", dir, "--hub", "kept", "--name", "A kept hub");
  for (const [handle, role] of [["ana", "moderator"], ["ben", "member"], ["dia", "member"], ["gus", "guest"]])
    cli("member", "add", "--data", dir, handle, "--name", `Person ${handle}`, "--role", role, "--region", "general",
      "--lang", "en", "--city", "Gao", "--country", "ML", "--org", "Union");
  const tokens = Object.fromEntries(["admin", "ana", "ben", "dia"].map((h) => [h, cli("token", "--data", dir, h)]));
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  await tell(daemon, tokens);
  const expected = await answers(daemon, dir);
  cli("backup", "--data", dir, copy);
  if (await daemon.stop() !== 0) throw new Error(daemon.log);
  const packed = gzipSync(readFileSync(copy), { level: 9 });
  if (packed.length > BYTES_MAX) throw new Error(`${packed.length} bytes: too large to keep`);
  writeFileSync(target, packed, { flag: "wx" });
  const path = join(HERE, "expected.json");
  const all = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
  writeFileSync(path, `${lines({ ...all, [version]: expected })}\n`);
  console.log(`${target}: ${packed.length} bytes, ${Object.keys(expected).length} answers`);
}

await main(process.argv[2]);
