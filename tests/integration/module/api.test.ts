import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type TestCommand, withModule, writeModule } from "../../support/served-module.ts";
import { writeFiles } from "../../support/write-files.ts";

const api = suite("modules over the API");

const dir = realpathSync(mkdtempSync(join(tmpdir(), "slipway-module-api-")));
const storeDir = join(dir, "store");
const top = join(dir, "repository");
const other = join(top, "tools", "other");

const MAIN = `
import { dag, Directory, func, generate, object, Workspace } from "@dagger.io/dagger";
@object()
export class Main {
  @func() async checksIn(module: Directory): Promise<string[]> {
    const group = module.asModule().checks();
    return await Promise.all((await group.list()).map((check) => check.name()));
  }
  @func() async runCheck(module: Directory, name: string): Promise<string> {
    const check = module.asModule().check(name).run();
    return [await check.passed(), await check.completed(), await check.resultEmoji()].join();
  }
  @func() async own(): Promise<string> {
    const generators = dag.currentModule().generators();
    return (await Promise.all((await generators.list()).map((one) => one.name()))).join() + " " + (await generators.run().changes().addedPaths()).join();
  }
  @func() async inWorkspace(ws: Workspace): Promise<string[]> {
    return await Promise.all((await ws.generators().list()).map((one) => one.name()));
  }
  @func() async escape(path: string): Promise<string> {
    return await dag.currentModule().workdir(path).entries().then(String, (error) => error.message);
  }
  @func() async ownSource(): Promise<string> { return await dag.moduleSource(".").configExists() + " " + await dag.moduleSource(".").asString(); }
  @func() @generate() written() {
    return dag.directory().withNewFile("written.txt", "new").changes(dag.directory());
  }
}
`;

const OTHER = `
import { argument, check, dag, Directory, File, func, generate, object, up } from "@dagger.io/dagger";
@object()
export class Part {
  /** Says yes. */
  @func() @check() async good(): Promise<string> { return "yes"; }
  @func() @check() async bad(): Promise<void> { throw new Error("no good"); }
}
/** Another module. */
@object()
export class Other {
  private greeting: string;
  constructor(greeting: string = "hello") { this.greeting = greeting; }
  /** Greets. */
  @func() hello(name: string = "you"): string { return this.greeting + " " + name; }
  @func() parts(): Part { return new Part(); }
  @func() @check() async fine(): Promise<void> {}
  @func() @generate() written() {
    return dag.directory().withNewFile("made.txt", "made").changes(dag.directory());
  }
  @func() @generate() nothing() { return dag.directory().changes(dag.directory()); }
  @func() async lookAround(@argument({ defaultPath: "/" }) all: Directory, @argument({ defaultPath: "." }) near: Directory): Promise<string> {
    return (await all.entries()).join() + " " + (await near.entries()).join();
  }
  @func() async linked(@argument({ defaultPath: "leak" }) leak: File): Promise<string> { return await leak.contents(); }
}
`;

function writeAll(): void {
  rmSync(top, { recursive: true, force: true });
  writeModule(top, "main", MAIN, { ".git/HEAD": "ref: refs/heads/main\n", "plain/text.txt": "text" });
  writeModule(other, "other", OTHER);
}

async function inCommand<T>(use: (command: TestCommand) => Promise<T>): Promise<T> {
  return await withModule({ storeDir, moduleDir: top }, use);
}

async function data(command: TestCommand, query: string): Promise<unknown> {
  const answer = await command.query(query);
  return answer.errors === undefined ? answer.data : { error: answer.errors[0]?.message };
}

api.before(writeAll);
api.after(() => rmSync(dir, { recursive: true, force: true }));

api("a source says where it is and what its dagger.json says", async () => {
  await inCommand(async (command) => {
    const fields = `kind configExists moduleName moduleOriginalName engineVersion asString pin version commit htmlRepoURL
      localContextDirectoryPath sourceRootSubpath sourceSubpath originalSubpath sdk { source debug } dependencies { id }
      toolchains { id } configClients { generator } directory(path: "src") { entries } contextDirectory { glob(pattern: "**/*.ts") }`;
    assert.equal(await data(command, `{ moduleSource(refString: "tools/other/ci") { ${fields} } }`), {
      moduleSource: {
        kind: "LOCAL_SOURCE",
        configExists: true,
        moduleName: "other",
        moduleOriginalName: "other",
        engineVersion: "v0.21.8",
        asString: other,
        pin: "",
        version: "",
        commit: "",
        htmlRepoURL: "",
        localContextDirectoryPath: top,
        sourceRootSubpath: "tools/other",
        sourceSubpath: "tools/other/ci",
        originalSubpath: "tools/other/ci",
        sdk: { source: "typescript", debug: false },
        dependencies: [],
        toolchains: [],
        configClients: [],
        directory: { entries: ["index.ts"] },
        contextDirectory: { glob: ["tools/other/ci/src/index.ts"] },
      },
    });
    assert.equal(
      await data(
        command,
        `{ moduleSource(refString: "plain", disableFindUp: true) { configExists sourceRootSubpath contextDirectory { glob(pattern: "**") } } }`,
      ),
      {
        moduleSource: { configExists: false, sourceRootSubpath: "plain", contextDirectory: { glob: ["plain/"] } },
      },
    );
    assert.equal(await data(command, `{ moduleSource(refString: "tools/other", requireKind: GIT_SOURCE) { id } }`), {
      error: 'module source "tools/other" kind must be "git", got "local"',
    });
    assert.equal(await data(command, `{ moduleSource(refString: "tools/other") { cloneRef } }`), {
      error: "module source is not a git module: LOCAL_SOURCE",
    });
  });
});

api("a module says what it has", async () => {
  await inCommand(async (command) => {
    const functions = "functions { name description returnType { kind } args { name defaultValue typeDef { kind } } }";
    const query = `{ moduleSource(refString: "tools/other") { withName(name: "renamed") { moduleName moduleOriginalName asModule {
      name description sdk { source } source { moduleName } dependencies { name } enums { id }
      objects { asObject { name sourceModuleName made: constructor { args { name defaultValue } } ${functions} } } } } } }`;
    const answer = (await data(command, query)) as {
      moduleSource: { withName: { asModule: { objects: { asObject: { name: string; functions: unknown[] } }[] } } };
    };
    const { objects, ...module } = answer.moduleSource.withName.asModule;
    assert.equal(module, {
      name: "renamed",
      description: "",
      sdk: { source: "typescript" },
      source: { moduleName: "renamed" },
      dependencies: [],
      enums: [],
    });
    assert.equal(objects.map(({ asObject }) => asObject.name).sort(), ["Renamed", "RenamedPart"]);
    const main = objects.find(({ asObject }) => asObject.name === "Renamed")?.asObject;
    assert.equal(
      { ...main, functions: main?.functions.slice(0, 1) },
      {
        name: "Renamed",
        sourceModuleName: "renamed",
        made: { args: [{ name: "greeting", defaultValue: '"hello"' }] },
        functions: [
          {
            name: "hello",
            description: "Greets.",
            returnType: { kind: "STRING_KIND" },
            args: [{ name: "name", defaultValue: '"you"', typeDef: { kind: "STRING_KIND" } }],
          },
        ],
      },
    );
  });
});

api("a module of equal content with other default places does not take the place of one that is served", async () => {
  await inCommand(async (command) => {
    const first = `{ moduleSource(refString: "tools/other") { asModule { serve } } }`;
    for (const _again of ["once", "twice"])
      assert.equal(await data(command, first), { moduleSource: { asModule: { serve: null } } });
    const other = `{ host { directory(path: ".") { asModule(sourceRootPath: "tools/other") { serve } } } }`;
    assert.match(JSON.stringify(await data(command, other)), "already exists with different source");
  });
});

api("a module that is served is part of the session", async () => {
  await inCommand(async (command) => {
    assert.match(JSON.stringify(await data(command, "{ other { hello } }")), 'Cannot query field \\"other\\"');
    assert.equal(await data(command, `{ moduleSource(refString: "tools/other") { asModule { serve } } }`), {
      moduleSource: { asModule: { serve: null } },
    });
    assert.equal(await data(command, `{ other(greeting: "hi") { hello parts { good } } }`), {
      other: { hello: "hi you", parts: { good: "yes" } },
    });
  });
});

api("checks of a module are listed and run", async () => {
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

api("generators of a module give their changes when they have run", async () => {
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

api("a function loads and runs the module in a directory", async () => {
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

api("a source is changed before anything is written", async () => {
  await inCommand(async (command) => {
    writeModule(join(top, "tools", "third"), "third", OTHER.replaceAll("Other", "Third"));
    const other = `moduleSource(refString: "tools/other")`;
    const id = (
      (await data(command, `{ moduleSource(refString: "tools/third") { id } }`)) as { moduleSource: { id: string } }
    ).moduleSource.id;
    const changed = `${other} { withDependencies(dependencies: ["${id}"]) { withEngineVersion(version: "v0.21.7") { withIncludes(patterns: ["../../plain"])`;
    const file = `file(path: "tools/other/dagger.json") { contents }`;
    const answer = (await data(
      command,
      `{ ${changed} { dependencies { moduleName sourceRootSubpath } engineVersion contextDirectory { glob(pattern: "**/*.txt") }
      generatedContextDirectory { ${file} glob(pattern: "**/*") } asModule { dependencies { name } objects { asObject { name } } } } } } } }`,
    )) as {
      moduleSource: { withDependencies: { withEngineVersion: { withIncludes: Record<string, unknown> } } };
    };
    const { generatedContextDirectory, ...source } =
      answer.moduleSource.withDependencies.withEngineVersion.withIncludes;
    assert.equal(source, {
      dependencies: [{ moduleName: "third", sourceRootSubpath: "tools/third" }],
      engineVersion: "v0.21.7",
      contextDirectory: { glob: ["plain/text.txt"] },
      asModule: {
        dependencies: [{ name: "third" }],
        objects: [{ asObject: { name: "Other" } }, { asObject: { name: "OtherPart" } }],
      },
    });
    const { file: config, glob } = generatedContextDirectory as { file: { contents: string }; glob: string[] };
    assert.equal(JSON.parse(config.contents), {
      name: "other",
      engineVersion: "v0.21.7",
      sdk: { source: "typescript" },
      include: ["../../plain"],
      dependencies: [{ name: "third", source: "../third" }],
      source: "ci",
    });
    for (const path of [
      "tools/other/dagger.json",
      "tools/other/ci/.gitignore",
      "tools/other/ci/sdk/client.gen.ts",
      "tools/other/ci/tsconfig.json",
    ]) {
      assert.ok(glob.includes(path), `${path} is not in ${glob.join()}`);
    }
    assert.not.ok(glob.includes("tools/other/ci/src/index.ts"));
    assert.equal(
      await data(
        command,
        `{ ${other} { withDependencies(dependencies: ["${id}"]) { withoutDependencies(dependencies: ["third"]) { dependencies { id } } } } }`,
      ),
      {
        moduleSource: { withDependencies: { withoutDependencies: { dependencies: [] } } },
      },
    );
  });
});

api("changes of a source that cannot be are refused in the words of the real engine", async () => {
  await inCommand(async (command) => {
    const other = `moduleSource(refString: "tools/other")`;
    const { moduleSource } = (await data(command, `{ ${other} { id } }`)) as { moduleSource: { id: string } };
    const own = `${other} { withName(name: "x") { id } }`;
    const named = ((await data(command, `{ ${own} }`)) as { moduleSource: { withName: { id: string } } }).moduleSource
      .withName.id;
    const refused: readonly (readonly [string, string])[] = [
      [`withSDK(source: "cobol") { id }`, 'failed to load sdk for module source: invalid SDK: "cobol"'],
      [`withSourceSubpath(path: "..") { id }`, 'local module source subpath ".." escapes source root "tools/other"'],
      [`withBlueprint(blueprint: "${moduleSource.id}") { id }`, "cannot set blueprint on module that already has SDK"],
      [
        `withUpdateDependencies(dependencies: ["nope"]) { id }`,
        'dependency "nope" was requested to be updated, but it is not found in the dependencies list',
      ],
      [`withSDK(source: "") { withExperimentalFeatures(features: [SELF_CALLS]) { id } }`, "module source has no SDK"],
      [`withName(name: "") { asModule { id } }`, "module name must be set"],
      [
        `withToolchains(toolchains: ["${moduleSource.id}"]) { withToolchains(toolchains: ["${named}"]) { toolchains { moduleName } } }`,
        "",
      ],
    ];
    for (const [change, message] of refused) {
      const answer = await data(command, `{ ${other} { ${change} } }`);
      if (message !== "") assert.equal(answer, { error: message });
    }
    const id = await command.directory(top).id();
    const asSource = `node(id: "${id}") { ... on Directory { asModuleSource(sourceRootPath: "tools/other")`;
    assert.equal(
      await data(command, `{ ${asSource} { withDependencies(dependencies: ["${moduleSource.id}"]) { id } } } } }`),
      {
        error: "unhandled module source kind: DIR_SOURCE",
      },
    );
  });
});

api("a module is made where nothing was", async () => {
  await inCommand(async (command) => {
    const made = `moduleSource(refString: "new/module", allowNotExists: true, disableFindUp: true) { withName(name: "fresh") { withSDK(source: "typescript") { withEngineVersion(version: "latest")`;
    const answer = await data(
      command,
      `{ ${made} { generatedContextChangeset { addedPaths } generatedContextDirectory { file(path: "new/module/dagger.json") { contents } } } } } } }`,
    );
    assert.not.ok("error" in (answer as object), JSON.stringify(answer));
    const { generatedContextChangeset, generatedContextDirectory } = (
      answer as {
        moduleSource: {
          withName: {
            withSDK: {
              withEngineVersion: {
                generatedContextChangeset: { addedPaths: string[] };
                generatedContextDirectory: { file: { contents: string } };
              };
            };
          };
        };
      }
    ).moduleSource.withName.withSDK.withEngineVersion;
    assert.is(
      generatedContextDirectory.file.contents,
      '{\n  "name": "fresh",\n  "engineVersion": "v0.21.8",\n  "sdk": {\n    "source": "typescript"\n  }\n}\n',
    );
    assert.ok(
      generatedContextChangeset.addedPaths.includes("new/module/src/index.ts"),
      generatedContextChangeset.addedPaths.join(),
    );
  });
});

api("a check that has a default in a .env file is refused over the API", async () => {
  writeFileSync(join(other, ".env"), "GREETING=ahoy\n");
  try {
    await inCommand(async (command) => {
      const answer = JSON.stringify(
        await data(
          command,
          `{ moduleSource(refString: "tools/other") { asModule { check(name: "fine") { run { error { message } } } } } }`,
        ),
      );
      assert.match(
        answer,
        `the default of \\"greeting\\" in ${join(other, ".env")} for fine over the API is not supported`,
      );
    });
  } finally {
    rmSync(join(other, ".env"));
  }
});

api("a path that leads out of the working directory of a function is refused", async () => {
  await inCommand(async (command) => {
    for (const path of ["..", "/etc", "a/../..", ""]) {
      assert.is(await command.call(["escape", { path }]), `workdir path ${JSON.stringify(path)} escapes workdir`);
    }
  });
});

api("default paths of a module in a directory lead into that directory", async () => {
  await inCommand(async (command) => {
    const id = await command.directory(top).id();
    const query = `{ node(id: "${id}") { ... on Directory { asModule(sourceRootPath: "tools/other") { serve } } } }`;
    assert.equal(await data(command, query), { node: { asModule: { serve: null } } });
    assert.equal(await data(command, "{ other { lookAround } }"), {
      other: { lookAround: ".git/,ci/,dagger.json,plain/,tools/ ci/,dagger.json" },
    });
  });
});

api("directories with the same code are checked each with its own files", async () => {
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

api("links of a module in a directory do not lead to the machine", async () => {
  writeFileSync(join(dir, "secret.txt"), "of the machine");
  symlinkSync(join(dir, "secret.txt"), join(other, "leak"));
  writeFiles(join(dir, "outside"), {
    "dagger.json": JSON.stringify({ name: "outside", sdk: "typescript" }),
    "src/index.ts": OTHER,
  });
  const linked = join(top, "linked");
  writeFiles(linked, { "dagger.json": JSON.stringify({ name: "linked", sdk: "typescript", source: "src" }) });
  symlinkSync(join(dir, "outside", "src"), join(linked, "src"));
  try {
    await inCommand(async (command) => {
      const id = await command.directory(top).id();
      const served = `{ node(id: "${id}") { ... on Directory { asModule(sourceRootPath: "tools/other") { serve } } } }`;
      assert.equal(await data(command, served), { node: { asModule: { serve: null } } });
      const read = JSON.stringify(await data(command, "{ other { linked } }"));
      assert.not.match(read, "of the machine");
      assert.match(read, "no such file or directory");
      const module = await data(
        command,
        `{ node(id: "${id}") { ... on Directory { asModule(sourceRootPath: "linked") { name } } } }`,
      );
      assert.match(JSON.stringify(module), "stat src: no such file or directory");
    });
  } finally {
    writeAll();
  }
});

api.run();
