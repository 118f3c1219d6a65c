// corpus.mjs: files as a stranger would send them. Each is { name, bytes, inline }: true and false say how it must come out,
// null that it may be either, as long as nothing breaks. Made anew each time from a fixed seed.
import zlib, { deflateRawSync, deflateSync } from "node:zlib";

const bytes64 = (text) => Buffer.from(text, "base64");
// 24 x 16 pixels each; the last has two frames of 4 x 4.
export const jpeg = bytes64("/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYV" +
  "pQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAQ" +
  "ABgDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhBy" +
  "JxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKT" +
  "lJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAA" +
  "AAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRom" +
  "JygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExc" +
  "bHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDmY9P/ANmrMen/AOzXRR6f/s1aj0//AGa9fMcbvqcOAzDbU5yP" +
  "T/8AZorrI9P/ANmivisRjffPrqGYe5uf/9k=");
export const progressive = bytes64("/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYV" +
  "pQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wgARCAAQ" +
  "ABgDASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAABQAD/8QAFgEBAQEAAAAAAAAAAAAAAAAABQME/9oADAMBAAIQAxAAAAEzRHXXA6WhV/" +
  "/EABYQAAMAAAAAAAAAAAAAAAAAAAABA//aAAgBAQABBQJTFMUxTFMUz//EABgRAAIDAAAAAAAAAAAAAAAAAAAEAgMh/9oACAEDAQE/AaGCDGH/" +
  "xAAXEQEBAQEAAAAAAAAAAAAAAAADAAQh/9oACAECAQE/AdDSN2//xAAUEAEAAAAAAAAAAAAAAAAAAAAg/9oACAEBAAY/Al//xAAVEAEBAAAAAA" +
  "AAAAAAAAAAAAAAYf/aAAgBAQABPyGCCCCCD//aAAwDAQACAAMAAAAQeA//xAAXEQEAAwAAAAAAAAAAAAAAAAAAITFR/9oACAEDAQE/EKpbX//E" +
  "ABYRAAMAAAAAAAAAAAAAAAAAABAhMf/aAAgBAgEBPxC7D//EABQQAQAAAAAAAAAAAAAAAAAAACD/2gAIAQEAAT8QQAAH/9k=");
export const webp = bytes64("UklGRmAAAABXRUJQVlA4IFQAAABwBACdASoYABAAPxF6tFAsKCUisAgBgCIJbACdMoRwN6BEgAGBRUA4G9/LAAD+2ky9X+Rh9a/7461rlwY1Hb" +
  "3xkWmPCGVQq8+W4F8ctOhTSWbn0AA=");
export const webpLossless = bytes64("UklGRj4AAABXRUJQVlA4TDIAAAAvF8ADAAmAIAb8D5uI6H9qARCE/20TEf1PgUjbpg7u3/Hg4SgICRL+D7YaE8BWD9R/Ag==");
export const webpMoving = bytes64("UklGRrAAAABXRUJQVlA4WAoAAAASAAAAAwAAAwAAQU5JTQYAAAAAAP//AQBBTk1GNgAAAAAAAAAAAAMAAAMAAGQAAAJWUDhMHQAAAC8DwAAAHy" +
  "AQSN4fOo35FxAU/B/d/EdkD6DGEf0PAEFOTUZGAAAAAAAAAAAAAwAAAwAAZAAAAFZQOEwuAAAALwPAABAnIBBI2h96jfkXEBT5P9r8B/ClbFAQ" +
  "yQYdfu8RgAoS/CqI6H/0qTLeAQ==");

const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n >>> 0); return b; };
const le16 = (n) => { const b = Buffer.alloc(2); b.writeUInt16LE(n); return b; };
const le32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32LE(n >>> 0); return b; };
const sum = zlib.crc32 ?? ((data) => {   // Node.js before 20.15 has none
  let crc = ~0;
  for (const byte of data) { crc ^= byte; for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1)); }
  return ~crc >>> 0;
});

// ---- PNG
export const chunk = (name, data) => { const body = Buffer.concat([Buffer.from(name), data]); return Buffer.concat([u32(data.length), body, u32(sum(body))]); };
const PNG_MARK = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
const header = (width, height, depth = 8, colour = 2, interlace = 0) => chunk("IHDR", Buffer.concat([u32(width), u32(height), Buffer.from([depth, colour, 0, 0, interlace])]));
export function png({ width = 24, height = 16, pixels, before = [], after = [] } = {}) {
  const lines = pixels ?? deflateSync(Buffer.concat(Array.from({ length: height }, (_, y) =>
    Buffer.concat([Buffer.from([0]), Buffer.from(Array.from({ length: width * 3 }, (_, i) => (i * 3 + y * 7) & 255))]))));
  return Buffer.concat([PNG_MARK, header(width, height), ...before, chunk("IDAT", lines), ...after, chunk("IEND", Buffer.alloc(0))]);
}

// ---- GIF: codes are never packed, so that any length is right.
function lzw(pixels) {
  const out = [];
  let bits = 0, n = 0;
  const put = (code) => { bits |= code << n; n += 3; while (n >= 8) { out.push(bits & 255); bits >>= 8; n -= 8; } };
  pixels.forEach((p, i) => { if (i % 2 === 0) put(4); put(p); });
  put(5);
  if (n) out.push(bits & 255);
  const blocks = [Buffer.from([2])];
  for (let i = 0; i < out.length; i += 255) blocks.push(Buffer.from([Math.min(255, out.length - i), ...out.slice(i, i + 255)]));
  return Buffer.concat([...blocks, Buffer.from([0])]);
}
const frame = Buffer.concat([Buffer.from([0x21, 0xf9, 4, 0, 10, 0, 0, 0, 0x2c, 0, 0, 0, 0, 4, 0, 4, 0, 0]), lzw(Array.from({ length: 16 }, (_, i) => i % 4))]);
const gifHead = (width = 4, height = 4) => Buffer.concat([Buffer.from("GIF89a"), le16(width), le16(height), Buffer.from([0xf1, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255])]);
export const gif = (frames = 1, extra = Buffer.alloc(0)) => Buffer.concat([gifHead(), extra, ...Array(frames).fill(frame), Buffer.from(";")]);

// ---- ZIP and what stands in it
export function zip(entries, { claim = {} } = {}) {
  const parts = [], index = [];
  let at = 0;
  for (const [name, data, stored] of entries) {
    const packed = stored ? data : deflateRawSync(data), path = Buffer.from(name);
    const same = Buffer.concat([le16(20), le16(0), le16(stored ? 0 : 8), le32(0), le32(claim.crc ?? sum(data)), le32(packed.length), le32(claim.bytes ?? data.length), le16(path.length), le16(0)]);
    parts.push(le32(0x04034b50), same, path, packed);
    index.push(Buffer.concat([le32(0x02014b50), le16(20), same, le16(0), le16(0), le16(0), le32(0), le32(at), path]));
    at += 30 + path.length + packed.length;
  }
  const list = Buffer.concat(index);
  return Buffer.concat([...parts, list, le32(0x06054b50), le16(0), le16(0), le16(entries.length), le16(entries.length), le32(list.length), le32(at), le16(0)]);
}
const types = (kind) => Buffer.from(`<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/x" ContentType="${kind}"/></Types>`);
export const word = (body, extra = []) => zip([["[Content_Types].xml", types("application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml")], ["word/document.xml", Buffer.from(body)], ...extra]);
export const paragraphs = (...texts) => `<?xml version="1.0"?><w:document xmlns:w="w"><w:body>${texts.map((t) => `<w:p><w:r><w:t>${t}</w:t></w:r></w:p>`).join("")}</w:body></w:document>`;
export const sheet = (...strings) => zip([["[Content_Types].xml", types("x")], ["xl/workbook.xml", Buffer.from("<workbook/>")],
  ["xl/sharedStrings.xml", Buffer.from(`<sst>${strings.map((s) => `<si><t>${s}</t></si>`).join("")}</sst>`)]]);
export const slides = (...texts) => zip([["[Content_Types].xml", types("x")], ["ppt/presentation.xml", Buffer.from("<p/>")],
  ...texts.map((t, i) => [`ppt/slides/slide${i + 1}.xml`, Buffer.from(`<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>${t}</a:t></a:r></a:p></p:sld>`)])]);
export const open = (kind, body) => zip([["mimetype", Buffer.from(`application/vnd.oasis.opendocument.${kind}`), true],
  ["content.xml", Buffer.from(`<office:document-content xmlns:office="o" xmlns:text="t"><office:body>${body}</office:body></office:document-content>`)]]);

// ---- PDF
export function pdf(objects, tail = "") {
  let text = "%PDF-1.4\n";
  const at = objects.map((body, i) => { const from = text.length; text += `${i + 1} 0 obj\n${body}\nendobj\n`; return from; });
  const from = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${at.map((n) => `${String(n).padStart(10, "0")} 00000 n \n`).join("")}`;
  return Buffer.from(`${text}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${from}\n%%EOF\n${tail}`, "latin1");
}
export function pdfPages(...texts) {
  const objects = ["<< /Type /Catalog /Pages 2 0 R >>", `<< /Type /Pages /Count ${texts.length} /Kids [${texts.map((_, i) => `${4 + 2 * i} 0 R`).join(" ")}] >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"];
  for (const text of texts) {
    const stream = `BT /F1 12 Tf 72 720 Td (${text}) Tj ET`;
    objects.push(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${objects.length + 2} 0 R >>`,
      `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`);
  }
  return pdf(objects);
}

// ---- The corpus
const script = "<script>alert(1)</script>", page = `<!DOCTYPE html><html><body>${script}</body></html>`;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">${script}</svg>`;
const bytes = (x) => Buffer.isBuffer(x) ? x : Buffer.from(x);
const both = (...parts) => Buffer.concat(parts.map(bytes));
const segment = (mark, body) => both(Buffer.from([0xff, mark]), Buffer.from([(body.length + 2) >> 8, (body.length + 2) & 255]), body);
export const exif = (turn) => segment(0xe1, both("Exif\0\0MM\0*", u32(8), Buffer.from([0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, turn, 0, 0]), u32(0)));
export const intoJpeg = (...parts) => both(jpeg.subarray(0, 2), ...parts, jpeg.subarray(2));

export const good = () => ({ "photo.jpg": jpeg, "progressive.jpg": progressive, "picture.png": png(), "picture.gif": gif(2), "lossy.webp": webp,
  "lossless.webp": webpLossless, "moving.webp": webpMoving, "report.pdf": pdfPages("Minutes of the meeting", "Second page"),
  "letter.docx": word(paragraphs("Minutes", "of the meeting")), "table.xlsx": sheet("Minutes", "Budget"), "talk.pptx": slides("Minutes", "Budget"),
  "letter.odt": open("text", "<office:text><text:p>Minutes</text:p></office:text>") });

function disguised() {   // what a browser would run, under every name and behind a beginning that promises a picture
  const bodies = { page, svg, script, js: "alert(document.domain)//", xml: `<?xml version="1.0"?><?xml-stylesheet href="javascript:alert(1)"?><x/>`,
    xhtml: `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">${script}</html>`, comment: `<!-- x -->${page}`,
    mhtml: `MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n${page}\r\n--b--`,
    bom: `\ufeff${page}`, blank: `\n\n\t  ${svg}`, wide: Buffer.from(`\ufeff${page}`, "utf16le"), php: "<?php system($_GET[0]); ?>", shell: "#!/bin/sh\nid\n",
    css: "@import 'javascript:alert(1)';body{behavior:url(x)}", hta: `<hta:application>${script}` };
  const files = [];
  for (const [name, body] of Object.entries(bodies)) {
    for (const end of ["", ".png", ".jpg", ".gif", ".webp", ".pdf"]) files.push([`${name}${end}`, bytes(body)]);
    for (const [mark, start] of [["gif", "GIF89a"], ["png", PNG_MARK], ["jpeg", Buffer.from([0xff, 0xd8, 0xff, 0xe0])], ["webp", "RIFF\x10\0\0\0WEBPVP8 "], ["bmp", "BM"], ["pdf", "%PDF-1.4\n"]])
      files.push([`${mark}-then-${name}`, both(start, body)]);
  }
  return files;
}

function twoThings() {   // whole pictures that are something else as well
  const archive = zip([["index.html", Buffer.from(page)]]), files = [];
  const pictures = { png: png(), gif: gif(), jpeg, webp, "webp-lossless": webpLossless };
  const others = { page, svg, archive, pdf: pdfPages("x"), doctype: "<!doctype html><p>", php: "<?php x ?>" };
  for (const [a, picture] of Object.entries(pictures))
    for (const [b, other] of Object.entries(others)) {
      files.push([`${b}-then-${a}`, both(other, picture)]);
      if (!(a === "jpeg" && b === "pdf")) files.push([`${a}-then-${b}`, both(picture, other)]);
    }
  for (const [name, other] of Object.entries(others)) {
    files.push([`png-text-${name}`, png({ before: [chunk("tEXt", both("Comment\0", other))] })], [`png-tail-chunk-${name}`, png({ after: [chunk("zzZz", bytes(other))] })]);
    files.push([`jpeg-comment-${name}`, intoJpeg(segment(0xfe, bytes(other)))]);
    if (bytes(other).length < 255) files.push([`gif-comment-${name}`, gif(1, both(Buffer.from([0x21, 0xfe, bytes(other).length]), other, Buffer.from([0])))]);
  }
  files.push(["gif-script", both(gifHead(0x2a2f, 4), frame, ";*/=1;alert(1)")], ["gif-script-comment", both(gifHead(0x2a2f, 4), frame, ";")]);
  files.push(["png-then-png", both(png(), png())], ["gif-then-gif", both(gif(), gif())], ["webp-then-webp", both(webp, webp)]);
  return files;
}

function giants() {
  const jpegOf = (width, height) => { const b = Buffer.from(jpeg); const at = b.indexOf(Buffer.from([0xff, 0xc0])); b.writeUInt16BE(height, at + 5); b.writeUInt16BE(width, at + 7); return b; };
  const files = [];
  for (const [w, h] of [[65535, 65535], [30001, 1], [1, 30001], [6400, 6400], [0, 0], [0, 10], [10, 0], [2 ** 31 - 1, 2 ** 31 - 1], [2 ** 32 - 1, 1]]) {
    files.push([`png-${w}x${h}`, both(PNG_MARK, header(w, h), chunk("IDAT", deflateSync(Buffer.alloc(1000))), chunk("IEND", Buffer.alloc(0)))]);
    if (w < 65536 && h < 65536) files.push([`jpeg-${w}x${h}`, jpegOf(w, h)], [`gif-${w}x${h}`, both(gifHead(w, h), Buffer.from([0x2c, 0, 0, 0, 0]), le16(w), le16(h), Buffer.from([0]), lzw([0, 1]), ";")]);
    files.push([`webp-${w}x${h}`, both("RIFF", le32(22), "WEBPVP8X", le32(10), Buffer.alloc(4), le32(Math.max(0, w - 1)).subarray(0, 3), le32(Math.max(0, h - 1)).subarray(0, 3))]);
  }
  files.push(["png-header-alone", both(PNG_MARK, header(100, 100))], ["png-interlaced-giant", both(PNG_MARK, header(20000, 2000, 8, 6, 1), chunk("IDAT", deflateSync(Buffer.alloc(10))), chunk("IEND", Buffer.alloc(0)))]);
  files.push(["jpeg-6300x6300-short", jpegOf(6300, 6300)]);
  return files;
}

function bombs() {
  const zeros = Buffer.alloc(64 << 20), files = [];
  files.push(["png-too-much-data", png({ pixels: deflateSync(zeros) }), null]);   // libpng takes the lines it needs
  files.push(["png-icc-bomb", png({ before: [chunk("iCCP", both("icc\0\0", deflateSync(zeros)))] }), null], ["png-text-bomb", png({ before: [chunk("zTXt", both("text\0\0", deflateSync(zeros)))] }), null]);
  files.push(["png-thousand-texts", png({ before: Array(20000).fill(chunk("tEXt", bytes("a\0b"))) }), null]);
  files.push(["gif-100000-frames", gif(100000), true]);
  files.push(["jpeg-icc-bomb", intoJpeg(...Array.from({ length: 255 }, (_, i) => segment(0xe2, both("ICC_PROFILE\0", Buffer.from([i + 1, 255]), Buffer.alloc(60000))))), null]);
  files.push(["jpeg-5000-comments", intoJpeg(...Array(5000).fill(segment(0xfe, Buffer.alloc(200)))), null]);
  const laugh = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "ha">${Array.from({ length: 30 }, (_, i) => `<!ENTITY a${i + 1} "&a${i};&a${i};&a${i};&a${i};">`).join("")}]>`;
  files.push(["laughs.docx", word(`${laugh}<w:document xmlns:w="w"><w:p><w:t>&a30;</w:t></w:p></w:document>`)]);
  files.push(["outside.docx", word(`<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><w:document xmlns:w="w"><w:p><w:t>&x;</w:t></w:p></w:document>`)]);
  files.push(["large.docx", word(`<w:document xmlns:w="w"><w:t>${"a ".repeat(16 << 20)}</w:t></w:document>`)]);
  files.push(["deep.docx", word(`<w:document xmlns:w="w">${"<w:p>".repeat(200000)}`)]);
  files.push(["attributes.docx", word(`<w:document ${Array.from({ length: 100000 }, (_, i) => `a${i}="1"`).join(" ")}/>`)]);
  files.push(["many.docx", word(paragraphs("x"), Array.from({ length: 20000 }, (_, i) => [`x/${i}`, Buffer.from("x")]))]);
  files.push(["same-names.docx", word(paragraphs("x"), Array.from({ length: 300 }, () => ["word/document.xml", Buffer.from(paragraphs("y"))]))]);
  files.push(["wrong-size.docx", zip([["[Content_Types].xml", types("x")], ["word/document.xml", zeros]], { claim: { bytes: 10, crc: 1 } })]);
  files.push(["names.zip", zip([["../../etc/passwd", Buffer.from("x")], ["a\r\nb: c", Buffer.from("x")], ["a\0b", Buffer.from("x")], ["\u202egpj.exe", Buffer.from("x")]])]);
  files.push(["zip-of-zips", zip(Array.from({ length: 50 }, (_, i) => [`${i}.zip`, zip([["x", zeros.subarray(0, 1 << 20)]])]))], ["zeros", zeros], ["bomb.gz", bytes64("H4sIAAAAAAAAA+3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA")]);
  const nested = (n) => `${"[".repeat(n)}${"]".repeat(n)}`;
  files.push(["deep.pdf", pdf(["<< /Type /Catalog /Pages 2 0 R >>", `<< /Type /Pages /Count 1 /Kids [3 0 R] /X ${nested(1000)} >>`, "<< /Type /Page /Parent 2 0 R >>"])]);
  files.push(["deeper.pdf", pdf([`<< /Type /Catalog /Pages ${"<< /Kids [ ".repeat(100000)}`])], ["round.pdf", pdf(["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 1000000 /Kids [2 0 R 2 0 R] >>"])]);
  files.push(["chain.pdf", pdf(["<< /Type /Catalog /Pages 2 0 R >>", ...Array.from({ length: 1000 }, (_, i) => `<< /Type /Pages /Count 1 /Kids [${i + 3} 0 R] >>`), "<< /Type /Page >>"])]);
  files.push(["script.pdf", pdf(["<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>", "<< /Type /Pages /Count 0 /Kids [] >>"])]);
  files.push(["million-pages.pdf", pdf(["<< /Type /Catalog /Pages 2 0 R >>", `<< /Type /Pages /Count 100000 /Kids [${"3 0 R ".repeat(100000)}] >>`, "<< /Type /Page /Parent 2 0 R >>"])]);
  const wide = deflateSync(Buffer.from(`BT /F1 1 Tf ${"(a) Tj ".repeat(3 << 20)} ET`));
  files.push(["stream-bomb.pdf", pdf(["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 1 /Kids [3 0 R] >>", "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
    `<< /Length ${wide.length} /Filter /FlateDecode >>\nstream\n${wide.toString("latin1")}\nendstream`])]);
  return files;
}

function broken() {   // cut at many places, and with single bits and bytes changed
  const files = [];
  let seed = 20261124;
  const random = (n) => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return Math.floor(seed / 2 ** 32 * n); };
  for (const [name, whole] of Object.entries(good())) {
    for (let i = 0; i < 14; i++) files.push([`cut-${i}-${name}`, whole.subarray(0, Math.floor(whole.length * i / 14)), /gif|jpg|png|webp/.test(name) ? false : null]);
    for (let i = 0; i < 14; i++) {
      const changed = Buffer.from(whole);
      for (let n = 0; n <= i % 4; n++) changed[random(changed.length)] ^= i % 2 ? 1 << random(8) : random(255) + 1;
      files.push([`changed-${i}-${name}`, changed, null]);
    }
  }
  return files;
}

export function corpus() {
  const strange = ["..%2f..%2fetc%2fpasswd", "a\r\nContent-Type: text\nhtml", "\u202egpj.exe", "--help", " ", "a\tb", "\u0007bell", "é".repeat(100)];
  const files = [...disguised(), ...twoThings(), ...giants(), ...bombs(), ...broken(), ...strange.map((name) => [name, bytes(svg)]),
    ["empty", Buffer.alloc(0)], ["nul", Buffer.alloc(1)], ["one", bytes("x")], ["bytes", Buffer.from(Array.from({ length: 256 }, (_, i) => i))]];
  return files.map(([name, content, inline = false]) => ({ name, bytes: content, inline }));
}
