export { whyNot } from "../run/probe.ts";
