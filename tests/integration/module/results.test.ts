import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withModule, writeModule } from "../../support/served-module.ts";

/** Gives what only the container of its functions has, and values that are none. */
const DESK = `import { dag, Directory, File, func, NetworkProtocol, object } from "@dagger.io/dagger";
import { mkdirSync, writeFileSync } from "node:fs";
import { letter } from "parts/letter";

export enum Tray {
  In = "in",
  Out = "out",
}

const write = (text: string) => {
  mkdirSync("drawer/lower", { recursive: true });
  writeFileSync("drawer/lower/letter.txt", text);
};

@object()
export class Desk {
  @func() drawer(): Directory { write(letter); return dag.currentModule().workdir("drawer/lower"); }
  @func() letter(): File { write(letter); return dag.currentModule().workdirFile("drawer/lower/letter.txt"); }
  @func() drawers(): Directory[] { write(letter); return [dag.currentModule().workdir("drawer", { include: ["none"] })]; }
  @func() async twice(): Promise<string[]> {
    const drawer = dag.currentModule().workdir("drawer/lower");
    write("one");
    const before = await drawer.file("letter.txt").contents();
    write("two");
    return [before, await drawer.file("letter.txt").contents()];
  }
  @func() outside(): Directory { return dag.currentModule().workdir("../etc"); }
  @func() tray(name: string): Tray { return name as Tray; }
  @func() trays(): Tray[] { return [Tray.In, Tray.Out]; }
  @func() protocol(name: string): NetworkProtocol { return name as NetworkProtocol; }
}
`;

const dir = mkdtempSync(join(tmpdir(), "slipway-desk-"));

const results = suite("what a function returns");

results.before(() =>
  writeModule(dir, "desk", DESK, {
    "ci/src/parts/letter.ts": `export const letter = "dear reader";`,
    "ci/tsconfig.json": `{ "compilerOptions": { "baseUrl": "src", "experimentalDecorators": true } }`,
  }),
);
results.after(() => rmSync(dir, { recursive: true, force: true }));

const ask = (query: string): Promise<unknown> =>
  withModule({ storeDir: join(dir, "store"), moduleDir: dir }, async (command) => {
    const { data, errors } = await command.query(query);
    return errors === undefined ? (JSON.parse(JSON.stringify(data)) as unknown) : errors.map(({ message }) => message);
  });

results("may be files that it has written into its working directory, in a later command too", async () => {
  const query = `{ drawer { entries } letter { contents } drawers { entries } }`;
  const found = {
    drawer: { entries: ["letter.txt"] },
    letter: { contents: "dear reader" },
    drawers: [{ entries: [] }],
  };
  assert.equal(await ask(query), found);
  assert.equal(await ask(query), found);
});

results("has those files as they are when they are asked for", async () => {
  assert.equal(await ask("{ twice }"), { twice: ["one", "two"] });
});

results("is nothing of the container outside of the working directory", async () => {
  assert.equal(await ask("{ outside { entries } }"), ['workdir path "../etc" escapes workdir']);
});

results("is a member of its enum, or an error", async () => {
  const good = { tray: "OUT", trays: ["IN", "OUT"], protocol: "UDP" };
  assert.equal(await ask(`{ tray(name: "out") trays protocol(name: "UDP") }`), good);
  assert.equal(await ask(`{ tray(name: "up") }`), ['invalid enum member "up" for DeskTray']);
  assert.equal(await ask(`{ protocol(name: "SCTP") }`), ['invalid enum member "SCTP" for core.NetworkProtocol']);
});

results.run();
