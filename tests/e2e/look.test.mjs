// What the hub makes of a shared file is found out by a worker that may crash: pictures that decode are shown, with a small
// copy and the words of documents found; whatever else is sent, under whatever name, is a download, and nothing breaks.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { corpus, exif, gif, good, intoJpeg, open, paragraphs, pdfPages, sheet, slides, word, zip } from "./corpus.mjs";
import { BIN, tempDir } from "./daemon.mjs";

const run = promisify(execFile);
const INLINE = /^image\/(png|jpeg|gif|webp)$/;

async function look(path) {
  const { stdout, stderr } = await run(BIN, ["look", path], { maxBuffer: 1 << 20 });
  const lines = Object.fromEntries(stdout.trimEnd().split("\n").map((line) => [line.slice(0, 10).trim(), line.slice(11)]));
  return { ...lines, log: stderr, out: stdout };
}

test("pictures are shown, with their size as seen and a small copy", async () => {
  const dir = tempDir();
  const expect = async (name, bytes, type, size) => {
    const path = join(dir, name);
    writeFileSync(path, bytes);
    const got = await look(path);
    assert.equal(got.type, type, name);
    assert.equal(got.shown, `inline, ${size}`, name);
    assert.ok(parseInt(got.thumbnail) > 20 && parseInt(got.thumbnail) <= 20480, name);
    assert.equal(got.log, "");
  };
  const files = good();
  await expect("a.txt", files["photo.jpg"], "image/jpeg", "24 x 16");   // its name says nothing
  await expect("b", files["progressive.jpg"], "image/jpeg", "24 x 16");
  await expect("c", files["picture.png"], "image/png", "24 x 16");
  await expect("d", files["lossy.webp"], "image/webp", "24 x 16");
  await expect("e", files["lossless.webp"], "image/webp", "24 x 16");
  await expect("f", files["moving.webp"], "image/webp", "4 x 4");
  await expect("g.html", gif(3), "image/gif", "4 x 4");
  for (let turn = 1; turn <= 8; turn++)
    await expect(`turn-${turn}`, intoJpeg(exif(turn)), "image/jpeg", turn >= 5 ? "16 x 24" : "24 x 16");
  await expect("film", Buffer.concat([files["photo.jpg"], Buffer.from("\0\0\0\x18ftypmp42, the film of a moving photo")]), "image/jpeg", "24 x 16");
});

test("what is no file is refused with the right number", async () => {
  const refused = async (args, code, sentence) => {
    const error = await run(BIN, ["look", ...args]).then(() => assert.fail("it was taken"), (e) => e);
    assert.deepEqual([error.code, error.stdout], [code, ""]);
    assert.match(error.stderr, sentence);
  };
  await refused([], 64, /FILE is missing/);
  await refused([join(tempDir(), "none")], 74, /No such file/);
  await refused([tempDir()], 74, /not a file/);
  await refused(["/dev/zero"], 74, /not a file/);
});

test("the words of documents are found, those that are not shown in them are not", async () => {
  const dir = tempDir(), type = (kind) => `application/vnd.${kind}`, ooxml = "openxmlformats-officedocument", odf = "oasis.opendocument";
  let n = 0;
  const expect = async (bytes, media, text) => {
    const path = join(dir, `${n++}.png`);   // its name says nothing
    writeFileSync(path, bytes);
    const got = await look(path);
    assert.equal(got.type, media, text);
    assert.equal(got.text ?? "", text, media);
    assert.equal(got.words, String(text.split(" ").filter(Boolean).length));
    assert.equal(got.shown, "as a download");
    assert.equal(got.log, "");
  };
  await expect(pdfPages("Minutes of the meeting", "Second page"), "application/pdf", "Minutes of the meeting Second page");
  await expect(word(paragraphs("Réunion &amp; débat", "Second")), type(`${ooxml}.wordprocessingml.document`), "Réunion & débat Second");
  await expect(word(`<w:document xmlns:w="w" xmlns:mc="m"><w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:t>sta</w:t></w:r><w:r><w:t>ys</w:t><w:tab/><w:t>on</w:t></w:r>
    <w:instrText>PAGE</w:instrText><mc:Choice><w:t>one</w:t></mc:Choice><mc:Fallback><w:t>one</w:t></mc:Fallback></w:p></w:document>`,
    [["word/footnotes.xml", Buffer.from(paragraphs("A note"))]]), type(`${ooxml}.wordprocessingml.document`), "stays onone A note");
  await expect(sheet("Line", "Budget 2026"), type(`${ooxml}.spreadsheetml.sheet`), "Line Budget 2026");
  await expect(slides("Welcome", "Thanks"), type(`${ooxml}.presentationml.presentation`), "Welcome Thanks");
  const body = '<text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:h>Title</text:h><text:p>One<text:tab/>two<text:s/><text:span>three</text:span></text:p>';
  for (const kind of ["text", "spreadsheet", "presentation"]) await expect(open(kind, body), type(`${odf}.${kind}`), "Title One two three");
  await expect(word(paragraphs("x"), [["word/vbaProject.bin", Buffer.from("x")]]), "application/zip", "");
  await expect(zip([["a.txt", Buffer.from("not unpacked")]]), "application/zip", "");
  await expect(Buffer.from("Estimado señor:\n\nAdjunto el acta.\n", "latin1"), "text/plain", "Estimado señor: Adjunto el acta.");
  await expect(Buffer.from("\ufeffline;riders\n1;200\n", "utf16le"), "text/plain", "line;riders 1;200");
  await expect(Buffer.from("line,riders,year\n1,200,2025\n2,300,2026\n"), "text/csv", "line,riders,year 1,200,2025 2,300,2026");
  await expect(Buffer.from("Move \u202ebackwards\u202c \u001b[2Jplease"), "text/plain", "Move  backwards  [2Jplease");
});

test("of a bomb no more is unpacked than is wanted", async () => {
  const dir = tempDir(), path = join(dir, "bomb"), files = new Map(corpus().map((f) => [f.name, f.bytes]));
  for (const [name, words] of [["laughs.docx", /^0$/], ["outside.docx", /^0$/], ["deep.docx", /^0$/], ["large.docx", /^1310\d\d$/], ["million-pages.pdf", /^0$/]]) {
    writeFileSync(path, files.get(name));
    const got = await look(path);
    assert.match(got.words, words, name);
    assert.equal(got.log, "", name);
  }
});

test("of more than 500 hostile files none breaks the hub, and none is shown that should not be", async () => {
  const dir = tempDir(), files = corpus();
  assert.ok(files.length >= 500, `${files.length} files`);
  let shown = 0, next = 0;
  const one = async ({ name, bytes, inline }, i) => {
    const path = join(dir, name.includes("/") ? String(i) : name);
    writeFileSync(path, bytes);
    const got = await look(path).catch((error) => assert.fail(`${name}: ${error.message}`));
    assert.match(got.type, /^[a-z]+\/[a-z0-9.+-]+$/, name);
    assert.doesNotMatch(got.type, /html|svg|xml$|script/, name);
    assert.equal(got.bytes, String(bytes.length), name);
    const is = got.shown !== "as a download";
    assert.equal(is, INLINE.test(got.type), name);
    if (inline !== null) assert.equal(is, inline, `${name}: ${got.out}`);
    shown += is;
    for (const line of got.log.split("\n").filter(Boolean)) assert.equal(JSON.parse(line).event, "file_not_looked_into", name);
    assert.doesNotMatch(got.out, /[\0-\x08\x0b-\x1f\x7f]|root:/, name);
  };
  await Promise.all([1, 2, 3].map(async () => { while (next < files.length) { const i = next++; await one(files[i], i); } }));
  console.log(`# ${files.length} files, ${shown} shown`);
});
