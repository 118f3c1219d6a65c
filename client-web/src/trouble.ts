/* trouble.ts: what went wrong at the door, in a few words. */
import { RpcError } from "./types";

export type Trouble = "" | "offline" | "wrong" | "over" | "fast" | "notdone";

export function troubleOf(error: unknown): Trouble {
  const code = error instanceof RpcError ? error.code : "";
  if (code === "offline") return "offline";
  if (code === "unauthenticated" || code === "invalid") return "wrong";
  if (code === "not_found") return "over";
  if (code === "rate_limited" || code === "unavailable") return "fast";
  return "notdone";
}
