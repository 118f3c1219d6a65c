/* device.ts: this device: its line and storage, and whose it is. */
import type { Box } from "./box";
import type { Outbox } from "./outbox";
import type { Transport } from "./transport";

/* Set once the page has started; `watched` null means every room that I may read. */
export const device = {
  line: null as Transport | null,
  outbox: null as Outbox | null,
  box: null as unknown as Box,
  watched: null as Set<string> | null,
  headAtHello: {} as Record<string, number>,
  fresh: new Set<string>() /* keys of what came with the page: not asked for the first time */,
  owner: "" /* the member whom the stored values and commands belong to */,
  forget: (): void => {} /* lets go of what the page itself holds of its owner's */,
};

/* The key of a value that belongs to one member: nobody else on this device reads it. */
export const mine = (key: string): string => `${key}:${device.owner}`;
