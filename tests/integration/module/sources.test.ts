import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join, posix } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startGitDaemon } from "../../support/git-daemon.ts";
import { writeModule } from "../../support/served-module.ts";
import { writeFiles } from "../../support/write-files.ts";
import { data, dir, inCommand, OTHER, other, removeAll, top, writeAll } from "./two-modules.ts";

const sources = suite("module sources over the API");

sources.before(writeAll);
sources.after(removeAll);

sources("a source says where it is and what its dagger.json says", async () => {
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

sources("a source is changed before anything is written", async () => {
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

sources("changes of a source that cannot be are refused in the words of the real engine", async () => {
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

sources("a module is made where nothing was", async () => {
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

sources("modules of two repositories that depend on each other are refused, and do not load for ever", async () => {
  await withRepositories(async ({ url, commit }) => {
    for (const [name, other] of [
      ["first", "second"],
      ["second", "first"],
    ] as const)
      commit(name, { "dagger.json": naming(name, `${url}/${other}@main`) });
    await inCommand(async (command) => {
      const answer = await data(command, `{ moduleSource(refString: "${url}/first@main") { id } }`);
      assert.match(
        (answer as { error: string }).error,
        /module "second" has a circular dependency on itself through dependency "first"/,
      );
    });
  });
});

sources("a dependency in another folder is found where the path of the repository has no .git at its end", async () => {
  await withRepositories(async ({ url, commit }) => {
    commit("plain", {
      "dagger.json": naming("plain", "./inner"),
      "inner/dagger.json": JSON.stringify({ name: "inner", sdk: { source: "typescript" } }),
    });
    await inCommand(async (command) => {
      const inner = "dependencies { moduleName sourceRootSubpath repoRootPath }";
      assert.equal(await data(command, `{ moduleSource(refString: "${url}/plain@main") { ${inner} } }`), {
        moduleSource: {
          dependencies: [
            { moduleName: "inner", sourceRootSubpath: "inner", repoRootPath: `${new URL(url).host}/plain` },
          ],
        },
      });
    });
  });
});

sources(
  "a commit that the repository does not have is told as that, and not as a module without dagger.json",
  async () => {
    await withRepositories(async ({ url, commit }) => {
      commit("plain", { "dagger.json": naming("plain") });
      const missing = "0123456789".repeat(4);
      await inCommand(async (command) => {
        const asked = `moduleSource(refString: "${url}/plain", refPin: "${missing}", disableFindUp: true)`;
        const { error } = (await data(command, `{ ${asked} { id } }`)) as { error: string };
        assert.match(error, /^failed to checkout/);
        assert.not.match(error, "does not contain a dagger config file");
      });
    });
  },
);

function naming(name: string, ...others: readonly string[]): string {
  const dependencies = others.map((source) => ({ name: posix.basename(source).replace(/@.*/, ""), source }));
  return JSON.stringify({ name, sdk: { source: "typescript" }, dependencies });
}

interface Repositories {
  readonly url: string;
  /** Makes a repository with a commit on `main`. */
  commit(name: string, files: Readonly<Record<string, string>>): void;
}

async function withRepositories(use: (repositories: Repositories) => Promise<void>): Promise<void> {
  const served = mkdtempSync(join(dir, "served-"));
  const daemon = await startGitDaemon(served);
  try {
    await use({
      url: daemon.url,
      commit: (name, files) => {
        const place = join(served, name);
        writeFiles(place, files);
        const who = ["-c", "user.name=a", "-c", "user.email=a@b"];
        for (const words of [
          ["init", "-q", "-b", "main", "."],
          ["add", "."],
          ["commit", "-q", "-m", "files"],
        ])
          execFileSync("git", [...who, ...words], { cwd: place });
      },
    });
  } finally {
    await daemon.stop();
  }
}

sources.run();
