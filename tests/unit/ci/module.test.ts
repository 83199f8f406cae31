import { readFileSync } from "node:fs";
import ts from "typescript";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { VERSION } from "../../../ci/src/version.ts";

/** Fields of the real engine's query root. A function with one of these names breaks the arguments of all others. */
const coreRootFields = [
  "address", "cacheVolume", "changeset", "cloud", "container", "currentEnv", "currentModule", "currentTypeDefs",
  "currentWorkspace", "defaultPlatform", "directory", "engine", "env", "envFile", "error", "file", "function",
  "generatedCode", "git", "host", "http", "id", "json", "llm", "module", "moduleSource", "node", "secret", "setSecret",
  "sourceMap", "typeDef", "version",
]; // biome-ignore format: a list of words

interface Argument {
  readonly name: string;
  readonly documented: boolean;
  readonly mayBeLeftOut: boolean;
  /** Given by the engine; no flag. */
  readonly isWorkspace: boolean;
}

interface Member {
  readonly name: string;
  readonly decorators: readonly string[];
  readonly documented: boolean;
  readonly args: readonly Argument[];
}

function readMainClass(path: string): ts.ClassDeclaration | undefined {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true);
  const main = source.statements.find((node) => ts.isClassDeclaration(node));
  assert.ok(main !== undefined, `no class in ${path}`);
  return main;
}

/** The public members of the main class, read from the source as the engine's introspection does: without running it. */
function readMembers(path: string): Member[] {
  const all = readMainClass(path)?.members ?? ts.factory.createNodeArray<ts.ClassElement>();
  return all
    .filter((member) => ts.isMethodDeclaration(member) || ts.isPropertyDeclaration(member))
    .map((member) => ({
      name: member.name.getText(),
      decorators: (ts.getDecorators(member) ?? []).map((decorator) => decorator.expression.getText()),
      documented: isDocumented(member),
      args: ts.isMethodDeclaration(member) ? member.parameters.map(readArgument) : [],
    }));
}

/** The arguments of the main class's constructor. */
function readConstructor(path: string): Argument[] {
  const main = readMainClass(path);
  const made = main?.members.find((member) => ts.isConstructorDeclaration(member));
  return made?.parameters.map(readArgument) ?? [];
}

function readArgument(parameter: ts.ParameterDeclaration): Argument {
  const isWorkspace = parameter.type?.getText() === "Workspace";
  return {
    name: parameter.name.getText(),
    documented: isDocumented(parameter) || isWorkspace,
    mayBeLeftOut: parameter.questionToken !== undefined || parameter.initializer !== undefined || isWorkspace,
    isWorkspace,
  };
}

function isDocumented(node: ts.Node): boolean {
  return /\/\*\*\s*\*?\s*\S/.test(node.getFullText().slice(0, node.getStart() - node.getFullStart()));
}

const members = readMembers("ci/src/index.ts");
const functions = members.filter(({ decorators }) => decorators.some((text) => text.startsWith("func(")));
const checks = functions.filter(({ decorators }) => decorators.includes("check()"));

const module = suite("the Dagger module");

module("has the functions that everything else calls", () => {
  const names = functions.map(({ name }) => name);
  assert.equal(
    ["lint", "unit", "integration", "manifests", "test", "kafka", "stack"].filter((name) => !names.includes(name)),
    [],
  );
  assert.equal(
    checks.map(({ name }) => name),
    ["lint", "unit", "integration", "manifests", "workflowsCurrent"],
  );
  assert.equal(
    functions.filter(({ decorators }) => decorators.includes("generate()")).map(({ name }) => name),
    ["workflows"],
  );
});

module("has no public name of the core's query root", () => {
  assert.equal(
    members.map(({ name }) => name).filter((name) => coreRootFields.includes(name)),
    [],
  );
});

module("lets every check be called without arguments, or it would vanish from `dagger check`", () => {
  const required = checks.flatMap(({ name, args }) =>
    args.filter(({ mayBeLeftOut }) => !mayBeLeftOut).map((arg) => `${name} ${arg.name}`),
  );
  assert.equal(required, []);
});

module("explains every function and every argument, because that is the help text", () => {
  const silent = functions.flatMap(({ name, documented, args }) => [
    ...(documented ? [] : [name]),
    ...args.filter((arg) => !arg.documented).map((arg) => `${name} ${arg.name}`),
  ]);
  assert.equal(silent, []);
});

module("takes the repository from the engine, and names no path of any repository", () => {
  const source = readFileSync("ci/src/index.ts", "utf8");
  assert.not.match(source, /defaultPath|ignore:|@argument/);
  const without = functions.filter(({ args }) => !args.some(({ isWorkspace }) => isWorkspace)).map(({ name }) => name);
  assert.equal(without, ["kafka"]);
});

module("is told the cluster, the registry and the key once, before the verb, and needs nothing else", () => {
  const main = readConstructor("ci/src/index.ts");
  assert.equal(
    main.map(({ name }) => name),
    [
      ...["kubeconfig", "server", "token", "certificateAuthority", "cluster"],
      ...["registryUsername", "registryPassword", "registryService", "signingKey"],
    ],
  );
  assert.ok(main.every(({ mayBeLeftOut, documented }) => mayBeLeftOut && documented));
  const verbs = functions.flatMap(({ args }) => args.map(({ name }) => name));
  assert.equal(
    main.filter(({ name }) => verbs.includes(name)),
    [],
  );
});

module("does not use what fails on the real engine", () => {
  const source = readFileSync("ci/src/index.ts", "utf8");
  assert.not.match(source, /@up\(/);
  assert.not.match(source, /ExecError/);
});

module(
  "keeps the dependencies that load fast: TypeScript 5.9.3 and exact versions, no lock file, no packageManager",
  () => {
    const manifest = JSON.parse(readFileSync("ci/package.json", "utf8"));
    assert.is(manifest.type, "module");
    assert.is(manifest.dependencies.typescript, "5.9.3");
    assert.is(manifest.packageManager, undefined);
    assert.equal(
      Object.values<string>(manifest.dependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version)),
      [],
    );
  },
);

module("says the version that its package has", () => {
  assert.is(VERSION, JSON.parse(readFileSync("package.json", "utf8")).version);
});

module("has the same versions as the repository's own packages, so that its tests say something", () => {
  const { dependencies } = JSON.parse(readFileSync("ci/package.json", "utf8"));
  const root = JSON.parse(readFileSync("package.json", "utf8"));
  for (const [name, version] of Object.entries(dependencies)) {
    assert.is({ ...root.dependencies, ...root.devDependencies }[name], version, name);
  }
});

module.run();
