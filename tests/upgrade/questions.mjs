// questions.mjs: what is asked of a kept hub, by whom. make.mjs stores the answers, upgrade.test.mjs asks again.
import { cli, rpc } from "../e2e/daemon.mjs";

export const MEMBERS = ["admin", "ana", "ben", "dia", "gus"];   // every role; admin and ben are in the private room, ana left it
const SEARCHES = [
  { text: "harvest" }, { text: "reuniones" }, { text: "canary" }, { text: "mobilis", kind: "resource" },
  { text: "réunion", lang: "fr" }, { text: "withdrawn" },
];

// Tokens end after a year, so each run issues its own.
export async function answers(daemon, dir) {
  const all = {};
  for (const handle of MEMBERS) {
    const token = cli("token", "--data", dir, handle);
    const ask = async (method, params) => {
      all[`${handle}: ${method} ${JSON.stringify(params)}`] = await rpc(daemon, token, method, params)
        .catch((error) => ({ error: error.data }));
      return all[`${handle}: ${method} ${JSON.stringify(params)}`];
    };
    const { rooms } = await ask("room.list", {});
    for (const room of rooms) {
      const { threads = [] } = await ask("thread.list", { room: room.id });
      for (const thread of threads) {
        const { posts } = await ask("post.list", { thread: thread.id });
        for (const post of posts) await ask("post.history", { post: post.id });
      }
    }
    for (const search of SEARCHES) await ask("search.query", search);
    await ask("catchup.list", {});
    await ask("member.list", {});
  }
  return all;
}
