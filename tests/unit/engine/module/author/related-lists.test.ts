import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type Related,
  splitVersion,
  updatesOf,
  withoutRelated,
  withRelated,
} from "../../../../../engine/src/module/author/related-lists.ts";

const local = (name: string, place: string): Related => ({
  config: { name, source: place },
  place,
  version: undefined,
  isLocal: true,
});

const remote = (name: string, place: string, version?: string): Related => ({
  config: { name, source: version === undefined ? place : `${place}@${version}`, pin: "0".repeat(40) },
  place,
  version,
  isLocal: false,
});

const names = (list: readonly Related[]): string => list.map(({ config }) => config.name).join(" ");

const SAW = local("saw", "../saw");
const HELM = remote("helm", "github.com/x/mods/helm", "helm/v0.12.0");
const GH = remote("gh", "github.com/x/gh", "main");
const ALL = [GH, HELM, SAW];

const lists = suite("the modules that a module names");

lists("are sorted by name, and one of the same place takes the place of the earlier one", () => {
  assert.is(names(withRelated("dependency", ALL, [local("axe", "axe")])), "axe gh helm saw");
  const [, found] = withRelated("dependency", ALL, [remote("helm", "github.com/x/mods/helm", "helm/v0.13.0")]);
  assert.is(found?.version, "helm/v0.13.0");
  assert.is(names(withRelated("dependency", ALL, [local("hammer", "../saw")])), "gh hammer helm");
});

lists("have one name each", () => {
  assert.throws(
    () => withRelated("dependency", ALL, [local("gh", "gh")]),
    (error: Error) => error.message === 'duplicate dependency name "gh"',
  );
});

lists("may hold two versions of a toolchain, and one only of a dependency", () => {
  const other = { ...remote("helm2", "github.com/x/mods/helm", "helm/v1.0.0") };
  assert.is(names(withRelated("toolchain", [HELM], [other])), "helm helm2");
  assert.is(names(withRelated("dependency", [HELM], [other])), "helm2");
});

lists("lose one by its name, its place or its address with the version that is there", () => {
  for (const [wanted, left] of [
    ["saw", "gh helm"],
    ["../saw/", "gh helm"],
    ["../saw", "gh helm"],
    ["./../saw", "gh helm"],
    ["helm", "gh saw"],
    ["github.com/x/mods/helm", "gh saw"],
    ["github.com/x/mods/helm@v0.12.0", "gh saw"],
    ["helm@helm/v0.12.0", "gh saw"],
    ["nobody", "gh helm saw"],
  ] as const) {
    assert.is(names(withoutRelated("dependency", ALL, [wanted])), left, wanted);
  }
});

lists("lose none by a version that is not there", () => {
  for (const [wanted, problem] of [
    [
      "helm@v0.1.0",
      'version "v0.1.0" was requested to be uninstalled but the dependency "github.com/x/mods/helm" was installed with "helm/v0.12.0". Try re-running without specifying the version number',
    ],
    [
      "saw@v1",
      'version "v1" was requested to be uninstalled but the dependency "../saw" was installed without a specific version. Try re-running without specifying the version number',
    ],
  ] as const) {
    assert.throws(
      () => withoutRelated("dependency", ALL, [wanted]),
      (error: Error) => error.message === problem,
    );
  }
});

lists("are all looked up anew but folders, or those that are named, with the version that is asked for", () => {
  const refs = (...wanted: string[]) => updatesOf("dependency", ALL, wanted).map(({ ref }) => ref);
  assert.equal(refs(), ["github.com/x/gh@main", "github.com/x/mods/helm@helm/v0.12.0"]);
  assert.equal(refs("gh"), ["github.com/x/gh@main"]);
  assert.equal(refs("github.com/x/gh@v2", "helm@v1"), ["github.com/x/gh@v2", "github.com/x/mods/helm@v1"]);
});

lists("cannot be looked up when they are folders or not in the list", () => {
  for (const [wanted, problem] of [
    [["saw"], "updating local dependencies is not supported"],
    [["gh", "../saw"], "updating local dependencies is not supported"],
    [["gh", "x", "y@v1"], 'dependency "x,y" was requested to be updated, but it is not found in the dependencies list'],
  ] as const) {
    assert.throws(
      () => updatesOf("dependency", ALL, wanted),
      (error: Error) => error.message === problem,
    );
  }
});

lists("keep what was there through an addition and its removal, whatever the order", () => {
  const one = fc.constantFrom("a", "b", "c", "d", "e").map((name) => local(name, name));
  fc.assert(
    fc.property(fc.uniqueArray(one, { selector: ({ place }) => place }), one, (before, added) => {
      const after = withRelated("dependency", before, [added]);
      assert.equal(names(after).split(" "), [...names(after).split(" ")].sort());
      const left = withoutRelated("dependency", after, [added.place]);
      assert.equal(
        new Set(left.map(({ place }) => place)),
        new Set(withoutRelated("dependency", before, [added.place]).map(({ place }) => place)),
      );
    }),
  );
});

lists.run();

const address = suite("an address with a version");

address("is split at the sign behind its path", () => {
  for (const [ref, place, version] of [
    ["github.com/x/y/z@z/v1.2.3", "github.com/x/y/z", "z/v1.2.3"],
    ["git@github.com:x/y@main", "git@github.com:x/y", "main"],
    ["ssh://git@host.example/x/y.git/z@v1", "ssh://git@host.example/x/y.git/z", "v1"],
    ["https://host.example/x.git", "https://host.example/x.git", ""],
    ["name@v1", "name", "v1"],
    ["name", "name", ""],
  ] as const) {
    assert.equal(splitVersion(ref), { place, version }, ref);
  }
});

address.run();
