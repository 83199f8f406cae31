import { suite } from "uvu";
import * as assert from "uvu/assert";
import { queryRecipe, runInRecipe } from "../../support/recipe-image.ts";

const node = suite("Node images by recipe");

/** Yarn and Corepack are in the official images up to Node 24. */
for (const [address, version, npm, corepack, release] of [
  ["node:16-slim", "v16.20.2", "8.19.4", "0.17.0", "bookworm"],
  ["node:18-slim", "v18.20.8", "10.8.2", "0.32.0", "bookworm"],
  ["node:20-slim", "v20.20.2", "10.8.2", "0.34.6", "bookworm"],
  ["node:21-slim", "v21.7.3", "10.5.0", "0.25.2", "bookworm"],
  ["node:22-slim", "v22.23.3", "10.9.9", "0.36.0", "bookworm"],
  ["node:22-trixie-slim", "v22.23.3", "10.9.9", "0.36.0", "trixie"],
  ["node:23-slim", "v23.11.1", "10.9.2", "0.32.0", "bookworm"],
  ["node:24-slim", "v24.13.1", "11.8.0", "0.34.6", "bookworm"],
] as const) {
  node(`${address} has npm, Corepack and Yarn as that version of Node comes with them`, async () => {
    const said = await runInRecipe(
      address,
      `. /etc/os-release; echo "$VERSION_CODENAME"
node --version; npm --version; corepack --version; yarn --version; npx --version
node -p 'process.release.name'
id -u node
docker-entrypoint.sh -p '6 * 7'`,
    );
    assert.equal(said.trim().split("\n"), [release, version, npm, corepack, "1.22.22", npm, "node", "1000", "42"]);
  });
}

node("node:25-slim has npm and Yarn, and no Corepack", async () => {
  const said = await runInRecipe(
    "node:25-slim",
    "node --version; npm --version; yarn --version; command -v corepack || echo none",
  );
  assert.is(said, "v25.9.0\n11.12.1\n1.22.22\nnone\n");
});

node("node:26-slim is made on Debian 13 and has npm alone, as the official one", async () => {
  const said = await runInRecipe(
    "node:26-slim",
    `. /etc/os-release; echo "$VERSION_CODENAME"; node --version; npm --version; command -v yarn corepack || echo neither`,
  );
  assert.is(said, "trixie\nv26.12.1\n11.20.0\nneither\n");
});

node("the whole image builds an addon in C++", async () => {
  const said = await runInRecipe(
    "node:22",
    `cd /tmp && cat > made.cc <<'END'
#include <node_api.h>
static napi_value init(napi_env env, napi_value exports) { napi_value answer; napi_create_int32(env, 42, &answer); return answer; }
NAPI_MODULE(made, init)
END
g++ -shared -fPIC -I/usr/local/include/node -o made.node made.cc
node -p 'require("./made.node")'; python3 -c 'print("python")'; git --version | cut -d' ' -f1,2`,
  );
  assert.is(said, "42\npython\ngit version\n");
});

node("the image says what the official one says", async () => {
  const fields = "defaultArgs entrypoint user workdir envVariables { name value }";
  assert.equal(await queryRecipe("node:22-slim", fields), {
    defaultArgs: ["node"],
    entrypoint: ["docker-entrypoint.sh"],
    user: "",
    workdir: "",
    envVariables: [
      { name: "PATH", value: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
      { name: "NODE_VERSION", value: "22.23.3" },
      { name: "YARN_VERSION", value: "1.22.22" },
    ],
  });
});

node.run();
