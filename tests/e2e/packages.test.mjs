// Proves that installing what the tests start by hand starts no service on the machine, and leaves nothing behind, also when
// it fails; with stand-ins for the tools of Debian.
import { test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "./daemon.mjs";

const script = new URL("../../deploy/packages.sh", import.meta.url).pathname;

// APT is what apt-get does, given what the policy says; what it said stands in DIR/log.
function install(apt, { policy, command = "need_stopped webserver" } = {}) {
  const dir = tempDir(), file = join(dir, "policy-rc.d");
  const tool = (name, text) => { writeFileSync(join(dir, name), `#!/bin/sh\n${text}\n`); chmodSync(join(dir, name), 0o755); };
  tool("dpkg-query", `[ -e ${dir}/installed ] && echo installed; [ -e ${dir}/installed ]`);
  tool("dpkg", "echo /lib/systemd/system/webserver.service; echo /lib/systemd/system/webserver@.service; echo /usr/sbin/webserver");
  tool("sudo", '"$@"');
  tool("update-rc.d", `echo "rc $*" >>${dir}/log`);
  tool("apt-get", `[ "$1" = install ] || exit 0
    if [ -x ${file} ]; then ${file} webserver start; echo "policy $?" >>${dir}/log; else echo started >>${dir}/log; fi\n${apt}`);
  if (policy) { writeFileSync(file, policy); chmodSync(file, 0o755); }
  const ran = spawnSync("sh", ["-c", `. ${script}; baraza_policy=${file}; ${command}`],
    { env: { ...process.env, PATH: `${dir}:${process.env.PATH}` }, encoding: "utf8" });
  return { ...ran, log: existsSync(join(dir, "log")) ? readFileSync(join(dir, "log"), "utf8") : "", policy: existsSync(file) ? readFileSync(file, "utf8") : null };
}

test("no service is started now or at boot, and the policy goes again", () => {
  const ran = install("true");
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(ran.log, "policy 101\nrc webserver disable\n");
  assert.equal(ran.policy, null);
});

test("the policy goes also when the installation fails or is broken off", () => {
  assert.deepEqual([install("exit 100")].map((r) => [r.status, r.log, r.policy]), [[1, "policy 101\n", null]]);
  const broken = install("kill -TERM $(awk '{print $4}' /proc/$$/stat); sleep 1; exit 1");
  assert.notEqual(broken.status, 0);
  assert.equal(broken.policy, null);
});

test("a machine's own policy stays; packages of the build are installed as ever", () => {
  const own = "#!/bin/sh\nexit 104\n";
  const ran = install("true", { policy: own });
  assert.equal(ran.policy, own);
  assert.match(ran.log, /^policy 104\n/);
  assert.equal(install("true", { command: "need cmake" }).log, "started\n");
});

test("what the suite installs to be started by hand goes that way", () => {
  const suite = readFileSync(new URL("../run.sh", import.meta.url), "utf8");
  for (const name of ["nginx-light", "haproxy"])
    assert.deepEqual(suite.split("\n").filter((line) => line.includes(name) && !line.includes("not ok")).filter((line) => !/need_stopped/.test(line)), []);
  execFileSync("sh", ["-n", script]);
});
