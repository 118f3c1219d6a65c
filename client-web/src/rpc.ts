/* rpc.ts: a call beside the line, of who has none. */
import { RpcError, type Params } from "./types";

export async function post(method: string, params: Params): Promise<any> {
  let answer: any;
  try {
    const r = await fetch("/rpc", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    answer = await r.json();
  } catch {
    throw new RpcError("offline", "no answer");
  }
  if (answer.error) {
    const { code, field } = answer.error.data ?? {};
    throw new RpcError(String(code ?? "internal"), String(answer.error.message), undefined, undefined, undefined, field);
  }
  return answer.result;
}
