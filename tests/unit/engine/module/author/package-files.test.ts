import { suite } from "uvu";
import * as assert from "uvu/assert";
import { gitattributesText, gitignoreText } from "../../../../../engine/src/module/author/git-files.ts";
import { lockFileOf } from "../../../../../engine/src/module/author/lock-file.ts";
import { packageJsonText, tsconfigText } from "../../../../../engine/src/module/author/package-files.ts";
import { templateText } from "../../../../../engine/src/module/author/template.ts";

// The texts are what Dagger's own SDK makes of the same files, byte for byte.

const packages = suite("the package.json of a module");

packages("is an ES module with the compiler, when there was none", () => {
  assert.is(packageJsonText(), '{\n  "type": "module"\n,"dependencies":{"typescript":"5.9.3"}}');
});

packages("keeps what is there, its own compiler too, and loses the SDK that lies in sdk/ now", () => {
  const cases = [
    ["{}", '{"type":"module","dependencies":{"typescript":"5.9.3"}}'],
    ["", '{"type":"module","dependencies":{"typescript":"5.9.3"}}'],
    ['{"dependencies": "x"}', '{"dependencies": {"typescript":"5.9.3"},"type":"module"}'],
    ['{"dependencies": null}', '{"dependencies": {"typescript":"5.9.3"},"type":"module"}'],
    [
      '{"dependencies":{"@dagger.io/dagger":"2","b":"3"},"type":"module"}',
      '{"dependencies":{"b":"3","typescript":"5.9.3"},"type":"module"}',
    ],
    [
      '{"dependencies":{"b":"3" , "@dagger.io/dagger":"2" }, "type" : "commonjs" }',
      '{"dependencies":{"b":"3"  ,"typescript":"5.9.3"}, "type" : "module" }',
    ],
    [
      '{"devDependencies":{"a":"1","@dagger.io/dagger":"2","b":"3"}}',
      '{"devDependencies":{"a":"1","b":"3"},"type":"module","dependencies":{"typescript":"5.9.3"}}',
    ],
    [
      '{"type":"module","dependencies":{"typescript":"5.0.0"}}',
      '{"type":"module","dependencies":{"typescript":"5.0.0"}}',
    ],
    [
      '{\n  "name": "x",\n  "dependencies": {\n    "zod": "1",\n    "@dagger.io/dagger": "./sdk"\n  },\n  "devDependencies": {\n    "@dagger.io/dagger": "./sdk"\n  }\n}\n',
      '{\n  "name": "x",\n  "dependencies": {\n    "zod": "1"\n  ,"typescript":"5.9.3"},\n  "devDependencies": {\n  }\n,"type":"module"}\n',
    ],
  ] as const;
  for (const [before, after] of cases) {
    assert.is(packageJsonText(before), after, before);
    assert.is(packageJsonText(after), after, after);
  }
});

packages("has a yarn.lock when there is nothing to install but the compiler, and no lock file is there", () => {
  assert.is(lockFileOf(packageJsonText(), () => undefined)?.path, "yarn.lock");
  assert.is(
    lockFileOf(packageJsonText(), (path) => (path === "package-lock.json" ? "{}" : undefined)),
    undefined,
  );
  const own = packageJsonText('{"dependencies":{"zod":"4.0.0"}}');
  assert.is(
    lockFileOf(own, () => undefined),
    undefined,
  );
  const npm = packageJsonText('{"packageManager":"npm@11.8.0"}');
  assert.is(
    lockFileOf(npm, () => undefined),
    undefined,
  );
});

packages("is refused with a package manager that says no version, or that there is not", () => {
  for (const [manager, problem] of [
    ["yarn", "packageManager version is missing, please add it to your package.json"],
    ["cargo@1", "detected unknown package manager: cargo"],
  ] as const) {
    const text = packageJsonText(JSON.stringify({ packageManager: manager }));
    assert.throws(
      () => lockFileOf(text, () => undefined),
      (error: Error) => error.message === `failed to detect package manager: ${problem}`,
    );
  }
});

packages.run();

const tsconfig = suite("the tsconfig.json of a module");

tsconfig("finds the SDK in sdk/ and keeps what is there", () => {
  const paths = '"@dagger.io/dagger":["./sdk/index.ts"],"@dagger.io/dagger/telemetry":["./sdk/telemetry.ts"]';
  assert.is(tsconfigText("{}"), `{"compilerOptions":{"paths":{${paths}},"experimentalDecorators":true}}`);
  assert.is(
    tsconfigText(
      '{\n  "compilerOptions": {\n    "strict": true, // yes\n    "paths": {\n      "@dagger.io/dagger": ["./sdk"]\n    }\n  }\n}\n',
    ),
    '{\n  "compilerOptions": {\n    "strict": true, \n    "paths": {\n      "@dagger.io/dagger": ["./sdk/index.ts"]\n    ,"@dagger.io/dagger/telemetry":["./sdk/telemetry.ts"]}\n  ,"experimentalDecorators":true}\n}\n',
  );
  assert.equal(JSON.parse(tsconfigText()), {
    compilerOptions: {
      target: "ES2022",
      moduleResolution: "Node",
      experimentalDecorators: true,
      strict: true,
      skipLibCheck: true,
      paths: {
        "@dagger.io/dagger": ["./sdk/index.ts"],
        "@dagger.io/dagger/telemetry": ["./sdk/telemetry.ts"],
      },
    },
  });
  assert.is(tsconfigText(tsconfigText()), tsconfigText());
});

tsconfig.run();

const git = suite("what a module tells git");

git("leaves out generated files, and adds no line for what is named already", () => {
  assert.is(gitignoreText(), "/sdk\n/**/node_modules/**\n/**/.pnpm-store/**\n");
  assert.is(gitignoreText("dist\nsdk/"), "dist\nsdk/\n/**/node_modules/**\n/**/.pnpm-store/**\n");
  assert.is(gitignoreText(gitignoreText()), gitignoreText());
  assert.is(gitignoreText(""), `\n${gitignoreText()}`);
  assert.is(gitattributesText(), "/sdk/** linguist-generated\n");
  assert.is(gitattributesText("*.png binary"), "*.png binary\n/sdk/** linguist-generated\n");
  assert.is(gitattributesText(gitattributesText()), gitattributesText());
});

git.run();

const template = suite("the first code of a module");

template("has a class of the module's name, as Dagger's own makes it of the name", () => {
  for (const [name, expected] of [
    ["my-module", "MyModule"],
    ["my2module", "My2Module"],
    ["HTTPServer", "Httpserver"],
    ["a--b.c_d e", "ABCDE"],
  ] as const) {
    assert.match(templateText(name), `export class ${expected} {`);
  }
  assert.match(templateText("x"), "containerEcho(stringArg: string): Container");
  assert.match(templateText("x"), "async grepDir(directoryArg: Directory, pattern: string): Promise<string>");
});

template.run();
