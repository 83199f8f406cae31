import { rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { writeModule } from "../../support/served-module.ts";
import { data, inCommand, other, removeAll, top, writeAll } from "./two-modules.ts";

const checks = suite("checks and generators of modules over the API");

checks.before(writeAll);
checks.after(removeAll);

checks("checks of a module are listed and run", async () => {
  await inCommand(async (command) => {
    const list = "list { name path description checkType completed passed resultEmoji originalModule { name } }";
    const notRun = { completed: false, passed: false, resultEmoji: "", originalModule: { name: "other" } };
    const checks = async (args: string) =>
      (
        (await data(
          command,
          `{ moduleSource(refString: "tools/other") { asModule { checks${args} { ${list} } } } }`,
        )) as {
          moduleSource: { asModule: { checks: { list: { name: string }[] } } };
        }
      ).moduleSource.asModule.checks.list;
    assert.equal(await checks(`(include: ["parts"])`), [
      { name: "parts:bad", path: ["parts", "bad"], description: "", checkType: "check", ...notRun },
      { name: "parts:good", path: ["parts", "good"], description: "Says yes.", checkType: "check", ...notRun },
    ]);
    const names = async (args: string) => (await checks(args)).map(({ name }) => name).join();
    assert.is(await names(""), "fine,parts:bad,parts:good,nothing,written");
    assert.is(await names("(noGenerate: true)"), "fine,parts:bad,parts:good");
    assert.is(await names(`(include: ["*"])`), "fine,nothing,written");
    assert.is(await names(`(include: ["**:good", "FINE"])`), "fine,parts:good");
    const module = `moduleSource(refString: "tools/other") { asModule`;
    assert.equal(
      await data(
        command,
        `{ ${module} { checks(include: ["fine", "nothing"]) { run { list { name completed passed error { message } } report { name contents } } } } } }`,
      ),
      {
        moduleSource: {
          asModule: {
            checks: {
              run: {
                list: [
                  { name: "fine", completed: true, passed: true, error: null },
                  { name: "nothing", completed: true, passed: true, error: null },
                ],
                report: {
                  name: "checks.md",
                  contents:
                    "| check | type | description | success |\n| -- | -- | -- | -- |\n|fine | check |  | 🟢 |\n|nothing | generate |  | 🟢 |\n",
                },
              },
            },
          },
        },
      },
    );
    assert.equal(
      await data(
        command,
        `{ ${module} { check(name: "parts:bad") { run { name completed passed resultEmoji error { message } } } } } }`,
      ),
      {
        moduleSource: {
          asModule: {
            check: {
              run: {
                name: "parts:bad",
                completed: true,
                passed: false,
                resultEmoji: "🔴",
                error: { message: "no good" },
              },
            },
          },
        },
      },
    );
    assert.equal(await data(command, `{ ${module} { checks { run { id } } } } }`), {
      error: "no good\ngenerate function written produced changes; run 'dagger generate written' to apply",
    });
    assert.equal(await data(command, `{ ${module} { check(name: "nope") { name } } } }`), {
      error: 'check "nope" not found in module "other"',
    });
    assert.equal(await data(command, `{ ${module} { check(name: "parts") { name } } } }`), {
      error: 'multiple checks found with name "parts" in module "other"',
    });
  });
});

checks("generators of a module give their changes when they have run", async () => {
  await inCommand(async (command) => {
    const module = `moduleSource(refString: "tools/other") { asModule`;
    assert.equal(
      await data(
        command,
        `{ ${module} { generators { list { name path completed } run { isEmpty changes { addedPaths } list { name completed isEmpty } } } } } }`,
      ),
      {
        moduleSource: {
          asModule: {
            generators: {
              list: [
                { name: "nothing", path: ["nothing"], completed: false },
                { name: "written", path: ["written"], completed: false },
              ],
              run: {
                isEmpty: false,
                changes: { addedPaths: ["made.txt"] },
                list: [
                  { name: "nothing", completed: true, isEmpty: true },
                  { name: "written", completed: true, isEmpty: false },
                ],
              },
            },
          },
        },
      },
    );
    assert.equal(await data(command, `{ ${module} { generator(name: "written") { isEmpty } } } }`), {
      error: 'generator "written" must be run before querying isEmpty',
    });
  });
});

checks("a function loads and runs the module in a directory", async () => {
  await inCommand(async (command) => {
    const module = command.directory(other);
    assert.equal(await command.call(["checksIn", { module }]), [
      "fine",
      "parts:bad",
      "parts:good",
      "nothing",
      "written",
    ]);
    assert.is(await command.call(["runCheck", { module, name: "fine" }]), "true,true,🟢");
    assert.is(await command.call(["own"]), "written written.txt");
    assert.equal(await command.call(["inWorkspace"]), ["main:written"]);
    assert.is(await command.call(["ownSource"]), "false /scratch");
  });
});

checks("a check and the object that it is of get what a .env file has for them", async () => {
  const asked = `
import { check, func, object } from "@dagger.io/dagger";
@object()
export class Asked {
  private greeting: string;
  constructor(greeting: string = "hello") { this.greeting = greeting; }
  @func() @check() async said(word: string = "you"): Promise<void> { throw new Error(this.greeting + " " + word); }
}
`;
  writeModule(join(top, "asked"), "asked", asked, { ".env": "GREETING=ahoy\nSAID_WORD=there\n" });
  try {
    await inCommand(async (command) => {
      const said = `asModule { check(name: "said") { run { error { message } } } }`;
      assert.equal(await data(command, `{ moduleSource(refString: "asked") { ${said} } }`), {
        moduleSource: { asModule: { check: { run: { error: { message: "ahoy there" } } } } },
      });
    });
  } finally {
    rmSync(join(top, "asked"), { recursive: true });
  }
});

checks("directories with the same code are checked each with its own files", async () => {
  const told = `
import { argument, check, Directory, func, object } from "@dagger.io/dagger";
@object()
export class Told {
  @func() @check() async seen(@argument({ defaultPath: "/plain" }) plain: Directory): Promise<void> {
    throw new Error((await plain.entries()).join());
  }
}
`;
  writeModule(join(top, "told"), "told", told);
  try {
    await inCommand(async (command) => {
      const id = await command.directory(top).id();
      const seen = `asModule(sourceRootPath: "told") { check(name: "seen") { run { error { message } } } }`;
      const more = `more: withNewFile(path: "plain/more.txt", contents: "") { ${seen} }`;
      assert.equal(await data(command, `{ node(id: "${id}") { ... on Directory { ${seen} ${more} } } }`), {
        node: {
          asModule: { check: { run: { error: { message: "text.txt" } } } },
          more: { asModule: { check: { run: { error: { message: "more.txt,text.txt" } } } } },
        },
      });
    });
  } finally {
    writeAll();
  }
});

checks.run();
