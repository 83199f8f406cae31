/**
 * What a module gets when it imports `@dagger.io/dagger`: the names that the SDK has inside the real runtime, no more.
 * There, for instance, `ExecError` and `up` are missing, and a module that imports them has to fail here as well.
 */
export * from "dagger-sdk/api/client.gen.js";
export { Context } from "dagger-sdk/common/context.js";
export { connect, connection } from "dagger-sdk/connect.js";
export { argument, check, enumType, field, func, generate, object } from "dagger-sdk/module/decorators.js";
export { entrypoint } from "dagger-sdk/module/entrypoint/entrypoint.js";
