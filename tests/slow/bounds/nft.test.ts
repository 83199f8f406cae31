import { spawnSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const nft = suite("a machine that has nft and no iptables");

/** In a mount namespace of its own, where these are nothing that could be started. */
const WITHOUT_IPTABLES = `for name in iptables-restore iptables-legacy-restore; do
  path=$(command -v $name) || continue
  mount --bind /dev/null "$(readlink -f "$path")"
done
exec "$@"`;

for (const file of ["isolation/network", "run/network"]) {
  nft(`has the same network for containers: ${file}`, () => {
    if (spawnSync("sh", ["-c", "command -v nft"]).status !== 0)
      return console.log("NOT TESTED: there is no nft on this machine (Debian package nftables)");
    const text = ["--import", "tsx", "--import", "./tests/support/text-modules.mjs"];
    const uvu = ["node_modules/uvu/bin.js", "tests/integration", `^${file}\\.test\\.ts$`];
    const command = ["unshare", "--mount", "sh", "-ec", WITHOUT_IPTABLES, "sh", process.execPath, ...text, ...uvu];
    const { status, stdout, stderr } = spawnSync(command[0] ?? "", command.slice(1), {
      encoding: "utf8",
      timeout: 300_000,
    });
    assert.is(status, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /Passed:\s+\S*[1-9]/);
    assert.not.match(stdout, "address translation cannot be set up");
    return undefined;
  });
}

nft.run();
