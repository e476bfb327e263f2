// Typed documents of each folder, by the client preset of graphql-codegen.
const FOLDERS = ["web", "mobile", "partner", "admin"];

const output = (folder) => ({
  documents: `graphql/operations/${folder}/**/*.graphql`,
  preset: "client",
  presetConfig: { fragmentMasking: false },
  config: { useTypeImports: true, enumsAsTypes: true, defaultScalarType: "unknown" },
});

export default {
  schema: "graphql/planning.graphql",
  importExtension: ".js",
  generates: Object.fromEntries(
    FOLDERS.map((folder) => [`clients/typescript/src/${folder}/`, output(folder)]),
  ),
};
