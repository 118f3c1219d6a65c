/* What other applications share: a title, words and a link, in whatever field they put them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

const { readShare } = await load("share.ts");

test("title, words and link of a share", () => {
  const q = (o) => `?${new URLSearchParams(o)}`;
  assert.equal(readShare(""), null);
  assert.equal(readShare("?room=x&title=%20"), null);
  assert.deepEqual(readShare(q({ title: " Bus  rapid\ntransit ", text: "Read this", url: "https://a.example/x" })), {
    title: "Bus rapid transit",
    text: "Read this\n\nhttps://a.example/x",
  });
  assert.deepEqual(readShare(q({ text: "See https://a.example/x", url: "https://a.example/x" })), { title: "", text: "See https://a.example/x" });
  assert.deepEqual(readShare(q({ url: "https://a.example/x" })), { title: "", text: "https://a.example/x" });
  assert.deepEqual(readShare("?title=&text=&url=&files=here"), { title: "", text: "", files: "here" });
  assert.deepEqual(readShare("?text=a&files=lost"), { title: "", text: "a", files: "lost" });
  assert.equal(readShare("?files=elsewhere"), null);
  const long = readShare(q({ title: "t".repeat(900), text: "é".repeat(90_000) }));
  assert.deepEqual([long.title.length, long.text.length], [200, 8_000]);
});
