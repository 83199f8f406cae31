import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { writeFiles } from "../../support/write-files.ts";
import { data, dir, inCommand, OTHER, other, removeAll, top, writeAll } from "./two-modules.ts";

const api = suite("modules over the API");

api.before(writeAll);
api.after(removeAll);

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

api("a module that is served as the entry point has its functions on the root, and not its constructor", async () => {
  await inCommand(async (command) => {
    const serve = (args: string) => `{ moduleSource(refString: "tools/other") { asModule { serve${args} } } }`;
    await data(command, serve(""));
    assert.equal(await data(command, "{ other { hello } }"), { other: { hello: "hello you" } });
    assert.equal(await data(command, serve("(entrypoint: true)")), { moduleSource: { asModule: { serve: null } } });
    assert.equal(await data(command, `{ hello(name: "me") parts { good } }`), {
      hello: "hello me",
      parts: { good: "yes" },
    });
    assert.match(JSON.stringify(await data(command, "{ other { hello } }")), 'Cannot query field \\"other\\"');
  });
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
