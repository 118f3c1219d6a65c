/* A proxy keeps WebSockets out: two people still talk, over requests, and do not notice. When the
 * WebSocket gets through they move to it, in the middle of what they write. Nothing is lost or twice. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { startFront } from "./front.mjs";
import { bin, has, newThread, rpc, send, sent, shown, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
let hub;
const fronts = [];
before(async () => {
  if (!skip) hub = await startHub();
});
after(async () => {
  for (const f of fronts) f.end();
  await hub?.end();
});

const inside = [];
afterEach(async () => {
  for (const v of inside.splice(0)) await v.context.close();
});
async function enter(front, handle) {
  const v = await hub.visitor();
  inside.push(v);
  v.page.setDefaultTimeout(40_000); /* a silent proxy takes its time */
  await v.page.goto(front.url + hub.link(handle));
  await v.page.click(".signin button.primary");
  await v.page.waitForSelector(".bar h1");
  return v;
}
const carrier = (page, name) =>
  page.waitForFunction((n) => sessionStorage.getItem("carrier") === n, name);
const texts = async (page) => (await shown(page)).map(([, text]) => text);
async function held() {
  const metrics = await (await fetch(`${hub.url}/metrics`)).text();
  return Number(/^baraza_held_requests (\d+)$/m.exec(metrics)[1]);
}
async function act(page, text, selector) {
  const found = page.locator(".post[data-seq]", { hasText: text }).first();
  const post = page.locator(`[id="${await found.getAttribute("id")}"]`);
  await post.hover();
  await post.locator("button.more").click();
  await post.locator(selector).click();
  return post;
}

for (const kind of ["refused", "silent", "cut"])
  test(`WebSockets are ${kind}: two people talk over requests, then move`, { skip }, async () => {
    const front = await startFront(hub.url);
    fronts.push(front);
    front.sockets = kind;
    const [a, b] = await Promise.all([enter(front, "amina.diop"), enter(front, "moussa.kone")]);
    const { id } = await newThread(a.page, `Blocked ${kind}`);
    await Promise.all([a, b].map((x) => x.page.goto(`${front.url}/t/${id}`)));
    await Promise.all([a, b].map((x) => carrier(x.page, "poll")));
    await Promise.all([a, b].map((x) => x.page.waitForSelector(".post[data-seq]")));
    await a.page.waitForSelector(".offline p", { state: "detached" });

    const said = ["First."];
    const says = async (x, text) => {
      said.push(text);
      await send(x.page, text);
    };
    for (let i = 0; i < 3; i++) {
      await says(a, `a ${i}`);
      await has(b.page, `a ${i}`);
      await says(b, `b ${i}`);
      await has(a.page, `b ${i}`);
    }
    const post = await act(a.page, "a 0", ".buttons button:has-text('Edit')");
    await post.locator(".editor textarea").fill("a 0, better");
    await post.locator(".editor button.primary").click();
    said[said.indexOf("a 0")] = "a 0, better";
    await has(b.page, "a 0, better");
    await act(a.page, "b 1", ".emoji button >> nth=0");
    await b.page.waitForSelector(".post[data-seq] .reaction:has-text('👍 1')");

    /* Unread: counted live while the other one is elsewhere, gone when it was read. */
    const row = `.with-acts a.row[href="/t/${id}"]`;
    await b.page.click(".rail a[href='/'], .tabs a[href='/'] >> nth=0");
    await b.page.waitForSelector(".catchup, main");
    await says(a, "while you look elsewhere");
    await b.page.waitForSelector(`${row} .badge`);
    await b.page.click(row);
    await has(b.page, "while you look elsewhere");
    const read = () =>
      rpc(b.page, "thread.get", { thread: id }).then((r) => r.thread.unread === 0);
    while (!(await read())) await b.page.waitForTimeout(50);

    /* All requests are cut while both write. */
    for (let i = 0; i < 4; i++) {
      await says(a, `a cut ${i}`);
      await says(b, `b cut ${i}`);
      if (i % 2 === 0) front.cut();
    }
    for (const x of [a, b]) for (const text of said) await has(x.page, text);
    assert.equal(front.calls.includes("signal.send"), false, "nobody is told of typing");
    assert.ok(front.calls.includes("session.poll"));
    assert.deepEqual(await texts(a.page), await texts(b.page));

    /* The proxy lets WebSockets through. */
    front.sockets = "open";
    const moving = [a, b].map((x) => carrier(x.page, "socket"));
    for (let i = 0; i < 6; i++) {
      await says(a, `a moves ${i}`);
      await says(b, `b moves ${i}`);
      if (i === 1)
        for (const x of [a, b]) await x.page.evaluate(() => dispatchEvent(new Event("online")));
    }
    await Promise.all(moving);
    for (const x of [a, b]) for (const text of said) await has(x.page, text);
    await Promise.all([a, b].map((x) => sent(x.page)));
    while ((await held()) > 0) await a.page.waitForTimeout(20);
    const polled = front.calls.length;
    await says(a, "on the socket");
    await has(b.page, "on the socket");
    assert.equal(front.calls.slice(polled).includes("session.poll"), false);

    const { posts } = await rpc(a.page, "post.list", { thread: id, limit: 100 });
    assert.deepEqual(posts.map((p) => p.text).sort(), said.slice().sort());
    for (const x of ["a", "b"])
      assert.deepEqual(
        posts.map((p) => p.text).filter((text) => text.startsWith(`${x} `)),
        said.filter((text) => text.startsWith(`${x} `)),
        "each one's own words in the order of writing",
      );
    for (const x of [a, b]) assert.deepEqual(await texts(x.page), posts.map((p) => p.text));
  });

test("over requests: a closed session ends every window at once, and nothing is asked again", { skip }, async () => {
  const front = await startFront(hub.url);
  fronts.push(front);
  front.sockets = "refused";
  const v = await enter(front, "luisa.rojas");
  const second = await v.another();
  await second.goto(front.url);
  await Promise.all([v.page, second].map((p) => carrier(p, "poll")));
  await v.page.goto(`${front.url}/me`);
  await carrier(v.page, "poll");
  await v.page.click(".settings button.danger");
  await v.page.click("dialog button.primary, [role=dialog] button.primary");
  for (const p of [v.page, second]) await p.waitForSelector(".signin");
  assert.deepEqual((await v.context.cookies()).filter((c) => c.name === "baraza"), []);
  while ((await held()) > 0) await second.waitForTimeout(20);
  const asked = front.calls.length;
  await second.waitForTimeout(2_500); /* longer than the pauses between two attempts */
  assert.deepEqual(front.calls.slice(asked), []);

  /* Closed from elsewhere: the held request says so. */
  const w = await enter(front, "luisa.rojas");
  await carrier(w.page, "poll");
  while ((await held()) === 0) await w.page.waitForTimeout(20);
  const cookie = (await w.context.cookies()).find((c) => c.name === "baraza");
  const r = await fetch(`${hub.url}/rpc`, {
    method: "POST",
    headers: { "content-type": "application/json", cookie: `baraza=${cookie.value}`, origin: hub.url },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "session.close", params: {} }),
  });
  assert.equal(r.status, 200);
  await w.page.waitForSelector(".signin");
});

test("nothing happened that the policy forbids", { skip }, () => assert.deepEqual(hub.reports, []));
