import {
  type Application,
  Comment,
  Converter,
  type DeclarationReflection,
  ReflectionKind,
  type TypeDocOptions,
} from "typedoc";
import manifest from "../package.json" with { type: "json" };

const doors = Object.entries(manifest.exports);
/** What a door's types refer to and the door does not export has a page of its own, called so. */
const REFERRED = "types";

/** Calls each door's page as programs import it, and says which types cannot be imported. */
function nameDoors({ converter }: Application): void {
  const nameOf = new Map(
    doors.map(([door, file]) => [file.replace(/^\.\/|(\/index)?\.ts$/g, ""), door.slice(2)]),
  );
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getChildrenByKind(ReflectionKind.Module))
      module.name = nameOf.get(module.name) ?? module.name;
  });
  converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      const about = `Types that \`${manifest.name}/${module.parent?.name}\` refers to and does not export.`;
      if (module.name === REFERRED) module.comment = new Comment([{ kind: "text", text: about }]);
    }
  });
}

/** Warns of exports, and of methods of theirs, that have no doc comment. TypeDoc itself would ask for more than exports. */
function checkExports({ converter, logger }: Application): void {
  const isDocumented = (one: DeclarationReflection) =>
    one.hasComment() || one.getNonIndexSignatures().some((signature) => signature.hasComment());
  converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    const exports = project
      .getChildrenByKind(ReflectionKind.Module)
      .flatMap(({ children = [] }) => children)
      .filter((one) => !one.kindOf([ReflectionKind.Module, ReflectionKind.Reference]));
    const methods = exports.flatMap((one) => one.getChildrenByKind(ReflectionKind.Method));
    for (const one of [...exports, ...methods])
      if (!isDocumented(one))
        logger.validationWarning(`${one.getFriendlyFullName()} has no doc comment` as never);
  });
}

const options: Partial<TypeDocOptions> & Record<string, unknown> = {
  entryPoints: doors.map(([, file]) => `../${file}`),
  plugin: [
    "typedoc-plugin-markdown",
    "typedoc-plugin-missing-exports",
    "typedoc-plugin-zod",
    nameDoors,
    checkExports,
  ] as unknown as string[],
  out: "reference",
  basePath: "..",
  name: "Reference",
  readme: "none",
  disableSources: true,
  excludeExternals: true,
  excludePrivate: true,
  internalModule: REFERRED,
  outputFileStrategy: "modules",
  entryFileName: "index",
  hidePageHeader: true,
  hideBreadcrumbs: true,
  pageTitleTemplates: {
    module: ({ name }: { name: string }) =>
      name === REFERRED ? "Types referred to" : `${manifest.name}/${name}`,
  },
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  classPropertiesFormat: "table",
  typeAliasPropertiesFormat: "table",
  typeDeclarationFormat: "table",
  validation: { notExported: true, invalidLink: true },
  treatWarningsAsErrors: true,
};
export default options;
