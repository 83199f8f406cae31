/**
 * The introspector finds what a name means by looking for the first declaration of it, and looks at the SDK's client before
 * the module. A module's own `Workspace` would be that of the core, and a module called `workspace` had no main object. So
 * its own declarations are looked at first; a class without a decorator is none that a name in the API can mean.
 */
import { AST, CLIENT_GEN_FILE, type Declared } from "dagger-sdk/module/introspector/typescript_module/ast.js";

const isClient = ({ fileName }: { readonly fileName: string }): boolean => fileName.endsWith(CLIENT_GEN_FILE);

const { findAllDeclarations, findResolvedNodeByName } = AST.prototype;

AST.prototype.findAllDeclarations = function (kind) {
  const declared = findAllDeclarations.call(this, kind);
  return [...declared.filter(({ file }) => !isClient(file)), ...declared.filter(({ file }) => isClient(file))];
};

AST.prototype.findResolvedNodeByName = function (name, kind) {
  const isMeant = ({ node }: Declared): boolean =>
    ["object", "enumType"].some((decorator) => this.isNodeDecoratedWith(node, decorator));
  const found = findResolvedNodeByName.call(this, name, kind);
  if (found === undefined || !isClient(found.file)) return found;
  const own = this.findAllDeclarations(kind).find(
    ({ node, file }) => !isClient(file) && node.name?.getText() === name && isMeant({ node, file }),
  );
  return own ?? found;
};
