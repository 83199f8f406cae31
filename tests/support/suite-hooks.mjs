/** The hook of `suites.mjs`. */
const wrapper = new URL("./told-suite.mjs", import.meta.url).href;

export function resolve(specifier, context, next) {
  const isTest = /\.test\.m?[jt]s(\?|$)/.test(context.parentURL ?? "");
  if (specifier !== "uvu" || context.parentURL === wrapper || !isTest) return next(specifier, context);
  return { url: wrapper, shortCircuit: true };
}
