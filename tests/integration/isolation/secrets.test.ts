import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeBusyboxRoot } from "../../support/busybox-root.ts";
import { withModule, writeModule } from "../../support/served-module.ts";
import { whyNot } from "../module/probe.ts";

const TOKEN = "eyJhbGciOiJSUzI1NiJ9.c2VydmljZS1hY2NvdW50.sig_nature-1";
const KUBECONFIG = `apiVersion: v1
kind: Config
users:
- name: x
  user:
    token: ${TOKEN}
`;

/** Lets execs and its own code say the token in all ways. */
const LEAKING = `
import { Container, dag, Directory, func, object, Secret } from "@dagger.io/dagger";

@object()
export class Leaking {
  private box(root: Directory, kubeconfig: Secret): Container {
    return dag.container().withRootfs(root).withMountedSecret("/kubeconfig", kubeconfig);
  }
  /** What an exec prints is right for the code that asked. */
  @func() async line(root: Directory, kubeconfig: Secret): Promise<string> {
    return await this.box(root, kubeconfig).withExec(["sh", "-c", "grep token: /kubeconfig; grep token: /kubeconfig | base64"]).stdout();
  }
  /** The token as part of a container that is returned. */
  @func() async kept(root: Directory, kubeconfig: Secret): Promise<Container> {
    const token = (await kubeconfig.plaintext()).split("token: ")[1].trim();
    console.log("the token is " + token);
    return this.box(root, kubeconfig).withEnvVariable("TOKEN", token);
  }
  /** An exec that fails, with the token in its command and in what it says. */
  @func() async failing(root: Directory, kubeconfig: Secret): Promise<string> {
    const token = (await kubeconfig.plaintext()).split("token: ")[1].trim();
    const script = "grep token: /kubeconfig; grep token: /kubeconfig | base64 >&2; echo 'basic user:" + token + "'; exit 3";
    return await this.box(root, kubeconfig).withExec(["sh", "-c", script]).stdout();
  }
}
`;

const secrets = suite("a value of a secret");
const problem = whyNot();
const dir = mkdtempSync(join(tmpdir(), "slipway-secrets-"));
const [storeDir, moduleDir, root] = [join(dir, "store"), join(dir, "leaking"), join(dir, "root")];

secrets.before(() => {
  if (problem !== undefined) return;
  writeModule(moduleDir, "leaking", LEAKING);
  writeFileSync(join(dir, "kubeconfig"), KUBECONFIG);
  makeBusyboxRoot(root, ["sh", "grep", "base64"]);
});
secrets.after(() => rmSync(dir, { recursive: true, force: true }));

const FORMS = [TOKEN, Buffer.from(TOKEN), Buffer.from(`    token: ${TOKEN}\n`)].map((form) =>
  typeof form === "string" ? form : form.toString("base64"),
);

/** Files of the store with a form of the token in them; in one line, as base64(1) breaks lines. */
function filesThatTell(): readonly string[] {
  return (
    readdirSync(storeDir, { recursive: true, withFileTypes: true }) as {
      isFile(): boolean;
      name: string;
      parentPath: string;
    }[]
  )
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const text = readFileSync(path, "latin1").replaceAll("\\n", "").replaceAll("\n", "");
      return FORMS.some((form) => text.includes(form));
    });
}

function callCli(...words: readonly string[]) {
  const options = { cwd: moduleDir, encoding: "utf8", timeout: 120_000 } as const;
  const program = [join(process.cwd(), "engine/dist/cli.js"), "call", "--progress=plain", ...words];
  const given = ["--root", root, "--kubeconfig", `file:${join(dir, "kubeconfig")}`];
  const env = { PATH: process.env["PATH"], HOME: dir, SLIPWAY_STORE: storeDir };
  return spawnSync(process.execPath, [...program, ...given], { ...options, env });
}

secrets("is right for the code that asked for it, and on no disk", async () => {
  if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
  const printed = `    token: ${TOKEN}\n${Buffer.from(`    token: ${TOKEN}\n`).toString("base64").replace(/.{76}/g, "$&\n")}\n`;
  for (const _ of [1, 2]) {
    await withModule({ storeDir, moduleDir, env: { KUBECONFIG_TEXT: KUBECONFIG } }, async (command) => {
      const { graph } = command.open;
      const secret = graph.object("Secret", {
        parent: graph.root,
        field: "secret",
        args: { uri: "env://KUBECONFIG_TEXT" },
      });
      const args = { root: command.directory(root), kubeconfig: secret };
      assert.is(await command.call(["line", args]), printed);
      assert.is(await command.call(["kept", args], ["envVariable", { name: "TOKEN" }]), TOKEN);
      const shown = JSON.stringify(command.events);
      for (const form of FORMS) assert.is(shown.includes(form), false, `an event told ${form}`);
    });
    assert.equal(filesThatTell(), []);
  }
  return undefined;
});

secrets("is not in what a command prints about a failing exec, nor in its progress", () => {
  if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
  const { status, stdout, stderr } = callCli("failing");
  assert.is(status, 3, stderr);
  for (const form of FORMS) assert.is(`${stdout}${stderr}`.includes(form), false, `${stdout}${stderr}`);
  assert.match(stderr, /token: \*\*\*/);
  assert.match(stderr, /basic user:\*\*\*/);
  assert.equal(filesThatTell(), []);
  return undefined;
});

secrets("is printed where the person asked for it by a call that returns it", () => {
  if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
  const { status, stdout, stderr } = callCli("line");
  assert.is(status, 0, stderr);
  assert.match(stdout, new RegExp(`token: ${TOKEN}`));
  assert.is(stderr.includes(TOKEN), false, stderr);
  return undefined;
});

secrets.run();
