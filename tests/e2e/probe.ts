import { providePackage } from "./packed.ts";

/** These tests need what `./slipway` needs, and that says itself what is missing. */
export function whyNot(): undefined {}

export const provide = providePackage;
