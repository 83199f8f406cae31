import { DaggerConstructor } from "dagger-sdk/module/introspector/dagger_module/constructor.js";
import { DaggerFunction } from "dagger-sdk/module/introspector/dagger_module/function.js";
import {
  DaggerEnum,
  DaggerEnumClass,
  DaggerInterface,
  DaggerModule,
  DaggerObject,
  DaggerTypeObject,
} from "dagger-sdk/module/introspector/dagger_module/index.js";
import type { ScannedFunction, ScannedModule, ScannedObject } from "../scanned.ts";

type Class = { readonly prototype: object };

const as = (type: Class, fields: object): object => Object.assign(Object.create(type.prototype), fields);

const map = <T>(items: Readonly<Record<string, T>>, change: (item: T) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(items).map(([key, item]) => [key, change(item)]));

const functionOf = (scanned: ScannedFunction): object => as(DaggerFunction, scanned);

function objectOf({ kind, constructorArguments, methods, properties, ...fields }: ScannedObject): object {
  return as(kind === "class" ? DaggerObject : DaggerTypeObject, {
    ...fields,
    _constructor:
      constructorArguments === undefined
        ? undefined
        : as(DaggerConstructor, { name: "", arguments: constructorArguments }),
    methods: map(methods, functionOf),
    properties,
  });
}

/** The introspector's result as the SDK's own classes, from what was stored of it: the SDK asks for the class at places. */
export function reviveScan(scanned: ScannedModule): object {
  return as(DaggerModule, {
    name: scanned.name,
    objects: map(scanned.objects, objectOf),
    enums: map(scanned.enums, ({ kind, ...fields }) => as(kind === "class" ? DaggerEnumClass : DaggerEnum, fields)),
    interfaces: map(scanned.interfaces, ({ functions, ...fields }) =>
      as(DaggerInterface, { ...fields, functions: map(functions, functionOf) }),
    ),
  });
}
