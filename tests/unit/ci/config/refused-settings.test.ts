import { suite } from "uvu";
import * as assert from "uvu/assert";
import { refusalOf, settingsOf } from "./found.ts";
import { api } from "./order-api.ts";

const settings = suite("settings that do not fit the repository");

/** What is wrong with the repository itself, or with the two together. */
const refused: readonly (readonly [
  string,
  Readonly<Record<string, string | undefined>>,
  string | undefined,
  string,
])[] = [
  [
    "a repository without files",
    {},
    undefined,
    "the repository has no files [nothing-known]\n  where: its top\n  to do: go to the folder of your repository, or add files; those that git ignores do not count",
  ],
  [
    "a repository with nothing known in it",
    { "notes.txt": undefined },
    "images: {}\n",
    [
      "Slipway recognises nothing in the repository, and slipway.yaml does not say what it is [nothing-known]",
      "  where: there is no package.json, pyproject.toml, requirements.txt, go.mod, pom.xml, build.gradle or Dockerfile, and no service, check or ring in slipway.yaml",
      "  to do: write slipway.yaml at its top, for example with checks: { unit: { run: sh test.sh, image: debian:bookworm-slim } }",
    ].join("\n"),
  ],
  [
    "two lock files",
    { "package.json": "{}", "yarn.lock": undefined, "pnpm-lock.yaml": undefined },
    undefined,
    "two lock files [undecided]\n  where: .\n  to do: take one away",
  ],
  [
    "a service's path that leaves the repository",
    api,
    "services: { api: { path: ../other } }\n",
    "slipway.yaml cannot be used [bad-config]:\n  1:26 services.api.path: expected a path from the top of the repository, such as services/api: without .., and without / at the beginning or the end; found ../other",
  ],
  [
    "a service's path that is a link",
    { ...api, linked: undefined },
    "services: { api: { path: linked, port: 1 } }\n",
    "slipway.yaml cannot be used [bad-config]:\n  1:26 services.api.path: expected a folder; linked is a file, or a link, which is not followed",
  ],
  [
    "a check that reads nothing",
    api,
    "checks: { lint: { reads: [sources/**] } }\n",
    "slipway.yaml cannot be used [bad-config]:\n  1:26 checks.lint.reads: matches no file",
  ],
  [
    "a check whose exclude leaves nothing",
    api,
    "checks: { lint: { reads: { include: [src], exclude: [src/*] } } }\n",
    "slipway.yaml cannot be used [bad-config]:\n  1:26 checks.lint.reads: matches no file",
  ],
  [
    "a Dockerfile that is missing",
    { ...api, "docker/Dockerfile": "" },
    "services: { api: { port: 1, build: { dockerfile: Dockerfile } } }\n",
    "slipway.yaml cannot be used [bad-config]:\n  1:50 services.api.build.dockerfile: there is no file Dockerfile; there is docker/Dockerfile",
  ],
  [
    "a service of the file of which nobody knows the port",
    { "package.json": "{}" },
    "services: { api: {} }\n",
    "slipway.yaml cannot be used [bad-config]:\n  1:13 services.api.port: is missing; nothing in . says at which port it listens: give port, or kind: worker if it has none, or kind: job if it ends",
  ],
  [
    "a service of which nobody knows how it is built",
    { "services/api/main.rs": undefined, "package.json": "{}" },
    "services: { api: { port: 1 } }\n",
    "slipway.yaml cannot be used [bad-config]:\n  1:13 services.api.build: is missing; nothing in services/api says how to build it (no package.json, pyproject.toml, requirements.txt, go.mod, pom.xml, build.gradle or Dockerfile): correct path, or give dockerfile or image",
  ],
  [
    "a check without a command",
    api,
    "checks: { smoke: {} }\n",
    "slipway.yaml cannot be used [bad-config]:\n  1:11 checks.smoke.run: is missing; expected a command: nothing in . has one for smoke",
  ],
  [
    "a check without a language or an image",
    { "test.sh": undefined },
    "checks: { smoke: sh test.sh }\n",
    "slipway.yaml cannot be used [bad-config]:\n  1:18 checks.smoke: is missing its image: nothing in . or above says which language it is; give image",
  ],
  [
    "a ring that several folders could be meant by",
    { ...api, "a/canary/kustomization.yaml": "", "b/canary/kustomization.yaml": "" },
    "rings: { canary: {} }\n",
    "slipway.yaml cannot be used [bad-config]:\n  1:10 rings.canary.manifests: is missing; several folders could be meant: a/canary, b/canary",
  ],
  [
    "rings that are called like the folders of what rings share",
    { ...api, "shared/kustomization.yaml": "" },
    "rings:\n  base: {}\n  setup: {}\n  own: { manifests: shared }\n",
    `slipway.yaml cannot be used [bad-config]:
  2:3 rings.base.manifests: cannot be manifests/base: what the rings share is there; give the ring another name, or say where its manifests are
  3:3 rings.setup.manifests: cannot be manifests/setup: what the rings share is there; give the ring another name, or say where its manifests are`,
  ],
  [
    "a broken compose file",
    { ...api, "compose.yaml": "services: [" },
    "product: x\n",
    "slipway.yaml cannot be used [bad-config]:\n  1:1 compose: compose.yaml: it cannot be read: Flow sequence in block collection must be sufficiently indented and end with a ]",
  ],
  [
    "two databases that tell the same variable",
    api,
    `services: { api: { needs: [postgres, db] } }
backing: { db: { kind: postgres, tell: { DATABASE_URL: "{db.url}" } }, postgres: { tell: { DATABASE_URL: "{postgres.url}" } } }
`,
    "slipway.yaml cannot be used [bad-config]:\n  1:27 services.api.needs: postgres and db both set DATABASE_URL: choose one in env, or rename one of them with tell",
  ],
];

for (const [what, files, text, message] of refused) {
  settings(`refuse ${what}`, () => {
    assert.is(refusalOf(files, text), message);
  });
}

settings("let a folder be left out in which nothing is to be looked for", () => {
  const files = { ...api, "old/package.json": "{}", "old/yarn.lock": undefined, "old/pnpm-lock.yaml": undefined };
  assert.match(refusalOf(files), "two lock files");
  assert.equal(Object.keys(settingsOf(files, "projects: { old: false }\n").services), ["order-api"]);
});

settings.run();
