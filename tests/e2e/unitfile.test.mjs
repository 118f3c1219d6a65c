// systemd finds nothing to say about the unit file, and little that the service may do beyond its work.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BIN, tempDir } from "./daemon.mjs";

const EXPOSURE_MAX = 1.2;   // what is left: the network, the host's root folder, local sockets, raising its own limits
const analyze = (...args) => spawnSync("systemd-analyze", args, { encoding: "utf8", env: { ...process.env, SYSTEMD_COLORS: "0", SYSTEMD_PAGER: "cat" } });

test("the unit file is understood, and its service is confined", (t) => {
  if (analyze("--version").status !== 0) return t.skip("no systemd-analyze here");
  const path = join(tempDir(), "baraza.service");
  const unit = readFileSync(new URL("../../deploy/baraza.service", import.meta.url), "utf8");
  writeFileSync(path, unit.replaceAll("/usr/local/bin/baraza", BIN.startsWith("/") ? BIN : "/bin/true"));
  const verified = analyze("verify", path);
  assert.equal(`${verified.stdout}${verified.stderr}`, "");
  assert.equal(verified.status, 0);
  const report = analyze("security", "--offline=true", path);
  const exposure = Number(/exposure level for baraza.service: ([\d.]+)/.exec(report.stdout + report.stderr)?.[1]);
  assert.ok(exposure <= EXPOSURE_MAX, `${exposure}\n${report.stdout}`);
});
