/* client-coverage.mjs DIR: what the client's tests reach of its state, its line and its outbox, from the
 * counts that node left in DIR (NODE_V8_COVERAGE). Prints each file, removes the bundles that the
 * counts are of, and fails when a file is under LINES_PCT. Lines are those that hold code; one is
 * reached when some of its code ran. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import MCR from "monocart-coverage-reports";

const LINES_PCT = 95;
const NAMES = ["carrier", "entries", "expected", "outbox", "poll", "store", "transport", "types"];
const FILES = NAMES.map((name) => `${name}.ts`);

const client = join(dirname(fileURLToPath(import.meta.url)), "../client-web");
const nameOf = (path) => path.replace(/^.*client-web\/src\//, "");
const outputDir = mkdtempSync(join(tmpdir(), "client-coverage-"));
const report = MCR({
  outputDir,
  all: { dir: join(client, "src"), filter: (path) => FILES.includes(nameOf(path)) },
  entryFilter: (entry) => entry.url.includes("/client-web/node_modules/.test-"),
  sourceFilter: (path) => FILES.includes(nameOf(path)),
  sourcePath: nameOf,
  reports: ["v8-json"],
  logging: "error",
});
await report.addFromDir(process.argv[2]);
const { files } = await report.generate();
rmSync(outputDir, { recursive: true, force: true });
for (const name of readdirSync(join(client, "node_modules")))
  if (name.startsWith(".test-")) rmSync(join(client, "node_modules", name), { recursive: true });

const cell = (text, i) => (i === 0 ? text.padEnd(16) : String(text).padStart(12));
const row = (...cells) => console.log(cells.map(cell).join("").trimEnd());
/* 3 4 5 9 -> 3-5 9 */
const ranges = (lines) =>
  lines.reduce((all, n) => {
    const last = all.at(-1);
    if (last && last[1] === n - 1) last[1] = n;
    else all.push([n, n]);
    return all;
  }, []);
const pct = ({ covered, total }) => (total === 0 ? "-" : ((100 * covered) / total).toFixed(1));
row("client-web/src", "lines", "% lines", "% branches", "  not reached");
let low = 0;
for (const name of FILES) {
  const file = files.find((f) => f.sourcePath === name);
  const { lines, branches } = file.summary;
  const missed = Object.keys(file.data.lines).filter((at) => file.data.lines[at] === 0);
  const told = ranges(missed.map(Number)).map(([from, to]) => (from === to ? from : `${from}-${to}`));
  const covered = lines.total - missed.length;
  row(name, lines.total, pct({ ...lines, covered }), pct(branches), `  ${told.join(" ")}`);
  if (covered * 100 < lines.total * LINES_PCT) low++;
}
if (low > 0) console.log(`${low} of these files are under ${LINES_PCT} % of lines`);
process.exit(low > 0 ? 1 : 0);
