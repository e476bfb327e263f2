// The rules that graphql-eslint recommends, over the SDL and each folder of documents.
import graphql from "@graphql-eslint/eslint-plugin";

const SCHEMA = "graphql/planning.graphql";
const FOLDERS = ["web", "mobile", "partner", "admin"];
const documents = (folder) => [`graphql/operations/${folder}/**/*.graphql`];
const projects = Object.fromEntries(
  FOLDERS.map((folder) => [folder, { schema: SCHEMA, documents: documents(folder) }]),
);
const shared = {
  plugins: { "@graphql-eslint": graphql },
  languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { projects } } },
};

export default [
  { ...shared, files: [SCHEMA], rules: graphql.configs["flat/schema-recommended"].rules },
  ...FOLDERS.map((folder) => ({
    ...shared,
    files: documents(folder),
    rules: graphql.configs["flat/operations-recommended"].rules,
  })),
];
