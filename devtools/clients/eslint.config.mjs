// The rules that graphql-eslint recommends, over the SDL and each folder of documents.
import { readFileSync } from "node:fs";
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

// The rule's own exceptions: what is a part of one answer, and values, which are equal if their fields are.
const exceptions = {
  suffixes: ["Payload", "Connection", "Edge", "Rejection"],
  types: JSON.parse(readFileSync(new URL("value_types.json", import.meta.url))),
};
const rules = {
  ...graphql.configs["flat/schema-recommended"].rules,
  "@graphql-eslint/strict-id-in-types": ["error", { exceptions }],
};

export default [
  { ...shared, files: [SCHEMA], rules },
  ...FOLDERS.map((folder) => ({
    ...shared,
    files: documents(folder),
    rules: graphql.configs["flat/operations-recommended"].rules,
  })),
];
