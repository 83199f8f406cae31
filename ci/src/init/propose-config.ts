import { stringify } from "yaml";
import type { ServiceSettings, Settings } from "../config/settings.ts";
import type { Found } from "../languages/language.ts";
import type { Outline } from "../repository/outline.ts";
import { findNeeds, hasClients } from "./find-needs.ts";
import { findRings, NEW_RINGS, type ProposedRing } from "./find-rings.ts";
import { testsSomething } from "./remarks.ts";
import { findScriptCheck, type ScriptCheck } from "./script-check.ts";

/** What is proposed beyond what the settings find by themselves, and why. */
export interface ProposedConfig {
  /** The text of slipway.yaml. */
  readonly text: string;
  readonly rings: Found<readonly ProposedRing[]>;
  /** By service: what it needs that no file says in so many words. */
  readonly needs: ReadonlyMap<string, readonly Found<string>[]>;
  /** The check `unit` by a script, where nothing else is found that tests. */
  readonly unit: Found<ScriptCheck> | undefined;
}

/**
 * A slipway.yaml that says what a person would want to see and change: the product, its services, what they need, and the
 * rings. Everything else is found again with every call.
 *
 * @param settings what counts without a file
 * @param version of the package whose schema editors complete the file by
 */
export function proposeConfig(outline: Outline, settings: Settings, version: string): ProposedConfig {
  const rings = findRings(outline) ?? { value: NEW_RINGS, from: "there are no manifests" };
  const needs = new Map(
    Object.entries(settings.services).map(([name, service]) => [name, newNeeds(outline, service, settings)]),
  );
  const services = Object.entries(settings.services).map(([name, service]) => [
    name,
    describe(
      service,
      (needs.get(name) ?? []).map(({ value }) => value),
    ),
  ]);
  const unit = testsSomething(settings.checks) ? undefined : findScriptCheck(outline);
  const content = {
    product: settings.product,
    ...(services.length === 0 ? {} : { services: Object.fromEntries(services) }),
    ...(unit === undefined ? {} : { checks: { unit: unit.value } }),
    ...(services.length === 0 ? {} : { rings: describeRings(rings.value) }),
  };
  const text = [
    `# yaml-language-server: $schema=https://unpkg.com/slipway@${version}/ci/slipway.schema.json`,
    "# Values that are not set here are detected: `slipway call config` prints all of them, and where each comes from.",
    stringify(content, { lineWidth: 0 }),
  ].join("\n");
  return { text, rings, needs, unit };
}

function describe({ path, kind, port, needs, build }: ServiceSettings, more: readonly string[]) {
  return {
    path,
    ...(kind === "service" ? {} : { kind }),
    ...(port === undefined ? {} : { port }),
    ...("language" in build && build.main !== undefined ? { build: { main: build.main } } : {}),
    ...(needs.length + more.length === 0 ? {} : { needs: [...needs, ...more] }),
  };
}

/** A backing service of the same kind counts, whatever it is called: the compose file may have its own name for it. */
function newNeeds(outline: Outline, { path, needs, build }: ServiceSettings, { backing }: Settings): Found<string>[] {
  const kinds = needs.map((needed) => backing[needed]?.kind);
  // What a Dockerfile builds from another folder depends on what that folder depends on.
  const folder = hasClients(outline, path) || !("context" in build) ? path : build.context;
  return findNeeds(outline, folder)
    .filter(({ value }) => !kinds.includes(value))
    .map(({ value, from }) => ({
      value: Object.entries(backing).find(([, { kind }]) => kind === value)?.[0] ?? value,
      from,
    }));
}

function describeRings(rings: readonly ProposedRing[]) {
  return Object.fromEntries(
    rings.map(({ name, namespace, manifests }, place) => {
      const before = rings[place - 1]?.name;
      return [
        name,
        {
          ...(before === undefined ? {} : { after: before }),
          ...(namespace === undefined ? {} : { namespace }),
          // What is there has selectors and numbers of pods of its own, which two colours would have to set.
          ...(manifests === undefined ? {} : { manifests, strategy: "rolling" }),
        },
      ];
    }),
  );
}
