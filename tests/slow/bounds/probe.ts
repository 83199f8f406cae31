export { whyNot } from "../../integration/run/probe.ts";
