// Relay's runtime with the artifacts of relay-compiler.
import relay, { type ConcreteRequest, type GraphQLTaggedNode, type Variables } from "relay-runtime";
import { operationName, type Client, type Connect } from "./client.ts";

const ARTIFACTS = new URL("../../../build/clients/relay/web/artifacts/", import.meta.url);
const { Environment, Network, RecordSource, Store, commitMutation, createOperationDescriptor, fetchQuery } = relay;

async function load(document: Parameters<typeof operationName>[0], kind: string): Promise<ConcreteRequest> {
  return (await import(new URL(`${operationName(document)}${kind}.graphql.ts`, ARTIFACTS).href)).default;
}

export const connect: Connect = (url, token, fetch) => {
  const network = Network.create(async (request, variables) => {
    const body = JSON.stringify({ query: request.text, operationName: request.name, variables });
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return (await fetch(url, { method: "POST", headers, body })).json();
  });
  const environment = new Environment({ network, store: new Store(new RecordSource()) });
  return {
    async query(document, variables) {
      const request = await load(document, "Query");
      return (await fetchQuery(environment, request as GraphQLTaggedNode, variables as Variables).toPromise()) as never;
    },
    async mutate(document, variables) {
      const mutation = (await load(document, "Mutation")) as GraphQLTaggedNode;
      return new Promise((onCompleted, onError) =>
        commitMutation(environment, {
          mutation,
          variables: variables as Variables,
          onError,
          onCompleted: (data, errors) => (errors ? onError(errors) : onCompleted(data as never)),
        }),
      );
    },
    async readCache(document, variables) {
      const operation = createOperationDescriptor(await load(document, "Query"), variables as Variables);
      const snapshot = environment.lookup(operation.fragment);
      return snapshot.isMissingData ? null : (snapshot.data as never);
    },
  } satisfies Client;
};
