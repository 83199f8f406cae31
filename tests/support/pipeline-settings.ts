import type { ProviderName } from "../../ci/src/config/provider-schema.ts";
import type { GeneratedFile } from "../../ci/src/providers/generated.ts";
import { writeProviders } from "../../ci/src/providers/providers.ts";
import { settingsOf } from "../unit/ci/config/found.ts";

const APP = {
  "package.json": '{ "name": "shop", "scripts": { "test": "x", "start": "node main.js" }, "port": 3000 }',
  "main.js": undefined,
};

/** A shop with reports, a registry and two rings, the second of which asks for a signature. */
export const SHOP = `
checks: { unit: { run: npm test, reports: { junit: out/unit.xml, cobertura: out/coverage.xml }, timeout: 10m } }
images: { registry: registry.example.com/acme }
rings:
  canary: { bakeSeconds: 120 }
  production: { after: canary, approvals: { quorum: 1 } }
`;

/** The module file of a repository that `slipway init` has set up. */
export const MODULE =
  '{ "name": "shop", "blueprint": { "name": "slipway", "source": "github.com/slipway/slipway@v0.1.0" } }';

/** The same where the second ring takes only images whose provenance is signed. */
export const SIGNED_SHOP = SHOP.replace("approvals:", "attestations: { provenance: signed }, approvals:");

/** What is written for one provider. @param provider as slipway.yaml has it */
export function filesOf(
  name: ProviderName,
  provider = "{}",
  { yaml = SHOP, moduleFile = MODULE }: { readonly yaml?: string; readonly moduleFile?: string | undefined } = {},
): GeneratedFile[] {
  return writeProviders(settingsOf(APP, `${yaml}\nproviders: { ${name}: ${provider} }\n`), moduleFile);
}

/** The text of the first one. */
export function textOf(...asked: Parameters<typeof filesOf>): string {
  return filesOf(...asked)[0]?.text ?? "";
}
