/* Runs a property with a seed that is printed when it fails, so that the very run can be had again:
 * BARAZA_SEED=N BARAZA_PATH=P node --test FILE. BARAZA_LONG=1 tries twenty times as many. */
import fc from "fast-check";

export async function holds(property, runs) {
  const { BARAZA_SEED: seed, BARAZA_PATH: path, BARAZA_LONG: long } = process.env;
  const details = await fc.check(property, {
    numRuns: long ? 20 * runs : runs,
    ...(seed ? { seed: Number(seed) } : {}),
    ...(path ? { path } : {}),
  });
  if (!details.failed) return;
  throw new Error(
    `again with BARAZA_SEED=${details.seed} BARAZA_PATH=${details.counterexamplePath}\n` +
      `after ${details.numShrinks} shrinks: ${fc.stringify(details.counterexample)}\n` +
      String(details.errorInstance?.stack ?? ""),
  );
}
