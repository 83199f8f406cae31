import { entries, fields } from "./fields.ts";

/** Where Slipway's module of a version is; an installed package answers for it itself. */
export function addressOf(version: string): string {
  return `github.com/slipway/slipway@v${version}`;
}

const isAddress = (source: unknown) => typeof source === "string" && /(?:^|\/)slipway(?:@|$)/.test(source);

/** Whether what dagger.json holds is Slipway's own module, or answers like it: a call needs no address. */
export function isSlipway(config: unknown): boolean {
  const { blueprint, name } = fields(config);
  return name === "slipway" || isAddress(fields(blueprint)["source"] ?? blueprint);
}

/** The same, or it has Slipway beside its own functions. */
export function namesSlipway(config: unknown): boolean {
  const { toolchains, dependencies } = fields(config);
  const used = [...entries(toolchains), ...entries(dependencies)];
  return isSlipway(config) || used.some((one) => isAddress(fields(one)["source"] ?? one));
}
